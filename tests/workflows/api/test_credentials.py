"""Credentials are written, used by id, and never told again."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from accounts.sealing import CannotOpenError
from tests.people import ApiClient, Person
from tests.workflows.api.drawings import edge, hello, made, node
from workflows import vault
from workflows.models import Credential

pytestmark = pytest.mark.django_db

CANARY = "canary-7f3d"
GOOD: dict[str, dict[str, str]] = {
    "bearer": {"token": CANARY},
    "basic": {"username": "alice", "password": CANARY},
    "header": {"name": "X-Api-Key", "value": CANARY},
    "query": {"name": "key", "value": CANARY},
}


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


def kept(client: ApiClient, name: str = "Mail", kind: str = "bearer") -> dict[str, Any]:
    answer = client.post("/credentials", {"name": name, "kind": kind, "data": GOOD[kind]})
    assert answer.status_code == 201, answer.json()
    credential: dict[str, Any] = answer.json()
    return credential


@pytest.mark.parametrize("kind", GOOD)
def test_a_credential_opens_for_its_project_only(client: ApiClient, alice: Person, charlie: Person, kind: str) -> None:
    credential = kept(client, kind=kind)
    assert set(credential) == {"id", "name", "kind", "created_at", "updated_at", "used_by"}
    secret = vault.open_secret(alice.project.id, credential["id"])
    assert (secret.kind, secret.data) == (kind, GOOD[kind])
    assert CANARY not in repr(secret)
    with pytest.raises(vault.NoSuchCredentialError):
        vault.open_secret(charlie.project.id, credential["id"])


def test_no_answer_and_no_column_shows_the_secret(client: ApiClient) -> None:
    credential = kept(client)
    path = f"/credentials/{credential['id']}"
    answers = [client.get(path), client.get("/credentials"), client.put(path, {"data": {"token": f"{CANARY}-2"}})]
    answers.append(client.put(path, {"data": {"token": f"{CANARY}\n"}}))
    assert all(CANARY not in answer.text for answer in answers)
    assert CANARY not in str([bytes(each.sealed) for each in Credential.objects.all()])


def test_a_sealed_column_moved_to_another_row_does_not_open(client: ApiClient, alice: Person) -> None:
    first, second = kept(client, "a"), kept(client, "b")
    sealed = Credential.objects.get(pk=first["id"]).sealed
    Credential.objects.filter(pk=second["id"]).update(sealed=sealed)
    with pytest.raises(CannotOpenError):
        vault.open_secret(alice.project.id, second["id"])


def test_changing_the_name_keeps_the_secret(client: ApiClient, alice: Person) -> None:
    path = f"/credentials/{kept(client)['id']}"
    assert client.put(path, {"name": "Post"}).json()["name"] == "Post"
    assert vault.open_secret(alice.project.id, path.rsplit("/", 1)[1]).data == GOOD["bearer"]


def test_another_kind_needs_its_secret(client: ApiClient, alice: Person) -> None:
    path = f"/credentials/{kept(client)['id']}"
    answer = client.put(path, {"kind": "basic"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "data")
    assert client.put(path, {"kind": "basic", "data": GOOD["basic"]}).json()["kind"] == "basic"


def test_names_are_unique_in_a_project(client: ApiClient, charlie: Person) -> None:
    first, second = kept(client, "Mail"), kept(client, "Other")
    for answer in (
        client.post("/credentials", {"name": "Mail", "kind": "bearer", "data": GOOD["bearer"]}),
        client.put(f"/credentials/{second['id']}", {"name": "Mail"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    assert client.put(f"/credentials/{first['id']}", {"name": "Mail"}).status_code == 200
    kept(charlie.client(), "Mail")


@pytest.mark.parametrize(
    ("kind", "data", "paths"),
    [
        ("bearer", {}, ["data.token"]),
        ("bearer", {"token": ""}, ["data.token"]),
        ("bearer", {"token": 5}, ["data.token"]),
        ("bearer", {"token": "a\r\nX: y"}, ["data.token"]),
        ("bearer", {"token": "x" * 10_001}, ["data.token"]),
        ("bearer", {"token": "x", "more": "y"}, ["data.more"]),
        ("basic", {"username": "a:b", "password": "x"}, ["data.username"]),
        ("basic", {"username": "a"}, ["data.password"]),
        ("header", {"name": "X Y", "value": "z"}, ["data.name"]),
        ("query", {}, ["data.name", "data.value"]),
        ("bearer", [], ["data"]),
        ("cookie", {"token": "x"}, ["kind"]),
    ],
)
def test_what_cannot_be_a_secret_is_refused(client: ApiClient, kind: str, data: Any, paths: list[str]) -> None:
    answer = client.post("/credentials", {"name": "x", "kind": kind, "data": data})
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["errors"]] == paths
    assert not Credential.objects.exists()


def calling_with(credential: str, name: str = "Mailer") -> dict[str, Any]:
    call = node("call", "http_request", url="https://example.com/", auth=credential)
    return hello(name=name, nodes=[node("start", "manual_trigger"), call], edges=[edge("start", "call")])


def test_it_tells_by_how_many_workflows_it_is_used(client: ApiClient) -> None:
    credential = kept(client)["id"]
    made(client, calling_with(credential))
    dropped = made(client, calling_with(credential, "Second"), published=True)
    client.put(f"/workflows/{dropped['id']}", hello())
    gone = made(client, calling_with(credential, "Third"))
    client.delete(f"/workflows/{gone['id']}")
    assert client.get(f"/credentials/{credential}").json()["used_by"] == 2
    assert client.get("/credentials").json()["results"][0]["used_by"] == 2


def test_a_deleted_credential_stops_publishing(client: ApiClient) -> None:
    credential = kept(client)["id"]
    workflow = made(client, calling_with(credential))
    assert client.delete(f"/credentials/{credential}").status_code == 204
    assert client.get(f"/credentials/{credential}").status_code == 404
    answer = client.post(f"/workflows/{workflow['id']}/publish")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "credential_not_found"


def test_a_foreign_credential_in_a_drawing_does_not_exist(client: ApiClient, charlie: Person) -> None:
    foreign = kept(charlie.client())["id"]
    answer = client.post("/workflows", calling_with(foreign))
    assert (answer.status_code, answer.json()["code"]) == (404, "credential_not_found")
    assert answer.json()["errors"][0]["path"] == "nodes[1].data.auth"


def test_credentials_are_sealed_anew_under_a_new_key(client: ApiClient, alice: Person, settings: Any) -> None:
    credential = kept(client)["id"]
    newest = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [newest, *settings.ENCRYPTION_KEYS]
    assert vault.seal_anew() == 1
    settings.ENCRYPTION_KEYS = [newest]
    assert vault.open_secret(alice.project.id, credential).data == GOOD["bearer"]
