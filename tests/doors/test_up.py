"""`manage.py up`: one command, one process, stopped and started again at will."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.provision import free_port
from tests.servers import CTRL_C_SECONDS, ManagePy, Server

MakeServer = Callable[..., Server]


def test_it_is_ready_only_when_all_is_up_and_says_so_in_one_line(server: Server) -> None:
    assert server.is_ready()
    [line] = server.up.said.splitlines()
    assert line == f"Penstock is ready: {server.url}/  sign in once with {server.sign_in_link}"


def test_the_printed_link_signs_in_once(new_server: MakeServer) -> None:
    with new_server() as server, httpx2.Client(base_url=server.url, trust_env=False) as browser:
        answer = browser.get(server.sign_in_link)
        assert answer.status_code == 302
        assert answer.headers["location"].endswith("/app/")
        assert browser.get("/api/v1/session").json()["user"]["email"] == "admin@example.com"
        again = httpx2.get(server.sign_in_link)
        assert again.headers["location"].endswith("/app/sign-in?problem=link_used")


def test_ctrl_c_stops_everything_within_five_seconds(new_server: MakeServer) -> None:
    server = new_server().start()
    assert server.up.stop(signal.SIGINT) < CTRL_C_SECONDS
    assert server.up.process.returncode == 0
    assert len(server.up.said.splitlines()) == 2, server.up.said
    assert "stopped" in server.up.said


def test_a_second_one_on_the_same_folder_says_who_holds_it(server: Server) -> None:
    second = ManagePy("up", server.folder, server.settings)
    assert second.process.wait(30) == 1
    [line] = second.said.splitlines()
    assert line.startswith(f"CommandError: {server.settings['data']} is in use by process {server.up.process.pid} on ")


def test_a_worker_beside_it_is_told_that_the_folder_has_its_worker(server: Server) -> None:
    second = ManagePy("worker", server.folder, server.settings)
    assert second.process.wait(60) == 1
    held_by = f"CommandError: The data folder {server.settings['data']} is in use by process {server.up.process.pid}."
    assert second.said.splitlines()[-1] == held_by
    assert "Traceback" not in second.said


def test_a_taken_port_is_told_in_one_line(server: Server, tmp_path: Path) -> None:
    second = ManagePy("up", tmp_path, {**server.settings, "data": str(tmp_path / "other")})
    assert second.process.wait(30) == 1
    assert second.said == f"CommandError: port {server.port} on 127.0.0.1 is taken; set PENSTOCK_PORT to another one\n"


def test_a_taken_grpc_port_is_told_in_one_line_too(server: Server, new_server: MakeServer, tmp_path: Path) -> None:
    second = ManagePy("up", tmp_path, {**new_server().settings, "dapr_grpc_port": str(server.grpc_port)})
    assert second.process.wait(30) == 1
    assert second.said == (
        f"CommandError: port {server.grpc_port} is taken; set PENSTOCK_DAPR_GRPC_PORT to another one\n"
    )


NOWHERE = {"database_url": "postgresql://penstock@127.0.0.1:1/penstock"}


@pytest.mark.parametrize(
    ("command", "settings", "line"),
    [
        ("web", NOWHERE, "CommandError: PENSTOCK_DATABASE_URL: the database cannot be used: connection failed: "),
        ("migrate", {}, "The database cannot be used: unable to open database file"),
        ("worker", {}, "CommandError: the database is not up to date. Type: manage.py migrate"),
    ],
)
def test_what_is_wrong_with_the_database_is_told_in_one_line(
    tmp_path: Path, command: str, settings: dict[str, str], line: str
) -> None:
    data = tmp_path / "data"
    if command == "migrate":
        (data / "penstock.sqlite3").mkdir(parents=True)
    refused = ManagePy(command, tmp_path, {"data": str(data), "port": str(free_port()), **settings})
    assert refused.process.wait(60) == 1
    assert refused.said.splitlines()[-1].startswith(line)
    assert "Traceback" not in refused.said


def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "penstock.sqlite3").write_text("no database" * 1_000)
    refused = ManagePy("up", tmp_path, {"data": str(tmp_path), "port": str(free_port())})
    assert refused.process.wait(60) == 1
    assert refused.said == "CommandError: PENSTOCK_DATA: the database cannot be used: file is not a database\n"


def test_another_encryption_key_is_refused(new_server: MakeServer) -> None:
    server = new_server()
    with server:
        pass
    (server.folder / "data" / "encryption.key").unlink()
    again = ManagePy("up", server.folder, server.settings)
    assert again.process.wait(30) == 1
    assert "encryption key" in again.said
    assert len(again.said.splitlines()) == 1


def test_an_older_data_folder_is_brought_up_to_date(new_server: MakeServer) -> None:
    """Taken back by one migration, as a folder of an earlier release would be, it works again after a start."""
    server = new_server()
    with server:
        pass
    with sqlite3.connect(server.folder / "data" / "penstock.sqlite3") as database:
        database.execute("DROP TABLE accounts_failedsignin")
        database.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        database.execute("DROP TABLE django_session")
    database.close()
    with server:
        assert server.is_ready()


def test_behind_tls_every_answer_says_so(new_server: MakeServer) -> None:
    with new_server(tls="true") as server:
        answers = [httpx2.get(f"{server.url}{path}") for path in ("/app", "/api/v1/runs", "/hooks/none", "/healthz")]
    assert {answer.headers["strict-transport-security"] for answer in answers} == {"max-age=31536000"}
