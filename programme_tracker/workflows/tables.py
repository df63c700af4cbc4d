"""Every room's tables, loaded together: what the schema is made from and compared with."""

import importlib
import pkgutil

import programme_tracker


def load_models() -> None:
    """Import every room's models, so that the metadata is whole."""
    importlib.import_module("programme_tracker.kernel.settings")
    for module in pkgutil.walk_packages(programme_tracker.__path__, "programme_tracker."):
        if "models" in module.name.split("."):
            importlib.import_module(module.name)
