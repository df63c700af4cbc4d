"""The same work on Celery and Redis, one task with an ETA for each text.

BENCH_RELIABLE=1 takes what Celery documents for tasks that must not be lost: acknowledgement after
the work, nothing prefetched, a task given back when its worker is lost.
"""

import os
import sys
from datetime import UTC, datetime

from celery import Celery

from benchmarks.dispatch.words import send

#: How long Redis waits for an acknowledgement before another worker gets the task. By default it is
#: an hour; a reliable installation with short tasks takes less.
VISIBILITY_SECONDS = 20

app = Celery("bench", broker=os.environ["BENCH_REDIS"])
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = True
if os.environ.get("BENCH_RELIABLE") == "1":
    app.conf.task_acks_late = True
    app.conf.task_reject_on_worker_lost = True
    app.conf.worker_prefetch_multiplier = 1
    app.conf.broker_transport_options = {"visibility_timeout": VISIBILITY_SECONDS}
app.task(name="send")(send)


def enqueue(texts: int, due: float) -> None:
    """Make a task for each text."""
    eta = datetime.fromtimestamp(due, UTC)
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(texts):
            app.send_task("send", args=(number,), eta=eta, producer=producer)


if __name__ == "__main__":
    enqueue(int(sys.argv[1]), float(sys.argv[2]))
