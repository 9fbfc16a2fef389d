"""Calls of a node to this server's own API, under the name for which its workflow acts: within this process, never over
the network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import httpx2
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import InterfaceError, OperationalError, connections

from accounts.callers import make_tokens
from workflows.models import Workflow
from workflows.nodes.base import HttpResponse, NodeError

MAX_AT_ONCE = 8


async def call_own_api(
    workflow_id: str, may_call: Callable[[], Awaitable[bool]], method: str, path: str, content: bytes | None
) -> HttpResponse:
    """Raises NodeError when there is no answer."""
    if not await may_call():
        raise NodeError("stopped", "The run was stopped before this call began.", retryable=False)
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(_threads(), _call, workflow_id, method, path, content)
    except (OperationalError, InterfaceError) as error:
        raise NodeError("database_unavailable", f"The database did not answer: {error}") from error


def _call(workflow_id: str, method: str, path: str, content: bytes | None) -> HttpResponse:
    try:
        workflow = Workflow.objects.select_related("authorization__user").get(id=workflow_id)
        headers = {
            "Authorization": f"Bearer {make_tokens(workflow.authorization.user).access_token}",
            "X-Penstock-Project": workflow.project_id,
            "Content-Type": "application/json",
        }
        transport = httpx2.WSGITransport(app=_application())
        with httpx2.Client(transport=transport, base_url=settings.PUBLIC_URL, trust_env=False) as client:
            answer = client.request(method, path, content=content, headers=headers)
        told = {name.lower(): value for name, value in answer.headers.items()}
        return HttpResponse(answer.status_code, told, answer.content, str(answer.url))
    finally:
        connections.close_all()


@lru_cache(maxsize=1)
def _application() -> Any:
    return get_wsgi_application()


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """Of its own: a call may wait for a run that needs the others."""
    return ThreadPoolExecutor(MAX_AT_ONCE, thread_name_prefix="own-api")
