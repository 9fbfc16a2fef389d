"""Whatever fits the schema, and much that does not, is answered as the schema says: no 5xx, no unlisted status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis

from config.openapi import schema as document
from tests.conformance import CHECKS, described, few_examples, one_transaction
from tests.people import Person
from tests.workflows.api.drawings import made

pytestmark = pytest.mark.django_db

schema = described(document())


@pytest.fixture
def token(alice: Person) -> Iterator[str]:
    made(alice.client(), published=True)
    with one_transaction():
        yield alice.token()


# The stream stands in front of Django; signing out or changing the password would end the token's use.
@schema.exclude(operation_id=["streamRun"]).parametrize()
@few_examples
def test_the_api_keeps_to_its_schema(case: schemathesis.Case[Any], token: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
