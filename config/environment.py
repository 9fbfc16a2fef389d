"""What an operator may set, read from the environment once and checked at start.

Every mistake is reported in one clear line of its own, all of them together. docs/settings.md is
the same table for readers; a test holds the two in step.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from wire.addresses import Allow
from wire.networks import parse_networks
from workflows.retention_bounds import MOST_RUN_DAYS, MOST_RUNS_KEPT


class BadEnvironment(SystemExit):
    """Raised at start with one line per mistake; exits with status 1 without a traceback."""


@dataclass(frozen=True)
class Setting:
    """One variable: `read` turns its text into a value or raises ValueError saying what is allowed."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str
    secret: bool = False
    """Its text is never shown, not even when it is wrong."""


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
    if text.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return text.lower() == "true"


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _public_url(text: str) -> str:
    parts = urlsplit(text)
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ValueError("must be an http or https address such as https://flows.example.com")
    return text.rstrip("/")


def _database(text: str) -> dict[str, Any]:
    """The parts of a PostgreSQL address by libpq's own names; empty for the embedded database."""
    if not text:
        return {}
    # Only the distributed shape needs the client library, so only it pays for loading it.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    wanted = "must be an address such as postgresql://user:password@host:5432/name, or empty for the embedded database"
    try:
        if urlsplit(text).scheme in ("postgres", "postgresql"):
            return conninfo_to_dict(text)
    except (ProgrammingError, ValueError):
        pass  # what the parser says of it may quote the password
    raise ValueError(wanted)


def _broker(text: str) -> str:
    if urlsplit(text).scheme not in ("memory", "redis", "rediss", "amqp", "amqps"):
        raise ValueError("must be a redis://, rediss://, amqp:// or amqps:// address, or memory:// for one process")
    return text


def _email(text: str) -> str:
    name, _, host = text.rpartition("@")
    if not name or not host or any(sign.isspace() for sign in text):
        raise ValueError("must be an e-mail address")
    return text


def _secret_key(text: str) -> str:
    if text and len(text) < 32:
        raise ValueError("must have at least 32 characters, or be empty for one kept in the data folder")
    return text


def _fernet_keys(text: str) -> list[str]:
    keys = _list(text)
    for key in keys:
        try:
            Fernet(key)
        except ValueError:
            raise ValueError("must be Fernet keys (32 bytes in URL-safe base64) with commas between") from None
    return keys


def _access(text: str) -> str:
    if not re.fullmatch(r"on|off|anonymous(:prj_[0-9a-z]{26})?", text):
        raise ValueError("must be on, off, anonymous, or anonymous: and the id of a project (prj_…)")
    return text


def _log_level(text: str) -> str:
    levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    if text.upper() not in levels:
        raise ValueError(f"must be one of {', '.join(levels)}")
    return text.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PENSTOCK_DATA",
        "data",
        Path,
        "Folder for everything that is kept: database and keys. A relative path starts at the checkout.",
    ),
    Setting("PENSTOCK_HOST", "127.0.0.1", str, "Address to listen on. 0.0.0.0 opens the server to the network."),
    Setting("PENSTOCK_PORT", "8000", _whole(1, 65535), "Port to listen on."),
    Setting(
        "PENSTOCK_SHARE_PORT",
        "false",
        _flag,
        "Several `manage.py web` of this machine listen on the same port, to use as many cores.",
    ),
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
        secret=True,
    ),
    Setting(
        "PENSTOCK_OUTBOUND_ALLOW",
        "",
        Allow.parse,
        "Inner hosts or CIDRs that workflows may call, with commas; all inner addresses are refused otherwise.",
    ),
    Setting(
        "PENSTOCK_DATABASE_URL",
        "",
        _database,
        "PostgreSQL for the distributed shape; empty: SQLite in the data folder.",
        secret=True,
    ),
    Setting("PENSTOCK_BROKER_URL", "memory://", _broker, "Celery broker for the distributed shape.", secret=True),
    Setting(
        "PENSTOCK_SECRET_KEY",
        "",
        _secret_key,
        "Signs sessions and tokens; empty: a file in the data folder, made once.",
        secret=True,
    ),
    Setting(
        "PENSTOCK_ENCRYPTION_KEYS",
        "",
        _fernet_keys,
        "Fernet keys for credentials, newest first; empty: a file in the data folder, made once.",
        secret=True,
    ),
    Setting("PENSTOCK_SLOTS", "200", _whole(1, 10000), "Runs that one worker process works on at once."),
    Setting(
        "PENSTOCK_NODE_SECONDS",
        "3600",
        _whole(1, 24 * 60 * 60),
        "Seconds after which an attempt is stopped of a node that has no time-out of its own.",
    ),
    Setting(
        "PENSTOCK_LEASE_SECONDS",
        "30",
        _whole(1, 3600),
        "A worker that has not renewed its lease for so long is declared dead.",
    ),
    Setting("PENSTOCK_MAX_BODY_BYTES", "1000000", _whole(1000, 10**9), "Largest body of an API request."),
    Setting("PENSTOCK_MAX_HOOK_BYTES", "10000000", _whole(1000, 10**9), "Largest body of a webhook request."),
    Setting("PENSTOCK_ALTOSTRAT", "on", _access, "Altostrat's API: on, off, or anonymous: callers need no key."),
    Setting(
        "PENSTOCK_ALTOSTRAT_RUN_SECONDS",
        "3600",
        _whole(1, 366 * 24 * 60 * 60),
        "Seconds that a run may take of a workflow that was made, or started, by Altostrat's API.",
    ),
    Setting(
        "PENSTOCK_ALTOSTRAT_NODE_SECONDS",
        "300",
        _whole(1, 24 * 60 * 60),
        "Seconds that a node may be at work in a workflow that was saved by Altostrat's API.",
    ),
    Setting(
        "PENSTOCK_ALTOSTRAT_DELAY_SECONDS",
        "900",
        _whole(1, 366 * 24 * 60 * 60),
        "Longest delay in a workflow that was saved by Altostrat's API.",
    ),
    Setting(
        "PENSTOCK_ALTOSTRAT_ITEMS",
        "1000",
        _whole(1, 10_000),
        "Most items of a loop in a workflow that was saved by Altostrat's API.",
    ),
    Setting("PENSTOCK_CONDUCTOR", "on", _access, "Conductor's API: on, off, or anonymous: callers need no key."),
    Setting("PENSTOCK_DAPR", "on", _access, "Dapr's workflow API: on, off, or anonymous: callers need no key."),
    Setting(
        "PENSTOCK_DAPR_GRPC_PORT",
        "0",
        _whole(0, 65535),
        "Port of Dapr's gRPC services beside the web server; Dapr's clients look for 50001; 0: none.",
    ),
    Setting(
        "PENSTOCK_FUNCTIONGRAPH",
        "on",
        _access,
        "Huawei FunctionGraph's flow API: on, off, or anonymous: callers need no key.",
    ),
    Setting(
        "PENSTOCK_TRUSTED_PROXIES",
        "",
        parse_networks,
        "Addresses or CIDRs of reverse proxies whose X-Forwarded-For tells who calls a webhook, with commas.",
    ),
    Setting(
        "PENSTOCK_RUN_DAYS", "90", _whole(0, MOST_RUN_DAYS), "Days that runs which have ended are kept; 0: for ever."
    ),
    Setting(
        "PENSTOCK_RUNS_KEPT",
        "0",
        _whole(0, MOST_RUNS_KEPT),
        "Runs that are kept of one workflow, the latest; 0: all. A workflow may have figures of its own.",
    ),
    Setting("PENSTOCK_DELIVERY_DAYS", "30", _whole(1, 3650), "Days that webhook deliveries are kept."),
    Setting(
        "PENSTOCK_DELIVERIES_KEPT",
        "10000",
        _whole(100, 10**7),
        "Webhook deliveries that are kept of one workflow, and of all unknown addresses.",
    ),
    Setting("PENSTOCK_TLS", "false", _flag, "Served behind TLS: secure cookies and HSTS."),
    Setting("PENSTOCK_LOG_LEVEL", "WARNING", _log_level, "From which level on the log, on standard error, says more."),
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
            mistakes.append(f"{setting.name}: {mistake}" + ("" if setting.secret else f" (got {text!r})"))
    if mistakes:
        raise BadEnvironment("\n".join(mistakes))
    return values
