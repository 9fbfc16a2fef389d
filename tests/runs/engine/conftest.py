import pytest

from tests.runs.engine import making


@pytest.fixture(autouse=True)
def _fresh_calls() -> None:
    making.calls.__init__()  # type: ignore[misc]
