"""The table of one run, in Markdown."""

from benchmarks.dispatch.measuring import KILLS, Kills, Speed

#: The contenders in their order, by which one is chosen.
NAMES = (
    *("ours-sqlite-1", "ours-sqlite-4", "ours-postgresql-1", "ours-postgresql-4"),
    *("celery-default", "celery-reliable", "procrastinate-default", "procrastinate-reliable"),
    *("apscheduler-default", "apscheduler-reliable"),
)


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def speed_row(speed: Speed, latency_ms: int) -> str:
    """Write one contender's row; the limit is what the provider's time alone would take."""
    limit = speed.texts * latency_ms / 1000 / speed.contender.connections
    cells: list[object] = [
        *(speed.contender.name, speed.contender.settings, speed.contender.workers),
        *(f"{speed.sent:,} of {speed.texts:,}", f"{speed.per_second:,.0f}"),
    ]
    if latency_ms:
        cells += [
            f"{speed.seconds / limit:.2f}",
            f"{speed.lateness_p50:.1f} s",
            f"{speed.lateness_p99:.1f} s",
        ]
    return _row(*cells, f"{speed.per_core_second:,.0f}", f"{speed.peak_mib:,.0f} MiB")


def kills_row(kills: Kills) -> str:
    """Write one contender's row of the runs with kills."""
    return _row(
        *(kills.contender.name, kills.contender.settings, kills.contender.workers, f"{kills.texts:,}"),
        *(kills.lost, kills.doubled, f"{kills.lateness_max:.0f} s"),
    )


def speeds(slow: list[Speed], quick: list[Speed], latency_ms: int, run_on: str) -> str:
    """Write the tables of the runs in which nothing goes wrong."""
    head = ("Contender", "Store or settings", "Workers", "Sent", "Texts a second")
    lines = [
        f"{run_on}. Each worker has four connections to the provider.",
        "",
        f"A provider that takes {latency_ms} ms. *Of the limit* is the time taken against the provider's own "
        "(texts × latency ÷ connections); lateness is from the moment a text was due.",
        "",
        _row(*head, "Of the limit", "Late, half", "Late, 99 in 100", "Texts a core-second", "Memory"),
        _row(*["---"] * 10),
        *(speed_row(speed, latency_ms) for speed in slow),
        "",
        "No provider at all: what dispatching alone costs.",
        "",
        _row(*head, "Texts a core-second", "Memory"),
        _row(*["---"] * 7),
        *(speed_row(speed, 0) for speed in quick),
    ]
    return "\n".join(lines)


def kills(rows: list[Kills], run_on: str) -> str:
    """Write the table of the runs with kills."""
    lines = [
        f"{run_on}. {KILLS} times `kill -9` of a worker while it sends, another started at once.",
        "",
        _row("Contender", "Store or settings", "Workers", "Texts", "Lost", "Doubled", "Latest"),
        _row(*["---"] * 7),
        *(kills_row(one) for one in rows),
    ]
    return "\n".join(lines)
