"""Decisions by link and over the API, and what other runs are told by a node: with the real node kinds."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from runs.engine.approval_links import approval_link, place_of
from runs.engine.plan import Place
from runs.models import Event, Run
from runs.services import decide, events, raise_event, terminate_run
from tests.people import PASSWORD, Person
from tests.runs.engine.making import begun, ended, engine, published, until
from workflows.nodes.registry import REGISTRY

pytestmark = pytest.mark.django_db(transaction=True)

ASKS = "check:approve check.approved>yes:set check.rejected>no:set check.timeout>late:set"
ENDS: dict[str, Any] = {name: {"mapping": {"end": name}} for name in ("yes", "no", "late")}


def asked(alice: Person, **settings: Any) -> Run:
    """A run that waits for a decision."""
    return begun(published(ASKS, alice.project, check=settings, **ENDS), handle="mine")


def waits(run: Run) -> bool:
    return Run.objects.filter(id=run.id, status="waiting", owner=None).exists()


def link(run: Run) -> str:
    return approval_link(run.id, Place("check")).removeprefix("http://127.0.0.1:8000")


def test_a_link_shows_the_question_and_takes_the_answer(alice: Person) -> None:
    run = asked(alice, message="Pay <b>3</b>?")
    page = Client(enforce_csrf_checks=True)
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
        shown = page.get(link(run))
        assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
        assert "Pay &lt;b&gt;3&lt;/b&gt;?" in shown.content.decode()
        assert waits(run), "a look decides nothing"
        assert page.post(link(run), {"decision": "approved"}).status_code == 403
        token = page.cookies["csrftoken"].value
        form = {"decision": "approved", "comment": "fine", "csrfmiddlewaretoken": token}
        assert page.post(link(run), form).status_code == 200
        ended(run)
        assert page.post(link(run), {**form, "decision": "rejected"}).status_code == 409
        assert page.get(link(run)).status_code == 410
    assert run.output == {"end": "yes"}
    output: Any = run.logs.get(node_id="check").output
    assert (output["decision"], output["by"], output["comment"]) == ("approved", None, "fine")


def test_a_full_inbox_keeps_no_decision_out(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_INBOX", 1)
    run = asked(alice)
    raise_event(run, "nobody waits for this", 1)
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
        decide(run, Place("check"), "approved", by=None)
        ended(run)
    assert run.output == {"end": "yes"}


@pytest.mark.parametrize("token", ["x", "WyJhIl0:x", "a" * 300])
def test_a_link_cannot_be_guessed(token: str, db: None) -> None:
    assert place_of(token) is None
    assert Client().get(f"/approvals/{token}").status_code == 404


def test_members_decide_over_the_api(alice: Person, charlie: Person) -> None:
    run = asked(alice, message="Pay?")
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
        [wait] = alice.client().get("/runs/mine").json()["waits"]
        assert (wait["kind"], wait["message"], wait["link"].endswith(link(run))) == ("approval", "Pay?", True)
        path = "/runs/mine/approvals/check"
        assert charlie.client().post(path, {"decision": "approved"}).status_code == 404
        assert alice.client().post("/runs/mine/approvals/yes", {"decision": "approved"}).status_code == 404
        assert alice.client().post(path, {"decision": "maybe"}).status_code == 422
        answer = alice.client().post(path, {"decision": "rejected", "comment": "too much"})
        assert (answer.status_code, answer.json()["id"]) == (202, run.id)
        assert alice.client().post(path, {"decision": "rejected"}).status_code == 202
        other = alice.client().post(path, {"decision": "approved"})
        assert (other.status_code, other.json()["code"]) == (409, "already_decided")
        ended(run)
    assert run.output == {"end": "no"}
    assert Event.objects.get().payload["by"] == alice.user.email


def test_only_who_is_named_may_decide(alice: Person, charlie: Person) -> None:
    run = asked(alice, approvers=[charlie.user.email], message="Pay Bob?")
    stranger, named = Client(), Client()
    assert named.login(username=charlie.user.email, password=PASSWORD)
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
        seen = stranger.get(link(run)).content.decode()
        assert "<form" not in seen
        assert "Pay Bob?" not in seen, "what is asked is for who decides"
        assert stranger.post(link(run), {"decision": "approved"}).status_code == 403
        assert alice.client().post("/runs/mine/approvals/check", {"decision": "approved"}).status_code == 403
        seen = named.get(link(run)).content.decode()
        assert "<form" in seen
        assert "Pay Bob?" in seen
        assert named.post(link(run), {"decision": "approved"}).status_code == 200
        ended(run)
    assert run.output == {"end": "yes"}


def test_nobody_decides_when_the_time_is_over(alice: Person) -> None:
    run = asked(alice, at_most=60, unit="seconds")
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
    run.waits.update(wake_at=timezone.now())
    assert Client().get(link(run)).status_code == 410
    answer = alice.client().post("/runs/mine/approvals/check", {"decision": "approved"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_late")
    with engine(kinds=REGISTRY):
        ended(run)
    assert run.output == {"end": "late"}


def test_nothing_is_decided_for_a_run_that_was_ended(alice: Person) -> None:
    run = asked(alice)
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
        terminate_run(run)
        answer = alice.client().post("/runs/mine/approvals/check", {"decision": "approved"})
        assert answer.status_code == 409
        ended(run)
    assert run.status == "terminated"


def test_the_link_can_be_sent_by_a_node_before(alice: Person) -> None:
    sends = {"mapping": {"link": "{{ run.approval_links.check }}"}}
    run = begun(published("send:set>check:approve", alice.project, send=sends))
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
    output: Any = run.logs.get(node_id="send").output
    assert output["link"].endswith(link(run))


def test_a_run_tells_another_workflows_run(alice: Person) -> None:
    waiting = published("w:wait_for_event", alice.project, "waiting", w={"name": "paid"})
    run = begun(waiting, correlation_id="order-1")
    telling = published("t:raise_event", alice.project, "telling", t={"name": "paid", "correlation": "order-1"})
    lost = published("t:raise_event", alice.project, "lost", t={"name": "paid", "run": "nobody"})
    with engine(kinds=REGISTRY):
        until(lambda: waits(run))
        teller, loser = begun(telling, {"sum": 3}), begun(lost)
        assert ended(teller).output == {"runs": [run.id]}
        assert ended(run).output == {"sum": 3}
        assert ended(loser).error["code"] == "run_not_found"
