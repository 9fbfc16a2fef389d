"""Building on what came out last: input and output beside the parameters, live values, pins, stale marks."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import faults
from tests.browser.editor import Editor
from tests.browser.making import arrow, made, step

OpenPage = Callable[..., Page]

ORDER = {"total": 120, "customer": {"name": "Ada"}, "items": [{"price": 60}, {"price": 60}]}


def opened(open_page: OpenPage, name: str, **place: str) -> Editor:
    """Start → Fetch → Report, in the editor."""
    page = open_page("/app/", **place)
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("fetch", "set", 300, label="Fetch", mapping=ORDER),
        step("report", "set", 600, label="Report", mapping={"text": "{{ input.customer.name }}"}),
    ]
    body = {"name": name, "nodes": nodes, "edges": [arrow("start", "fetch"), arrow("fetch", "report")]}
    page.goto(f"/app/workflows/{made(page, body)}")
    editor = Editor(page)
    editor.node("Report").wait_for()
    return editor


def preview(field: Locator) -> Locator:
    """What stands under the field: its value, or the error."""
    return field.locator("xpath=../following-sibling::*[@data-preview]")


def test_values_and_errors_while_typing(open_page: OpenPage) -> None:
    editor = opened(open_page, "Live values")
    page = editor.page
    editor.run()
    editor.ends()
    editor.select("Report")
    field = page.get_by_label("Fields 1 value")
    expect(preview(field)).to_contain_text("Ada")
    field.fill("{{ sum(item.price for item in nodes.fetch['items']) }} in all")
    expect(preview(field)).to_contain_text("120 in all")
    field.fill("{{ input.customer.nmae }}")
    expect(preview(field)).to_contain_text('input.customer has no "nmae"')
    expect(field.locator("xpath=..").locator("u")).to_have_text("input.customer.nmae")

    field.fill("")
    field.press_sequentially("{{ input.cust")
    suggestions = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(suggestions).to_contain_text(["customer"])
    field.press("Enter")
    field.press_sequentially(".")
    expect(suggestions).to_contain_text(["name"])
    field.press("Enter")
    field.press_sequentially(" }}")
    expect(field).to_have_value("{{ input.customer.name }}")
    expect(preview(field)).to_contain_text("Ada")


def test_input_and_output_beside_the_parameters(open_page: OpenPage) -> None:
    editor = opened(open_page, "Three parts")
    page = editor.page
    editor.run()
    editor.ends()
    editor.select("Report")
    page.keyboard.press("Control+.")
    came_in = page.get_by_role("region", name="Input", exact=True)
    expect(came_in).to_contain_text("From “Fetch”")
    expect(page.get_by_role("region", name="Output", exact=True)).to_contain_text("Ada")
    expect(editor.node("Report")).to_be_in_viewport()

    field = page.get_by_label("Fields 1 value")
    field.fill("")
    came_in.get_by_text("total", exact=True).drag_to(field)
    expect(field).to_have_value("{{ input.total }}")
    expect(preview(field)).to_contain_text("120")
    assert faults(page) == []


def test_an_edit_makes_stale_and_a_pin_stands_in(open_page: OpenPage) -> None:
    editor = opened(open_page, "Pins", theme="dark")
    page = editor.page
    editor.run()
    editor.ends()
    editor.select("Fetch")
    page.keyboard.press("Control+.")
    page.get_by_label("Fields 1 value").fill("7")
    output = page.get_by_role("region", name="Output", exact=True)
    expect(output).to_contain_text("Stale: Its settings were changed: mapping.")
    expect(editor.node("Report")).to_contain_text("Stale")

    output.get_by_role("button", name="Edit").click()
    output.get_by_label("Value (JSON)").fill('{"customer": {"name": "Grace"}}')
    output.get_by_role("button", name="Pin this value").click()
    expect(output).to_contain_text("Pinned")
    expect(editor.node("Fetch")).to_contain_text("pinned")
    assert faults(page) == []
    editor.select("Report")
    expect(preview(page.get_by_label("Fields 1 value"))).to_contain_text("Grace")


def test_parts_are_run_on_pinned_and_edited_values(open_page: OpenPage) -> None:
    editor = opened(open_page, "In part")
    page = editor.page
    editor.select("Fetch")
    page.keyboard.press("Control+Shift+Enter")
    editor.ends()
    expect(editor.node("Fetch")).to_have_attribute("data-status", "completed")
    expect(editor.node("Report")).not_to_have_attribute("data-status", "completed")

    editor.select("Report")
    page.get_by_role("button", name="Run just this node").click()
    expect(editor.node("Fetch")).to_contain_text("Given")
    expect(editor.node("Report")).to_have_attribute("data-status", "completed")

    editor.select("Fetch")
    page.keyboard.press("Control+.")
    output = page.get_by_role("region", name="Output", exact=True)
    output.get_by_role("button", name="Edit").click()
    output.get_by_label("Value (JSON)").fill('{"customer": {"name": "Grace"}}')
    output.get_by_role("button", name="Run what follows with it").click()
    editor.select("Report")
    expect(output).to_contain_text("Grace")
    expect(editor.node("Start")).not_to_have_attribute("data-status", "completed")


def test_in_a_loop_values_and_parts_are_of_the_chosen_pass(open_page: OpenPage) -> None:
    page = open_page("/app/")
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("each", "for_each", 300, label="Each order", items='{{ [{"n": 5}, {"n": 6}] }}'),
        {**step("pay", "set", 40, 90, label="Pay", mapping={"paid": "{{ item.n * 10 }}"}), "parentId": "each"},
    ]
    body = {"name": "In a loop", "nodes": nodes, "edges": [arrow("start", "each")]}
    page.goto(f"/app/workflows/{made(page, body)}")
    editor = Editor(page)
    editor.node("Pay").wait_for()
    editor.run()
    editor.ends()
    editor.select("Pay")
    of_pass = page.get_by_role("group", name="Pass of Each order")
    expect(of_pass).to_contain_text("In pass 1 of 2 of “Each order”")
    expect(preview(page.get_by_label("Fields 1 value"))).to_contain_text("50")
    of_pass.get_by_role("button", name="The next pass").click()
    expect(of_pass).to_contain_text("In pass 2 of 2")
    expect(preview(page.get_by_label("Fields 1 value"))).to_contain_text("60")
    expect(of_pass.get_by_role("button", name="The next pass")).to_be_disabled()

    page.keyboard.press("Control+.")
    expect(page.get_by_role("region", name="Input", exact=True)).to_contain_text("What the pass begins with")
    page.get_by_role("button", name="Run just this node").click()
    expect(editor.node("Each order")).to_contain_text("1/1")
    expect(page.get_by_role("region", name="Output", exact=True)).to_contain_text("60")
    assert faults(page) == []


def test_code_wears_the_colours_of_its_language(open_page: OpenPage) -> None:
    page = open_page("/app/", theme="dark")
    nodes = [
        step("start", "manual_trigger", 0, label="Start"),
        step("python", "code", 300, label="Snake", source='return {"n": 1}  # one'),
        step("script", "javascript", 600, label="Script", source='const n = 1; return { n, t: "x" };'),
        step("filter", "jq", 900, label="Filter", filter='map(select(.price > 1)) | "x"'),
    ]
    edges = [arrow("start", "python"), arrow("python", "script"), arrow("script", "filter")]
    page.goto(f"/app/workflows/{made(page, {'name': 'In three languages', 'nodes': nodes, 'edges': edges})}")
    editor = Editor(page)
    editor.select("Start")
    for label, word in (("Snake", "return"), ("Script", "const"), ("Filter", "map")):
        page.keyboard.press(".")  # on to the next node
        expect(page.get_by_role("complementary", name=f"Settings of {label}")).to_be_visible()
        code = page.locator(".cm-content").first
        expect(code.locator("span").filter(has_text=word).first).to_be_visible()
        colours = {colour_of(code.locator("span").get_by_text(piece, exact=True).first) for piece in (word, "1")}
        assert len(colours | {colour_of(code)}) == 3, label
        assert faults(page) == [], label


def colour_of(part: Locator) -> str:
    return str(part.evaluate("part => getComputedStyle(part).color"))
