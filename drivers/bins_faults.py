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
    LinkBusyError: "port_busy",
    LinkLostError: "unplugged",
    LinkTimeoutError: "silent",
    SilentError: "silent",
    GarbledError: "garbled",
    RefusedByBoardError: "refused",
    TwoAnswersError: "two_boards",
    JournalBusyError: "books_busy",
    JournalDamagedError: "books_damaged",
    JournalFullError: "books_full",
}


@contextlib.contextmanager
def translated(device: str) -> Iterator[None]:
    """Link, talk and journal errors become OutOfServiceError of `device`, or CancelledError."""
    try:
        yield
    except LinkCancelledError:
        raise CancelledError from None
    except tuple(CODES) as wrong:
        raise OutOfServiceError(f"{device}.{CODES[type(wrong)]}") from wrong
