"""Secrets at rest: sealed under the operator's keys, each bound to the id of its owner.

The id lies inside the sealed text, so that a row's sealed column copied into another row opens to nothing.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.models import SealingKey


class CannotOpenError(Exception):
    """The sealed text is damaged, belongs to another owner, or was sealed under a key that is not configured."""


def seal(owner_id: str, data: Any) -> bytes:
    """`data` (any JSON) under the newest key, bound to `owner_id`."""
    return _box(tuple(settings.ENCRYPTION_KEYS)).encrypt(json.dumps([owner_id, data]).encode())


def open_sealed(owner_id: str, sealed: bytes | memoryview) -> Any:
    """What `seal` was given for this owner, or CannotOpenError."""
    try:
        bound_to, data = json.loads(_box(tuple(settings.ENCRYPTION_KEYS)).decrypt(bytes(sealed)))
    except InvalidToken:
        raise CannotOpenError(f"What is sealed for {owner_id} cannot be opened with the configured keys.") from None
    if bound_to != owner_id:
        raise CannotOpenError(f"What is sealed in {owner_id} belongs to another owner.")
    return data


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def check_keys() -> None:
    """At start: every key that sealed something in this database must be configured; remembers the newest.

    Without this a wrong key would show only later, as credentials that cannot be opened.
    """
    configured = {_fingerprint(key) for key in settings.ENCRYPTION_KEYS}
    missing = set(SealingKey.objects.values_list("fingerprint", flat=True)) - configured
    if missing:
        raise ImproperlyConfigured(
            "The encryption key that sealed the credentials in this database is not configured: set"
            " PENSTOCK_ENCRYPTION_KEYS, or put back encryption.key in the data folder."
            f" Fingerprint of the missing key: {min(missing)[:16]}."
        )
    SealingKey.objects.get_or_create(fingerprint=_fingerprint(settings.ENCRYPTION_KEYS[0]))


def forget_older_keys() -> None:
    """After everything was sealed anew under the newest key."""
    SealingKey.objects.exclude(fingerprint=_fingerprint(settings.ENCRYPTION_KEYS[0])).delete()


def _fingerprint(key: str) -> str:
    return hashlib.sha256(b"penstock sealing key " + key.encode()).hexdigest()
