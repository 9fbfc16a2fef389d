"""Credentials: the only writer and the only reader of sealed secrets. What is stored is never told again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import Project
from accounts.sealing import open_sealed, seal
from wire.ids import new_id
from wire.problems import Conflict, Detail, Invalid
from workflows.models import Credential, Node
from workflows.nodes.base import Secret

FIELDS: Mapping[str, tuple[str, ...]] = {
    "bearer": ("token",),
    "basic": ("username", "password"),
    "header": ("name", "value"),
    "query": ("name", "value"),
    "signing": ("key", "previous_key"),
}
OPTIONAL = ("previous_key",)
MAX_FIELD_LENGTH = 10_000

_CREDENTIAL_ID = re.compile(r"(?:cred|vlt)_([0-9a-z]{26})")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PEM = "-----BEGIN "


class NoSuchCredentialError(Exception):
    """The project has no credential of this id, or it has expired."""


def open_secret(project_id: str, credential_id: str) -> Secret:
    """The secret itself, for the engine alone; NoSuchCredentialError, or accounts.sealing.CannotOpenError."""
    credential = Credential.objects.filter(project_id=project_id, pk=credential_id).first()
    if credential is None:
        raise NoSuchCredentialError(f'There is no credential "{credential_id}" in this project.')
    if credential.expires_at is not None and credential.expires_at <= timezone.now():
        raise NoSuchCredentialError(f'The credential "{credential_id}" has expired.')
    return Secret(credential.kind, open_sealed(credential.id, credential.sealed))


def create_credential(
    project: Project, name: str, kind: str, data: Mapping[str, Any], expires_at: datetime | None = None
) -> Credential:
    checked = _checked(kind, data)
    credential_id = new_id("cred")
    with _unique_name(name):
        return Credential.objects.create(
            id=credential_id,
            project=project,
            name=name,
            kind=kind,
            sealed=seal(credential_id, checked),
            expires_at=expires_at,
        )


def update_credential(
    credential: Credential,
    name: str | None = None,
    kind: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Credential:
    """Changes what is given. Another kind needs its data, since the old secret does not fit it."""
    if kind is not None and kind != credential.kind and data is None:
        raise Invalid.field("data", "Another kind needs its secret.", code="missing")
    credential.name = name if name is not None else credential.name
    credential.kind = kind or credential.kind
    if data is not None:
        credential.sealed = seal(credential.id, _checked(credential.kind, data))
    with _unique_name(credential.name):
        credential.save()
    return credential


def delete_credential(credential: Credential) -> None:
    """Nodes that still name it fail with a clear error; publishing them again is refused."""
    credential.delete()


def uses(project: Project) -> Counter[str]:
    """How many workflows name each credential, in their draft or in what is published."""
    current = Q(version=F("version__workflow__draft")) | Q(version=F("version__workflow__published"))
    rows = (
        Node.objects.filter(current, version__workflow__project=project, version__workflow__deleted_at=None)
        .annotate(text=Cast("data", TextField()))
        .filter(Q(text__contains="cred_") | Q(text__contains="vlt_"))
        .values_list("version__workflow_id", "text")
    )
    pairs = {(workflow_id, found) for workflow_id, text in rows for found in _CREDENTIAL_ID.findall(text)}
    return Counter(f"cred_{found}" for _, found in pairs)


def seal_anew() -> int:
    """Seals every credential under the newest key; how many."""
    credentials = Credential.objects.all()
    for credential in credentials:
        sealed = seal(credential.id, open_sealed(credential.id, credential.sealed))
        Credential.objects.filter(pk=credential.pk).update(sealed=sealed)
    return len(credentials)


# --- checks ---


def _checked(kind: str, data: Mapping[str, Any]) -> dict[str, str]:
    """The fields of this kind and nothing else; Invalid names each that is wrong."""
    strangers = [name for name in data if name not in FIELDS[kind]]
    faults = [_fault(name, "unknown_field", "There is no such field.") for name in strangers]
    for name in FIELDS[kind]:
        message = _field_fault(kind, name, data.get(name))
        if message:
            faults.append(_fault(name, "missing" if data.get(name) is None else "invalid", message))
    if faults:
        raise Invalid(errors=faults)
    return {name: data[name] for name in FIELDS[kind] if data.get(name) is not None}


def _field_fault(kind: str, name: str, value: Any) -> str | None:
    if name in OPTIONAL and value in (None, ""):
        return None
    if not isinstance(value, str) or (not value and name != "password"):
        return "Must be text and not empty."
    if len(value) > MAX_FIELD_LENGTH:
        return f"May have {MAX_FIELD_LENGTH:,} characters."
    if _CONTROL.search(value.replace("\n", "") if value.startswith(_PEM) else value):
        return "Must not hold line breaks or other control characters."
    if kind == "header" and name == "name" and not _HEADER_NAME.fullmatch(value):
        return "Is no name of a header."
    if name == "username" and ":" in value:
        return "Must not hold a colon."
    return None


def _fault(name: str, code: str, message: str) -> Detail:
    return {"path": f"data.{name}", "code": code, "message": message, "field": name}


@contextmanager
def _unique_name(name: str) -> Iterator[None]:
    """Says so when another credential of the project has the name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        message = f"There is another credential named “{name}”."
        fault: Detail = {"path": "name", "code": "name_taken", "message": message}
        raise Conflict(message, code="name_taken", errors=[fault]) from None
