"""The bodies of the accounts API: what is asked and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from accounts.api.base import AnswerModel, Moment, RequestModel
from wire.problems import BadRequest
from wire.times import from_query

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Password = Annotated[str, StringConstraints(max_length=1000)]


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("Must be a time such as 2025-10-31T12:00:00Z.")
    try:
        return from_query("", value)
    except BadRequest:
        raise ValueError("Must be a time such as 2025-10-31T12:00:00Z.") from None


class SignIn(RequestModel):
    email: Annotated[str, StringConstraints(max_length=254)]
    password: Password


class PasswordChange(RequestModel):
    current_password: Password | None = Field(None, description="Needed by whoever has one.")
    new_password: Annotated[Password, StringConstraints(min_length=1)]


class RefreshRequest(RequestModel):
    refresh: Annotated[str, StringConstraints(max_length=5000)]


class ApiKeyCreate(RequestModel):
    name: Name
    role: Literal["owner"] = "owner"
    expires_at: Annotated[Moment, BeforeValidator(_moment)] | None = None


class User(AnswerModel):
    id: str
    email: str
    name: str


class Project(AnswerModel):
    id: str
    name: str
    role: Literal["owner"]
    timezone: str


class Session(AnswerModel):
    user: User | None
    projects: list[Project]
    csrf_token: str = Field(description="To be sent as X-CSRFToken with unsafe methods.")


class ProjectPage(AnswerModel):
    results: list[Project]
    next: str | None


class TokenPair(AnswerModel):
    access: str = Field(description="Good for 60 minutes, as bearer.")
    refresh: str = Field(description="Good for 7 days, for new access tokens.")


class AccessToken(AnswerModel):
    access: str


class ApiKey(AnswerModel):
    id: str
    name: str
    role: Literal["owner"]
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None


class NewApiKey(ApiKey):
    secret: str = Field(description="Shown this once. Serves as bearer.")


class ApiKeyPage(AnswerModel):
    results: list[ApiKey]
    next: str | None
