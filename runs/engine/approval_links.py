"""The links by which people decide: signed, so that nobody can guess one, and naming the place that waits."""

from __future__ import annotations

from django.conf import settings
from django.core.signing import BadSignature, Signer

from runs.engine.plan import Place

_signer = Signer(salt="penstock.approval")


def approval_link(run_id: str, place: Place) -> str:
    return f"{settings.PUBLIC_URL}/approvals/{_signer.sign_object([run_id, *place])}"


def place_of(token: str) -> tuple[str, Place] | None:
    """The run and the place that a link names; None for what we never signed."""
    try:
        run_id, node_id, iteration = _signer.unsign_object(token)
    except (BadSignature, ValueError):
        return None
    return run_id, Place(node_id, iteration)
