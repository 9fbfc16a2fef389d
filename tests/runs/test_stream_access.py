"""Who may follow a run: its own people, by session, JWT or API key."""

import pytest

from runs.stream import readable_run
from tests.people import Person
from tests.workflows.api.drawings import made
from wire.problems import NotFound, Unauthorized

pytestmark = pytest.mark.django_db


@pytest.fixture
def run_id(alice: Person) -> str:
    workflow = made(alice.client(), published=True)
    return str(alice.client().post(f"/workflows/{workflow['id']}/execute", {}).json()["id"])


def test_its_own_people_may(alice: Person, run_id: str) -> None:
    assert readable_run({"authorization": f"Bearer {alice.token()}"}, run_id) == run_id


def test_for_another_tenant_it_does_not_exist(charlie: Person, run_id: str) -> None:
    with pytest.raises(NotFound):
        readable_run({"authorization": f"Bearer {charlie.token()}"}, run_id)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer "}, {"cookie": "sessionid=x"}, {"cookie": "sessionid"}]
)
def test_strangers_are_told_to_sign_in(headers: dict[str, str], run_id: str) -> None:
    with pytest.raises(Unauthorized):
        readable_run(headers, run_id)
