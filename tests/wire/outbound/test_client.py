"""What goes out and what may come back, against a fake network."""

import gzip
import subprocess
import sys
import zlib

import pytest

from tests.wire.outbound.fakes import OK, answer, client
from wire.outbound import BadAnswer, InvalidRequest, TooLarge


class TestRequest:
    async def test_method_headers_and_body_are_sent(self) -> None:
        http, network, _ = client(OK)
        await http.request(
            "post", "http://example.com/", headers=[("X-Name", "Jürgen"), ("X-Name", "2")], content=b"hi"
        )

        head, body = network.requests[0].split("\r\n\r\n")
        assert body == "hi"
        assert head.startswith("POST / HTTP/1.1")
        assert {"X-Name: Jürgen", "X-Name: 2", "Content-Length: 2", "User-Agent: Penstock"} <= set(head.split("\r\n"))

    async def test_defaults_can_be_replaced(self) -> None:
        http, network, _ = client(OK)
        await http.request(
            "GET", "http://example.com/", headers=[("user-agent", "mine"), ("Accept-Encoding", "identity")]
        )

        assert "user-agent: mine" in network.requests[0]
        assert "Penstock" not in network.requests[0]
        assert "gzip" not in network.requests[0]

    @pytest.mark.parametrize(
        "name", ["Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization"]
    )
    async def test_headers_that_steer_the_connection_are_refused(self, name: str) -> None:
        http, network, _ = client()

        with pytest.raises(InvalidRequest, match=name) as caught:
            await http.request("GET", "http://example.com/", headers=[(name, "x")])
        assert caught.value.code == "invalid_header"
        assert network.connected == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X", "a\r\nHost: b"),
            ("X", "a\nb"),
            ("X", "a\0"),
            ("X", "a\x1b[0m"),
            ("X Y", "a"),
            ("", "a"),
            ("X:", "a"),
            ("Ä", "a"),
        ],
    )
    async def test_headers_cannot_smuggle(self, name: str, value: str) -> None:
        http, network, _ = client()

        with pytest.raises(InvalidRequest):
            await http.request("GET", "http://example.com/", headers=[(name, value)])
        assert network.connected == []

    @pytest.mark.parametrize("method", ["", "GET /", "G\r\nET", "GÄT"])
    async def test_a_method_is_one_word(self, method: str) -> None:
        http, _, _ = client()

        with pytest.raises(InvalidRequest):
            await http.request(method, "http://example.com/")


class TestAnswer:
    @pytest.mark.parametrize(
        "said",
        [
            b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(b"hello"),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX: 1\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\nhello",
            b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        ],
        ids=["after hints", "in chunks", "to the end of the connection", "with short line ends"],
    )
    async def test_the_ways_of_sending_a_body(self, said: bytes) -> None:
        http, _, _ = client(said)

        assert (await http.request("GET", "http://example.com/")).body == b"hello"

    async def test_an_answer_to_head_has_no_body(self) -> None:
        http, _, _ = client(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")

        response = await http.request("HEAD", "http://example.com/")
        assert (response.body, response.headers["content-length"]) == (b"", "9")

    async def test_headers_are_lower_case_and_the_body_decompressed(self) -> None:
        http, _, _ = client(answer(gzip.compress(b"hello"), "Content-Encoding: gzip", "X-Two: a", "X-Two: b"))
        response = await http.request("GET", "http://example.com/")

        assert response.body == b"hello"
        assert response.headers["x-two"] == "a, b"

    async def test_cookies_are_not_kept_for_the_next_call(self) -> None:
        http, network, _ = client(answer(b"", "Set-Cookie: session=1; Path=/"), OK)
        await http.request("GET", "http://example.com/")
        await http.request("GET", "http://example.com/")

        assert "session" not in network.requests[1]

    async def test_cookies_are_not_kept_across_a_redirect(self) -> None:
        moved = b"HTTP/1.1 302 Moved\r\nLocation: /x\r\nSet-Cookie: session=1\r\nContent-Length: 0\r\n\r\n"
        http, network, _ = client(moved, OK)
        await http.request("GET", "http://example.com/")

        assert "session" not in network.requests[1]

    @pytest.mark.parametrize("size", [999, 1000])
    async def test_a_body_up_to_the_cap_passes(self, size: int) -> None:
        http, _, _ = client(answer(b"x" * size))

        assert len((await http.request("GET", "http://example.com/", max_bytes=1000)).body) == size

    async def test_a_body_over_the_cap_is_refused(self) -> None:
        http, _, _ = client(answer(b"x" * 1001))

        with pytest.raises(TooLarge, match="1,000 bytes") as caught:
            await http.request("GET", "http://example.com/", max_bytes=1000)
        assert caught.value.code == "too_large"

    @pytest.mark.parametrize("encoding", ["gzip", "deflate", "gzip, gzip"])
    async def test_a_bomb_is_counted_as_it_unfolds(self, encoding: str) -> None:
        bomb = b"\0" * 50_000_000
        for layer in encoding.split(", "):
            bomb = gzip.compress(bomb) if layer == "gzip" else zlib.compress(bomb)
        http, _, _ = client(answer(bomb, f"Content-Encoding: {encoding}"))

        with pytest.raises(TooLarge):
            await http.request("GET", "http://example.com/", max_bytes=100_000)

    async def test_bytes_that_decompress_to_nothing_count_too(self) -> None:
        padded = gzip.compress(b"x") + b"\0" * 200_000
        http, _, _ = client(answer(padded, "Content-Encoding: gzip"))

        with pytest.raises(TooLarge):
            await http.request("GET", "http://example.com/", max_bytes=100_000)

    async def test_many_layers_of_compression_are_refused(self) -> None:
        http, _, _ = client(answer(b"x", "Content-Encoding: " + "gzip, " * 1000 + "gzip"))

        with pytest.raises(BadAnswer, match="more than twice"):
            await http.request("GET", "http://example.com/")

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            (b"", "bad_answer"),
            (b"SSH-2.0-OpenSSH\r\n", "bad_answer"),
            (b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "bad_answer"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "bad_answer"),
            (answer(b"not gzip", "Content-Encoding: gzip"), "bad_answer"),
            (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, "bad_answer"),
            (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10_000 + OK, "bad_answer"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"y" * 200_000, "bad_answer"),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n",
                "bad_answer",
            ),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", "bad_answer"),
        ],
    )
    async def test_what_is_not_http_is_a_bad_answer(self, said: bytes, code: str) -> None:
        http, _, _ = client(said)

        with pytest.raises(BadAnswer, match=r"example\.com") as caught:
            await http.request("GET", "http://example.com/")
        assert caught.value.code == code


def test_the_guard_does_not_bring_in_the_web_framework() -> None:
    script = "import sys, wire.outbound; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
