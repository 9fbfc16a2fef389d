"""The API's description of itself: complete, valid, and readable without script."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.validation import validate_schema

from config.openapi import schema


def test_the_schema_is_valid_openapi_3_1() -> None:
    document = schema()
    validate_schema(document)
    assert document["openapi"].startswith("3.1")


@pytest.mark.parametrize(("query", "accept"), [("", "application/json"), ("?format=json", "*/*"), ("", "*/*")])
def test_the_schema_as_json(client: Client, query: str, accept: str) -> None:
    answer = client.get(f"/api/v1/schema{query}", headers={"Accept": accept})
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == schema()


@pytest.mark.parametrize(("query", "accept"), [("", "application/yaml"), ("?format=yaml", "*/*")])
def test_the_schema_as_yaml(client: Client, query: str, accept: str) -> None:
    answer = client.get(f"/api/v1/schema{query}", headers={"Accept": accept})
    assert answer["Content-Type"].startswith("application/yaml")
    assert yaml.safe_load(answer.text) == schema()


def test_the_schema_in_no_other_form(client: Client) -> None:
    assert client.get("/api/v1/schema?format=xml").status_code == 400


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in schema()["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "delete")
    ]


def test_only_the_native_api_is_described() -> None:
    assert all(path.startswith("/api/v1/") for path, _, _ in operations())


def test_every_operation_says_what_it_does_and_names_its_problems() -> None:
    for path, method, operation in operations():
        assert operation["summary"], (path, method)
        assert operation["operationId"], (path, method)
        for status, answer in operation["responses"].items():
            content = answer.get("content", {})
            kinds = {"application/problem+json"} if status >= "400" else {"application/json", "text/event-stream"}
            assert set(content) <= kinds, (path, method, status)


def test_every_operation_is_in_the_reference(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert page.status_code == 200
    for path, _, operation in operations():
        assert f'id="{operation["operationId"]}"' in page.text
        assert path in page.text


def test_the_reference_runs_under_the_strict_policy(client: Client) -> None:
    page = client.get("/api/v1/docs")
    assert "<script" not in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "style-src 'self' 'nonce-" in page["Content-Security-Policy"]
