# SPDX-License-Identifier: Apache-2.0
"""Logging by allow-list: a field that is not on it is held back, whatever it says."""

import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SHOWN = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "act",
        "code",
        "kind",
        "where",
        "device",
        "count",
        "ms",
        "key",
        "verdict",
        "language",
    ]
)
HELD_BACK = "<held back>"


def allow(
    _logger: object, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keeps listed fields with plain values; the others keep their name only."""
    return {
        name: value if name in SHOWN and isinstance(value, str | int | float) else HELD_BACK
        for name, value in fields.items()
    }


def configure() -> None:
    """One JSON object a line on stderr."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            allow,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
