import pytest

from runs.hooks.request import HeadersTooLarge, HookRequest, check_headers, header_fields
from wire.problems import BadRequest, PayloadTooLarge, Problem
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
        "client_address": "",
    }


@pytest.mark.parametrize(
    ("body", "content_type", "seen"),
    [
        (b"", "application/json", None),
        (b"[1]", "", [1]),
        (b'{"a":1}', "application/cloudevents+json; charset=utf-8", {"a": 1}),
        (b"a=1&b=2&b=3", "application/x-www-form-urlencoded", {"a": "1", "b": ["2", "3"]}),
        ("größer".encode(), "text/plain", "größer"),
        (b'<a x="1"><b>t</b><b/></a>', "application/xml", {"a": {"@x": "1", "b": ["t", None]}}),
        (b"\xff\xfe", "application/octet-stream", {"base64": "//4="}),
        (b"a\0b", "application/pdf", {"base64": "YQBi"}),
        (b"%PDF", "application/pdf", "%PDF"),
    ],
)
def test_a_body_is_read_by_its_content_type(body: bytes, content_type: str, seen: object) -> None:
    assert request(body, content_type).payload({})["body"] == seen


FORM = (
    b'--b\r\nContent-Disposition: form-data; name="who"\r\n\r\nada\r\n'
    b'--b\r\nContent-Disposition: form-data; name="note"; filename="../note.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"hello\r\n--b--\r\n"
)
MULTIPART = "multipart/form-data; boundary=b"


def test_a_multipart_form_has_fields_and_files() -> None:
    note = {"filename": "../note.txt", "content_type": "text/plain", "size": 5, "base64": "aGVsbG8="}
    assert request(FORM, MULTIPART).payload({})["body"] == {"who": "ada", "note": note}


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (FORM, "multipart/form-data", "invalid_multipart"),
        (FORM, "multipart/form-data; boundary=c", "invalid_multipart"),
        (FORM[:-20], MULTIPART, "invalid_multipart"),
        (b"nothing of the kind", MULTIPART, "invalid_multipart"),
        (FORM.replace(b"ada", b"\xff"), MULTIPART, "invalid_encoding"),
        (FORM.replace(b'"who"', b'"\xff"'), MULTIPART, "invalid_multipart"),
        (FORM[: FORM.index(b"--b", 3)] * 101 + b"--b--\r\n", MULTIPART, "too_many_parts"),
        (FORM.replace(b"hello", b"x" * 5_000_001), MULTIPART, "files_too_large"),
    ],
)
def test_a_form_that_is_none_or_too_much_says_why(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(Problem) as refused:
        request(body, content_type).payload({})
    assert refused.value.code == code


def test_what_the_sender_signed_in_with_is_hidden() -> None:
    raw = [(b"Authorization", b"Bearer x"), (b"Cookie", b"a=b"), (b"X-Gitlab-Token", b"x"), (b"X-Api-Key", b"x")]
    headers = header_fields([*raw, (b"X-A", b"1"), (b"x-a", b"2"), (b"X-Mine", b"x")])
    seen = HookRequest("POST", "", "", headers, b"").payload({}, secret_header="x-mine")["headers"]
    assert seen.pop("x-a") == "1, 2"
    assert set(seen.values()) == {"[hidden]"}


@pytest.mark.parametrize("raw", [[(b"x-%d" % n, b"") for n in range(101)], [(b"x", b"a" * 32_000)]])
def test_a_flood_of_headers_is_refused(raw: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(HeadersTooLarge):
        check_headers(raw)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (request(b"{"), BadJson),
        (request(b'{"a":1,"a":2}'), BadJson),
        (request(b'"\\u0000"'), BadValue),
        (request(query="a=%00"), BadValue),
        (request(query="a=%ff"), BadRequest),
        (request(query="&".join(f"a{n}=1" for n in range(1001))), BadRequest),
        (request(b"\xff", "text/plain"), BadRequest),
        (request(b"a\0b", "text/plain"), BadValue),
        (request(b"<a>", "text/xml"), BadRequest),
        (request(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "text/xml"), BadRequest),
        (request(b"<a>" * 100 + b"</a>" * 100, "text/xml"), BadJson),
        (request(b"<a>" + b"<b/>" * 200_000 + b"</a>", "text/xml"), PayloadTooLarge),
    ],
)
def test_what_cannot_be_read_is_refused(bad: HookRequest, error: type[Exception]) -> None:
    with pytest.raises(error):
        bad.payload({})
