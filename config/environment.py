"""What an operator may set, read from the environment once and checked at start.

Every mistake is reported in one clear line of its own, all of them together. docs/settings.md is
the same table for readers; a test holds the two in step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class BadEnvironment(SystemExit):
    """Raised at start with one line per mistake; exits with status 1 without a traceback."""


@dataclass(frozen=True)
class Setting:
    """One variable: `read` turns its text into a value or raises ValueError saying what is allowed."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise ValueError(f"must be a whole number from {low} to {high}") from None
        if not low <= number <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return number

    return read


def _flag(text: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in words:
        raise ValueError("must be one of true, false")
    return words[text.lower()]


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("must be an http or https address such as https://flows.example.com")
    return text.rstrip("/")


def _database(text: str) -> str:
    if text and urlsplit(text).scheme not in ("postgres", "postgresql"):
        raise ValueError("must be a postgresql:// address, or empty for the embedded database")
    return text


def _broker(text: str) -> str:
    if urlsplit(text).scheme not in ("memory", "redis", "rediss", "amqp", "amqps"):
        raise ValueError("must be a redis://, rediss://, amqp:// or amqps:// address, or memory:// for one process")
    return text


def _email(text: str) -> str:
    if "@" not in text.strip("@"):
        raise ValueError("must be an e-mail address")
    return text


SETTINGS: tuple[Setting, ...] = (
    Setting("PENSTOCK_DATA", "data", Path, "Folder for everything that is kept: database, keys, blobs."),
    Setting("PENSTOCK_HOST", "127.0.0.1", str, "Address to listen on. 0.0.0.0 opens the server to the network."),
    Setting("PENSTOCK_PORT", "8000", _whole(1, 65535), "Port to listen on."),
    Setting(
        "PENSTOCK_URL",
        "",
        _public_url,
        "Public address used in webhook URLs and Location headers; empty: host and port.",
    ),
    Setting(
        "PENSTOCK_ALLOWED_HOSTS",
        "",
        _list,
        "Further host names the server answers to; loopback names and the host of PENSTOCK_URL always are.",
    ),
    Setting(
        "PENSTOCK_ADMIN_EMAIL",
        "admin@localhost.localdomain",
        _email,
        "First administrator, made at first start.",
    ),
    Setting(
        "PENSTOCK_ADMIN_PASSWORD",
        "",
        str,
        "Password of the first administrator; empty: sign in by the printed link and set one.",
    ),
    Setting(
        "PENSTOCK_OUTBOUND_ALLOW",
        "",
        _list,
        "Inner hosts or CIDRs that workflows may call, with commas; all inner addresses are refused otherwise.",
    ),
    Setting(
        "PENSTOCK_DATABASE_URL",
        "",
        _database,
        "PostgreSQL for the distributed shape; empty: SQLite in the data folder.",
    ),
    Setting("PENSTOCK_BROKER_URL", "memory://", _broker, "Celery broker for the distributed shape."),
    Setting(
        "PENSTOCK_SECRET_KEY",
        "",
        str,
        "Signs sessions and tokens; empty: a file in the data folder, made once.",
    ),
    Setting(
        "PENSTOCK_ENCRYPTION_KEYS",
        "",
        _list,
        "Fernet keys for credentials, newest first; empty: a file in the data folder, made once.",
    ),
    Setting("PENSTOCK_SLOTS", "200", _whole(1, 10000), "Runs that one worker process works on at once."),
    Setting(
        "PENSTOCK_LEASE_SECONDS",
        "30",
        _whole(1, 3600),
        "A worker that has not renewed its lease for so long is declared dead.",
    ),
    Setting("PENSTOCK_MAX_BODY_BYTES", "1000000", _whole(1000, 10**9), "Largest body of an API request."),
    Setting("PENSTOCK_MAX_HOOK_BYTES", "10000000", _whole(1000, 10**9), "Largest body of a webhook request."),
    Setting("PENSTOCK_TLS", "false", _flag, "Served behind TLS: secure cookies and HSTS."),
    Setting("PENSTOCK_LOG_LEVEL", "INFO", str.upper, "Level of the server's own log on standard error."),
)


def read(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All settings by name without the `PENSTOCK_` prefix, lower case; BadEnvironment lists every mistake."""
    values: dict[str, Any] = {}
    mistakes: list[str] = []
    known = {setting.name for setting in SETTINGS}
    for name in sorted(environ):
        if name.startswith("PENSTOCK_") and name not in known:
            mistakes.append(f"{name}: unknown setting; see docs/settings.md")
    for setting in SETTINGS:
        text = environ.get(setting.name, setting.default)
        try:
            values[setting.name.removeprefix("PENSTOCK_").lower()] = setting.read(text)
        except ValueError as mistake:
            mistakes.append(f"{setting.name}: {mistake} (got {text!r})")
    if mistakes:
        raise BadEnvironment("\n".join(mistakes))
    return values
