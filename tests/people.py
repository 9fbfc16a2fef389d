"""A small cast that everyone knows: Alice owns a project; Charlie owns another and must see nothing of hers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts import services
from accounts.callers import make_tokens
from accounts.models import Membership, Project, User

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    membership: Membership

    @property
    def user(self) -> User:
        return self.membership.user

    @property
    def project(self) -> Project:
        return self.membership.project

    def token(self) -> str:
        return str(make_tokens(self.user).access_token)

    def client(self) -> ApiClient:
        return ApiClient(f"Bearer {self.token()}")

    def timeless_client(self) -> ApiClient:
        """For tests that travel in time: an API key does not expire."""
        return ApiClient(f"Bearer {services.create_api_key(self.membership, 'test')[1]}")


def person(name: str) -> Person:
    """A user with a project of their own."""
    user = User.objects.create_user(f"{name.lower()}@example.com", PASSWORD, name)
    return Person(services.create_project(f"{name}'s project", owner=user))


class ApiClient:
    """Calls the native API as a program does: JSON and a bearer."""

    def __init__(self, authorization: str) -> None:
        self._client = Client(headers={"Authorization": authorization})

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._client.get(f"/api/v1{path}", query, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.send("DELETE", path, None, **headers)

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        """`body` as JSON; bytes and text go as they are, None means no body."""
        data = "" if body is None else body if isinstance(body, bytes | str) else json.dumps(body)
        kind = "" if body is None else "application/json"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=named)
