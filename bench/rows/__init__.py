# SPDX-License-Identifier: Apache-2.0
"""One subject a file. A file without `SUBJECT` is a mistake."""

import importlib
import pkgutil

from bench.row import Subject


def subjects() -> dict[str, Subject]:
    """Every subject by its name, in the order of their files' names."""
    found: dict[str, Subject] = {}
    for module in pkgutil.iter_modules(__path__):
        subject: Subject = importlib.import_module(f"{__name__}.{module.name}").SUBJECT
        if subject.name in found:
            raise ValueError(f"two subjects are called {subject.name}")
        found[subject.name] = subject
    return found
