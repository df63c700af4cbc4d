"""The worker: a tick that asks what is due, and stops when told."""

import logging
import os
import socket
import threading
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask, current_app

from programme_tracker.audit.anchors import anchor_when_due
from programme_tracker.config import Settings
from programme_tracker.jobs.dispatch import Dispatch
from programme_tracker.jobs.due import run_due
from programme_tracker.jobs.heartbeat import EVERY, beat
from programme_tracker.jobs.metrics import ports_for, serve_metrics
from programme_tracker.jobs.witness import watch_for_restore
from programme_tracker.kernel import clock
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.messaging.providers import provider_for

log = logging.getLogger(__name__)

#: Texts that a worker claims at once.
BATCH = 200

#: A tick goes on as long as it finds something, but not for ever: a stop must be heard.
MOST_ROUNDS = 200

_LAST_SIGN = "programme_tracker.worker.last_sign"


def run_worker(app: Flask, stop: threading.Event) -> None:
    """Do due work every few seconds until ``stop`` is set. Any number of workers may run."""
    with app.app_context():
        settings = current_settings()
    with serve_metrics(app, ports=ports_for(app, first=0, count=1)):
        _tick_until(app, stop, settings)


def _tick_until(app: Flask, stop: threading.Event, settings: Settings) -> None:
    dispatch = Dispatch(provider_for(settings), threads=settings.sending_threads)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        tick,
        "interval",
        args=[app, stop, dispatch],
        seconds=settings.tick_seconds,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
        next_run_time=clock.SystemClock().now() + timedelta(milliseconds=50),
    )
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)
    dispatch.close()
    with app.app_context():
        anchor_when_due(clock.now(), at_once=True)


def tick(app: Flask, stop: threading.Event, dispatch: Dispatch) -> int:
    """Do everything that is due now; a failure is logged and the next tick tries again."""
    done = 0
    with app.app_context():
        try:
            give_sign(at=clock.SystemClock().now())
            for _ in range(MOST_ROUNDS):
                some = run_due(
                    dispatch.provider,
                    now=clock.now(),
                    limit=BATCH,
                    worker=worker_name(),
                    dispatch=dispatch,
                    is_paced=True,
                )
                done += some
                if not some or stop.is_set():
                    break
            dispatch.finish(now=clock.now())
            if done:
                # What was just sent must not be forgotten, should this be the last tick before a restore.
                watch_for_restore(current_settings().instance_path, now=clock.now())
            anchor_when_due(clock.now())
        except Exception:
            log.exception("tick failed")
        finally:
            db.session.remove()
    return done


def give_sign(*, at: datetime) -> None:
    """Note that this worker runs, every half minute; see each time that the database is no earlier one.

    The first time is before the first message goes.
    """
    last = current_app.extensions.get(_LAST_SIGN)
    if last is not None and at - last < EVERY:
        return
    watch_for_restore(current_settings().instance_path, now=clock.now())
    beat(worker_name(), at=at)
    current_app.extensions[_LAST_SIGN] = at


def worker_name() -> str:
    """Return what this worker is called in the causes of changes."""
    return f"{socket.gethostname()}:{os.getpid()}"
