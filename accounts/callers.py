"""Who asks, and for which project: one answer for every door (API, live stream, dialects).

    Authorization: Bearer <JWT or psk_…>   a program; cookies are ignored
    session cookie                         the browser

The project is the API key's; for a user the one that X-Penstock-Project names, else the first.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import ApiKey, Membership, Project, User
from accounts.sealing import open_sealed
from wire.prepared import Prepared
from wire.problems import NotFound, Unauthorized

SECRET_PREFIX = "psk_"  # noqa: S105 - how secrets begin
WORKFLOW_KEY_PREFIX = "wfk_"
"""How they begin that were made in the vault of Altostrat's API."""
_PASSWORD_CLAIM = "pwd"  # noqa: S105
_KEY_CLAIM = "key"
_LAST_USED_STEP = timedelta(minutes=1)
_REFUSED = 'Bearer error="invalid_token"'


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, and the API key through which they came, if any."""

    user: User
    api_key: ApiKey | None = None
    is_browser: bool = False
    """Came with a session cookie: a person, and no program."""
    membership: Membership | None = None
    """One of the user's that was read together with them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A user within a project. `membership` is the `authorization` that what they make will carry."""

    user: User
    membership: Membership
    project: Project
    api_key: ApiKey | None = None


def _memberships(user_id: str) -> QuerySet[Membership]:
    mine = Membership.objects.filter(user_id=user_id, user__is_active=True).select_related("project", "user")
    return mine.order_by("created_at", "id")


_first_membership = Prepared(lambda user_id: _memberships(user_id)[:1], 1)
_membership_in = Prepared(lambda user_id, project_id: _memberships(user_id).filter(project_id=project_id), 2)


def _membership(user_id: str, project_id: str | None) -> Membership | None:
    """In that project, else in the first; only of a user who may sign in."""
    return _membership_in.first(user_id, project_id) if project_id else _first_membership.first(user_id)


def caller_in(identity: Identity, project_id: str | None) -> Caller:
    """The caller in the project that the header names; a project that is not theirs does not exist for them."""
    membership = identity.api_key.membership if identity.api_key is not None else identity.membership
    if project_id and membership is not None and project_id != membership.project_id:
        membership = None
    if membership is None and identity.api_key is None:
        membership = _membership(identity.user.id, project_id)
    if membership is None:
        raise NotFound("There is no such project.")
    return Caller(identity.user, membership, membership.project, identity.api_key)


def anyone_in(project_id: str | None) -> Caller:
    """Who acts where an operator lets everybody in: the oldest member of the project, without one of the first."""
    members = Membership.objects.filter(user__is_active=True).select_related("project", "user")
    found = (members.filter(project_id=project_id) if project_id else members).order_by("created_at", "id").first()
    if found is None:
        raise Unauthorized("The project that is open to everybody does not exist.")
    return Caller(found.user, found, found.project)


# --- bearer ---


def bearer_token(authorization: str) -> str | None:
    """The token of an Authorization header; None when the header is of another scheme or missing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def identity_of_bearer(token: str, project_id: str | None = None) -> Identity:
    """The identity behind a JWT or an API key's secret, or Unauthorized. Their membership of the project in which
    they will be asked for is read at once with them."""
    if not token:
        raise Unauthorized("The bearer token is empty.", challenge=_REFUSED)
    return (
        _identity_of_secret(token)
        if token.startswith((SECRET_PREFIX, WORKFLOW_KEY_PREFIX))
        else _identity_of_jwt(token, project_id)
    )


def _identity_of_secret(secret: str) -> Identity:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    now = timezone.now()
    key = _usable(_key_by_digest.first(digest), now)
    # The look-up by hash tells an attacker nothing of the secret; the comparison makes it not matter either way.
    if key is None or not hmac.compare_digest(key.secret_sha256, digest):
        raise Unauthorized("The API key is unknown, expired or revoked.", challenge=_REFUSED)
    _note_use(key, timezone.now())
    return Identity(key.membership.user, key)


def identity_of_signer(key_id: str, check: Callable[[str], None]) -> Identity:
    """The identity behind an API key with which a request is signed. `check` is given the secret, and raises for a
    signature that was not made with it; Unauthorized for a key that is unknown, expired or revoked."""
    now = timezone.now()
    key = None if "\0" in key_id else _usable(_key_by_id.first(key_id), now)
    if key is None:
        raise Unauthorized("The API key is unknown, expired or revoked.")
    check(open_sealed(key.id, key.sealed_secret))
    _note_use(key, now)
    return Identity(key.membership.user, key)


_keys = ApiKey.objects.select_related("membership__user", "membership__project").filter(
    revoked_at=None, membership__user__is_active=True
)
_key_by_digest = Prepared(lambda digest: _keys.filter(secret_sha256=digest), 1)
_key_by_id = Prepared(lambda key_id: _keys.filter(pk=key_id), 1)


def _usable(key: ApiKey | None, now: datetime) -> ApiKey | None:
    return None if key is None or (key.expires_at is not None and key.expires_at <= now) else key


def _note_use(key: ApiKey, now: datetime) -> None:
    """To the minute only, so that a busy key does not write at every request."""
    if key.last_used_at is None or key.last_used_at < now - _LAST_USED_STEP:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


# --- JWT ---


def make_tokens(user: User) -> RefreshToken:
    """A refresh token (its `access_token` beside it); both end when the password changes."""
    refresh = RefreshToken.for_user(user)
    refresh[_PASSWORD_CLAIM] = _password_mark(user)
    return refresh


def token_of_key(key_id: str, secret: str) -> str:
    """A short-lived token for an API key, told by its id and its secret; it ends with the key. Or Unauthorized."""
    identity = _identity_of_secret(secret)
    if identity.api_key is None or not constant_time_compare(identity.api_key.id, key_id):
        raise Unauthorized("The API key is unknown, expired or revoked.", challenge=_REFUSED)
    token = AccessToken.for_user(identity.user)
    token[_PASSWORD_CLAIM] = _password_mark(identity.user)
    token[_KEY_CLAIM] = identity.api_key.id
    return str(token)


def refresh_access(token: str) -> str:
    """A new access token for a refresh token, or Unauthorized."""
    try:
        refresh = RefreshToken(token)  # type: ignore[arg-type]  # the library's annotation names its own class only
    except TokenError:
        raise _no_such_token() from None
    _user_of_claims(refresh)
    return str(refresh.access_token)


@lru_cache(maxsize=1_000)
def _claims_of(token: str) -> AccessToken:
    """What a token says whose signature is right, which stays so. Raises TokenError."""
    return AccessToken(token)  # type: ignore[arg-type]


def _identity_of_jwt(token: str, project_id: str | None) -> Identity:
    try:
        claims = _claims_of(token)
        claims.check_exp(current_time=timezone.now())
    except TokenError:
        raise _no_such_token() from None
    if _KEY_CLAIM not in claims:
        membership = _membership(str(claims.get("user_id")), project_id)
        return Identity(_user_of_claims(claims, membership), membership=membership)
    user = _user_of_claims(claims)
    key = _usable(_key_by_id.first(str(claims[_KEY_CLAIM])), timezone.now())
    if key is None:
        raise _no_such_token()
    return Identity(user, key)


_active_user = Prepared(lambda user_id: User.objects.filter(pk=user_id, is_active=True), 1)


def _user_of_claims(claims: AccessToken | RefreshToken, membership: Membership | None = None) -> User:
    """`membership`: one of theirs, where it was read just now."""
    user = membership.user if membership else _active_user.first(str(claims.get("user_id")))
    if user is None or not constant_time_compare(str(claims.get(_PASSWORD_CLAIM)), _password_mark(user)):
        raise _no_such_token()
    return user


def _password_mark(user: User) -> str:
    """Changes with the password and tells nothing of it."""
    return _mark_of(user.password)


@lru_cache(maxsize=1_000)
def _mark_of(password: str) -> str:
    return User(password=password).get_session_auth_hash()[:20]


def _no_such_token() -> Unauthorized:
    return Unauthorized("The token is not valid, or has expired.", challenge=_REFUSED)


# --- session ---


def identity_of_session(session_key: str | None) -> Identity:
    """The identity behind a session cookie, for doors that Django's own middleware does not stand at."""
    session = SessionStore(session_key) if session_key else {}
    user = User.objects.filter(pk=session.get(SESSION_KEY), is_active=True).first() if session else None
    if user is None or not constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
        raise Unauthorized()
    return Identity(user, is_browser=True)
