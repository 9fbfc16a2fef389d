"""The browser's way in: session cookie, CSRF token, sign-in link, password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import services, throttle
from accounts.models import FailedSignIn, Membership, SignInLink, User
from tests.people import PASSWORD, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def csrf(browser: Client) -> dict[str, str]:
    return {"X-CSRFToken": browser.get("/api/v1/session").json()["csrf_token"]}


def sign_in(browser: Client, email: str, password: str = PASSWORD) -> Any:
    body = {"email": email, "password": password}
    return browser.post("/api/v1/session", body, content_type="application/json", headers=csrf(browser))


def test_a_stranger_is_told_that_nobody_is_signed_in(browser: Client) -> None:
    answer = browser.get("/api/v1/session")
    assert answer.status_code == 200
    assert answer.json()["user"] is None
    assert answer.json()["projects"] == []
    assert answer.json()["csrf_token"]


def test_signing_in_and_out(browser: Client, alice: Person) -> None:
    answer = sign_in(browser, " ALICE@example.com ".strip())
    assert answer.status_code == 200
    assert answer.json()["user"] == {"id": alice.user.id, "email": "alice@example.com", "name": "Alice"}
    assert [project["id"] for project in answer.json()["projects"]] == [alice.project.id]
    assert browser.get("/api/v1/projects").status_code == 200

    assert browser.delete("/api/v1/session", headers=csrf(browser)).status_code == 204
    assert browser.get("/api/v1/projects").status_code == 401
    assert not Session.objects.exists()


def test_signing_in_needs_the_csrf_token(browser: Client, alice: Person) -> None:
    body = {"email": alice.user.email, "password": PASSWORD}
    answer = browser.post("/api/v1/session", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_an_unsafe_method_with_a_cookie_needs_the_csrf_token(browser: Client, alice: Person) -> None:
    sign_in(browser, alice.user.email)
    answer = browser.post("/api/v1/api-keys", {"name": "ci"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    answer = browser.post("/api/v1/api-keys", {"name": "ci"}, content_type="application/json", headers=csrf(browser))
    assert answer.status_code == 201


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_account_look_the_same(browser: Client, alice: Person, email: str) -> None:
    answer = sign_in(browser, email, "wrong")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_guessing_is_throttled_per_account(browser: Client, alice: Person, email: str) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(throttle.PER_ACCOUNT):
            assert sign_in(browser, email, "wrong").status_code == 401
        answer = sign_in(browser, email)
        assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_throttled")
        assert int(answer["Retry-After"]) == throttle.WINDOW.total_seconds()
        clock.shift(throttle.WINDOW + timedelta(seconds=1))
        assert sign_in(browser, "alice@example.com").status_code == 200


def test_guessing_is_throttled_per_address_over_all_accounts(browser: Client, alice: Person) -> None:
    now = timezone.now()
    FailedSignIn.objects.bulk_create(
        FailedSignIn(account_sha256=f"{number}", address="127.0.0.1", failed_at=now)
        for number in range(throttle.PER_ADDRESS)
    )
    assert sign_in(browser, alice.user.email).status_code == 429


def test_the_right_password_forgives_earlier_slips(browser: Client, alice: Person) -> None:
    sign_in(browser, alice.user.email, "wrong")
    sign_in(browser, alice.user.email)
    assert not FailedSignIn.objects.exists()


def test_a_disabled_account_cannot_sign_in_and_loses_its_session(browser: Client, alice: Person) -> None:
    sign_in(browser, alice.user.email)
    User.objects.filter(pk=alice.user.pk).update(is_active=False)
    assert browser.get("/api/v1/projects").status_code == 401
    assert sign_in(browser, alice.user.email).status_code == 401


def test_a_sign_in_link_works_once(browser: Client, alice: Person) -> None:
    link = services.make_sign_in_link(alice.user).removeprefix("http://127.0.0.1:8000")
    answer = browser.get(link)
    assert (answer.status_code, answer["Location"]) == (302, "/app/")
    assert browser.get("/api/v1/session").json()["user"]["id"] == alice.user.id

    stranger = Client()
    answer = stranger.get(link)
    assert (answer.status_code, answer["Location"]) == (302, "/app/sign-in?problem=link_used")
    assert stranger.get("/api/v1/session").json()["user"] is None


def test_a_sign_in_link_ends_with_its_hour(browser: Client, alice: Person) -> None:
    link = services.make_sign_in_link(alice.user)
    with time_machine.travel(timezone.now() + services.SIGN_IN_LINK_AGE + timedelta(seconds=1)):
        assert services.use_sign_in_link(link.rsplit("/", 1)[1]) is None


def test_only_the_hash_of_a_sign_in_link_is_kept(alice: Person) -> None:
    token = services.make_sign_in_link(alice.user).rsplit("/", 1)[1]
    assert token not in str(list(SignInLink.objects.values()))


def test_the_first_password_needs_no_current_one_and_keeps_this_browser_signed_in(browser: Client) -> None:
    admin = services.ensure_first_admin().user
    browser.get(services.make_sign_in_link(admin))
    body = {"new_password": "a long enough phrase"}
    answer = browser.put("/api/v1/session/password", body, content_type="application/json", headers=csrf(browser))
    assert answer.status_code == 204
    assert browser.get("/api/v1/projects").status_code == 200
    assert sign_in(Client(enforce_csrf_checks=True), admin.email, "a long enough phrase").status_code == 200


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"new_password": "a long enough phrase"}, "current_password"),
        ({"new_password": "a long enough phrase", "current_password": "wrong"}, "current_password"),
        ({"new_password": "short", "current_password": PASSWORD}, "new_password"),
        ({"new_password": "passwordpassword1234" * 60, "current_password": PASSWORD}, "new_password"),
        ({}, "new_password"),
    ],
)
def test_a_password_that_cannot_be_taken_names_its_field(
    browser: Client, alice: Person, body: dict[str, str], path: str
) -> None:
    sign_in(browser, alice.user.email)
    answer = browser.put("/api/v1/session/password", body, content_type="application/json", headers=csrf(browser))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path
    alice.user.refresh_from_db()
    assert alice.user.check_password(PASSWORD)


def test_a_new_password_ends_all_other_sessions_and_tokens(browser: Client, alice: Person) -> None:
    sign_in(browser, alice.user.email)
    elsewhere = Client(enforce_csrf_checks=True)
    sign_in(elsewhere, alice.user.email)
    token = alice.token()
    body = {"new_password": "another long phrase", "current_password": PASSWORD}
    browser.put("/api/v1/session/password", body, content_type="application/json", headers=csrf(browser))
    assert browser.get("/api/v1/projects").status_code == 200
    assert elsewhere.get("/api/v1/projects").status_code == 401
    assert Client().get("/api/v1/projects", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_first_admin_is_made_once_with_a_project(settings: Any) -> None:
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "Root@Example.com", "a long enough phrase"
    first = services.ensure_first_admin()
    assert first.user.email == "root@example.com"
    assert first.user.check_password("a long enough phrase")
    assert first.project.name == "My project"
    assert services.ensure_first_admin() == first
    assert Membership.objects.count() == 1
