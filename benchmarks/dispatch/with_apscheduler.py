"""The same work with one APScheduler job for each text, kept in an SQLite file.

BENCH_RELIABLE=1 lifts the time after which a late job is dropped.
"""

import os
import sys
import time
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from benchmarks.dispatch.words import send


def scheduler() -> BackgroundScheduler:
    """Build a scheduler on the store at BENCH_STORE."""
    return BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(url=os.environ["BENCH_STORE"])},
        executors={"default": ThreadPoolExecutor(int(os.environ["BENCH_CONNECTIONS"]))},
        job_defaults={"misfire_grace_time": None} if os.environ.get("BENCH_RELIABLE") == "1" else {},
        timezone=UTC,
    )


def enqueue(texts: int, due: float) -> None:
    """Make a job for each text."""
    when = datetime.fromtimestamp(due, UTC)
    standing = scheduler()
    standing.start(paused=True)
    for number in range(texts):
        standing.add_job(send, "date", run_date=when, args=(number,))
    standing.shutdown()


def work() -> None:
    """Run the scheduler until the process is ended."""
    scheduler().start()
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    if sys.argv[1] == "work":
        work()
    else:
        enqueue(int(sys.argv[1]), float(sys.argv[2]))
