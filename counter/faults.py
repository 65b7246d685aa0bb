# SPDX-License-Identifier: Apache-2.0
"""Faults of the program as log lines that hold nothing of a citizen.

An exception's text may quote what a request held (a validation error does), so only its kind and
the line of this program where it rose are logged.
"""

import sys
import traceback
from pathlib import Path

import structlog

_ROOT = Path(__file__).parent.parent


def log_fault(event: str, why: BaseException) -> None:
    """One line: the event, the exception's class, and the last place in this program."""
    places = [
        f"{Path(frame.filename).relative_to(_ROOT)}:{frame.lineno}"
        for frame in traceback.extract_tb(why.__traceback__)
        if frame.filename.startswith(str(_ROOT)) and ".venv" not in frame.filename
    ]
    structlog.get_logger().error(
        event, code=type(why).__name__, where=places[-1] if places else "elsewhere"
    )


def log_to_stderr() -> None:
    """JSON lines on stderr; stdout is for what commands print."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
