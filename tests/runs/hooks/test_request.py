import pytest

from runs.hooks.request import HookRequest, header_fields
from wire.problems import BadRequest, UnsupportedMediaType
from wire.strict_json import BadJson, BadValue


def request(body: bytes = b"", content_type: str = "application/json", query: str = "") -> HookRequest:
    return HookRequest("POST", "orders/7", query, {"content-type": content_type}, body)


def test_the_payload_holds_all_that_a_workflow_may_want() -> None:
    payload = request(b'{"a": 1}', query="x=1&y=2&y=3&z=").payload({"id": "7"})
    assert payload == {
        "body": {"a": 1},
        "headers": {"content-type": "application/json"},
        "query": {"x": "1", "y": ["2", "3"], "z": ""},
        "params": {"id": "7"},
        "method": "POST",
        "path": "orders/7",
    }


@pytest.mark.parametrize(
    ("body", "content_type", "seen"),
    [
        (b"", "application/json", None),
        (b"[1]", "", [1]),
        (b'{"a":1}', "application/cloudevents+json; charset=utf-8", {"a": 1}),
        (b"a=1&b=2&b=3", "application/x-www-form-urlencoded", {"a": "1", "b": ["2", "3"]}),
        ("größer".encode(), "text/plain", "größer"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"\xff\xfe", "application/octet-stream", {"base64": "//4="}),
        (b"a\0b", "text/plain", {"base64": "YQBi"}),
    ],
)
def test_a_body_is_read_by_its_content_type(body: bytes, content_type: str, seen: object) -> None:
    assert request(body, content_type).payload({})["body"] == seen


def test_what_the_sender_signed_in_with_is_hidden() -> None:
    headers = header_fields([(b"Authorization", b"Bearer x"), (b"Cookie", b"a=b"), (b"X-A", b"1"), (b"x-a", b"2")])
    seen = HookRequest("POST", "", "", headers, b"").payload({})["headers"]
    assert seen == {"authorization": "[hidden]", "cookie": "[hidden]", "x-a": "1, 2"}


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (request(b"{"), BadJson),
        (request(b'{"a":1,"a":2}'), BadJson),
        (request(b'"\\u0000"'), BadValue),
        (request(query="a=%00"), BadValue),
        (request(query="a=%ff"), BadRequest),
        (request(query="&".join(f"a{n}=1" for n in range(1001))), BadRequest),
        (request(b"a", "multipart/form-data; boundary=x"), UnsupportedMediaType),
    ],
)
def test_what_cannot_be_read_is_refused(bad: HookRequest, error: type[Exception]) -> None:
    with pytest.raises(error):
        bad.payload({})
