"""What listens beside the web server, as far as the settings want it."""

from __future__ import annotations

import os

from django.conf import settings

from runs.dialects.dapr.errors import DAPR
from runs.serving.process import Part


def further_doors() -> list[Part]:
    if not (settings.DAPR_GRPC_PORT and DAPR.is_on):
        return []
    # It would write lines of its own about what we say ourselves.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    # Only who wants it pays for loading gRPC.
    from runs.dialects.dapr.grpc_server import GrpcServer

    return [GrpcServer(settings.HOST, settings.DAPR_GRPC_PORT)]
