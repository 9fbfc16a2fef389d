"""HTTP request: calls any address that is allowed from here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from workflows.nodes.base import (
    Alias,
    Context,
    HttpClient,
    HttpResponse,
    Node,
    NodeError,
    Output,
    Params,
    Repeat,
    Text,
    setting,
)
from workflows.nodes.http_message import (
    Body,
    Headers,
    Pair,
    form_body,
    json_body,
    response_value,
    with_query,
    with_secret,
)

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

WITH_BODY = ["POST", "PUT", "PATCH", "DELETE"]
NOT_REPEATABLE = ("POST", "PATCH")
IDEMPOTENCY_KEY = "Idempotency-Key"
TRY_AGAIN = {408, 425, 429}
VAULT_ID = re.compile(r"vlt_[0-9a-z]{26}")
FIELD_AT_FAULT = {"invalid_url": "url", "address_refused": "url", "name_not_found": "url", "invalid_header": "headers"}


class HttpSettings(Params):
    method: Method = setting("GET", title="Method", description="The HTTP method.")
    url: Text = setting(
        title="URL",
        description="The address, http or https.",
        placeholder="https://api.example.com/orders/{{ input.id }}",
        min_length=1,
    )
    query: tuple[Pair, ...] = setting(
        (), title="Query", description="Parameters added to the URL.", widget="key_values"
    )
    headers: tuple[Pair, ...] = setting((), title="Headers", description="Headers of the request.", widget="key_values")
    auth: str = setting(
        "", title="Credential", description="Signs the request in; its secret is never shown.", widget="credential"
    )
    body_type: Literal["json", "form", "raw"] = setting(
        "json",
        title="Body type",
        description="How the body is written.",
        labels={"json": "JSON", "form": "Form", "raw": "Raw"},
        show_if={"method": WITH_BODY},
    )
    body: Any = setting(
        None,
        title="Body",
        description="Sent as JSON; empty for none.",
        widget="json",
        show_if={"method": WITH_BODY, "body_type": "json"},
    )
    form: tuple[Pair, ...] = setting(
        (),
        title="Form fields",
        description="Sent as a URL-encoded form.",
        widget="key_values",
        show_if={"method": WITH_BODY, "body_type": "form"},
    )
    raw: Text = setting(
        "",
        title="Raw body",
        description="Sent as it stands.",
        widget="multiline",
        show_if={"method": WITH_BODY, "body_type": "raw"},
    )
    content_type: str = setting(
        "text/plain; charset=utf-8",
        title="Content type",
        description="What the raw body is.",
        placeholder="application/xml",
        show_if={"method": WITH_BODY, "body_type": "raw"},
    )
    timeout: float = setting(
        30.0, title="Timeout", description="Seconds until the answer must be there.", gt=0, le=3600
    )
    follow_redirects: bool = setting(
        True, title="Follow redirects", description="Goes where the answer points to, ten times at most."
    )
    fail_on_error: bool = setting(
        True, title="Fail on status 400 and above", description="Off: such an answer is an output like any other."
    )


class HttpRequest(Node):
    kind = "http_request"
    title = "HTTP request"
    category = "action"
    description = "Calls a web address. Its output holds status, headers, body (parsed when it is JSON) and url."
    icon = "globe"
    keywords = ("api", "rest", "fetch", "call", "get", "post", "curl", "url", "webhook")
    aliases = (Alias("webhook", "Webhook call"),)
    params = HttpSettings
    repeat = "once"

    def repeat_of(self, params: HttpSettings) -> Repeat:
        return "once" if params.method in NOT_REPEATABLE else "safe"

    def check(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        url = settings.get("url")
        if isinstance(url, str) and not url.lstrip().startswith(("http://", "https://", "{{")):
            return [("url", "The URL must begin with http:// or https://.")]
        return []

    async def run(self, params: HttpSettings, ctx: Context) -> Output:
        body = _body(params)
        headers = [(pair.key, await _opened(pair.value, ctx)) for pair in params.headers]
        given = {key.lower() for key, _ in headers}
        if body and "content-type" not in given:
            headers.append(("Content-Type", body.content_type))
        if ctx.repeat == "keyed" and params.method in NOT_REPEATABLE and IDEMPOTENCY_KEY.lower() not in given:
            headers.append((IDEMPOTENCY_KEY, ctx.token))
        url = with_query(params.url.strip(), params.query)
        if params.auth:
            url, headers = with_secret(await ctx.secret(params.auth), url, headers)
        response = await _call(params, ctx.http, url, headers, body)
        value = response_value(response)
        if params.fail_on_error and response.status >= 400:
            raise NodeError(
                "http_status",
                f"The server answered {response.status}.",
                retryable=response.status >= 500 or response.status in TRY_AGAIN,
                details=value,
            )
        return Output(value)


async def _opened(value: str, ctx: Context) -> str:
    """The token of a credential where a header's value is an id of the vault of Altostrat's API."""
    if not VAULT_ID.fullmatch(value):
        return value
    secret = await ctx.secret(f"cred_{value.removeprefix('vlt_')}")
    if "token" not in secret.data:
        message = f'A credential of kind "{secret.kind}" cannot be a header\'s value.'
        raise NodeError("credential_kind", message, field="headers", retryable=False)
    return secret.data["token"]


def _body(params: HttpSettings) -> Body | None:
    if params.method not in WITH_BODY:
        return None
    if params.body_type == "form":
        return form_body(params.form)
    if params.body_type == "raw":
        return Body(params.raw.encode(), params.content_type) if params.raw else None
    return None if params.body is None else json_body(params.body)


async def _call(params: HttpSettings, http: HttpClient, url: str, headers: Headers, body: Body | None) -> HttpResponse:
    try:
        return await http.request(
            params.method,
            url,
            headers=headers,
            content=body.content if body else None,
            timeout=params.timeout,
            follow_redirects=params.follow_redirects,
        )
    except NodeError as error:
        error.field = error.field or FIELD_AT_FAULT.get(error.code)
        raise
