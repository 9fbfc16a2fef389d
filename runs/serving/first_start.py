"""What must be in the database before the first request: tables, the right keys, an administrator, samples."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accounts import sealing
from accounts.models import Membership, User
from accounts.services import ensure_first_admin, make_sign_in_link
from runs.engine.database import LOST, connect, is_sqlite
from runs.models import Run
from runs.services import StartOptions, start_run
from workflows import services
from workflows.samples import Sample, samples

log = logging.getLogger("penstock")


class NoDatabaseError(ImproperlyConfigured):
    """Nothing answers there, or no database; the message is one line for the operator."""


def reach_database() -> None:
    """Raises NoDatabaseError."""
    try:
        connect().close()
    except (*LOST, sqlite3.DatabaseError) as fault:
        [reason, *_] = str(fault).splitlines() or ["no answer"]
        where = "PENSTOCK_DATA" if is_sqlite() else "PENSTOCK_DATABASE_URL"
        raise NoDatabaseError(f"{where}: the database cannot be used: {reason}") from None


def migrate() -> None:
    """Brings an empty or an older database up to date. Raises NoDatabaseError."""
    reach_database()
    call_command("migrate", verbosity=0, interactive=False)


def require_migrated() -> None:
    """Where several processes start at once, none of them changes the tables. Raises ImproperlyConfigured."""
    reach_database()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise ImproperlyConfigured("the database is not up to date. Type: manage.py migrate")


def require_fit_database() -> None:
    """For a worker, which waits for a database that is away, but is of no use on one that is not its own."""
    try:
        require_migrated()
        sealing.check_keys()
    except NoDatabaseError as fault:
        log.warning("%s", fault)
    finally:
        connection.close()


def first_admin() -> Membership:
    """Checks the keys, and makes the first administrator where there is nobody yet."""
    sealing.check_keys()
    try:
        return ensure_first_admin()
    except IntegrityError:  # another process made the same one at the same time
        return ensure_first_admin()


def greeting(admin: Membership) -> str:
    """The line for the operator: where the server is, and a link that signs in once."""
    return f"Penstock is ready: {settings.PUBLIC_URL}/  sign in once with {make_sign_in_link(admin.user)}"


@transaction.atomic
def first_admin_with_samples() -> tuple[Membership, list[Run]]:
    """The same for an installation that opens with workflows to look at; the runs are those just started for that."""
    is_first = not User.objects.exists()
    admin = first_admin()
    return admin, [run for sample in samples() for run in _add(sample, admin)] if is_first else []


def _add(sample: Sample, admin: Membership) -> Iterator[Run]:
    changes: services.Changes = {
        "name": sample.name,
        "description": sample.description,
        "nodes": sample.document["nodes"],
        "edges": sample.document["edges"],
        "is_active": True,
    }
    workflow = services.publish(services.create_workflow(admin, changes), admin.user)
    if sample.has_first_run:
        yield start_run(workflow, sample.context, StartOptions(trigger_type=Run.Trigger.MANUAL))
