"""The worker: a tick that asks what is due, and stops when told."""

import logging
import os
import socket
import threading
from datetime import UTC, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from programme_tracker.jobs.due import run_due
from programme_tracker.kernel import clock
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import provider_for

log = logging.getLogger(__name__)

#: A tick goes on as long as it finds something, but not for ever: a stop must be heard.
MOST_ROUNDS = 200


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Do due work every few seconds until ``stop`` is set. Any number of workers may run."""
    with app.app_context():
        seconds = current_settings().tick_seconds
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        tick,
        "interval",
        args=[app, stop],
        seconds=seconds,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
        next_run_time=clock.SystemClock().now() + timedelta(milliseconds=50),
    )
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def tick(app: Flask, stop: threading.Event) -> int:
    """Do everything that is due now; a failure is logged and the next tick tries again."""
    done = 0
    with app.app_context():
        try:
            provider = provider_for(current_settings())
            for _ in range(MOST_ROUNDS):
                some = run_due(provider, now=clock.now(), worker=worker_name())
                done += some
                if not some or stop.is_set():
                    break
        except Exception:
            log.exception("tick failed")
        finally:
            db.session.remove()
    return done


def worker_name() -> str:
    """Return what this worker is called in the causes of changes."""
    return f"{socket.gethostname()}:{os.getpid()}"
