"""Where a call is sent on to, and what goes along."""

import pytest

from tests.wire.outbound.fakes import OK, client, redirect
from wire.outbound import BadAnswer


class TestRedirects:
    KEYS = [("Authorization", "Bearer s3cret"), ("Cookie", "a=s3cret"), ("X-Api-Key", "s3cret"), ("Accept", "text/csv")]

    async def second_request(
        self, target: str, status: int = 302, method: str = "GET", start: str = "http://a.example/"
    ) -> str:
        http, network, _ = client(redirect(target, status), OK)
        content = b"body" if method == "POST" else None
        headers = [*self.KEYS, ("Content-Type", "text/plain")]
        response = await http.request(method, start, headers=headers, content=content)
        assert response.status == 200
        return network.requests[1]

    @pytest.mark.parametrize("target", ["http://b.example/", "http://a.example:81/", "http://a.example.b.example/"])
    async def test_whatever_could_be_a_credential_stays_behind_when_the_host_changes(self, target: str) -> None:
        sent = await self.second_request(target)

        assert "s3cret" not in sent
        assert "Accept: text/csv" in sent

    async def test_it_stays_behind_when_tls_is_left(self) -> None:
        assert "s3cret" not in await self.second_request("http://a.example/", start="https://a.example/")

    @pytest.mark.parametrize("target", ["/next", "http://A.example/next", "https://a.example/next"])
    async def test_it_goes_along_on_the_same_host(self, target: str) -> None:
        assert (await self.second_request(target)).count("s3cret") == 3

    @pytest.mark.parametrize(
        ("status", "method", "then"),
        [(301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET"), (303, "HEAD", "HEAD"),
         (302, "PUT", "PUT"), (307, "POST", "POST"), (308, "POST", "POST")],
    )  # fmt: skip
    async def test_the_method_changes_as_browsers_do_it(self, status: int, method: str, then: str) -> None:
        sent = await self.second_request("/next", status, method)

        assert sent.startswith(f"{then} /next")
        assert sent.endswith("body") == (then == "POST")
        assert ("Content-Type" in sent) == (then != "GET")

    async def test_they_can_be_left_to_the_caller(self) -> None:
        http, network, _ = client(redirect("/next"))
        response = await http.request("GET", "http://a.example/", follow_redirects=False)

        assert (response.status, response.headers["location"]) == (302, "/next")
        assert len(network.streams) == 1

    async def test_a_circle_ends(self) -> None:
        http, network, _ = client(*[redirect("/again")] * 20)

        with pytest.raises(BadAnswer, match="10 redirects") as caught:
            await http.request("GET", "http://a.example/")
        assert caught.value.code == "too_many_redirects"
        assert len(network.streams) == 11

    async def test_the_answer_says_where_it_came_from(self) -> None:
        http, _, _ = client(redirect("https://b.example/x#y"), OK)

        assert (await http.request("GET", "http://a.example/")).url == "https://b.example/x"
