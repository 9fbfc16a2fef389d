"""The vault: credentials of our own kind `bearer`, and API keys under the names that begin with `api-key:`.

An item has the id of what it is, with `vlt_` for our prefix.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services as accounts
from accounts.api.base import read_body
from accounts.callers import WORKFLOW_KEY_PREFIX
from accounts.models import ApiKey
from runs.dialects.altostrat import schemas
from runs.dialects.altostrat.base import AltostratView
from runs.dialects.altostrat.errors import missing
from runs.dialects.views import json_object
from wire.problems import Invalid, NotFound
from workflows import vault
from workflows.models import Credential

KEYS = "api-key:"
_PREFIX = "vlt_"

Item = Credential | ApiKey


class VaultView(AltostratView):
    problems = {"post": (409,)}

    @extend_schema(
        operation_id="listVault", summary="What is in the vault", responses=schemas.VaultList, tags=["vault"]
    )
    def get(self, request: Request) -> Response:
        """Without the secrets."""
        secrets = Credential.objects.for_project(self.project).filter(kind=Credential.Kind.BEARER)
        keys = ApiKey.objects.for_project(self.project).filter(name__startswith=KEYS)
        items: list[Item] = [*secrets, *keys]
        return Response([_record(item) for item in sorted(items, key=lambda item: (item.created_at, item.id))])

    @extend_schema(
        operation_id="createVaultItem",
        summary="Keep a secret, or make a key",
        request=schemas.VaultItemToMake,
        responses={201: schemas.NewVaultItem},
        tags=["vault"],
    )
    def post(self, request: Request) -> Response:
        """A name that begins with `api-key:` makes a key of the server's own, whose `secret` is told here only."""
        if "name" not in json_object(request):
            raise missing("name")
        body = read_body(schemas.VaultItemToMake, request)
        if body.name.startswith(KEYS):
            if body.secret is not None:
                raise Invalid.field("secret", "A key's secret is made by the server.")
            key, secret = accounts.create_api_key(
                self.caller.membership, body.name, body.expires_at, prefix=WORKFLOW_KEY_PREFIX
            )
            return Response({**_record(key), "secret": secret}, status=201)
        if body.secret is None:
            raise missing("secret")
        made = vault.create_credential(
            self.project, body.name, Credential.Kind.BEARER, {"token": body.secret}, body.expires_at
        )
        return Response(_record(made), status=201)


class VaultItemView(AltostratView):
    problems = {"put": (409,)}

    @extend_schema(operation_id="readVaultItem", summary="One item", responses=schemas.VaultItem, tags=["vault"])
    def get(self, request: Request, item_id: str) -> Response:
        """Without its secret."""
        return Response(_record(self._find(item_id)))

    @extend_schema(
        operation_id="updateVaultItem",
        summary="Change an item",
        request=schemas.VaultItemToChange,
        responses=schemas.VaultItem,
        tags=["vault"],
    )
    def put(self, request: Request, item_id: str) -> Response:
        """What is left out stays. The secret of a key of the server's own stays too: make another one."""
        item = self._find(item_id)
        json_object(request)
        body = read_body(schemas.VaultItemToChange, request)
        is_key = isinstance(item, ApiKey)
        if body.name is not None and body.name.startswith(KEYS) != is_key:
            raise Invalid.field("name", f"Names of keys of the server's own begin with {KEYS}, and no others.")
        expires_at = body.expires_at if "expires_at" in body.model_fields_set else item.expires_at
        if isinstance(item, ApiKey):
            if body.secret is not None:
                raise Invalid.field("secret", "A key's secret is made by the server; make another key.")
            return Response(_record(accounts.update_api_key(item, body.name or item.name, expires_at)))
        item.expires_at = expires_at
        data = None if body.secret is None else {"token": body.secret}
        return Response(_record(vault.update_credential(item, body.name, data=data)))

    @extend_schema(operation_id="deleteVaultItem", summary="Delete an item", responses={204: None}, tags=["vault"])
    def delete(self, request: Request, item_id: str) -> Response:
        """Nodes that name it will fail; a key is revoked."""
        item = self._find(item_id)
        if isinstance(item, ApiKey):
            accounts.revoke_api_key(item)
        else:
            vault.delete_credential(item)
        return Response(status=204)

    def _find(self, item_id: str) -> Item:
        body = item_id.removeprefix(_PREFIX)
        secrets = Credential.objects.for_project(self.project).filter(kind=Credential.Kind.BEARER)
        keys = ApiKey.objects.for_project(self.project).filter(name__startswith=KEYS)
        found = secrets.filter(pk=f"cred_{body}").first() or keys.filter(pk=f"key_{body}").first()
        if found is None or body == item_id:
            raise NotFound("There is no such item in the vault.")
        return found


def _record(item: Item) -> dict[str, Any]:
    return {
        "id": _PREFIX + item.id.partition("_")[2],
        "name": item.name,
        "expires_at": item.expires_at,
        "created_at": item.created_at,
        "updated_at": item.created_at if isinstance(item, ApiKey) else item.updated_at,
    }
