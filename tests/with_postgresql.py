"""Run a command with a throw-away PostgreSQL: `python tests/with_postgresql.py COMMAND [ARGUMENT ...]`.

The cluster lives in a temporary folder, listens on a socket in that folder only, and is gone afterwards. The command
finds it by VARDE_DATABASE_URL. Where PostgreSQL is not installed, the command is not run and the reason is printed.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PORT = "54329"
ACCOUNT = "postgres"
"""PostgreSQL refuses to run as root; the package's own account is used then."""


def main(command: list[str]) -> int:
    """The command's exit code; 0 where there is no PostgreSQL."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        print("PostgreSQL is not installed: the tests on it are skipped.")
        return 0
    binaries = programs[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="varde-postgresql-"))
    account = ACCOUNT if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    shutil.chown(folder, account)
    folder.chmod(0o755)
    data = folder / "data"
    try:
        _run(account, binaries / "initdb", "-D", data, "-U", "varde", "--auth=trust", "-E", "UTF8", "--no-sync")
        settings = f"-p {PORT} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        _run(account, binaries / "pg_ctl", "-D", data, "-w", "-o", settings, "-l", folder / "log", "start")
        _run(account, binaries / "createdb", "-h", folder, "-p", PORT, "-U", "varde", "varde")
        environment = os.environ | {"VARDE_DATABASE_URL": f"postgresql://varde@127.0.0.1:{PORT}/varde"}
        return subprocess.run(command, env=environment, check=False).returncode
    finally:
        if data.exists():
            _run(account, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _run(account: str, *arguments: str | Path, check: bool = True) -> None:
    change = ["runuser", "-u", account, "--"] if os.getuid() == 0 else []
    subprocess.run(
        [*change, *(str(argument) for argument in arguments)], check=check, stdout=subprocess.DEVNULL, cwd="/"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
