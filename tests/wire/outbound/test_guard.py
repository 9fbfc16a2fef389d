"""What the guard refuses. Names come from a fake resolver, connections go to a fake network: nothing is sent."""

import asyncio

import pytest

from tests.wire.outbound.fakes import OK, PUBLIC, FakeNetwork, client, redirect
from wire.outbound import Allow, ConnectFailed, InvalidRequest, OutboundClient, Refused
from wire.outbound.network import system_resolver


async def test_a_public_name_is_called_at_its_address_under_its_name() -> None:
    http, network, _ = client(OK)
    response = await http.request("GET", "http://example.com/a?b=c#d")

    assert (response.status, response.body, response.url) == (200, b"ok", "http://example.com/a?b=c")
    assert network.connected == [(PUBLIC, 80)]
    assert network.requests[0].startswith("GET /a?b=c HTTP/1.1\r\nHost: example.com\r\n")


async def test_tls_is_asked_for_under_the_name() -> None:
    http, network, _ = client(OK)
    await http.request("GET", "https://example.com:8443/")

    assert network.connected == [(PUBLIC, 8443)]
    assert network.streams[0].tls_name == "example.com"
    assert "Host: example.com:8443\r\n" in network.requests[0]


@pytest.mark.parametrize(
    "addresses",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a00:1"],
)
async def test_a_name_that_leads_inside_is_refused(addresses: str) -> None:
    http, network, _ = client(inner=[addresses])

    with pytest.raises(Refused, match="PENSTOCK_OUTBOUND_ALLOW") as caught:
        await http.request("GET", "http://inner.example.com/")
    assert caught.value.code == "address_refused"
    assert addresses not in caught.value.message
    assert network.connected == []


async def test_one_inner_address_among_public_ones_is_enough() -> None:
    http, network, _ = client(mixed=[f"{PUBLIC} 10.0.0.1"])

    with pytest.raises(Refused):
        await http.request("GET", "http://mixed.example.com/")
    assert network.connected == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25eth0]",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
    ],
)
async def test_a_literal_inner_address_is_refused_without_a_look_up(host: str) -> None:
    http, network, names = client()

    with pytest.raises((Refused, InvalidRequest)):
        await http.request("GET", f"http://{host}/")
    assert names.asked == []
    assert network.connected == []


@pytest.mark.parametrize(
    "host", ["0x7f.1", "2130706433", "017700000001", "127.1", "0", "localhost", "①②⑦.⓪.⓪.①", "127。0。0。1"]
)
async def test_the_resolvers_other_spellings_of_loopback_are_refused(host: str) -> None:
    """With the machine's own resolver, which reads these without asking anyone."""
    network = FakeNetwork([])
    http = OutboundClient(Allow(), resolver=system_resolver(), network=network)

    with pytest.raises((Refused, ConnectFailed, InvalidRequest)):
        await http.request("GET", f"http://{host}/")
    assert network.connected == []


async def test_the_name_is_resolved_once_so_that_a_second_answer_does_not_matter() -> None:
    http, network, names = client(OK, rebinds=[PUBLIC, "169.254.169.254"])
    await http.request("GET", "http://rebinds.example.com/")

    assert names.asked == ["rebinds.example.com"]
    assert network.connected == [(PUBLIC, 80)]


async def test_the_next_connection_is_checked_anew() -> None:
    http, network, _ = client(OK, OK, rebinds=[PUBLIC, "169.254.169.254"])
    await http.request("GET", "http://rebinds.example.com/")

    with pytest.raises(Refused):
        await http.request("GET", "http://rebinds.example.com/")
    assert network.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://inner.example.com/", "//10.0.0.1/", "http://[::ffff:10.0.0.1]/"]
)
async def test_a_redirect_inside_is_refused(target: str) -> None:
    http, network, _ = client(redirect(target), inner=["10.0.0.1"])

    with pytest.raises(Refused):
        await http.request("GET", "http://example.com/")
    assert network.connected == [(PUBLIC, 80)]


async def test_a_redirect_on_the_same_host_is_checked_too() -> None:
    http, network, _ = client(redirect("/next"), rebinds=[PUBLIC, "10.0.0.1"])

    with pytest.raises(Refused):
        await http.request("GET", "http://rebinds.example.com/")
    assert network.connected == [(PUBLIC, 80)]


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "javascript:1", "http://u:p@x.y/"]
)
async def test_a_redirect_to_anything_but_http_is_refused(target: str) -> None:
    http, network, _ = client(redirect(target))

    with pytest.raises(InvalidRequest):
        await http.request("GET", "http://example.com/")
    assert len(network.connected) == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "unix:/run/docker.sock",
        "example.com",
        "//example.com",
        "http://",
        "http:///path",
        "http://user:password@example.com/",
        "http://example.com@127.0.0.1/",
        "http://[::1",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://exa mple.com\r\n/",
        "http://" + "a" * 70_000,
        "",
        "\ud800",
    ],
)
async def test_a_url_that_is_none_is_said_to_be_none(url: str) -> None:
    http, network, _ = client()

    with pytest.raises(InvalidRequest) as caught:
        await http.request("GET", url)
    assert caught.value.code == "invalid_url"
    assert "password" not in caught.value.message or "user name" in caught.value.message
    assert network.connected == []


async def test_a_label_that_is_too_long_is_no_name() -> None:
    http = OutboundClient(Allow(), network=FakeNetwork([]))

    with pytest.raises(ConnectFailed):
        await http.request("GET", f"http://{'a' * 300}.invalid/")


class TestAllow:
    async def test_an_allowed_network_may_be_called(self) -> None:
        http, network, _ = client(OK, allow="10.1.0.0/16", inner=["10.1.2.3"])
        await http.request("GET", "http://inner.example.com/")

        assert network.connected == [("10.1.2.3", 80)]

    async def test_an_allowed_host_may_lead_anywhere(self) -> None:
        http, network, _ = client(OK, allow="inner.example.com", inner=["10.1.2.3"])
        await http.request("GET", "http://INNER.example.com./")

        assert network.connected == [("10.1.2.3", 80)]

    async def test_another_name_for_the_same_address_may_not(self) -> None:
        http, network, _ = client(allow="inner.example.com", other=["10.1.2.3"])

        with pytest.raises(Refused):
            await http.request("GET", "http://other.example.com/")
        assert network.connected == []


class TestNames:
    async def test_a_name_without_addresses_says_so(self) -> None:
        http, _, _ = client(nowhere=[""])

        with pytest.raises(ConnectFailed, match=r"nowhere\.example\.com does not resolve") as caught:
            await http.request("GET", "http://nowhere.example.com/")
        assert caught.value.code == "name_not_found"

    async def test_an_answer_that_is_no_address_is_not_connected_to(self) -> None:
        http, network, _ = client(odd=[f"{PUBLIC} 127.1"])

        with pytest.raises(ConnectFailed):
            await http.request("GET", "http://odd.example.com/")
        assert network.connected == []

    async def test_the_next_address_is_tried_when_one_does_not_answer(self) -> None:
        v6 = "2606:4700:4700::1111"
        http, network, _ = client(OK, dual=[f"{v6} {PUBLIC}"], unreachable=[v6])
        await http.request("GET", "http://dual.example.com/")

        assert network.connected == [(v6, 80), (PUBLIC, 80)]

    async def test_when_none_answers_the_host_is_named(self) -> None:
        http, _, _ = client(unreachable=[PUBLIC])

        with pytest.raises(ConnectFailed, match=r"example\.com cannot be reached") as caught:
            await http.request("GET", "http://example.com/secret?token=x")
        assert caught.value.code == "connect_failed"
        assert "secret" not in caught.value.message

    async def test_a_resolver_that_hangs_is_a_time_out(self) -> None:
        async def hangs(host: str, port: int) -> list[str]:
            await asyncio.sleep(60)
            return []

        http = OutboundClient(Allow(), resolver=hangs, network=FakeNetwork([]))
        with pytest.raises(Exception, match=r"did not answer within 0\.05 s"):
            await http.request("GET", "http://example.com/", timeout=0.05)
