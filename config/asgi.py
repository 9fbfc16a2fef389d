"""The server's one ASGI application: what must be quick stands in front of Django, everything else goes through it."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
wsgi = get_wsgi_application()

# Only now are the models loaded that these stand on.
from runs import metrics, probes, stream  # noqa: E402
from runs.dialects.registry import refusal  # noqa: E402
from runs.hooks import application as hooks  # noqa: E402
from runs.hooks.routing import PREFIX  # noqa: E402
from wire.asgi import SECURITY_HEADERS, BodyLimit, SecurityHeaders  # noqa: E402
from wire.problems import Problem  # noqa: E402
from wire.threads import InThreads  # noqa: E402

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Router:
    """The first route whose pattern fits the whole path gets the request, else `otherwise`."""

    def __init__(self, routes: Sequence[tuple[str, Application]], otherwise: Application) -> None:
        self._routes = [(re.compile(pattern).fullmatch, application) for pattern, application in routes]
        self._otherwise = otherwise

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._application_for(scope["path"])(scope, receive, send)
        else:  # no web sockets here
            await send({"type": "websocket.close"})

    def _application_for(self, path: str) -> Application:
        for fits, application in self._routes:
            if fits(path):
                return application
        return self._otherwise


async def _lifespan(receive: Any, send: Any) -> None:
    """The process itself starts and stops its parts (runs/serving); the server is only told that we are there."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _on_record(scope: Any, problem: Problem) -> None:
    """A webhook's request is on record also when its body is too large to be read."""
    if scope["path"].startswith(PREFIX):
        await hooks.record_refusal(scope, problem)


def _over_tls(seconds: int) -> dict[str, str]:
    """Django says it of requests that reached it over TLS themselves; ours end at the proxy before."""
    return {"Strict-Transport-Security": f"max-age={seconds}"} if seconds else {}


application = SecurityHeaders(
    BodyLimit(
        Router(
            [
                (r"/hooks/.+", hooks.application),
                (r"/(healthz|readyz)", probes.application),
                (r"/metrics", metrics.application),
                (r"/api/v1/runs/[^/]+/stream", stream.application),
            ],
            otherwise=InThreads(wsgi),
        ),
        default=settings.MAX_BODY_BYTES,
        limits={"/hooks/": settings.MAX_HOOK_BYTES},
        refusal=refusal,
        refused=_on_record,
    ),
    SECURITY_HEADERS | _over_tls(settings.SECURE_HSTS_SECONDS),
)
