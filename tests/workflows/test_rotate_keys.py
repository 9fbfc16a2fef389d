"""After a rotation the older key is needed for nothing."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command

from accounts import sealing, services
from tests.people import Person
from workflows import vault

pytestmark = pytest.mark.django_db


def test_everything_opens_with_the_newest_key_alone(alice: Person, settings: Any) -> None:
    sealing.check_keys()
    credential = vault.create_credential(alice.project, "Mail", "bearer", {"token": "canary"})
    key, secret = services.create_api_key(alice.membership, "ci")
    newest = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [newest, *settings.ENCRYPTION_KEYS]
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    assert said.getvalue() == "1 credentials and 1 API keys are sealed under the newest key.\n"

    settings.ENCRYPTION_KEYS = [newest]
    sealing.check_keys()
    key.refresh_from_db()
    assert sealing.open_sealed(key.id, key.sealed_secret) == secret
    assert vault.open_secret(alice.project.id, credential.id).data == {"token": "canary"}
