"""What a setting is, and how a wrong one is told."""

from dataclasses import dataclass

PREFIX = "PT_"


class ConfigError(Exception):
    """A setting is missing or wrong. Reads as one sentence that begins with the setting's name."""

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting} {problem}")
        self.setting = setting


@dataclass(frozen=True)
class Setting:
    """One setting as people read about it: its name, its default in words, what it is for."""

    name: str
    default: str
    meaning: str
    secret: bool = False


def whole_number(name: str, value: str, *, least: int = 1, most: int = 1_000_000) -> int:
    """Read a whole number; raise ConfigError that names the setting for anything else."""
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ConfigError(name, f"must be a whole number from {least} to {most}.")
    return int(value)
