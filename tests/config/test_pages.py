"""The app's one page and the policy that it runs under."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

PAGE = '<meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style>'


@pytest.fixture
def built(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "index.html").write_text(PAGE)
    settings.FRONTEND_BUILD = tmp_path


def test_the_root_leads_to_the_app(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/app/")


@pytest.mark.parametrize("path", ["/app", "/app/", "/app/runs/fl_run_1", "/app/workflows/fl_1/versions/2?tab=logs"])
def test_every_address_of_the_app_is_the_same_page(client: Client, built: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    assert "__CSP_NONCE__" not in answer.text


def test_the_policy_is_strict_and_names_the_nonce_of_the_page(client: Client, built: None) -> None:
    first, second = client.get("/app/"), client.get("/app/")
    nonces = re.findall(r'(?:content|nonce)="([^"]+)"', first.text)
    assert len(set(nonces)) == 1
    assert nonces[0] not in second.text
    policy = first["Content-Security-Policy"]
    assert f"style-src 'self' 'nonce-{nonces[0]}'" in policy
    for part in ("default-src 'self'", "script-src 'self'", "connect-src 'self'", "object-src 'none'"):
        assert part in policy
    for part in ("base-uri 'none'", "frame-ancestors 'none'", "img-src 'self' data:"):
        assert part in policy
    assert "unsafe" not in policy
    assert first["Cache-Control"] == "no-store"


def test_a_front_end_that_is_not_built_is_said_clearly(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.FRONTEND_BUILD = tmp_path
    answer = client.get("/app/")
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/api/v1/schema"])
def test_everything_else_may_load_nothing(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(("method", "path", "status"), [("get", "/nothing", 404), ("post", "/api/v1/docs", 405)])
def test_what_is_not_there_is_a_problem(client: Client, method: str, path: str, status: int) -> None:
    assert getattr(client, method)(path).status_code == status


def test_a_report_of_the_policy_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    report = {"csp-report": {"blocked-uri": "inline", "effective-directive": "script-src\n", "source-file": 5}}
    answer = client.post("/csp-report", report, content_type="application/json")
    assert answer.status_code == 204
    assert "'blocked-uri': 'inline'" in caplog.text
    assert "script-src\n" not in caplog.text


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"[]", 400), (b'{"csp-report": 1}', 400), (b"x" * 10_001, 413)]
)
def test_a_report_that_is_none_is_refused(client: Client, body: bytes, status: int) -> None:
    assert client.generic("POST", "/csp-report", body).status_code == status
