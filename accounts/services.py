"""The only writer of accounts: the first admin, ways in, passwords and API keys."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts import sealing, throttle
from accounts.callers import SECRET_PREFIX
from accounts.models import ApiKey, Membership, Project, SignInLink, User
from wire.ids import new_id
from wire.problems import Conflict, Detail, Invalid, Unauthorized

SIGN_IN_LINK_AGE = timedelta(hours=1)


# --- first start ---


def ensure_first_admin() -> Membership:
    """The first administrator with the first project; made when there is none yet.

    The password of the settings counts only when the account is made: later ones are changed in the app.
    """
    oldest = Membership.objects.select_related("user", "project").order_by("created_at", "id")
    first = oldest.first()
    if first is not None:
        return first
    try:
        with transaction.atomic():
            user = User.objects.create_user(settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD or None)
            return create_project("My project", owner=user)
    except IntegrityError:  # another process starts at this very moment
        return oldest[0]


def create_project(name: str, owner: User) -> Membership:
    """A new tenant and its owner's membership."""
    project = Project.objects.create(name=name)
    return Membership.objects.create(user=owner, project=project, role=Membership.Role.OWNER)


def remove_member(member: Membership, by: User) -> None:
    """Takes somebody out of a project, with all their keys to it. Conflict for oneself, and while workflows act in
    their name."""
    if member.user_id == by.id:
        raise Conflict("Nobody can take away their own authorization.", code="resource_in_use")
    try:
        member.delete()
    except ProtectedError:
        raise Conflict("Workflows act in its name.", code="resource_in_use") from None


# --- ways in ---


def is_administrator(user: User) -> bool:
    """Whoever owns the first project looks after the server as well."""
    first = Project.objects.order_by("created_at", "id").first()
    return Membership.objects.filter(project=first, user=user, role=Membership.Role.OWNER).exists()


def check_password(email: str, password: str, address: str) -> User:
    """The user whose password this is. Whether the account exists is not told, nor by how long it takes."""
    throttle.check(email, address)
    user = authenticate(username=email.strip().lower(), password=password)
    if not isinstance(user, User):
        throttle.note_failure(email, address)
        raise Unauthorized("E-mail address or password is wrong.", code="invalid_credentials")
    throttle.forgive(email)
    return user


def make_sign_in_link(user: User) -> str:
    """An absolute URL that signs `user` in once, within the hour. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    SignInLink.objects.filter(expires_at__lt=timezone.now()).delete()
    SignInLink.objects.create(token_sha256=_sha256(token), user=user, expires_at=timezone.now() + SIGN_IN_LINK_AGE)
    return f"{settings.PUBLIC_URL}/api/v1/sign-in/{token}"


def use_sign_in_link(token: str) -> User | None:
    """Whom the link signs in; None when it is unknown, used or expired. Of two at once, one gets in."""
    now = timezone.now()
    fresh = SignInLink.objects.filter(
        token_sha256=_sha256(token), used_at=None, expires_at__gt=now, user__is_active=True
    )
    if not fresh.update(used_at=now):
        return None
    return SignInLink.objects.select_related("user").get(token_sha256=_sha256(token)).user


def change_password(user: User, current_password: str | None, new_password: str) -> None:
    """Sets a new password; the current one must be told by whoever has one. Ends all other sessions and tokens."""
    if user.has_usable_password() and not user.check_password(current_password or ""):
        raise Invalid.field("current_password", "This is not your current password.", code="wrong_password")
    try:
        validate_password(new_password, user)
    except ValidationError as error:
        raise Invalid(errors=[_password_fault(message) for message in error.messages]) from None
    user.set_password(new_password)
    user.save(update_fields=["password"])


def _password_fault(message: str) -> Detail:
    return {"path": "new_password", "code": "weak_password", "message": message}


# --- API keys ---


def create_api_key(
    membership: Membership, name: str, expires_at: datetime | None = None, *, prefix: str = SECRET_PREFIX
) -> tuple[ApiKey, str]:
    """A key and its secret, which cannot be read again."""
    _check_expiry(expires_at)
    secret = prefix + secrets.token_urlsafe(32)
    key_id = new_id("key")
    key = ApiKey.objects.create(
        id=key_id,
        membership=membership,
        name=name,
        # Sealed and not only hashed: request signatures of some dialects need the secret itself.
        sealed_secret=sealing.seal(key_id, secret),
        secret_sha256=_sha256(secret),
        expires_at=expires_at,
    )
    return key, secret


def update_api_key(key: ApiKey, name: str, expires_at: datetime | None) -> ApiKey:
    """Another name or time. Its secret stays: for another one make another key."""
    if expires_at != key.expires_at:
        _check_expiry(expires_at)
    key.name, key.expires_at = name, expires_at
    key.save(update_fields=["name", "expires_at"])
    return key


def _check_expiry(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid.field("expires_at", "Must lie in the future.")


def revoke_api_key(key: ApiKey) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def seal_anew() -> int:
    """Seals every API key's secret under the newest key; how many."""
    keys = ApiKey.objects.filter(revoked_at=None)
    for key in keys:
        key.sealed_secret = sealing.seal(key.id, sealing.open_sealed(key.id, key.sealed_secret))
        key.save(update_fields=["sealed_secret"])
    return len(keys)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
