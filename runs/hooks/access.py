"""Who may call a webhook: by address, by secret, by token, by signature. Judged on the raw request, before its body
is read."""

from __future__ import annotations

import base64
import hmac
import re
import time
from collections.abc import Mapping, Sequence

import jwt

from accounts.callers import bearer_token, caller_in, identity_of_bearer
from accounts.sealing import CannotOpenError
from runs.hooks import signatures
from runs.hooks.request import HookRequest
from wire.networks import is_within, parse_networks
from wire.problems import Forbidden, NotFound, Unauthorized, Unavailable
from workflows.nodes.base import Secret
from workflows.nodes.webhook_trigger import CREDENTIAL_KINDS, SIGNATURES, WebhookSettings
from workflows.vault import NoSuchCredentialError, open_secret

_JWT_LEEWAY_SECONDS = 30
_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----", re.DOTALL)


def secret_for(project_id: str, settings: WebhookSettings) -> Secret | None:
    """What callers must know, None where the webhook is open. Raises Unavailable while it cannot be used."""
    return _secret(project_id, settings) if settings.auth in CREDENTIAL_KINDS else None


def check_key(project_id: str, request: HookRequest) -> None:
    """An API key of the project, or a token of one of its members. Raises Unauthorized."""
    token = bearer_token(request.headers.get("authorization", ""))
    if token is None:
        raise Unauthorized("Send an API key's secret as “Authorization: Bearer …”.", code="key_missing")
    try:
        caller_in(identity_of_bearer(token), project_id)
    except (NotFound, Unauthorized):
        raise Unauthorized("The key is unknown here, expired or revoked.", code="key_invalid") from None


def authorize(settings: WebhookSettings, secret: Secret | None, request: HookRequest) -> None:
    """Raises Forbidden (`address_not_allowed`), Unauthorized, or Unavailable for a key of the wrong form."""
    if settings.allowed_addresses:
        _check_address(settings, request)
    if secret is None:
        return
    if settings.auth in SIGNATURES:
        try:
            signatures.verify(settings, request, _keys(secret.data), time.time())
        except signatures.UnusableKeyError as wrong:
            raise _unusable(str(wrong)) from None
    elif settings.auth == "jwt":
        _check_jwt(settings, request, _keys(secret.data))
    else:
        _check_secret(secret, request)


def _check_address(settings: WebhookSettings, request: HookRequest) -> None:
    if not is_within(request.client, parse_networks(settings.allowed_addresses)):
        raise Forbidden(f"{request.client} is not among the addresses that may call.", code="address_not_allowed")


def _secret(project_id: str, settings: WebhookSettings) -> Secret:
    try:
        secret = open_secret(project_id, settings.credential)
    except (NoSuchCredentialError, CannotOpenError):
        raise _unusable("The webhook's credential is gone or cannot be opened.") from None
    wanted = CREDENTIAL_KINDS[settings.auth]
    if secret.kind != wanted:
        raise _unusable(f"The webhook's credential must be of the kind “{wanted}”, not “{secret.kind}”.")
    return secret


def _unusable(message: str) -> Unavailable:
    """The owner's mistake and not the sender's, who may come again when it is mended."""
    return Unavailable(message, code="credential_unusable", retry_after=60)


def _keys(data: Mapping[str, str]) -> list[str]:
    """The key, and while keys are changed the one before it."""
    return [key for key in (data["key"], data.get("previous_key", "")) if key]


# --- a secret that is sent along ---


def _check_secret(secret: Secret, request: HookRequest) -> None:
    data = secret.data
    if secret.kind == "header":
        name, wanted, challenge = data["name"], data["value"], "ApiKey"
    elif secret.kind == "basic":
        pair = f"{data['username']}:{data['password']}".encode()
        name, wanted, challenge = "Authorization", f"Basic {base64.b64encode(pair).decode()}", 'Basic realm="webhook"'
    else:
        name, wanted, challenge = "Authorization", f"Bearer {data['token']}", "Bearer"
    given = request.headers.get(name.lower(), "")
    if not given:
        raise Unauthorized(f"The header {name} is missing.", code="secret_missing", challenge=challenge)
    if not hmac.compare_digest(_scheme_aside(given).encode(errors="replace"), wanted.encode(errors="replace")):
        raise Unauthorized(f"What the header {name} says is wrong.", code="secret_mismatch", challenge=challenge)


def _scheme_aside(given: str) -> str:
    """HTTP's schemes are the same in small letters."""
    scheme, blank, rest = given.partition(" ")
    return f"{scheme.capitalize()} {rest.strip()}" if blank and scheme.lower() in ("basic", "bearer") else given


# --- JSON Web Tokens ---


def _check_jwt(settings: WebhookSettings, request: HookRequest, keys: Sequence[str]) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthorized("Send a token as “Authorization: Bearer …”.", code="token_missing")
    for key in keys:
        try:
            _decode(settings, token.strip(), key)
            return
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidKeyError:
            raise _unusable(f"The webhook's key does not fit {settings.jwt_algorithm}.") from None
        except jwt.PyJWTError as wrong:
            raise Unauthorized(f"The token is not accepted: {wrong}.", code="token_invalid") from None
    raise Unauthorized("The token's signature does not fit.", code="token_invalid")


def _decode(settings: WebhookSettings, token: str, key: str) -> None:
    """The algorithm is the webhook's own word; what the token says of it is not believed."""
    jwt.decode(
        token,
        _pem(key) if settings.jwt_algorithm == "RS256" else key,
        algorithms=[settings.jwt_algorithm],
        audience=settings.jwt_audience or None,
        issuer=settings.jwt_issuer or None,
        leeway=_JWT_LEEWAY_SECONDS,
        options={"require": ["exp"]},
    )


def _pem(key: str) -> str:
    """The lines that a one-line field swallowed."""
    found = _PEM.search(key)
    if not found:
        raise jwt.InvalidKeyError("no PEM")
    kind, inner = found.group(1), "".join(found.group(2).split())
    lines = [inner[start : start + 64] for start in range(0, len(inner), 64)]
    return "\n".join((f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""))
