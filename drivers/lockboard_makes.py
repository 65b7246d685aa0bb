# SPDX-License-Identifier: Apache-2.0
"""The makes of lock boards that a cabinet may have, and how each is spoken to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from firmware_io.codecs import lockboard_8a, lockboard_winnsen, lockboard_wkly
from firmware_io.codecs.lockboard import Answer
from firmware_io.codecs.lockboard_tables import (
    BOARDS_8A,
    BOARDS_WINNSEN,
    BOARDS_WKLY,
    LOCKS_8A,
    LOCKS_WINNSEN,
    LOCKS_WKLY,
    WINNSEN_GAP_S,
    WINNSEN_OPEN_REPLY_S,
    WKLY_GAP_S,
)


class Decoder(Protocol):
    """What turns the bytes of one line into answers."""

    def feed(self, data: bytes) -> list[Answer]:
        """All that `data` completed, in wire order."""
        ...

    def silence(self) -> list[Answer]:
        """Told that nothing more comes."""
        ...

    def reset(self) -> None:
        """Forgets a half frame."""
        ...


@dataclass(frozen=True, slots=True)
class Make:
    """How one make of board is spoken to.

    `decoder` takes the locks of a board, whether its contacts are inverted, and whether it says a
    door's state before its lock. `ask_all` is None where a question is about one lock. `gap_s`:
    least silence between two frames. `open_reply_s`: how long at least the answer to "open" is
    waited for. `protected`: a check byte covers the answers; where none does, a state counts only
    when two questions in a row get it.
    """

    boards: range
    locks: range
    open_lock: Callable[[int, int], bytes]
    ask: Callable[[int, int], bytes]
    ask_all: Callable[[int], bytes] | None
    decoder: Callable[[int, bool, bool], Decoder]
    gap_s: float = 0.0
    open_reply_s: float = 0.0
    protected: bool = True


MAKES: Final[dict[str, Make]] = {
    "8a": Make(
        BOARDS_8A,
        LOCKS_8A,
        lockboard_8a.open_lock,
        lockboard_8a.ask,
        lockboard_8a.ask_all,
        lambda locks, inverted, _: lockboard_8a.Decoder(locks, inverted=inverted),
    ),
    "wkly": Make(
        BOARDS_WKLY,
        LOCKS_WKLY,
        lockboard_wkly.open_lock,
        lockboard_wkly.ask,
        lockboard_wkly.ask_all,
        lambda *_: lockboard_wkly.Decoder(),
        gap_s=WKLY_GAP_S,
    ),
    "winnsen": Make(
        BOARDS_WINNSEN,
        LOCKS_WINNSEN,
        lockboard_winnsen.open_lock,
        lockboard_winnsen.ask,
        None,
        lambda locks, inverted, state_first: lockboard_winnsen.Decoder(
            locks, inverted=inverted, state_first=state_first
        ),
        gap_s=WINNSEN_GAP_S,
        open_reply_s=WINNSEN_OPEN_REPLY_S,
        protected=False,
    ),
}
