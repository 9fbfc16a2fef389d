import pytest

from tests.workflows.nodes.context import FakeContext, faults, run
from workflows.nodes.base import NodeError, Output


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Dear {{ trigger.name | capitalize }}", "Dear Ada"),
        ("{% for n in input.list %}{{ n }};{% endfor %}", "1;2;"),
        ("{{ before.list | join: '-' }} {{ nodes.before.list | size }}", "1-2 2"),
        ("{% if input.none %}yes{% else %}no{% endif %} {{ input.none | default: 'x' }}", "no x"),
        ("{{ input.list | json }} {{ '2026-01-31' | date: '%d.%m.' }}", "[1, 2] 31.01."),
        ("{% assign n = 2 | times: 3 %}{{ n }}{# #}{{ '{{' }}", "6{# #}{{"),
        ("", ""),
    ],
)
async def test_it_makes_a_text_of_what_it_names(template: str, text: str) -> None:
    context = FakeContext({"list": [1, 2]}, trigger={"name": "ada"})
    assert await run("text_transform", context, template=template) == Output(text)


@pytest.mark.parametrize(
    ("template", "code", "says"),
    [
        ("{{ trigger.street }}", "code_failed", "trigger.street"),
        ("{{ elsewhere }}", "code_failed", "elsewhere"),
        ("{{ trigger.__class__ }}", "code_failed", "__class__"),
        ("{{ 1 | divided_by: 0 }}", "code_failed", "0"),
        ("{% include 'secrets' %}", "code_failed", "secrets"),
        ("{% for i in (1..10000000) %}{% endfor %}", "code_failed", "limit"),
        ("{% for i in (1..900000) %}0123456789{% endfor %}", "code_result_too_large", "5,242,880"),
        ("{% assign s = 'xxxx' %}" + "{% assign s = s | append: s %}" * 40, "code_memory", "128 MB"),
    ],
)
async def test_it_fails_and_says_why(template: str, code: str, says: str) -> None:
    with pytest.raises(NodeError, match=says) as failed:
        await run("text_transform", template=template)
    assert (failed.value.code, failed.value.field) == (code, "template")


async def test_one_that_takes_too_long_is_stopped() -> None:
    slow = "{% for i in (1..900) %}{% for j in (1..900) %}{{ i | append: j | split: '' | sort | join: '' }}{% endfor %}"
    with pytest.raises(NodeError) as failed:
        await run("text_transform", template=slow + "{% endfor %}", seconds=0.2)
    assert failed.value.code == "code_timeout"


@pytest.mark.parametrize(
    "template", ["{{ trigger.name | ", "{% if %}", "{{ 1 | money }}", "{% endfor %}", "{% what %}"]
)
def test_what_is_no_template_is_refused(template: str) -> None:
    assert faults("text_transform", template=template) == [("template", "invalid_parameter")]
