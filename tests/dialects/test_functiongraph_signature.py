"""The request signature: what the vendor's own signer makes is accepted, and every change of it refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from hypothesis import given
from hypothesis import strategies as st

from runs.dialects.functiongraph import signature
from runs.dialects.functiongraph.signature import BadSignature, Signed

SECRET = "psk_secret"
HOST = "127.0.0.1:8000"


def signed(
    method: str = "POST",
    path: str = "/v2/prj_1/fgs/workflows",
    query: tuple[tuple[str, str], ...] = (),
    body: str = '{"a": "\u00e9"}',
) -> Signed:
    """As the vendor's signer signs it."""
    request = SdkRequest(
        method=method,
        schema="http",
        host=HOST,
        resource_path=path,
        query_params=list(query),
        header_params={"Content-Type": "application/json", "X-Project-Id": "prj_1"},
        body=body,
    )
    made = Signer(BasicCredentials("key_1", SECRET, "prj_1")).sign(request)
    headers = {name.lower(): value for name, value in made.header_params.items()}
    headers.setdefault("host", HOST)
    uri, _, sent_query = made.uri.partition("?")
    return Signed(method, uri or path, sent_query, headers, body.encode())


def check(request: Signed, secret: str = SECRET, now: datetime | None = None) -> str:
    said = signature.read(request, now or datetime.now(UTC))
    signature.verify(request, said, secret)
    return said.key_id


def test_the_vendors_signature_is_accepted() -> None:
    assert check(signed()) == "key_1"
    assert check(signed("GET", "/v2/prj_1/fgs/workflows/urn:fss:x/executions", (("limit", "5"), ("a", "b c"))))


@given(query=st.lists(st.tuples(st.text("ab ~%+&=é", min_size=1), st.text("ab ~%+&=é")), max_size=4))
def test_any_query_is_read_as_it_was_signed(query: list[tuple[str, str]]) -> None:
    assert check(signed(query=tuple(dict(query).items()))) == "key_1"


@pytest.mark.parametrize(
    "change",
    [
        lambda request: replace(request, method="PUT"),
        lambda request: replace(request, path=request.path + "/x"),
        lambda request: replace(request, query="limit=6"),
        lambda request: replace(request, body=request.body + b" "),
        lambda request: replace(request, headers={**request.headers, "host": "127.0.0.1:8001"}),
        lambda request: replace(request, headers={**request.headers, "x-project-id": "prj_2"}),
    ],
)
def test_whatever_is_changed_on_the_way_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(BadSignature, match="does not fit"):
        check(change(signed()))


def test_one_changed_letter_of_the_signature_is_refused() -> None:
    request = signed()
    text = request.headers["authorization"]
    for place in range(len(text) - 64, len(text)):
        other = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        with pytest.raises(BadSignature):
            check(replace(request, headers={**request.headers, "authorization": other}))


def test_another_secret_is_refused() -> None:
    with pytest.raises(BadSignature):
        check(signed(), "psk_other")


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_date_that_is_far_off_is_refused(minutes: int) -> None:
    with pytest.raises(BadSignature, match="15 minutes"):
        check(signed(), now=datetime.now(UTC) + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("authorization", "why"),
    [
        ("", "needs a signature"),
        ("SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=" + 64 * "0", "must cover x-sdk-date"),
        ("SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date;x-no, Signature=" + 64 * "0", "was not sent"),
    ],
)
def test_a_signature_must_be_there_and_cover_what_matters(authorization: str, why: str) -> None:
    request = signed()
    with pytest.raises(BadSignature, match=why):
        check(replace(request, headers={**request.headers, "authorization": authorization}))
