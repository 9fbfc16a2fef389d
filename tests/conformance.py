"""An OpenAPI document held against the server in this process: no 5xx, no unlisted status, bodies as described."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
few_examples = settings(max_examples=5, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def described(document: dict[str, Any]) -> Any:
    """The document's operations, to be tried with `parametrize()`."""
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    return schema


@contextmanager
def one_transaction() -> Iterator[None]:
    """A request that ends would close the connection on which the test's transaction is open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
