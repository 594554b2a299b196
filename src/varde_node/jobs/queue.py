"""The queue behind the rows: huey on SQLite, or on PostgreSQL when the node runs there. Only a job's id is in it."""

from __future__ import annotations

from django.conf import settings
from huey import Huey, PostgresHuey, SqliteHuey, crontab


def _make_queue() -> Huey:
    database = settings.DATABASES["default"]
    immediate = settings.JOB_MODE == "immediate"
    if immediate or database["ENGINE"].endswith("sqlite3"):
        return SqliteHuey("varde", filename=str(settings.DATA / "jobs.sqlite3"), results=False, immediate=immediate)
    parameters = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    return PostgresHuey("varde", results=False, **{key: value for key, value in parameters.items() if value})


queue = _make_queue()


@queue.task()
def run_job(job_id: str) -> None:
    """Run one job (in a worker)."""
    from varde_node.jobs.runner import run

    run(job_id)


@queue.periodic_task(crontab(minute="*"))
def sweep_jobs() -> None:
    """Put jobs whose worker died back into the queue (every minute)."""
    from varde_node.jobs.services import sweep

    sweep()
