"""The administrator sees in the settings which processes work on runs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import axe
from tests.servers import Server

LOST = """
from datetime import timedelta
from django.utils import timezone
from runs.models import Worker
ago = timezone.now() - timedelta(hours=1)
about = {"lease_until": ago, "started_at": ago, "host": "far", "pid": 7, "node_kinds": ["set"]}
Worker.objects.update_or_create(id="wrk_lost", defaults=about)
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_workers_and_how_they_stand(server: Server, open_page: Callable[..., Page], theme: str) -> None:
    server.do(LOST)
    page = open_page("/app/settings", theme=theme)
    workers = page.get_by_role("table", name="Workers")
    here = workers.get_by_role("row", name=re.compile(f"process {server.up.process.pid}\\b"))
    expect(here.filter(has_text="Alive").first).to_be_visible()
    expect(here.first).to_contain_text(re.compile(r"\d of 200"))
    here.first.get_by_text("node kinds").click()
    expect(here.first).to_contain_text("http_request")
    expect(workers.get_by_role("row", name="far, process 7")).to_contain_text("Lapsed")
    assert axe.faults(page) == []
