"""Dapr's bodies, for the OpenAPI document."""

from __future__ import annotations

from typing import Literal

from pydantic import RootModel

from accounts.api.base import AnswerModel, AnyJSON, Moment


class Error(AnswerModel):
    errorCode: str  # noqa: N815 - the name on the wire
    message: str


class Payload(RootModel[AnyJSON]):
    """Any JSON, any text, or nothing; the flow sees what can be read as JSON as its value, and the rest as text."""


class Started(AnswerModel):
    instanceID: str  # noqa: N815


class Done(AnswerModel):
    """Nothing more to tell."""


class State(AnswerModel):
    instanceID: str  # noqa: N815
    workflowName: str  # noqa: N815
    createdAt: Moment  # noqa: N815
    lastUpdatedAt: Moment  # noqa: N815
    runtimeStatus: Literal["PENDING", "RUNNING", "SUSPENDED", "COMPLETED", "FAILED", "TERMINATED"]  # noqa: N815
    properties: dict[str, str]


class Metadata(AnswerModel):
    id: str
    runtimeVersion: str  # noqa: N815
    extended: dict[str, str]
