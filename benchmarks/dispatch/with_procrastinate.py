"""The same work on Procrastinate and PostgreSQL, one scheduled job for each text.

BENCH_RELIABLE=1 takes what Procrastinate documents for workers that die: a periodic task that
retries stalled jobs.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime

import procrastinate

from benchmarks.dispatch.words import send

#: After how long without a sign of life a worker's jobs are taken for stalled.
STALLED_SECONDS = 20

#: Jobs made in one statement.
AT_ONCE = 1000

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRESQL"]))
app.task(name="send")(send)

if os.environ.get("BENCH_RELIABLE") == "1":

    @app.periodic(cron="* * * * * */10")
    @app.task(queueing_lock="stalled", name="retry_stalled", pass_context=True)
    async def retry_stalled(context: procrastinate.JobContext, timestamp: int) -> None:
        """Give the jobs of lost workers to others."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await app.job_manager.retry_job(job)


async def enqueue(texts: int, due: float) -> None:
    """Make the schema, and a job for each text."""
    when = datetime.fromtimestamp(due, UTC)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for start in range(0, texts, AT_ONCE):
            jobs = [{"number": number} for number in range(start, min(start + AT_ONCE, texts))]
            await app.configure_task("send", schedule_at=when).batch_defer_async(*jobs)


if __name__ == "__main__":
    asyncio.run(enqueue(int(sys.argv[1]), float(sys.argv[2])))
