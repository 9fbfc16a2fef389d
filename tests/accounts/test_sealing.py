"""Secrets at rest: bound to their owner, several keys, and a wrong key told at start."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from accounts import sealing, services
from accounts.models import SealingKey
from tests.people import Person


def test_what_is_sealed_opens_for_its_owner_only() -> None:
    sealed = sealing.seal("cred_1", {"token": "canary"})
    assert b"canary" not in sealed
    assert sealing.open_sealed("cred_1", sealed) == {"token": "canary"}
    with pytest.raises(sealing.CannotOpenError):
        sealing.open_sealed("cred_2", sealed)


@pytest.mark.parametrize("sealed", [b"", b"rubbish"])
def test_damaged_text_does_not_open(sealed: bytes) -> None:
    with pytest.raises(sealing.CannotOpenError):
        sealing.open_sealed("cred_1", sealed)


def test_an_older_key_still_opens(settings: Any) -> None:
    sealed = sealing.seal("cred_1", "canary")
    newest = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [newest, *settings.ENCRYPTION_KEYS]
    assert sealing.open_sealed("cred_1", sealed) == "canary"
    settings.ENCRYPTION_KEYS = [newest]
    with pytest.raises(sealing.CannotOpenError):
        sealing.open_sealed("cred_1", sealed)


@pytest.mark.django_db
def test_a_wrong_key_is_refused_at_start(settings: Any) -> None:
    sealing.check_keys()
    sealing.check_keys()
    assert SealingKey.objects.count() == 1
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ImproperlyConfigured, match="encryption key that sealed"):
        sealing.check_keys()


@pytest.mark.django_db
def test_keys_rotate(settings: Any, alice: Person) -> None:
    sealing.check_keys()
    key, secret = services.create_api_key(alice.membership, "ci")
    newest = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [newest, *settings.ENCRYPTION_KEYS]
    sealing.check_keys()
    assert services.seal_anew() == 1
    sealing.forget_older_keys()

    settings.ENCRYPTION_KEYS = [newest]
    sealing.check_keys()
    key.refresh_from_db()
    assert sealing.open_sealed(key.id, key.sealed_secret) == secret
