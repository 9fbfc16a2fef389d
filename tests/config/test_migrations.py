"""What docs/deploy.md promises of a new release: the code of the one before works on its tables."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader

# As docs/deploy.md says: from these on.
SINCE = {"accounts": "0002", "workflows": "0005", "runs": "0018"}
TAKES_AWAY = (
    operations.RemoveField,
    operations.DeleteModel,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


def test_migrations_only_add_what_older_code_need_not_know() -> None:
    loader = MigrationLoader(None)
    looked_at = 0
    for (app, name), migration in loader.disk_migrations.items():
        if app in SINCE and name >= SINCE[app]:
            looked_at += 1
            assert list(_in_the_way(migration, loader)) == [], f"{app}.{name}"
    assert looked_at >= 14


def _in_the_way(migration: Migration, loader: MigrationLoader) -> Iterator[str]:
    state = loader.project_state((migration.app_label, migration.name), at_end=False)
    known = {model for app, model in state.models if app == migration.app_label}
    for step in migration.operations:
        if isinstance(step, TAKES_AWAY):
            yield step.describe()
        if (
            isinstance(step, operations.AddField)
            and step.model_name_lower in known
            and not _may_be_left_out(step.field)
        ):
            yield f"{step.describe()}: it needs a value, and older code gives none (null or db_default)"
        if isinstance(step, operations.AlterField) and step.model_name_lower in known:
            before = state.models[migration.app_label, step.model_name_lower].fields[step.name]
            if _may_be_left_out(before) and not _may_be_left_out(step.field):
                yield f"{step.describe()}: it may not be left out any more"


def _may_be_left_out(field: models.Field[object, object]) -> bool:
    return bool(field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED)
