"""The workflows that a fresh installation opens with. Pure data; nothing in them leaves the machine."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from workflows.document import Document


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    description: str
    document: Document
    context: dict[str, Any]
    """What a first run may be started with."""
    has_first_run: bool = False
    """Whether a finished run is there to look at from the start."""


def samples() -> Sequence[Sample]:
    """Fresh copies, so that whoever stores them may change them."""
    return [deepcopy(sample) for sample in (ORDER_REPORT, CHECK_AN_ORDER, MORNING_ROUND)]


def _node(id_: str, kind: str, label: str, notes: str = "", **data: Any) -> dict[str, Any]:
    said = {"label": label, "notes": notes} if notes else {"label": label}
    return {"id": id_, "type": kind, "data": {"componentId": kind, **said, **data}}


def _edge(source: str, target: str, handle: str | None = None) -> dict[str, Any]:
    id_ = f"{source}-{handle}-{target}" if handle else f"{source}-{target}"
    return {"id": id_, "source": source, "target": target, "sourceHandle": handle}


def _rule(left: str, type_: str, operator: str, *right: Any) -> dict[str, Any]:
    rule = {"left": left, "type": type_, "operator": operator}
    return {**rule, "right": right[0]} if right else rule


ORDER_REPORT = Sample(
    name="Order report",
    description="Press Run: some orders are added up in two branches at once, joined, and sorted by size.",
    context={},
    has_first_run=True,
    document={
        "nodes": [
            _node("start", "manual_trigger", "Press Run"),
            _node(
                "orders",
                "set",
                "Some orders",
                "Fixed values to try things with. In real life an HTTP request would fetch them.",
                mapping={
                    "orders": [
                        {"product": "Penstock gate", "quantity": 2, "price": 40},
                        {"product": "Sluice board", "quantity": 12, "price": 3.5},
                        {"product": "Water wheel", "quantity": 1, "price": 160},
                    ]
                },
            ),
            _node(
                "totals",
                "transform",
                "Add up",
                "One Python expression. Both branches run at the same time.",
                expression='{"total": sum(o.quantity * o.price for o in input.orders), "orders": len(input.orders)}',
            ),
            _node(
                "products",
                "transform",
                "List the products",
                expression='{"products": sorted(o.product for o in input.orders)}',
            ),
            _node(
                "summary",
                "merge",
                "Bring both together",
                "Waits for both branches and joins their fields to one object.",
                mode="combine",
            ),
            _node(
                "size",
                "switch",
                "How large?",
                "The first case whose rules hold is taken; the other ways are skipped and drawn so.",
                cases=[
                    {"name": "large", "logic": "and", "conditions": [_rule("{{ input.total }}", "number", "gte", 250)]},
                    {"name": "medium", "logic": "and", "conditions": [_rule("{{ input.total }}", "number", "gte", 50)]},
                ],
            ),
            _node("large", "log", "A large day", message="{{ input.total }} in one day!", level="warning"),
            _node("medium", "log", "A good day", message="{{ input.total }} from {{ input.orders }} orders"),
            _node("small", "log", "A quiet day", message="Only {{ input.total }} today"),
            _node(
                "report",
                "set",
                "The report",
                "The output of the last node is the output of the run.",
                mapping={
                    "text": "{{ input.orders }} orders, {{ input.total }} in all",
                    "total": "{{ input.total }}",
                    "products": "{{ input.products }}",
                },
            ),
        ],
        "edges": [
            _edge("start", "orders"),
            _edge("orders", "totals"),
            _edge("orders", "products"),
            _edge("totals", "summary"),
            _edge("products", "summary"),
            _edge("summary", "size"),
            _edge("size", "large", "large"),
            _edge("size", "medium", "medium"),
            _edge("size", "small", "default"),
            _edge("large", "report"),
            _edge("medium", "report"),
            _edge("small", "report"),
        ],
    },
)

CHECK_AN_ORDER = Sample(
    name="Check an order",
    description="A webhook that looks at what it gets and answers: 201 for a sound order, 422 for any other.",
    context={"body": {"customer": "Ada", "quantity": 3}},
    document={
        "nodes": [
            _node(
                "hook",
                "webhook_trigger",
                "An order comes in",
                'Send {"customer": "Ada", "quantity": 3} to the URL of this webhook. The caller waits for the answer.',
                methods=["POST"],
                response="wait",
            ),
            _node(
                "check",
                "if",
                "Is it sound?",
                "A value of the wrong type is an error and not false: it leaves by the error exit.",
                on_error="error",
                logic="and",
                conditions=[
                    _rule("{{ default(trigger.body.customer, '') }}", "string", "is_not_empty"),
                    _rule("{{ default(trigger.body.quantity, 0) }}", "number", "between", [1, 100]),
                ],
            ),
            _node(
                "confirm",
                "set",
                "Write the confirmation",
                mapping={
                    "customer": "{{ trigger.body.customer }}",
                    "quantity": "{{ trigger.body.quantity }}",
                    "message": "Thank you, {{ trigger.body.customer.strip().title() }}.",
                },
            ),
            _node(
                "accept",
                "respond",
                "Answer 201",
                "Without a body of its own it sends its input.",
                status=201,
            ),
            _node(
                "refuse",
                "respond",
                "Answer 422",
                status=422,
                headers=[{"key": "X-Checked-By", "value": "{{ workflow.name }}"}],
                body={"message": "An order needs a customer and a quantity from 1 to 100."},
            ),
        ],
        "edges": [
            _edge("hook", "check"),
            _edge("check", "confirm", "true"),
            _edge("confirm", "accept"),
            _edge("check", "refuse", "false"),
            _edge("check", "refuse", "error"),
        ],
    },
)

MORNING_ROUND = Sample(
    name="Morning round",
    description="Every working day at nine it writes two lines into its record, some seconds apart.",
    context={},
    document={
        "nodes": [
            _node(
                "clock",
                "schedule_trigger",
                "Working days at nine",
                "Five fields of cron; with six the seconds come first. Without a time zone the project's counts.",
                schedule_type="cron",
                schedule_value="0 9 * * mon-fri",
            ),
            _node("note", "set", "What to remember", mapping={"place": "the sluice", "seconds": 5}),
            _node("leave", "log", "On the way", message="Off to {{ input.place }}, {{ input.seconds }} seconds away"),
            _node(
                "walk",
                "delay",
                "Walk there",
                "A delay holds no worker: the run is put away and taken up again when it is time.",
                duration="{{ nodes.note.seconds }}",
                unit="seconds",
            ),
            _node("arrive", "log", "There", message="All is well at {{ nodes.note.place }}"),
        ],
        "edges": [
            _edge("clock", "note"),
            _edge("note", "leave"),
            _edge("leave", "walk"),
            _edge("walk", "arrive"),
        ],
    },
)
