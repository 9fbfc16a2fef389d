"""Settings are read once, every mistake is one line, and docs/settings.md lists exactly what there is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config import environment, keys

ROOT = Path(__file__).resolve().parents[2]


def mistakes(**values: str) -> list[str]:
    with pytest.raises(environment.BadEnvironment) as caught:
        environment.read({f"PENSTOCK_{name}": text for name, text in values.items()})
    return str(caught.value).splitlines()


def test_an_empty_environment_gives_every_default() -> None:
    values = environment.read({})
    assert values["port"] == 8000
    assert values["host"] == "127.0.0.1"
    assert values["database_url"] == {}
    assert values["encryption_keys"] == []
    assert set(values) == {s.name.removeprefix("PENSTOCK_").lower() for s in environment.SETTINGS}


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("PORT", "http", "must be a whole number from 1 to 65535 (got 'http')"),
        ("PORT", "0", "must be a whole number from 1 to 65535 (got '0')"),
        ("URL", "flows.example.com", "must be an http or https address such as https://flows.example.com"),
        ("ADMIN_EMAIL", "root", "must be an e-mail address (got 'root')"),
        ("BROKER_URL", "kafka://a", "must be a redis://"),
        ("TLS", "perhaps", "must be true or false"),
        ("LOG_LEVEL", "loud", "must be one of DEBUG"),
        ("OUTBOUND_ALLOW", "10.0.0.1/8", "'10.0.0.1/8' has bits set behind its prefix; write 10.0.0.0/8"),
        ("SLOTS", "0", "must be a whole number from 1 to 10000"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_is_allowed(name: str, text: str, wanted: str) -> None:
    [line] = mistakes(**{name: text})
    assert line.startswith(f"PENSTOCK_{name}: {wanted}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@h/d"),
        ("DATABASE_URL", "postgresql://u:hunter2@["),
        ("SECRET_KEY", "hunter2"),
        ("ENCRYPTION_KEYS", "hunter2"),
        ("BROKER_URL", "nats://u:hunter2@h"),
    ],
)
def test_a_secret_is_never_shown(name: str, text: str) -> None:
    [line] = mistakes(**{name: text})
    assert line.startswith(f"PENSTOCK_{name}: must")
    assert "hunter2" not in line


def test_all_mistakes_are_reported_together() -> None:
    assert len(mistakes(PORT="x", TLS="x", COLOUR="blue")) == 3


def test_a_database_address_is_taken_apart_as_libpq_does() -> None:
    address = "postgresql://u:p%40ss@db.example:5433/flows?sslmode=require"
    assert environment.read({"PENSTOCK_DATABASE_URL": address})["database_url"] == {
        "user": "u",
        "password": "p@ss",
        "host": "db.example",
        "port": "5433",
        "dbname": "flows",
        "sslmode": "require",
    }


def manage(*words: str, **values: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PATH": "/usr/bin:/bin"} | {f"PENSTOCK_{name}": text for name, text in values.items()}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )


def test_a_command_stops_at_a_mistake_without_a_traceback(tmp_path: Path) -> None:
    done = manage("check", DATA=str(tmp_path), PORT="eighty")
    assert done.returncode == 1
    assert done.stderr == "PENSTOCK_PORT: must be a whole number from 1 to 65535 (got 'eighty')\n"


def test_a_data_folder_that_cannot_be_used_is_one_line_too(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = manage("check", DATA=str(tmp_path / "file"))
    assert done.returncode == 1
    assert done.stderr == f"PENSTOCK_DATA: cannot use {tmp_path}/file: File exists\n"


def test_behind_tls_the_deployment_check_finds_nothing(tmp_path: Path) -> None:
    done = manage(
        "check", "--deploy", "--fail-level=WARNING", DATA=str(tmp_path), TLS="true", URL="https://flows.example.com"
    )
    assert done.returncode == 0, done.stderr


def test_the_page_of_settings_is_in_step() -> None:
    rows = [f"| `{s.name}` | {f'`{s.default}`' if s.default else '–'} | {s.meaning} |" for s in environment.SETTINGS]
    page = (ROOT / "docs" / "settings.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("| `PENSTOCK_")] == rows


def counter() -> Callable[[], str]:
    numbers = iter(range(9))
    return lambda: str(next(numbers))


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    make = counter()
    folder = tmp_path / "new"
    assert keys.kept(folder, "a.key", make) == keys.kept(folder, "a.key", make) == "0"
    assert (folder / "a.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["a.key"]


def test_of_two_that_make_a_key_at_once_the_first_wins(tmp_path: Path) -> None:
    def make_late() -> str:
        keys.kept(tmp_path, "a.key", lambda: "first")
        return "second"

    assert keys.kept(tmp_path, "a.key", make_late) == "first"
