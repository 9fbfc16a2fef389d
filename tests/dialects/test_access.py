"""Who gets in at another vendor's door: with a key, without one where an operator says so, or nobody at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts import services
from runs.dialects.dialect import Dialect
from runs.dialects.registry import DIALECTS
from tests.people import Person
from tests.workflows.api.drawings import hello, made
from wire.problems import NotFound, Unauthorized

pytestmark = pytest.mark.django_db

# By dialect: a route that lists or reads, and one below its paths that is not there.
ROUTES = {
    "altostrat": ("/workflows", "/workflows/a/b/c/d"),
    "conductor": ("/api/workflow/search", "/api/workflow/a/b/c/d"),
    "dapr": ("/v1.0/metadata", "/v1.0-beta1/a/b/c"),
    "functiongraph": ("/v2/{project}/fgs/workflows", "/v2/{project}/fgs/a/b/c"),
}

every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


def routes(dialect: Dialect, person: Person) -> list[str]:
    return [path.format(project=person.project.id) for path in ROUTES[dialect.name]]


def get(path: str, **headers: str) -> Any:
    return Client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def set_access(settings: Any, dialect: Dialect, access: str) -> None:
    settings.DIALECTS = {**settings.DIALECTS, dialect.name: access}


def test_every_dialect_has_a_row() -> None:
    assert [dialect.name for dialect in DIALECTS] == list(ROUTES)


@every_dialect
def test_it_asks_for_a_key(dialect: Dialect, alice: Person) -> None:
    path, _ = routes(dialect, alice)
    _, secret = services.create_api_key(alice.membership, "program")
    assert get(path).status_code == 401
    assert get(path, Authorization=f"Bearer {secret}").status_code == 200
    assert get(path, Authorization=f"Bearer {alice.token()}").status_code == 200


@every_dialect
def test_switched_off_it_is_not_there(dialect: Dialect, alice: Person, settings: Any) -> None:
    schema = f"/api/v1/schema/{dialect.name}"
    assert get(schema).status_code == 200
    set_access(settings, dialect, "off")
    for path in (*routes(dialect, alice), schema):
        answer = get(path, Authorization=f"Bearer {alice.token()}")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@every_dialect
def test_opened_by_an_operator_it_lets_everybody_in_but_not_with_a_wrong_key(
    dialect: Dialect, alice: Person, settings: Any
) -> None:
    set_access(settings, dialect, "anonymous")
    path, _ = routes(dialect, alice)
    assert get(path).status_code == 200
    assert get(path, Authorization="Bearer psk_wrong").status_code == 401


def test_who_brings_no_key_acts_in_the_first_project_or_the_one_that_is_named(
    alice: Person, charlie: Person, settings: Any
) -> None:
    made(alice.client(), hello(name="Hers"))
    made(charlie.client(), hello(name="His"))
    for access, name in (("anonymous", "Hers"), (f"anonymous:{charlie.project.id}", "His")):
        settings.DIALECTS = {**settings.DIALECTS, "altostrat": access}
        assert [workflow["name"] for workflow in get("/workflows").json()] == [name]
    settings.DIALECTS = {**settings.DIALECTS, "altostrat": "anonymous:prj_" + "0" * 26}
    assert get("/workflows").status_code == 401


@every_dialect
def test_whatever_is_wrong_is_said_in_its_own_shape(dialect: Dialect, alice: Person, settings: Any) -> None:
    path, missing = routes(dialect, alice)
    words = set(dialect.say(Unauthorized())[1]) & set(dialect.say(NotFound())[1])
    answers = [
        get(path),
        get(path, Authorization="Bearer wrong"),
        get(missing, Authorization=f"Bearer {alice.token()}"),
        Client().patch(path, headers={"Authorization": f"Bearer {alice.token()}"}),
        get(path, Host="elsewhere.example.com"),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 404, 405, 400]
    for answer in answers:
        assert answer["Content-Type"] == "application/json"
        assert words <= set(json.loads(answer.content)), answer.content
