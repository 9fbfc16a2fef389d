"""Turns are taken in the order of asking, by Django's connections and the engine's alike."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections

from config.sqlite.base import DatabaseWrapper
from runs.engine.database import Sqlite
from tests.provision import wait_until
from wire.turns import Turns, turns_for

# Django lets no test use a connection that does not ask for one, be it to a file of its own.
pytestmark = pytest.mark.django_db


def asking(turns: Turns, name: str, heard: list[str]) -> threading.Thread:
    """A thread that waits for its turn, says its name and hands on."""

    def ask() -> None:
        assert turns.take(60)
        heard.append(name)
        turns.give()

    before = len(turns._waiting)
    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: len(turns._waiting) == before + 1, f"{name} waits")
    return thread


def test_whoever_asks_again_comes_after_those_who_wait() -> None:
    turns, heard = Turns(), list[str]()
    assert turns.take(1)
    threads = [asking(turns, name, heard) for name in ("first", "second")]
    turns.give()
    assert turns.take(60)
    heard.append("again")
    turns.give()
    for thread in threads:
        thread.join()
    assert heard == ["first", "second", "again"]


def test_whoever_gives_up_leaves_no_gap() -> None:
    turns, heard = Turns(), list[str]()
    assert turns.take(1)
    assert not turns.take(0.01)
    thread = asking(turns, "next", heard)
    turns.give()
    thread.join()
    assert heard == ["next"]
    assert turns.take(1)


def test_a_request_that_writes_waits_for_one_batch_of_the_journal_and_not_for_all(tmp_path: Path) -> None:
    path = str(tmp_path / "file.sqlite3")
    journal = Sqlite({"NAME": path})
    journal._raw.execute("CREATE TABLE said (who text)")
    request = django_connection(path)
    done = threading.Event()

    def write() -> None:
        request.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        with request.cursor() as cursor:
            cursor.execute("INSERT INTO said VALUES ('request')")
        request.commit()
        request.set_autocommit(True)
        done.set()

    writing = threading.Thread(target=write)
    with journal.transaction():
        writing.start()
        wait_until(lambda: bool(turns_for(path)._waiting), "the request waits")
        journal._raw.execute("INSERT INTO said VALUES ('journal')")
    with journal.transaction():
        assert done.is_set()
    writing.join()
    assert journal._raw.execute("SELECT who FROM said").fetchall() == [("journal",), ("request",)]
    journal.close()
    request.close()


def test_a_transaction_that_is_taken_back_or_cut_off_hands_on(tmp_path: Path) -> None:
    path = str(tmp_path / "file.sqlite3")
    request = django_connection(path)
    for end in (request.rollback, request.close):
        request.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        assert turns_for(path)._is_taken
        end()
        assert not turns_for(path)._is_taken
        request.close()


def test_sqlites_own_lock_still_guards(tmp_path: Path) -> None:
    """A process that takes no turns is waited for as well, and told of as ever."""
    path = str(tmp_path / "file.sqlite3")
    stranger = sqlite3.connect(path, isolation_level=None)
    stranger.execute("PRAGMA journal_mode=WAL")
    stranger.execute("BEGIN IMMEDIATE")
    request = django_connection(path, timeout=0.01)
    with pytest.raises(OperationalError, match="locked"):
        request.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    assert not turns_for(path)._is_taken
    stranger.close()
    request.close()


def django_connection(path: str, timeout: float = 20) -> Any:
    options = {"transaction_mode": "IMMEDIATE", "timeout": timeout, "check_same_thread": False}
    made: Any = DatabaseWrapper({**connections["default"].settings_dict, "NAME": path, "OPTIONS": options}, "turns")
    made.inc_thread_sharing()
    made.connect()
    return made
