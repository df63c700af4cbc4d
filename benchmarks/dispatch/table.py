"""The table of one run, in Markdown."""

from pathlib import Path

from benchmarks.dispatch.measuring import KILLS, Kills, Speed

#: The contenders in their order, by which one is chosen.
NAMES = (
    *("ours-sqlite-1", "ours-sqlite-4", "ours-postgresql-1", "ours-postgresql-4"),
    *("celery-default", "celery-reliable", "procrastinate-default", "procrastinate-reliable"),
    *("apscheduler-default", "apscheduler-reliable"),
)

_BEGIN = "<!-- dispatch: begin -->"
_END = "<!-- dispatch: end -->"


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


def document(
    slow: list[Speed], quick: list[Speed], kills: list[Kills], latency_ms: int, machine: str, day: str
) -> str:
    """Write the three tables of one run and what they were run on."""
    head = ("Contender", "Store or settings", "Workers", "Sent", "Texts a second")
    lines = [
        f"Run on {day}: {machine}. Each worker has four connections to the provider.",
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
        "",
        f"{KILLS} times `kill -9` of a worker while it sends, another started at once.",
        "",
        _row("Contender", "Store or settings", "Workers", "Texts", "Lost", "Doubled", "Latest"),
        _row(*["---"] * 7),
        *(kills_row(one) for one in kills),
    ]
    return "\n".join(lines)


def put_into(path: Path, text: str) -> None:
    """Put a run's tables into a document, in place of the last ones. Raises ValueError without marks."""
    old = path.read_text(encoding="utf-8")
    before, begin, rest = old.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the tables: add {_BEGIN} and {_END}.")
    path.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")
