"""A workflow begins as a template, goes out as a file, and comes in again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.editor import Editor

OpenPage = Callable[..., Page]


def test_template_export_import(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/app/workflows?new")
    page.get_by_role("radio", name="Two things at once").check()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Two things at once")
    page.get_by_role("button", name="Create and open").click()
    Editor(page).node("Both together").wait_for()

    page.goto("/app/workflows")
    page.get_by_role("button", name="More about Two things at once").click()
    with page.expect_download() as downloading:
        page.get_by_role("menuitem", name="Export").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    assert file.name == "two-things-at-once.json"
    assert list(json.loads(file.read_text()))[:3] == ["penstock", "format", "name"]

    page.get_by_role("button", name="New workflow").first.click()
    page.get_by_label("Import a file…").set_input_files(file)
    page.get_by_label("Name", exact=True).fill("Brought back")
    page.get_by_role("button", name="Create and open").click()
    Editor(page).node("Both together").wait_for()
    expect(page.get_by_role("switch", name="Active")).not_to_be_checked()

    with page.expect_download() as downloading:
        page.keyboard.press("Control+k")
        page.get_by_placeholder("Find a workflow or a command").fill("export")
        page.get_by_role("option", name="Export as a file").click()
    again = tmp_path / "again.json"
    downloading.value.save_as(again)
    assert downloading.value.suggested_filename == "brought-back.json"
    assert again.read_text() == file.read_text().replace('"Two things at once"', '"Brought back"')


def test_a_file_that_is_no_workflow_says_why(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/app/workflows?new")
    file = tmp_path / "half.json"
    file.write_text('{"nodes": [')
    page.get_by_label("Import a file…").set_input_files(file)
    expect(page.get_by_role("alert")).to_contain_text("“half.json” cannot be imported")
    expect(page.get_by_text("Import a file…")).to_be_in_viewport()
