# SPDX-License-Identifier: Apache-2.0
"""What goes wrong below a bin or a dispenser, in the few errors of drivers."""

import contextlib
from collections.abc import Iterator
from typing import Final

from drivers.bins_journal import JournalBusyError, JournalDamagedError, JournalFullError
from drivers.errors import CancelledError, OutOfServiceError
from drivers.lockboard_talk import (
    GarbledError,
    RefusedByBoardError,
    SilentError,
    TwoAnswersError,
)
from firmware_io.links.errors import (
    LinkBusyError,
    LinkCancelledError,
    LinkLostError,
    LinkTimeoutError,
)

CODES: Final[dict[type[Exception], str]] = {
    LinkBusyError: "bins.port_busy",
    LinkLostError: "bins.unplugged",
    LinkTimeoutError: "bins.silent",
    SilentError: "bins.silent",
    GarbledError: "bins.garbled",
    RefusedByBoardError: "bins.refused",
    TwoAnswersError: "bins.two_boards",
    JournalBusyError: "bins.books_busy",
    JournalDamagedError: "bins.books_damaged",
    JournalFullError: "bins.books_full",
}


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Link, talk and journal errors become OutOfServiceError or CancelledError."""
    try:
        yield
    except LinkCancelledError:
        raise CancelledError from None
    except tuple(CODES) as wrong:
        raise OutOfServiceError(CODES[type(wrong)]) from wrong
