"""What must be in the database before the first request: tables, the right keys, an administrator, samples."""

from __future__ import annotations

from django.core.management import call_command
from django.db import transaction

from accounts import sealing, services
from accounts.models import Membership


def prepare_database() -> Membership:
    """Brings an empty or an older database up to date; gives the first administrator's membership."""
    call_command("migrate", verbosity=0, interactive=False)
    sealing.check_keys()
    with transaction.atomic():
        return services.ensure_first_admin()
