"""`manage.py rotate_keys`: seals all secrets anew under the newest of PENSTOCK_ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import sealing, services
from workflows import vault


class Command(BaseCommand):
    help = (
        "Put a new key first in PENSTOCK_ENCRYPTION_KEYS and restart all processes; then run this, which seals every"
        " credential and API key anew; then take the older keys away."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        sealing.check_keys()
        credentials, api_keys = vault.seal_anew(), services.seal_anew()
        sealing.forget_older_keys()
        self.stdout.write(f"{credentials} credentials and {api_keys} API keys are sealed under the newest key.")
