# SPDX-License-Identifier: Apache-2.0
"""Every subject of this folder: the tuples `SUBJECTS` of its files."""

import importlib
import pkgutil

from bench import campaign
from bench.campaign.subject import Subject


def subjects() -> dict[str, Subject]:
    """By name, in the order of the files' names. ValueError for a name that is there twice."""
    found: dict[str, Subject] = {}
    for module in pkgutil.iter_modules(campaign.__path__):
        if module.name == "__main__":
            continue
        loaded = importlib.import_module(f"{campaign.__name__}.{module.name}")
        for subject in getattr(loaded, "SUBJECTS", ()):
            if subject.name in found:
                raise ValueError(f"two subjects are called {subject.name}")
            found[subject.name] = subject
    return found
