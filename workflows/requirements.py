"""What a worker must know to run a version: the engine's format, and the kinds of the nodes that are not disabled."""

from __future__ import annotations

import hashlib

from wire import strict_json
from workflows.models import Requirement, Version

ENGINE_FORMAT = 1
"""How the engine keeps what happens in a run. A change that workers of before could not go on with takes the next
number; a worker knows its own and all before it."""


def record_requirement(version: Version) -> None:
    """Of a version that has its rows and will not change any more."""
    kinds = kinds_in(version)
    digest = hashlib.sha256(strict_json.dumps([ENGINE_FORMAT, kinds]).encode()).hexdigest()
    said = {"engine_format": ENGINE_FORMAT, "kinds": kinds}
    version.requirement, _ = Requirement.objects.get_or_create(digest=digest, defaults=said)
    version.save(update_fields=["requirement"])


def requirement_of(version: Version) -> tuple[int, list[str]]:
    """The engine's format and the node kinds; of a version from before they were recorded too."""
    if version.requirement is None:
        return ENGINE_FORMAT, kinds_in(version)
    return version.requirement.engine_format, version.requirement.kinds


def kinds_in(version: Version) -> list[str]:
    return sorted({node.kind for node in version.nodes.all() if node.data.get("disabled") is not True})
