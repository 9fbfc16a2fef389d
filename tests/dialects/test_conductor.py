"""Conductor's runtime routes as its contract's tables have them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import services as accounts
from accounts.models import ApiKey
from runs.dialects.conductor import control
from runs.models import Log, Run
from tests.people import Person
from tests.workflows.api.drawings import hello, made

pytestmark = pytest.mark.django_db


class Conductor:
    def __init__(self, person: Person) -> None:
        self.key, self.secret = accounts.create_api_key(person.membership, "conductor")
        self._client = Client(headers={"X-Authorization": self.secret})

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(method, f"/api{path}", data, content_type="application/json", headers=named)

    def started(self, query: str = "", body: Any = None, **headers: str) -> str:
        answer = self.call("POST", f"/workflow/hello{query}", body or {}, **headers)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain"), answer.text
        return str(answer.text)

    def told(self, workflow_id: str) -> Any:
        answer = self.call("GET", f"/workflow/{workflow_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def conductor(alice: Person) -> Conductor:
    made(alice.client(), published=True)
    return Conductor(alice)


def end(workflow_id: str, status: str = "completed", **more: Any) -> None:
    runs = Run.objects.filter(pk=workflow_id) | Run.objects.filter(handle=workflow_id)
    Run.objects.filter(pk__in=list(runs.values_list("pk", flat=True))).update(
        status=status, completed_at=timezone.now(), ready_at=None, **more
    )


def error(answer: Any) -> int:
    body = answer.json()
    assert {"status", "message", "instance", "retryable"} <= set(body)
    assert body["status"] == answer.status_code
    return int(answer.status_code)


# --- keys ---


def test_a_key_pair_gets_a_token_that_ends_with_the_key(conductor: Conductor) -> None:
    pair = {"keyId": conductor.key.id, "keySecret": conductor.secret}
    token = Client().post("/api/token", pair, content_type="application/json").json()["token"]
    client = Client(headers={"X-Authorization": token})
    assert client.get("/api/workflow/search").status_code == 200
    for wrong in ({**pair, "keyId": "key_other"}, {**pair, "keySecret": "psk_wrong"}, {**pair, "keySecret": token}):
        assert Client().post("/api/token", wrong, content_type="application/json").status_code == 401
    ApiKey.objects.update(revoked_at=timezone.now())
    refused = client.get("/api/workflow/search")
    assert (refused.status_code, refused.json()["error"]) == (401, "INVALID_TOKEN")


def test_an_open_server_has_no_tokens(conductor: Conductor, settings: Any) -> None:
    settings.DIALECTS = {**settings.DIALECTS, "conductor": "anonymous"}
    assert Client().post("/api/token", {}, content_type="application/json").status_code == 404
    assert Client().get("/api/workflow/search").status_code == 200


# --- starting ---


def test_the_three_ways_to_start(conductor: Conductor) -> None:
    by_name = conductor.started("?version=1&correlationId=c-1&priority=7", {"a": 1})
    request = {"name": "hello", "version": 1, "correlationId": "c-1", "priority": 7, "input": {"a": 1}}
    by_request = conductor.call("POST", "/workflow", request, Accept="text/plain").text
    by_version = conductor.call("POST", "/workflow/start/hello/1?correlationId=c-1&priority=7", {"a": 1}).text
    for workflow_id in (by_name, by_request, by_version):
        told = conductor.told(workflow_id)
        assert (told["workflowName"], told["workflowVersion"], told["status"]) == ("hello", 1, "RUNNING")
        assert (told["correlationId"], told["priority"], told["input"]) == ("c-1", 7, {"a": 1})
        assert (told["endTime"], told["output"], told["tasks"]) == (0, {}, [])


def test_absent_parameters_may_come_as_none_and_as_nothing(conductor: Conductor) -> None:
    conductor.started("?version=None&correlationId=&priority=None")
    assert Run.objects.get().correlation_id is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/workflow/nope", {}, 404),
        ("/workflow/hello?version=2", {}, 404),
        ("/workflow/hello?priority=100", {}, 400),
        ("/workflow/hello?priority=high", {}, 400),
        ("/workflow/hello?version=x", {}, 400),
        ("/workflow/hello", [], 400),
        ("/workflow/hello", "{", 400),
        ("/workflow", {"input": {}}, 400),
        ("/workflow", {"name": "hello", "input": 1}, 400),
        ("/workflow", {"name": "hello", "priority": True}, 400),
        ("/workflow", {"name": "hello", "idempotencyKey": "k", "idempotencyStrategy": "PERHAPS"}, 400),
        ("/workflow/start/hello/9", {}, 404),
    ],
)
def test_what_cannot_be_started(conductor: Conductor, path: str, body: Any, status: int) -> None:
    assert error(conductor.call("POST", path, body)) == status
    assert not Run.objects.exists()


# --- idempotency ---


def keyed(strategy: str) -> dict[str, str]:
    return {"X_Idempotency_key": "k1", "X_on_conflict": strategy}


def test_a_key_gives_its_run_for_as_long_as_that_is_kept(conductor: Conductor) -> None:
    first = conductor.started(**keyed("RETURN_EXISTING"))
    end(first)
    assert conductor.started(body={"other": 1}, **keyed("RETURN_EXISTING")) == first
    assert conductor.told(first)["idempotencyKey"] == "k1"
    assert conductor.call("DELETE", f"/workflow/{first}/remove").status_code == 200
    assert conductor.started(**keyed("RETURN_EXISTING")) != first


def test_fail_refuses_whatever_became_of_the_first(conductor: Conductor) -> None:
    first = conductor.started(**keyed("FAIL"))
    for _ in range(2):
        refused = conductor.call("POST", "/workflow/hello", {}, **keyed("FAIL"))
        assert error(refused) == 409
        assert first in refused.json()["message"]
        end(first)


def test_fail_on_running_gives_the_key_to_a_new_run_when_the_first_has_ended(conductor: Conductor) -> None:
    first = conductor.started(**keyed("FAIL_ON_RUNNING"))
    assert error(conductor.call("POST", "/workflow/hello", {}, **keyed("FAIL_ON_RUNNING"))) == 409
    end(first)
    second = conductor.started(**keyed("FAIL_ON_RUNNING"))
    assert second != first
    assert conductor.started(**keyed("RETURN_EXISTING")) == second


def test_a_key_in_the_headers_needs_a_strategy_and_a_strategy_alone_means_nothing(conductor: Conductor) -> None:
    assert error(conductor.call("POST", "/workflow/hello", {}, X_Idempotency_key="k")) == 400
    for _ in range(2):
        body = {"name": "hello", "idempotencyStrategy": "FAIL"}
        assert conductor.call("POST", "/workflow", body).status_code == 200


# --- control ---


def test_pause_resume_and_terminate(conductor: Conductor, alice: Person) -> None:
    run = conductor.started()
    assert error(conductor.call("PUT", f"/workflow/{run}/resume")) == 409
    for _ in range(2):
        assert conductor.call("PUT", f"/workflow/{run}/pause").content == b""
        assert conductor.told(run)["status"] == "PAUSED"
    assert conductor.call("PUT", f"/workflow/{run}/resume", {}).status_code == 200
    for _ in range(2):
        assert conductor.call("DELETE", f"/workflow/{run}?reason=enough").status_code == 200
    told = conductor.told(run)
    assert (told["status"], told["reasonForIncompletion"]) == ("TERMINATED", "enough")
    assert (told["updatedBy"], told["lastRetriedTime"]) == (alice.user.email, 0)
    assert error(conductor.call("PUT", f"/workflow/{run}/pause")) == 409


def test_what_has_ended_otherwise_is_not_terminated(conductor: Conductor) -> None:
    run = conductor.started()
    end(run)
    assert error(conductor.call("DELETE", f"/workflow/{run}")) == 409


@pytest.mark.parametrize(("verb", "status"), [("restart", 409), ("retry", 404), ("rerun", 409)])
def test_only_what_has_ended_is_run_again(conductor: Conductor, verb: str, status: int) -> None:
    assert error(conductor.call("POST", f"/workflow/{conductor.started()}/{verb}", {})) == status


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/restart"), ("POST", "/retry"), ("POST", "/rerun"), ("DELETE", "?triggerFailureWorkflow=true")],
)
def test_a_run_that_is_purged_meanwhile_is_none(
    conductor: Conductor, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    run = conductor.started()
    Run.objects.filter(id=run).update(status="running", owner="wrk_1")  # so that its end is waited for
    monkeypatch.setattr(control, "wait_for_end", lambda run_id, _: Run.objects.filter(id=run_id).delete())
    answer = conductor.call(method, f"/workflow/{run}{path}", {})
    assert (error(answer), answer.json()["message"]) == (404, f"no such workflow by Id: {run}")


def test_the_id_names_the_newest_run_and_the_first_stays_readable_by_ours(conductor: Conductor, alice: Person) -> None:
    run = conductor.started(body={"a": 1})
    end(run, "failed", error={"code": "x", "message": "broken", "node_id": "greet"})
    assert (conductor.told(run)["status"], conductor.told(run)["reasonForIncompletion"]) == ("FAILED", "broken")
    assert conductor.call("POST", f"/workflow/{run}/restart").status_code == 204
    assert (conductor.told(run)["workflowId"], conductor.told(run)["status"]) == (run, "RUNNING")
    assert alice.client().get(f"/runs/{run}").json()["status"] == "failed"
    assert conductor.call("GET", "/workflow/search").json()["totalHits"] == 1
    assert conductor.call("DELETE", f"/workflow/{run}/remove").status_code == 200
    assert error(conductor.call("GET", f"/workflow/{run}")) == 404
    assert not Run.objects.exists()


def test_retry_goes_on_from_what_failed(conductor: Conductor) -> None:
    run = conductor.started()
    Log.objects.create(
        run_id=run,
        seq=1,
        node_id="start",
        kind="manual_trigger",
        attempt=1,
        epoch=1,
        status="completed",
        handle="out",
        started_at=timezone.now(),
        completed_at=timezone.now(),
    )
    end(run, "failed", epoch=1)
    assert conductor.call("POST", f"/workflow/{run}/retry").status_code == 204
    told = conductor.told(run)
    assert [task["referenceTaskName"] for task in told["tasks"]] == ["start"]
    assert told["lastRetriedTime"] == told["createTime"] > 0
    end(run)
    assert error(conductor.call("POST", f"/workflow/{run}/retry")) == 409


def test_rerun_takes_another_input(conductor: Conductor) -> None:
    run = conductor.started(body={"a": 1})
    end(run)
    answer = conductor.call("POST", f"/workflow/{run}/rerun", {"workflowInput": {"b": 2}})
    assert (answer.status_code, answer.text) == (200, run)
    assert conductor.told(run)["input"] == {"b": 2}
    end(run)
    assert error(conductor.call("POST", f"/workflow/{run}/rerun", {"reRunFromTaskId": "nope"})) == 400


def test_one_bad_id_does_not_keep_the_rest_from_it(conductor: Conductor) -> None:
    first, second = conductor.started(), conductor.started()
    answer = conductor.call("PUT", "/workflow/bulk/pause", [first, "nope", second]).json()
    assert answer["bulkSuccessfulResults"] == [first, second]
    assert "nope" in answer["bulkErrorResults"]["nope"]
    assert conductor.call("POST", "/workflow/bulk/terminate?reason=all", [first, second]).status_code == 200
    assert conductor.told(second)["reasonForIncompletion"] == "all"
    assert conductor.call("DELETE", "/workflow/bulk/remove", [first]).json()["bulkSuccessfulResults"] == [first]
    assert error(conductor.call("PUT", "/workflow/bulk/pause", ["x"] * 1001)) == 400


# --- reading ---


def test_an_unknown_id_is_named(conductor: Conductor) -> None:
    for method, path in (("GET", ""), ("GET", "/status"), ("PUT", "/pause"), ("DELETE", ""), ("DELETE", "/remove")):
        answer = conductor.call(method, f"/workflow/no-such-id{path}")
        assert error(answer) == 404
        assert "no-such-id" in answer.json()["message"]


def test_status_and_deadline(conductor: Conductor) -> None:
    run = conductor.started("?correlationId=c")
    end(run, "failed", error={"code": "deadline", "message": "late", "node_id": None}, output={"x": 1})
    told = conductor.call("GET", f"/workflow/{run}/status?includeOutput=True").json()
    assert told == {"workflowId": run, "status": "TIMED_OUT", "correlationId": "c", "output": {"x": 1}}
    found = conductor.call("GET", "/workflow/search?query=status=TIMED_OUT").json()["results"]
    assert [each["workflowId"] for each in found] == [run]
    assert conductor.call("GET", "/workflow/search?query=status=FAILED").json()["totalHits"] == 0


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ("workflowType=hello", 3),
        ("workflowType = 'he*'", 3),
        ("workflowType=other", 0),
        ("workflowType IN (hello, other) AND status IN (COMPLETED,TERMINATED)", 1),
        ("status=RUNNING", 2),
        ("correlationId=c-1 AND priority>4", 1),
        ("version=1 AND startTime>1000", 3),
        ("version>1", 0),
        ("createdBy=ada", 1),
        ("createdBy='a*'", 1),
        ("createdBy=ad", 0),
        ("startTime<1000", 0),
        ("endTime>1000", 1),
    ],
)
def test_searching(conductor: Conductor, query: str, hits: int) -> None:
    end(conductor.started())
    conductor.started("?correlationId=c-1&priority=5")
    by = {"name": "hello", "correlationId": "c-1", "createdBy": "ada"}
    assert conductor.call("POST", "/workflow", by).status_code == 200
    Run.objects.update(started_at=F("created_at"))
    answer = conductor.call("GET", f"/workflow/search?query={query}")
    assert (answer.status_code, answer.json()["totalHits"]) == (200, hits), answer.text


@pytest.mark.parametrize(
    "query", ["query=nonsense", "query=name=x", "query=startTime>soon", "query=status=ODD", "sort=name:ASC", "size=0"]
)
def test_a_malformed_search_is_refused(conductor: Conductor, query: str) -> None:
    assert error(conductor.call("GET", f"/workflow/search?{query}")) == 400


def test_a_search_has_pages_orders_and_free_text(conductor: Conductor) -> None:
    runs = [conductor.started(body={"word": word}) for word in ("one", "two", "three")]
    page = conductor.call("GET", "/workflow/search?start=1&size=1&sort=startTime:ASC").json()
    assert (page["totalHits"], [each["workflowId"] for each in page["results"]]) == (3, [runs[1]])
    found = conductor.call("GET", "/workflow/search?freeText=three").json()["results"]
    assert [(each["workflowId"], each["input"]) for each in found] == [(runs[2], '{"word":"three"}')]


def test_correlated_and_running(conductor: Conductor) -> None:
    live, ended = conductor.started("?correlationId=c"), conductor.started("?correlationId=c")
    end(ended)
    one = conductor.call("GET", "/workflow/hello/correlated/c").json()
    assert [each["workflowId"] for each in one] == [live]
    many = conductor.call("POST", "/workflow/hello/correlated?includeClosed=true", ["c", "d"]).json()
    assert ({each["workflowId"] for each in many["c"]}, many["d"]) == ({live, ended}, [])
    batch = {"correlationIds": ["c"], "workflowNames": ["hello"]}
    assert len(conductor.call("POST", "/workflow/correlated/batch", batch).json()["c"]) == 1
    assert conductor.call("GET", "/workflow/running/hello").json() == [live]


# --- tenants ---


def test_another_projects_runs_do_not_exist(conductor: Conductor, charlie: Person) -> None:
    run = conductor.started("?correlationId=c")
    made(charlie.client(), hello(), published=True)
    his = Conductor(charlie)
    for method, path in (
        ("GET", ""), ("GET", "/status"), ("GET", "/tasks"), ("PUT", "/pause"), ("PUT", "/resume"), ("DELETE", ""),
        ("POST", "/restart"), ("POST", "/retry"), ("POST", "/rerun"), ("DELETE", "/remove"),
        ("DELETE", "/terminate-remove"),
    ):  # fmt: skip
        assert error(his.call(method, f"/workflow/{run}{path}")) == 404
    assert his.call("GET", "/workflow/search").json()["totalHits"] == 0
    assert his.call("GET", "/workflow/hello/correlated/c").json() == []
    assert his.call("POST", "/workflow/bulk/terminate", [run]).json()["bulkSuccessfulResults"] == []
    assert conductor.told(run)["status"] == "RUNNING"
