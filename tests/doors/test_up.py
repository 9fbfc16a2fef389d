"""`manage.py up`: one command, one process, stopped and started again at will."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx2

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
