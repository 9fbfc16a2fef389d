import pytest

from runs.hooks.routing import Hook
from workflows.nodes.webhook_trigger import WebhookSettings


@pytest.mark.parametrize(
    ("pattern", "path", "params"),
    [
        ("", "", {}),
        ("", "orders", None),
        ("orders", "orders", {}),
        ("/orders/", "orders", {}),
        ("orders", "", None),
        ("orders/{id}", "orders/7", {"id": "7"}),
        ("orders/{id}", "orders", None),
        ("orders/{id}/items/{item}", "orders/7/items/a-b", {"id": "7", "item": "a-b"}),
    ],
)
def test_a_path_fits_as_a_whole_or_not_at_all(pattern: str, path: str, params: dict[str, str] | None) -> None:
    assert Hook("hook", WebhookSettings(path=pattern)).match(path) == params
