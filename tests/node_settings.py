"""Settings of the test run: a data folder of its own, jobs at once, plain names for static files."""

import os
import tempfile
from pathlib import Path

os.environ["VARDE_DATA"] = os.environ.get("VARDE_TEST_DATA") or str(Path(tempfile.mkdtemp(prefix="varde-test-")))
os.environ["VARDE_DEMO"] = "true"
os.environ["VARDE_JOB_MODE"] = "immediate"
os.environ["VARDE_HASHED_STATIC"] = "false"
os.environ["VARDE_HOSTS"] = "localhost,127.0.0.1,testserver"
os.environ["VARDE_LANGUAGE"] = "en"
os.environ["VARDE_LOG_LEVEL"] = "WARNING"

from varde_node.site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, as in service: in memory all threads of the live server would share one connection, and refuse each other.
    DATABASES["default"]["TEST"] = {"NAME": Path(os.environ["VARDE_DATA"]) / "test.sqlite3"}  # noqa: F405
