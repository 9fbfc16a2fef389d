"""Whatever fits the schema, and much that does not, is answered as the schema says: no 5xx, no unlisted status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
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

from config.openapi import schema as document
from tests.people import Person
from tests.workflows.api.drawings import made

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture
def token(alice: Person) -> Iterator[str]:
    made(alice.client(), published=True)
    # A request that ends would close the connection on which this test's transaction is open.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield alice.token()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# The stream stands in front of Django; signing out or changing the password would end the token's use.
@schema.exclude(operation_id=["streamRun"]).parametrize()
@settings(max_examples=5, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_to_its_schema(case: schemathesis.Case[Any], token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
