"""Altostrat's vault and authorizations: what is kept, what is told of it, and who may use it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import Membership, User
from tests.people import Person
from tests.workflows.api.drawings import hello, made
from workflows import vault
from workflows.models import Credential

pytestmark = pytest.mark.django_db


class Altostrat:
    def __init__(self, token: str) -> None:
        self._client = Client(headers={"Authorization": f"Bearer {token}"})

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        content = "" if body is None else json.dumps(body)
        answer = self._client.generic(method, f"/workflows{path}", content, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json() if answer.content else None


@pytest.fixture
def altostrat(alice: Person) -> Altostrat:
    return Altostrat(alice.token())


def test_an_item_is_kept_told_changed_and_deleted_without_its_secret(altostrat: Altostrat, alice: Person) -> None:
    item = altostrat.call("POST", "/vault", {"name": "mailer", "secret": "s3cret"}, 201)
    assert set(item) == {"id", "name", "expires_at", "created_at", "updated_at"}
    assert item["id"].startswith("vlt_")
    path = f"/vault/{item['id']}"
    assert altostrat.call("GET", path) == altostrat.call("GET", "/vault")[0] == item
    later = (timezone.now() + timedelta(days=1)).isoformat()
    changed = altostrat.call("PUT", path, {"name": "mailer 2", "secret": "other", "expires_at": later})
    assert (changed["name"], changed["expires_at"] is None) == ("mailer 2", False)
    kept = Credential.objects.get(project=alice.project)
    assert vault.open_secret(alice.project.id, kept.id).data == {"token": "other"}
    assert altostrat.call("PUT", path, {"name": "mailer 3"})["expires_at"] == changed["expires_at"]
    assert altostrat.call("PUT", path, {"expires_at": None})["expires_at"] is None
    altostrat.call("PUT", path, {"name": "api-key:mailer"}, 422)
    altostrat.call("DELETE", path, status=204)
    altostrat.call("GET", path, status=404)
    assert altostrat.call("GET", "/vault") == []


def test_an_expired_item_opens_no_more(altostrat: Altostrat, alice: Person) -> None:
    altostrat.call("POST", "/vault", {"name": "old", "secret": "s", "expires_at": "2020-01-01T00:00:00Z"}, 201)
    with pytest.raises(vault.NoSuchCredentialError, match="expired"):
        vault.open_secret(alice.project.id, Credential.objects.get().id)


def test_a_name_that_asks_for_a_key_makes_one_that_is_shown_once(altostrat: Altostrat, alice: Person) -> None:
    item = altostrat.call("POST", "/vault", {"name": "api-key:partner"}, 201)
    assert item["secret"].startswith("wfk_")
    told = altostrat.call("GET", f"/vault/{item['id']}")
    assert told == {name: value for name, value in item.items() if name != "secret"}
    workflow = made(alice.client(), hello(), published=True)
    partner = Altostrat(item["secret"])
    assert partner.call("POST", f"/{workflow['id']}/execute", {}, 202)["status"] == "pending"
    path, later = f"/vault/{item['id']}", (timezone.now() + timedelta(days=1)).isoformat()
    for wrong in ({"name": "other"}, {"secret": "mine"}, {"expires_at": "2020-01-01T00:00:00Z"}):
        altostrat.call("PUT", path, wrong, 422)
    changed = altostrat.call("PUT", path, {"name": "api-key:other", "expires_at": later})
    assert (changed["name"], changed["expires_at"] is None) == ("api-key:other", False)
    assert altostrat.call("PUT", path, {"expires_at": None})["name"] == "api-key:other"
    partner.call("GET", "")
    altostrat.call("DELETE", f"/vault/{item['id']}", status=204)
    partner.call("GET", "", status=401)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "parameter_missing"),
        ({"name": "mailer"}, 400, "parameter_missing"),
        ({"name": "ab", "secret": "s"}, 422, "validation_failed"),
        ({"name": "x" * 51, "secret": "s"}, 422, "validation_failed"),
        ({"name": "mailer", "secret": "x" * 2001}, 422, "validation_failed"),
        ({"name": "mailer", "secret": "a\nb"}, 422, "validation_failed"),
        ({"name": "mailer", "secret": "s", "expires_at": "soon"}, 422, "validation_failed"),
        ({"name": "api-key:x", "secret": "mine"}, 422, "validation_failed"),
        ({"name": "api-key:x", "expires_at": "2020-01-01T00:00:00Z"}, 422, "validation_failed"),
        ({"name": "taken", "secret": "s"}, 409, "name_taken"),
    ],
)
def test_what_cannot_be_kept(altostrat: Altostrat, body: Any, status: int, code: str) -> None:
    altostrat.call("POST", "/vault", {"name": "taken", "secret": "s"}, 201)
    assert altostrat.call("POST", "/vault", body, status)["code"] == code
    assert len(altostrat.call("GET", "/vault")) == 1


def test_other_credentials_and_other_keys_are_not_in_the_vault(altostrat: Altostrat, alice: Person) -> None:
    basic = vault.create_credential(alice.project, "b", "basic", {"username": "u", "password": "p"})
    key, _ = services.create_api_key(alice.membership, "plain")
    assert altostrat.call("GET", "/vault") == []
    for item in (basic, key):
        altostrat.call("GET", f"/vault/vlt_{item.id.partition('_')[2]}", status=404)
        altostrat.call("GET", f"/vault/{item.id}", status=404)


def test_a_member_leaves_with_all_keys_unless_workflows_act_in_their_name(altostrat: Altostrat, alice: Person) -> None:
    bob = User.objects.create_user("bob@example.com", "a long enough password", "Bob")
    his = Membership.objects.create(user=bob, project=alice.project)
    made(Person(his).client(), hello(), published=True)
    path = f"/authorization/{his.id}"
    assert altostrat.call("DELETE", path, status=409)["code"] == "resource_in_use"
    assert altostrat.call("DELETE", f"/authorization/{alice.membership.id}", status=409)["code"] == "resource_in_use"

    eve = Membership.objects.create(user=User.objects.create_user("eve@example.com"), project=alice.project)
    _, secret = services.create_api_key(eve, "hers")
    Altostrat(secret).call("GET", "")
    altostrat.call("DELETE", f"/authorization/{eve.id}", status=204)
    Altostrat(secret).call("GET", "", status=401)
    assert eve.id not in [each["id"] for each in altostrat.call("GET", "/authorization")]
