"""Notes, groups and tags are kept beside the graph; who has a workflow open is told to the others."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.people import ApiClient, Person
from tests.workflows.api.drawings import Json, hello, made
from workflows import presence
from workflows.models import Presence

pytestmark = pytest.mark.django_db

NOTE = {"id": "n1", "text": "# Mind", "position": {"x": 1, "y": 2.5}, "width": 200, "height": 80, "colour": "blue"}
GROUP = {"id": "g1", "title": "Both", "nodes": ["start", "greet"], "collapsed": True, "colour": "grey"}


@pytest.fixture
def client(alice: Person) -> ApiClient:
    return alice.client()


def test_notes_and_groups_come_back_and_go_into_versions(client: ApiClient) -> None:
    workflow = made(client, hello(notes=[NOTE], groups=[GROUP]), published=True)
    path = f"/workflows/{workflow['id']}"
    assert (workflow["notes"], workflow["groups"]) == ([NOTE], [GROUP])
    changed = client.put(path, {"notes": []}).json()
    assert (changed["notes"], changed["draft_revision"], changed["has_unpublished_changes"]) == ([], 2, True)
    assert client.get(f"{path}/versions/1").json()["notes"] == [NOTE]
    assert client.put(path, {"notes": [], "groups": [GROUP]}).json()["draft_revision"] == 2


def test_a_group_forgets_nodes_that_are_gone_and_goes_with_the_last(client: ApiClient) -> None:
    twice = {**GROUP, "id": "g2", "nodes": ["greet", "nobody"]}
    workflow = made(client, hello(groups=[GROUP, twice]))
    assert workflow["groups"] == [GROUP]
    body = hello()
    left = client.put(f"/workflows/{workflow['id']}", {"nodes": body["nodes"][:1], "edges": []}).json()
    assert left["groups"] == [{**GROUP, "nodes": ["start"]}]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"notes": [NOTE, NOTE]}, "notes[1].id"),
        ({"notes": [{**NOTE, "width": 1e9}]}, "notes[0].width"),
        ({"notes": [{**NOTE, "colour": "url(x)"}]}, "notes[0].colour"),
        ({"groups": [{**GROUP, "nodes": "all"}]}, "groups[0].nodes"),
        ({"tags": ["x" * 41]}, "tags[0]"),
        ({"tags": "x"}, "tags"),
    ],
)
def test_what_is_no_annotation_is_refused(client: ApiClient, more: Json, path: str) -> None:
    answer = client.post("/workflows", hello(**more))
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, path)


def test_tags_are_listed_and_filtered_by_the_whole_word(client: ApiClient, charlie: Person) -> None:
    made(client, hello(tags=["stock", "é"]))
    made(client, hello(name="Other", tags=["stockholm"]))
    made(charlie.client(), hello(tags=["hers"]))
    assert client.get("/tags").json() == {"results": ["stock", "stockholm", "é"]}
    for tag, names in (("stock", ["Hello"]), ("é", ["Hello"]), ("sto%", []), ("", ["Other", "Hello"])):
        assert [row["name"] for row in client.get("/workflows", {"tag": tag}).json()["results"]] == names


def test_who_is_here_is_told_until_they_leave_or_fall_silent(client: ApiClient, alice: Person) -> None:
    path = f"/workflows/{made(client)['id']}/presence"
    first, second = {"client": "tab-one-1"}, {"client": "tab-two-2", "node_id": "greet"}
    assert client.post(path, first).json() == {"draft_revision": 1, "others": []}
    client.post(path, second)
    me = {"id": alice.user.id, "email": "alice@example.com"}
    other = {"client": "tab-two-2", "user": me, "is_you": True, "node_id": "greet"}
    assert client.post(path, first).json()["others"] == [other]
    client.post(path, {**second, "leaving": True})
    assert client.post(path, first).json()["others"] == []
    client.post(path, second)
    Presence.objects.update(seen_at=timezone.now() - presence.SILENCE - timedelta(seconds=1))
    assert client.post(path, first).json()["others"] == []
    assert Presence.objects.count() == 1


def test_strangers_cannot_say_that_they_are_here(client: ApiClient, charlie: Person) -> None:
    path = f"/workflows/{made(client)['id']}/presence"
    assert charlie.client().post(path, {"client": "tab-one-1"}).status_code == 404
    assert client.post(path, {"client": "x\u0000y<>"}).status_code == 422
