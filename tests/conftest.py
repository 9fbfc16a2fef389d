"""What tests share: real services and real servers, each made once per session and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import people, provision, recorder, servers

# Machines that test are shared: how long one example takes says nothing about the code.
settings.register_profile("penstock", deadline=None)
settings.load_profile("penstock")


@pytest.fixture(scope="session")
def new_postgres_database() -> Iterator[Callable[[], str]]:
    """Each call gives the address of an empty database in one real PostgreSQL."""
    with provision.postgres() as new_database:
        yield new_database


@pytest.fixture(scope="session")
def redis_server() -> Iterator[provision.Redis]:
    with provision.redis_server() as server:
        yield server


@pytest.fixture
def loopback_recorder() -> Iterator[recorder.Recorder]:
    """An HTTP server that records calls; workflows of the test servers may reach it."""
    with recorder.recording() as recording:
        yield recording


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """The real `manage.py up`, shared by all tests that leave it running."""
    with servers.Server(tmp_path_factory.mktemp("up")) as running:
        yield running


@pytest.fixture(scope="session")
def distributed(
    tmp_path_factory: pytest.TempPathFactory,
    new_postgres_database: Callable[[], str],
    redis_server: provision.Redis,
) -> Iterator[servers.Distributed]:
    """Web, worker and clock on PostgreSQL and Redis, shared by all tests that leave them running."""
    folder = tmp_path_factory.mktemp("distributed")
    with servers.Distributed(folder, new_postgres_database(), redis_server.url) as running:
        yield running


@pytest.fixture
def new_server(tmp_path: Path) -> Iterator[Callable[..., servers.Server]]:
    """Makes embedded servers (not started) that a test may stop, kill and start again."""
    made: list[servers.Server] = []

    def make(**settings: str) -> servers.Server:
        made.append(servers.Server(tmp_path, **settings))
        return made[-1]

    yield make
    for each in made:
        each.kill()


@pytest.fixture(scope="session", params=["server", "distributed"])
def either_shape(request: pytest.FixtureRequest) -> servers.Server:
    """A test that takes this runs on the embedded and on the distributed shape."""
    shape: servers.Server = request.getfixturevalue(request.param)
    return shape


@pytest.fixture
def alice(db: None) -> people.Person:
    return people.person("Alice")


@pytest.fixture
def charlie(db: None) -> people.Person:
    return people.person("Charlie")
