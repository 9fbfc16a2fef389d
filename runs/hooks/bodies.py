"""The body of a request as a value for expressions, by its content type. Pure.

JSON, forms and XML become values, text stays text, anything else is base64. Files of a multipart form are kept as
base64 within the value, with their names as labels only: nothing is ever written under a name from outside.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl
from xml.parsers.expat import ExpatError

import xmltodict
from multipart import MultipartError, ParserLimitReached, PushMultipartParser, parse_options_header

from wire import strict_json
from wire.problems import BadRequest, PayloadTooLarge

MAX_FIELDS = 1_000
MAX_PARTS = 100
MAX_FILE_BYTES = 5_000_000
MAX_XML_BYTES = 2_000_000
MAX_XML_ELEMENTS = 100_000

_FORM = "application/x-www-form-urlencoded"
_XML = ("application/xml", "text/xml")


def read_body(body: bytes, content_type: str) -> Any:
    """No body is null. Raises BadRequest, PayloadTooLarge, or JsonFault, each saying what is wrong."""
    if not body:
        return None
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/json" or media_type.endswith("+json") or not media_type:
        return strict_json.loads(body)
    if media_type == _FORM:
        return read_fields(_utf8(body, "The form"))
    if media_type.startswith("multipart/"):
        return _multipart(body, content_type)
    if media_type in _XML or media_type.endswith("+xml"):
        return _xml(body)
    if media_type.startswith("text/"):
        return _utf8(body, "The text")
    return _base64_unless_text(body)


def read_fields(encoded: str) -> dict[str, Any]:
    """Form fields or a query; a name that comes more than once has a list."""
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except UnicodeDecodeError:
        raise BadRequest("A form or query field is not UTF-8.", code="invalid_encoding") from None
    except ValueError:
        raise BadRequest(f"More than {MAX_FIELDS:,} fields.", code="too_many_fields") from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        _add(fields, name, value)
    return fields


def _add(fields: dict[str, Any], name: str, value: Any) -> None:
    if name not in fields:
        fields[name] = value
    elif isinstance(fields[name], list):
        fields[name].append(value)
    else:
        fields[name] = [fields[name], value]


def _utf8(body: bytes, what: str) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise BadRequest(f"{what} is not UTF-8 (byte {error.start}).", code="invalid_encoding") from None


def _base64_unless_text(body: bytes) -> Any:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
    return {"base64": base64.b64encode(body).decode()} if "\0" in text else text


# --- multipart ---


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:
    """Fields as text; a file as {filename, content_type, size, base64}."""
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    try:
        # It must end as it says it does: what was cut off on the way is not taken for the whole.
        with PushMultipartParser(boundary, len(body), max_segment_count=MAX_PARTS, strict=True) as parser:
            return _read_parts(parser, body)
    except ParserLimitReached:
        raise PayloadTooLarge(
            f"The form has more than {MAX_PARTS} parts, or a part's headers are too large.", code="too_many_parts"
        ) from None
    except (MultipartError, ValueError) as wrong:
        raise BadRequest(f"Not a multipart form: {wrong.args[0]}.", code="invalid_multipart") from None


def _read_parts(parser: PushMultipartParser, body: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    segment, content = None, bytearray()
    kept = 0
    for event in parser.parse(body):
        if isinstance(event, bytes | bytearray):
            content += event
        elif event is not None:
            segment, content = event, bytearray()
        elif segment is not None:
            kept += len(content) if segment.filename is not None else 0
            if kept > MAX_FILE_BYTES:
                raise PayloadTooLarge(f"The files are larger than {MAX_FILE_BYTES:,} bytes.", code="files_too_large")
            _add(fields, segment.name or "", _part(segment, bytes(content)))
    return fields


def _part(segment: Any, content: bytes) -> Any:
    if segment.filename is None:
        return _utf8(content, f"The field “{segment.name}”")
    return {
        "filename": segment.filename,
        "content_type": segment.content_type or "application/octet-stream",
        "size": len(content),
        "base64": base64.b64encode(content).decode(),
    }


# --- XML ---


def _xml(body: bytes) -> Any:
    """Elements by name, attributes behind `@`, text beside them as `#text`. Entities of its own are refused."""
    if len(body) > MAX_XML_BYTES or body.count(b"<") > 2 * MAX_XML_ELEMENTS:
        message = f"XML may have {MAX_XML_BYTES:,} bytes and {MAX_XML_ELEMENTS:,} elements."
        raise PayloadTooLarge(message, code="xml_too_large")
    try:
        return xmltodict.parse(body)
    except (ExpatError, ValueError, LookupError) as wrong:
        raise BadRequest(f"Not XML: {wrong}.", code="invalid_xml") from None
