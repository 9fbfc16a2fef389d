"""Who may call a webhook, over real HTTP against the real server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from standardwebhooks import Webhook

from tests.runs.hooks.hooked import credential, deliveries_of, hooked, runs_of, signing_key
from tests.runs.hooks.test_signatures import GITHUB, SHOPIFY
from tests.servers import Api, Server

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LONG = "a shared secret of sixty-four bytes and more, as its hash function wants it"


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[Api]:
    with server.api() as api:
        yield api


def sent(workflow: Any, body: bytes = b"{}", **headers: str) -> tuple[int, str]:
    named = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    answer = httpx2.post(workflow["webhook_url"], content=body, headers=named, timeout=60)
    return answer.status_code, answer.json().get("code", "")


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def hexed(key: str, text: bytes) -> str:
    return hmac.new(key.encode(), text, hashlib.sha256).hexdigest()


def signed_now(auth: str, key: str, body: bytes) -> dict[str, str]:
    """What the vendor would send at this moment."""
    now = int(time.time())
    if auth == "standard":
        signature = Webhook(key).sign("msg_1", datetime.fromtimestamp(now, UTC), body.decode())
        return {"webhook_id": "msg_1", "webhook_timestamp": str(now), "webhook_signature": signature}
    if auth == "stripe":
        return {"stripe_signature": f"t={now},v1={hexed(key, b'%d.' % now + body)}"}
    signature = f"v0={hexed(key, b'v0:%d:' % now + body)}"
    return {"x_slack_request_timestamp": str(now), "x_slack_signature": signature}


def test_a_key_of_the_project_opens_and_no_other(api: Api, server: Server) -> None:
    workflow = hooked(api, auth="key")
    made = [api.call("POST", "/api-keys", {"name": name}, status=201) for name in ("theirs", "revoked")]
    api.call("DELETE", f"/api-keys/{made[1]['id']}", status=204)
    vault = httpx2.post(
        f"{server.url}/workflows/vault", json={"name": "api-key:hook"}, headers=bearer(made[0]["secret"])
    )
    for secret, expected in (
        (made[0]["secret"], (202, "")),
        (vault.json()["secret"], (202, "")),
        (made[1]["secret"], (401, "key_invalid")),
        ("wfk_guessed", (401, "key_invalid")),
    ):
        assert sent(workflow, b"{}", **bearer(secret)) == expected
    assert sent(workflow) == (401, "key_missing")
    assert len(runs_of(api, workflow)) == 2


@pytest.mark.parametrize("auth", ["standard", "stripe", "slack"])
def test_a_signed_request_is_taken_and_a_changed_or_old_one_refused(api: Api, auth: str) -> None:
    workflow = hooked(api, auth=auth, credential=signing_key(api, KEY))
    body = b'{"id": "evt_1"}'
    headers = signed_now(auth, KEY, body)
    assert sent(workflow, body, **headers)[0] == 202
    assert sent(workflow, body.replace(b"1", b"2"), **headers) == (401, "signature_mismatch")
    assert sent(workflow, body) == (401, "signature_missing")
    [last, wrong, first] = deliveries_of(api, workflow)
    assert [last["code"], wrong["code"], first["code"]] == ["signature_missing", "signature_mismatch", None]
    assert len(runs_of(api, workflow)) == 1


@pytest.mark.parametrize("published", [GITHUB, SHOPIFY], ids=lambda each: each.auth)
def test_published_examples_that_sign_no_time_are_taken(api: Api, published: Any) -> None:
    workflow = hooked(api, auth=published.auth, credential=signing_key(api, published.key))
    headers = {"content-type": "text/plain", **published.headers}
    answer = httpx2.post(workflow["webhook_url"], content=published.body, headers=headers)
    assert answer.status_code == 202
    assert httpx2.post(workflow["webhook_url"], content=published.body[:-1], headers=headers).status_code == 401


def test_the_key_before_still_counts_while_keys_are_changed(api: Api) -> None:
    workflow = hooked(api, auth="github", credential=signing_key(api, "new key", previous_key="old key"))
    for key in ("new key", "old key"):
        assert sent(workflow, b"{}", x_hub_signature_256=f"sha256={hexed(key, b'{}')}")[0] == 202
    assert sent(workflow, b"{}", x_hub_signature_256=f"sha256={hexed('older', b'{}')}")[0] == 401


def test_a_signature_is_judged_before_the_body_is_read(api: Api) -> None:
    workflow = hooked(api, auth="github", credential=signing_key(api, "key"))
    assert sent(workflow, b"[" * 100_000, x_hub_signature_256="sha256=00") == (401, "signature_mismatch")


def test_slack_gets_its_challenge_back_and_no_run_starts(api: Api) -> None:
    workflow = hooked(api, auth="slack", credential=signing_key(api, KEY))
    body = b'{"type": "url_verification", "challenge": "3eZbrw1aB"}'
    headers = {name.replace("_", "-"): text for name, text in signed_now("slack", KEY, body).items()}
    headers["content-type"] = "application/json"
    answer = httpx2.post(workflow["webhook_url"], content=body, headers=headers)
    assert (answer.status_code, answer.text) == (200, "3eZbrw1aB")
    assert [each["outcome"] for each in deliveries_of(api, workflow)] == ["answered"]
    assert not runs_of(api, workflow)


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("kind", "data", "name", "right", "wrong"),
    [
        ("bearer", {"token": "a token"}, "authorization", "bearer a token", "Bearer another"),
        ("basic", {"username": "ada", "password": "pw"}, "authorization", basic("ada:pw"), basic("ada:pv")),
        ("header", {"name": "X-Mine", "value": "canary-1"}, "x-mine", "canary-1", "canary-2"),
    ],
)
def test_a_secret_that_is_sent_along(
    api: Api, kind: str, data: dict[str, str], name: str, right: str, wrong: str
) -> None:
    workflow = hooked(api, auth=kind, credential=credential(api, kind, **data))
    assert sent(workflow, b"{}", **{name: right})[0] == 202
    assert sent(workflow, b"{}", **{name: wrong}) == (401, "secret_mismatch")
    assert sent(workflow) == (401, "secret_missing")
    assert [each["outcome"] for each in deliveries_of(api, workflow)] == ["refused", "refused", "started"]
    for each in deliveries_of(api, workflow)[1:]:
        assert api.call("GET", f"/deliveries/{each['id']}")["headers"][name] == "[hidden]"


def test_web_tokens_with_a_shared_secret(api: Api) -> None:
    workflow = hooked(api, auth="jwt", credential=signing_key(api, LONG), jwt_issuer="ci", jwt_audience="hooks")
    claims = {"iss": "ci", "aud": "hooks", "exp": int(time.time()) + 60}

    def with_claims(key: str = LONG, algorithm: str = "HS256", **more: Any) -> tuple[int, str]:
        token = jwt.encode({**claims, **more}, key, algorithm=algorithm)
        return sent(workflow, authorization=f"Bearer {token}")

    assert with_claims()[0] == 202
    for wrong in ({"exp": 1}, {"iss": "me"}, {"aud": "other"}, {"key": LONG[::-1]}, {"algorithm": "HS512"}):
        assert with_claims(**wrong) == (401, "token_invalid")
    unsigned = jwt.encode(claims, "", algorithm="none")
    assert sent(workflow, authorization=f"Bearer {unsigned}") == (401, "token_invalid")
    assert sent(workflow) == (401, "token_missing")


def test_web_tokens_with_a_public_key_that_lost_its_lines(api: Api) -> None:
    private = rsa.generate_private_key(65537, 2048)
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    workflow = hooked(
        api, auth="jwt", jwt_algorithm="RS256", credential=signing_key(api, public.decode().replace("\n", ""))
    )
    claims = {"exp": int(time.time()) + 60}
    token = jwt.encode(claims, private, algorithm="RS256")
    assert sent(workflow, authorization=f"Bearer {token}")[0] == 202
    # The public key is public: whoever takes it for a shared secret must not get in.
    forged = f"{token.split('.')[0]}.{token.split('.')[1]}.AAAA"
    assert sent(workflow, authorization=f"Bearer {forged}") == (401, "token_invalid")


def test_only_addresses_on_the_list_may_call(api: Api) -> None:
    assert sent(hooked(api, allowed_addresses="127.0.0.0/8, ::1"))[0] == 202
    elsewhere = hooked(api, allowed_addresses="192.0.2.0/24")
    assert sent(elsewhere) == (403, "address_not_allowed")
    assert sent(elsewhere, x_forwarded_for="192.0.2.1") == (403, "address_not_allowed")


def test_behind_a_trusted_proxy_the_caller_is_who_it_says(new_server: Any) -> None:
    with new_server(trusted_proxies="127.0.0.1").start().api() as api:
        workflow = hooked(api, allowed_addresses="192.0.2.0/24")
        assert sent(workflow, x_forwarded_for="203.0.113.9, 192.0.2.1")[0] == 202
        assert sent(workflow, x_forwarded_for="192.0.2.1, 203.0.113.9") == (403, "address_not_allowed")
        assert deliveries_of(api, workflow)[0]["client_address"] == "203.0.113.9"


def test_a_credential_that_does_not_fit_is_the_owners_mistake(api: Api) -> None:
    workflow = hooked(api, auth="github", credential=credential(api, "bearer", token="x"))
    assert sent(workflow) == (503, "credential_unusable")


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"auth": "github"}, "credential"),
        ({"allowed_addresses": "10.0.0.1/8"}, "allowed_addresses"),
        ({"filter": "trigger.body.x =="}, "filter"),
        ({"filter": "nodes.other.x"}, "filter"),
        ({"filter": "{{ trigger.body }}"}, "filter"),
        ({"delivery_id": "$.["}, "delivery_id"),
        ({"delivery_id": "no header"}, "delivery_id"),
        ({"name": "No Name"}, "name"),
        ({"answer_type": "text"}, "answer_type"),
        ({"action": "event", "event": "no name", "correlation": "trigger.x"}, "event"),
        ({"action": "event", "event": "paid"}, "correlation"),
        ({"action": "event", "event": "paid", "correlation": "input.x"}, "correlation"),
    ],
)
def test_settings_that_make_no_sense_are_refused(api: Api, settings: dict[str, str], field: str) -> None:
    drawing = {"nodes": [{"id": "hook", "data": {"componentId": "webhook_trigger", **settings}}], "edges": []}
    found = api.call("POST", "/workflows/validate", drawing)
    assert field in [fault["field"] for fault in found["errors"]]
