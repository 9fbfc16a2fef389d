"""Settings for tests: a data folder of their own; PENSTOCK_DATABASE_URL may name a real PostgreSQL."""

import atexit
import os
import shutil
import tempfile

# One for each process: the embedded engine lets no second one into its folder.
os.environ["PENSTOCK_DATA"] = tempfile.mkdtemp(prefix="penstock-test-")

from config.settings import *  # noqa: F403
from config.settings import DATA_FOLDER, DATABASES, EMBEDDED

atexit.register(shutil.rmtree, DATA_FOLDER, ignore_errors=True)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if EMBEDDED:
    # A file and not memory: the engine's threads need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": DATA_FOLDER / "test.sqlite3"}
# The built front end is not what these tests are about, and it may be built anew while they run.
STATICFILES_DIRS = []
