"""The document that benchmarks write their tables into."""

from pathlib import Path


def put_into(path: Path, part: str, text: str) -> None:
    """Put one part's tables into a document, in place of the last ones. Raises ValueError without marks."""
    first, last = f"<!-- {part}: begin -->", f"<!-- {part}: end -->"
    before, begin, rest = path.read_text(encoding="utf-8").partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"{path} has no place for the tables: add {first} and {last}.")
    path.write_text(f"{before}{first}\n{text}\n{last}{after}", encoding="utf-8")
