"""Django's settings, all derived from the environment (config/environment.py)."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from config import environment, keys
from wire.addresses import Allow
from wire.networks import Network

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = environment.read()

DATA_FOLDER: Path = (BASE_DIR / ENV["data"]).resolve()
SECRET_KEY = ENV["secret_key"] or keys.kept(DATA_FOLDER, "secret.key", lambda: secrets.token_urlsafe(50))
ENCRYPTION_KEYS: list[str] = ENV["encryption_keys"] or [
    keys.kept(DATA_FOLDER, "encryption.key", lambda: Fernet.generate_key().decode())
]

HOST: str = ENV["host"]
PORT: int = ENV["port"]
SHARE_PORT: bool = ENV["share_port"]
# What a browser on this machine can open: an address that stands for all of them is none to visit.
_VISIT = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(HOST, f"[{HOST}]" if ":" in HOST else HOST)  # noqa: S104
PUBLIC_URL: str = ENV["url"] or f"http://{_VISIT}:{PORT}"
ADMIN_EMAIL: str = ENV["admin_email"]
ADMIN_PASSWORD: str = ENV["admin_password"]
OUTBOUND_ALLOW: Allow = ENV["outbound_allow"]
SLOTS: int = ENV["slots"]
NODE_SECONDS: int = ENV["node_seconds"]
LEASE_SECONDS: int = ENV["lease_seconds"]
MAX_BODY_BYTES: int = ENV["max_body_bytes"]
MAX_HOOK_BYTES: int = ENV["max_hook_bytes"]
TRUSTED_PROXIES: tuple[Network, ...] = ENV["trusted_proxies"]
RUN_DAYS: int = ENV["run_days"]
RUNS_KEPT: int = ENV["runs_kept"]
DELIVERY_DAYS: int = ENV["delivery_days"]
DELIVERIES_KEPT: int = ENV["deliveries_kept"]

# Other vendors' APIs by name: "on", "off", "anonymous", or "anonymous:" and the project's id (runs/dialects).
ALTOSTRAT_RUN_SECONDS: int = ENV["altostrat_run_seconds"]
ALTOSTRAT_NODE_LIMITS: dict[str, int] = {
    name: ENV[f"altostrat_{name}"] for name in ("node_seconds", "delay_seconds", "items")
}
DIALECTS: dict[str, str] = {name: ENV[name] for name in ("altostrat", "conductor", "dapr", "functiongraph")}
DAPR_GRPC_PORT: int = ENV["dapr_grpc_port"]

DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_URL).hostname, *ENV["allowed_hosts"]]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
APPEND_SLASH = False
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
USE_TZ = True
TIME_ZONE = "UTC"
DATA_UPLOAD_MAX_MEMORY_SIZE = max(MAX_BODY_BYTES, MAX_HOOK_BYTES)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_celery_beat",
    "accounts",
    "workflows",
    "runs",
]

MIDDLEWARE = [
    "config.csp.PolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "wire.rest.ProblemMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": []},
    }
]

# --- database: SQLite in the data folder (embedded) or PostgreSQL (distributed) ---

EMBEDDED = not ENV["database_url"]
if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "config.sqlite",
            "NAME": DATA_FOLDER / "penstock.sqlite3",
            # Each thread keeps its own: opening the file anew would cost a request a millisecond.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # Django's deferred default fails with "database is locked" as soon as two threads write.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: an accepted run is on disk, not only in the page cache.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    }
else:
    from wire.postgres import CONNECT_SECONDS, BoundedConnection  # the embedded shape does without psycopg's pool

    _address: dict[str, Any] = dict(ENV["database_url"])
    DATABASES = {
        "default": {
            "ENGINE": "config.postgresql",
            "NAME": _address.pop("dbname", ""),
            "USER": _address.pop("user", ""),
            "PASSWORD": _address.pop("password", ""),
            "HOST": _address.pop("host", ""),
            "PORT": _address.pop("port", ""),
            "CONN_MAX_AGE": 0,
            "OPTIONS": {
                "connect_timeout": CONNECT_SECONDS,
                **_address,  # sslmode and whatever else the address says
                # Its pauses between two attempts double; after five seconds the next caller's attempt counts.
                "pool": {
                    "min_size": 1,
                    "max_size": 40,
                    "timeout": 10,
                    "reconnect_timeout": 5,
                    "connection_class": BoundedConnection,
                },
                # A frozen process must not hold row locks, nor a request wait on them for long.
                "options": "-c idle_in_transaction_session_timeout=5s -c lock_timeout=2s",
                # At its first use, by a cursor that prepares statements at all (config/postgresql).
                "prepare_threshold": 0,
            },
        }
    }

# --- signing in ---

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV["tls"]
SECURE_HSTS_SECONDS = 31_536_000 if ENV["tls"] else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "wire.rest.csrf_failure"
# Said by the reverse proxy, which alone knows about port 80 and the rest of the domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(minutes=60), "REFRESH_TOKEN_LIFETIME": timedelta(days=7)}

# --- static files: the built front end, straight from its build folder ---

FRONTEND_BUILD = BASE_DIR / "frontend" / "dist"
STATIC_URL = "/static/"
STATICFILES_DIRS = [("app", FRONTEND_BUILD)]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
# The build puts a hash of its content into each file's name.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/.+-[0-9A-Za-z_-]{8}\.[a-z0-9]+$"

# --- API ---

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "EXCEPTION_HANDLER": "wire.rest.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "config.openapi.ApiSchema",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Penstock",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "PREPROCESSING_HOOKS": ["config.openapi.only_native"],
    "POSTPROCESSING_HOOKS": ["config.openapi.with_stream"],
}

# --- queue: messages are wake-ups only, so none is kept, acknowledged late or given a result ---

if ENV["broker_url"].startswith("memory:"):
    CELERY_BROKER_URL = "memory://localhost"  # it warns when no host is named
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.02}
else:
    CELERY_BROKER_URL = ENV["broker_url"]
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 1, "socket_connect_timeout": 1}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENV["log_level"]},
    "loggers": {
        # One line for each start and stop of a process, whatever the level.
        "penstock": {"level": min("INFO", ENV["log_level"], key=logging.getLevelName)},
        # A request that was refused is the caller's matter and is told to the caller.
        "django.request": {"level": "ERROR"},
    },
}
