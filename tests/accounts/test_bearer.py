"""Programs' ways in: JWT and API key secret, and for which project they ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from accounts import services
from accounts.models import ApiKey, Membership, Project, User
from tests.people import PASSWORD, ApiClient, Person

pytestmark = pytest.mark.django_db


def test_a_token_pair_for_a_password(alice: Person) -> None:
    pair = ApiClient("").post("/token", {"email": alice.user.email, "password": PASSWORD}).json()
    assert ApiClient(f"Bearer {pair['access']}").get("/projects").status_code == 200
    again = ApiClient("").post("/token/refresh", {"refresh": pair["refresh"]})
    assert again.status_code == 200
    assert ApiClient(f"Bearer {again.json()['access']}").get("/projects").status_code == 200


def test_an_access_token_ends_after_an_hour(alice: Person) -> None:
    client = alice.client()
    assert client.get("/projects").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        answer = client.get("/projects")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(alice: Person) -> None:
    pair = ApiClient("").post("/token", {"email": alice.user.email, "password": PASSWORD}).json()
    assert ApiClient(f"Bearer {pair['refresh']}").get("/projects").status_code == 401
    assert ApiClient("").post("/token/refresh", {"refresh": pair["access"]}).status_code == 401


def test_the_token_of_a_disabled_or_deleted_user_is_worth_nothing(alice: Person) -> None:
    client = alice.client()
    User.objects.update(is_active=False)
    assert client.get("/projects").status_code == 401
    User.objects.all().delete()
    assert client.get("/projects").status_code == 401


def test_a_signed_token_without_our_claims_is_refused(alice: Person) -> None:
    forged = AccessToken()
    forged["user_id"] = alice.user.id
    assert ApiClient(f"Bearer {forged}").get("/projects").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer null", "Bearer a.b.c", "Bearer psk_", "Bearer psk_wrong", "Bearer Ü"]
)
def test_a_bearer_that_is_none_is_refused(header: str, alice: Person) -> None:
    answer = ApiClient(header).get("/projects")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Digest x"])
def test_other_schemes_do_not_sign_in(header: str, alice: Person) -> None:
    answer = ApiClient(header).get("/projects")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_bearer_ignores_cookies(alice: Person) -> None:
    browser = Client()
    browser.force_login(alice.user)
    assert browser.get("/api/v1/projects").status_code == 200
    assert browser.get("/api/v1/projects", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_an_api_key_shows_its_secret_once(alice: Person) -> None:
    answer = alice.client().post("/api-keys", {"name": " ci "})
    made = answer.json()
    assert answer.status_code == 201
    assert set(made) == {"id", "name", "role", "created_at", "expires_at", "last_used_at", "secret"}
    assert made["name"] == "ci"
    assert made["secret"].startswith("psk_")
    listed = alice.client().get("/api-keys").json()["results"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "secret" not in listed[0]
    assert made["secret"] not in str(list(ApiKey.objects.values()))


def test_an_api_key_is_a_bearer_for_its_own_project_only(alice: Person) -> None:
    other = services.create_project("Second", owner=alice.user)
    _, secret = services.create_api_key(other, "ci")
    client = ApiClient(f"Bearer {secret}")
    assert [project["id"] for project in client.get("/projects").json()["results"]] == [other.project_id]
    assert client.get("/api-keys", X_Penstock_Project=other.project_id).status_code == 200
    assert client.get("/api-keys", X_Penstock_Project=alice.project.id).status_code == 404
    assert [key["name"] for key in client.get("/api-keys").json()["results"]] == ["ci"]


def test_a_revoked_key_ends_at_once(alice: Person) -> None:
    key, secret = services.create_api_key(alice.membership, "ci")
    client = ApiClient(f"Bearer {secret}")
    assert client.get("/projects").status_code == 200
    assert alice.client().delete(f"/api-keys/{key.id}").status_code == 204
    assert client.get("/projects").status_code == 401
    assert alice.client().get("/api-keys").json()["results"] == []
    assert alice.client().delete(f"/api-keys/{key.id}").status_code == 404


def test_a_key_ends_when_it_expires(alice: Person) -> None:
    soon = (timezone.now() + timedelta(minutes=5)).isoformat()
    secret = alice.client().post("/api-keys", {"name": "ci", "expires_at": soon}).json()["secret"]
    client = ApiClient(f"Bearer {secret}")
    assert client.get("/projects").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.get("/projects").status_code == 401


def test_the_use_of_a_key_is_noted_to_the_minute(alice: Person) -> None:
    key, secret = services.create_api_key(alice.membership, "ci")
    client = ApiClient(f"Bearer {secret}")
    client.get("/projects")
    key.refresh_from_db()
    first = key.last_used_at
    assert first is not None
    client.get("/projects")
    key.refresh_from_db()
    assert key.last_used_at == first


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "name"),
        ({"name": "  "}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a" * 201}, "name"),
        ({"name": "a", "role": "god"}, "role"),
        ({"name": "a", "expires_at": "yesterday"}, "expires_at"),
        ({"name": "a", "expires_at": 1}, "expires_at"),
        ({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "a", "colour": "red"}, "colour"),
    ],
)
def test_a_key_that_cannot_be_made_names_the_field(alice: Person, body: dict[str, object], path: str) -> None:
    answer = alice.client().post("/api-keys", body)
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == [path]
    assert not ApiKey.objects.exists()


def test_the_project_is_the_first_or_the_one_of_the_header(alice: Person, charlie: Person) -> None:
    second = services.create_project("Second", owner=alice.user)
    client = alice.client()
    client.post("/api-keys", {"name": "first"})
    client.post("/api-keys", {"name": "second"}, X_Penstock_Project=second.project_id)
    assert [key["name"] for key in client.get("/api-keys").json()["results"]] == ["first"]
    found = client.get("/api-keys", X_Penstock_Project=second.project_id).json()["results"]
    assert [key["name"] for key in found] == ["second"]
    assert client.get("/api-keys", X_Penstock_Project=charlie.project.id).status_code == 404
    assert client.get("/api-keys", X_Penstock_Project="prj_none").status_code == 404


def test_a_user_without_a_project_finds_none(db: None) -> None:
    user = User.objects.create_user("lonely@example.com", PASSWORD)
    pair = ApiClient("").post("/token", {"email": user.email, "password": PASSWORD}).json()
    client = ApiClient(f"Bearer {pair['access']}")
    assert client.get("/projects").json() == {"results": [], "next": None}
    assert client.get("/api-keys").status_code == 404


def test_a_program_is_known_with_its_project_by_one_question(alice: Person) -> None:
    client = alice.client()
    client.get("/tags")
    for project in ("", alice.project.id):
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/tags", X_Penstock_Project=project).status_code == 200
        about = [query["sql"] for query in asked if '"accounts_user"' in query["sql"]]
        assert len(about) == 1
        assert '"accounts_membership"' in about[0]


def test_who_is_taken_out_of_a_project_is_refused_from_the_next_request_on(alice: Person) -> None:
    client, project = alice.client(), alice.project.id
    other = Membership.objects.create(user=alice.user, project=Project.objects.create(name="Other"))
    assert client.get("/tags", X_Penstock_Project=project).status_code == 200
    alice.membership.delete()
    assert client.get("/tags", X_Penstock_Project=project).status_code == 404
    assert client.get("/tags").status_code == 200
    other.delete()
    assert client.get("/tags").status_code == 404
    User.objects.update(is_active=False)
    assert client.get("/tags").status_code == 401


def test_an_api_key_cannot_change_the_password(alice: Person) -> None:
    _, secret = services.create_api_key(alice.membership, "ci")
    answer = ApiClient(f"Bearer {secret}").put("/session/password", {"new_password": "a long enough phrase"})
    assert answer.status_code == 403
