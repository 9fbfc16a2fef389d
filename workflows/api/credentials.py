"""Credentials: written here, used by nodes, never told again."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import PageQuery, ProjectView, query_parameters, read_body, read_query
from wire.paging import paginate
from wire.problems import NotFound
from workflows import vault
from workflows.api import schemas
from workflows.models import Credential


def credential_record(credential: Credential, used_by: int) -> dict[str, Any]:
    return {
        "id": credential.id,
        "name": credential.name,
        "kind": credential.kind,
        "created_at": credential.created_at,
        "updated_at": credential.updated_at,
        "used_by": used_by,
    }


class CredentialListView(ProjectView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="listCredentials",
        summary="The project's credentials",
        parameters=query_parameters(PageQuery),
        responses=schemas.CredentialPage,
    )
    def get(self, request: Request) -> Response:
        """Without their secrets."""
        read_query(PageQuery, request)
        page = paginate(Credential.objects.for_project(self.project), request.query_params)
        uses = vault.uses(self.project)
        results = [credential_record(credential, uses[credential.id]) for credential in page.results]
        return Response({"results": results, "next": page.next})

    @extend_schema(
        operation_id="createCredential",
        summary="Keep a credential",
        request=schemas.CredentialCreate,
        responses={201: schemas.Credential},
    )
    def post(self, request: Request) -> Response:
        body = read_body(schemas.CredentialCreate, request)
        credential = vault.create_credential(self.project, body.name, body.kind, body.data)
        return Response(credential_record(credential, 0), status=201)


class CredentialView(ProjectView):
    problems = {"put": (409,)}

    @extend_schema(operation_id="readCredential", summary="A credential", responses=schemas.Credential)
    def get(self, request: Request, credential_id: str) -> Response:
        """Without its secret."""
        return self._answer(self._find(credential_id))

    @extend_schema(
        operation_id="saveCredential",
        summary="Change a credential",
        request=schemas.CredentialUpdate,
        responses=schemas.Credential,
    )
    def put(self, request: Request, credential_id: str) -> Response:
        """Any of the fields; another kind needs its `data`."""
        credential = self._find(credential_id)
        body = read_body(schemas.CredentialUpdate, request)
        return self._answer(vault.update_credential(credential, body.name, body.kind, body.data))

    @extend_schema(operation_id="deleteCredential", summary="Delete a credential", request=None, responses={204: None})
    def delete(self, request: Request, credential_id: str) -> Response:
        """Nodes that still name it will fail, saying so."""
        vault.delete_credential(self._find(credential_id))
        return Response(status=204)

    def _find(self, credential_id: str) -> Credential:
        credential = Credential.objects.for_project(self.project).filter(pk=credential_id).first()
        if credential is None:
            raise NotFound("There is no such credential.")
        return credential

    def _answer(self, credential: Credential) -> Response:
        return Response(credential_record(credential, vault.uses(self.project)[credential.id]))
