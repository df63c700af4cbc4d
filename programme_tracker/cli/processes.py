"""Commands that go on until they are stopped: run, web and worker."""

import errno
import http.client
import signal
import socket
import sqlite3
import threading
from urllib.parse import urlsplit

import click

from programme_tracker.cli.database import prepare_database
from programme_tracker.cli.supervision import Supervisor
from programme_tracker.cli.surroundings import (
    application,
    environment,
    require_schema,
    service_settings,
    sqlite_path,
)
from programme_tracker.config import ConfigError, Settings, load_settings
from programme_tracker.kernel.database import journal_mode


@click.command()
def run() -> None:
    """Start everything on this machine: database, web process and worker. Ctrl-C stops it.

    With nothing set up this is demo mode: invented data in ./instance, known sign-ins, and texts
    that appear on a page instead of being sent.
    """
    environ = environment()
    settings = load_settings(environ)
    refuse_taken_port(settings)
    prepare_database(settings, with_demo_data=settings.demo)
    Supervisor(environ).run(
        ("web", "worker"),
        ready=lambda: answers(settings),
        announce=lambda: click.echo(welcome(settings)),
    )
    click.echo("Stopped.")


@click.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1), help="Threads in each.")
def web(workers: int, threads: int) -> None:
    """Serve the pages, on PT_HOST and PT_PORT."""
    from programme_tracker.cli.web_server import WebServer

    settings = service_settings()
    require_schema(settings)
    WebServer(settings, workers=workers, threads=threads).run()


@click.command()
def worker() -> None:
    """Do what is due: texts, flags that time alone raises, chases. Any number may run."""
    from programme_tracker.jobs.worker import run_worker

    settings = service_settings()
    require_schema(settings)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    with application(settings) as app:
        run_worker(app, stop)


def refuse_taken_port(settings: Settings) -> None:
    """Refuse to start when the address cannot be listened on, and say what to do."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(found[4])
    except PermissionError as error:
        raise ConfigError(
            "PT_PORT", f"is {settings.port}, which needs more rights: choose 1024 or more."
        ) from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise ConfigError(
                "PT_HOST", f"is {settings.host}, which is no address of this machine."
            ) from error
        raise click.ClickException(
            f"Port {settings.port} is taken by another program: stop it, or choose another port,"
            f" such as PT_PORT={settings.port + 1}."
        ) from error


def answers(settings: Settings) -> bool:
    """Tell whether the first page is there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - read, not bound
    connection = http.client.HTTPConnection(host, settings.port, timeout=2)
    try:
        connection.request("GET", "/", headers={"Host": urlsplit(settings.public_url).netloc})
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def store_words(settings: Settings) -> str:
    """Say where the data is and, of SQLite, how it writes: its journal decides what a crash leaves."""
    path = sqlite_path(settings)
    if path is None:
        return "PostgreSQL"
    journal = {"wal": "a write-ahead log", "delete": "a rollback journal"}[journal_mode()]
    return f"{path}, SQLite {sqlite3.sqlite_version} with {journal}"


def welcome(settings: Settings) -> str:
    """Say where the product is and, in demo mode, who may sign in."""
    lines = [f"Programme Tracker is at {settings.public_url}", f"Its data is in {store_words(settings)}."]
    if settings.demo:
        from programme_tracker.workflows.demo import demo_sign_ins

        lines += ["Demo mode: everybody is invented, and no text leaves this machine. Sign in with:"]
        for account in demo_sign_ins():
            role = account.role.value.replace("_", " ")
            lines.append(f"  {account.username:<12} {account.password:<24} {account.name}, {role}")
    return "\n".join([*lines, "Ctrl-C stops it."])
