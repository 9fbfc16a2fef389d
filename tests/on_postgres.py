"""`python -m tests.on_postgres -m pytest …`: runs Python so that Django's database is a real PostgreSQL
and Celery's broker a real Redis, both made for the occasion."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.provision import postgres, redis_server


def main() -> int:
    with postgres() as new_database, redis_server() as redis:
        surroundings = {**os.environ, "PENSTOCK_DATABASE_URL": new_database(), "PENSTOCK_BROKER_URL": redis.url}
        return subprocess.run([sys.executable, *sys.argv[1:]], env=surroundings, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
