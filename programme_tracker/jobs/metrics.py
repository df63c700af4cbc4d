"""Figures for Prometheus on a port of their own: what waits, read when asked, and counts."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from wsgiref.simple_server import WSGIServer

from flask import Flask
from prometheus_client import start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from programme_tracker.jobs.health import standing
from programme_tracker.jobs.models import DueFailure
from programme_tracker.kernel import clock
from programme_tracker.kernel.application import current_settings
from programme_tracker.kernel.database import db
from programme_tracker.messaging.figures import REGISTRY
from programme_tracker.messaging.queries import counts

log = logging.getLogger(__name__)


class WaitingCollector(Collector):
    """Reads from the database what waits, at the moment somebody asks; every process says the same."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """Return the figures; only that the database cannot be read when it cannot."""
        reachable = GaugeMetricFamily(
            "programme_tracker_database_up", "1 when the database could be read for these figures."
        )
        with self._app.app_context():
            try:
                found = list(_waiting(clock.now()))
                reachable.add_metric([], 1)
            except Exception:
                log.exception("figures cannot be read")
                found = []
                reachable.add_metric([], 0)
            finally:
                db.session.remove()
        return [reachable, *found]

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand: registering must not read the database."""
        return []


def _waiting(now: datetime) -> Iterator[Metric]:
    stands = standing(now)
    age = GaugeMetricFamily(
        "programme_tracker_oldest_due_seconds",
        "How long the oldest due item has waited; 0 when nothing is due.",
        labels=["work"],
    )
    for work, due_at in (
        ("message", stands.message_due_at),
        ("notice", stands.notice_due_at),
        ("reassess", stands.look_due_at),
    ):
        age.add_metric([work], (now - due_at).total_seconds() if due_at else 0)
    yield age
    states = GaugeMetricFamily(
        "programme_tracker_messages_open", "Messages that are not settled.", labels=["state"]
    )
    for state, count in counts().items():
        states.add_metric([state], count)
    yield states
    failing = GaugeMetricFamily(
        "programme_tracker_due_work_failing", "Items of due work that failed.", labels=["work"]
    )
    for kind, count in db.session.execute(select(DueFailure.kind, func.count()).group_by(DueFailure.kind)):
        failing.add_metric([kind], count)
    yield failing
    yield GaugeMetricFamily(
        "programme_tracker_sending_held", "1 while a person must release sending.", bool(stands.holds)
    )
    beat_at = stands.last_beat_at
    yield GaugeMetricFamily(
        "programme_tracker_worker_beat_timestamp_seconds",
        "When a worker last gave a sign of life; 0 when none ever did.",
        beat_at.timestamp() if beat_at else 0,
    )


@contextmanager
def serve_metrics(app: Flask, *, ports: range) -> Iterator[WSGIServer | None]:
    """Answer Prometheus on the first free of ``ports``, on the host of the settings, meanwhile.

    None when metrics are off or every port is taken: that is logged and stops nothing.
    """
    collector = WaitingCollector(app)
    with app.app_context():
        host = current_settings().metrics.host
    server = None
    for port in ports:
        try:
            server, thread = start_http_server(port, addr=host, registry=REGISTRY)
            break
        except OSError:
            continue
    if server is None:
        if ports:
            log.warning("no port is free for metrics", extra={"first": ports.start})
        yield None
        return
    REGISTRY.register(collector)
    try:
        yield server
    finally:
        REGISTRY.unregister(collector)
        server.shutdown()
        server.server_close()
        thread.join()


def ports_for(app: Flask, *, first: int, count: int) -> range:
    """Return the ports to try: ``first`` after that of the settings, ``count`` of them; none when off."""
    with app.app_context():
        port = current_settings().metrics.port
    return range(port + first, port + first + count) if port else range(0)
