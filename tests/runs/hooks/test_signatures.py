"""Signatures as their makers publish them: each example is accepted, and every change of one byte refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from runs.hooks.request import HookRequest
from runs.hooks.signatures import UnusableKeyError, verify
from wire.problems import Unauthorized
from workflows.nodes.webhook_trigger import WebhookSettings


@dataclass(frozen=True)
class Example:
    auth: str
    key: str
    body: bytes
    headers: dict[str, str]
    at: float
    settings: dict[str, str]

    def check(self, key: str | None = None, at: float | None = None) -> None:
        request = HookRequest("POST", "", "", self.headers, self.body)
        settings = WebhookSettings.model_validate({"auth": self.auth, "credential": "cred_x", **self.settings})
        verify(settings, request, [key or self.key], self.at if at is None else at)


def example(
    auth: str, key: str, body: bytes, at: float = 0, settings: dict[str, str] | None = None, **headers: str
) -> Example:
    return Example(
        auth, key, body, {name.replace("_", "-"): text for name, text in headers.items()}, at, settings or {}
    )


# https://github.com/standard-webhooks/standard-webhooks, libraries' own tests
STANDARD = example(
    "standard",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    b'{"test": 2432232314}',
    at=1614265330,
    webhook_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
    webhook_timestamp="1614265330",
    webhook_signature="v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
)
# https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
GITHUB = example(
    "github",
    "It's a Secret to Everybody",
    b"Hello, World!",
    x_hub_signature_256="sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
)
# https://docs.slack.dev/authentication/verifying-requests-from-slack
SLACK = example(
    "slack",
    "8f742231b10e8888abcd99yyyzzz85a5",
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
    at=1531420618,
    x_slack_request_timestamp="1531420618",
    x_slack_signature="v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
)
# Stripe publishes how to sign and no whole example: its documented scheme, computed here without our code.
_STRIPE_BODY = b'{"id": "evt_1NG8Du2eZvKYlo2CUI79vXWy", "object": "event"}'
_STRIPE_KEY = "whsec_test_secret"
STRIPE = example(
    "stripe",
    _STRIPE_KEY,
    _STRIPE_BODY,
    at=1492774577,
    stripe_signature="t=1492774577,v1="
    + hmac.new(_STRIPE_KEY.encode(), b"1492774577." + _STRIPE_BODY, hashlib.sha256).hexdigest(),
)
# https://shopify.dev/docs/apps/build/webhooks/subscribe/https, with a body and a key of our own
SHOPIFY = example(
    "shopify",
    "test-webhook-secret",
    b'{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}',
    x_shopify_hmac_sha256="QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw=",
)
# RFC 4231, test case 2
GENERIC = example(
    "hmac",
    "Jefe",
    b"what do ya want for nothing?",
    settings={"signature_header": "X-Sign", "signature_prefix": "hmac-"},
    x_sign="hmac-5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
)
EXAMPLES = [STANDARD, GITHUB, SLACK, STRIPE, SHOPIFY, GENERIC]
TIMED = [STANDARD, SLACK, STRIPE]
every_example = pytest.mark.parametrize("signed", EXAMPLES, ids=lambda each: each.auth)


@every_example
def test_the_published_example_is_accepted(signed: Example) -> None:
    signed.check()


def changed(text: bytes) -> Iterator[bytes]:
    """Every text that differs from this one in one byte's lowest or case bit, or lacks one."""
    for at, byte in enumerate(text):
        for flipped in (byte ^ 1, byte ^ 32):
            yield text[:at] + bytes([flipped]) + text[at + 1 :]
        yield text[:at] + text[at + 1 :]


@every_example
def test_every_changed_byte_of_the_body_is_refused(signed: Example) -> None:
    for body in changed(signed.body):
        with pytest.raises(Unauthorized):
            replace(signed, body=body).check()


@every_example
def test_every_changed_byte_of_what_is_signed_in_headers_is_refused(signed: Example) -> None:
    for name, text in signed.headers.items():
        for wrong in changed(text.encode()):
            headers = {**signed.headers, name: wrong.decode("latin-1")}
            with pytest.raises(Unauthorized):
                replace(signed, headers=headers).check()


@every_example
def test_another_key_is_refused_and_a_missing_signature_said_so(signed: Example) -> None:
    other = signed.key[:-2] + ("Aw" if signed.auth == "standard" else "zz")
    with pytest.raises(Unauthorized) as refused:
        signed.check(key=other)
    assert refused.value.code == "signature_mismatch"
    with pytest.raises(Unauthorized) as refused:
        replace(signed, headers={}).check()
    assert refused.value.code == "signature_missing"


@pytest.mark.parametrize("signed", TIMED, ids=lambda each: each.auth)
def test_the_time_may_be_five_minutes_off_and_no_more(signed: Example) -> None:
    for off in (-300, 300):
        signed.check(at=signed.at + off)
    for off in (-301, 301):
        with pytest.raises(Unauthorized) as refused:
            signed.check(at=signed.at + off)
        assert refused.value.code == "signature_expired"


def test_one_of_several_signatures_is_enough_while_keys_are_changed() -> None:
    for signed, name, more in (
        (STANDARD, "webhook-signature", "v1a,xyz v1,AAAA {}"),
        (STRIPE, "stripe-signature", "{},v1=00,v0=11"),
    ):
        replace(signed, headers={**signed.headers, name: more.format(signed.headers[name])}).check()


def test_a_time_that_is_signed_with_the_body_counts() -> None:
    settings = {"signature_header": "X-Sign", "timestamp_header": "X-Time", "signature_encoding": "base64"}
    signed = example(
        "hmac",
        "Jefe",
        b"body",
        at=1531420618,
        settings={**settings, "signature_hash": "sha512"},
        x_time="1531420600",
        x_sign="",
    )
    digest = hmac.new(b"Jefe", b"1531420600.body", hashlib.sha512).digest()
    signed = replace(signed, headers={**signed.headers, "x-sign": base64.b64encode(digest).decode()})
    signed.check()
    with pytest.raises(Unauthorized):
        signed.check(at=1531420618 + 300)


def test_a_key_that_cannot_be_one_is_the_owners_mistake() -> None:
    with pytest.raises(UnusableKeyError):
        STANDARD.check(key="whsec_not base64 é")
