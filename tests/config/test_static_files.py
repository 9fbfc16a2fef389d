"""Built files are served with their type and a long life when their name holds a hash."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.static_files import StaticFilesMiddleware

FILES = {"index-AbC12_-x.js": "let a", "favicon.svg": "<svg/>"}


@pytest.fixture
def middleware(tmp_path: Path) -> StaticFilesMiddleware:
    made = StaticFilesMiddleware(lambda request: HttpResponse("the app"))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    made.add_files(str(tmp_path), prefix="/static/app/assets/")
    return made


def test_a_file_is_sent_whole(middleware: StaticFilesMiddleware, rf: RequestFactory) -> None:
    answer = middleware(rf.get("/static/app/assets/index-AbC12_-x.js"))
    assert (answer.status_code, answer.content) == (200, b"let a")
    assert answer["content-type"].startswith("text/javascript")
    assert answer["cache-control"] == "max-age=315360000, public, immutable"


def test_a_name_without_hash_is_asked_for_again_soon(middleware: StaticFilesMiddleware, rf: RequestFactory) -> None:
    assert middleware(rf.get("/static/app/assets/favicon.svg"))["cache-control"] == "max-age=60, public"


def test_what_did_not_change_is_not_sent_again(middleware: StaticFilesMiddleware, rf: RequestFactory) -> None:
    etag = middleware(rf.get("/static/app/assets/favicon.svg"))["etag"]
    answer = middleware(rf.get("/static/app/assets/favicon.svg", headers={"If-None-Match": etag}))
    assert (answer.status_code, answer.content) == (304, b"")


def test_another_address_is_not_ours(middleware: StaticFilesMiddleware, rf: RequestFactory) -> None:
    assert middleware(rf.get("/static/app/assets/missing.js")).content == b"the app"
