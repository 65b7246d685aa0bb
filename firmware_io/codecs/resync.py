# SPDX-License-Identifier: Apache-2.0
"""Frames out of whatever a wire brings: where none begins, one byte is dropped and told of."""

from abc import ABC, abstractmethod
from typing import Generic, Literal, TypeVar

A = TypeVar("A")


class Resync(ABC, Generic[A]):
    """The part of a decoder that no protocol changes. Never raises on what a wire says.

    After damage it goes on one byte further, so a good frame inside the damage is still found.
    """

    def __init__(self, told_at: int) -> None:
        """`told_at` dropped bytes in a row are told of at once; fewer with what follows them."""
        self._told_at = told_at
        self._held = bytearray()
        self._skipped = 0

    @abstractmethod
    def _first(self, *, silent: bool) -> tuple[A, int] | Literal[False] | None:
        """The answer at the front and its size; None: bytes are missing; False: there is none."""

    @abstractmethod
    def _damaged(self, skipped: int) -> A:
        """What tells of bytes that made no frame."""

    def reset(self) -> None:
        """Forgets a half frame."""
        self._held.clear()
        self._skipped = 0

    def feed(self, data: bytes) -> list[A]:
        """All that `data` completed, in wire order."""
        self._held += data
        return self._take(silent=False)

    def silence(self) -> list[A]:
        """Told that nothing more comes: what hangs unfinished is reported and forgotten."""
        return self._take(silent=True)

    def _take(self, *, silent: bool) -> list[A]:
        out: list[A] = []
        while self._held:
            found = self._first(silent=silent)
            if found is None and not silent:
                break
            if not found:
                del self._held[0]
                self._skipped += 1
                continue
            answer, size = found
            self._tell(out)
            out.append(answer)
            del self._held[:size]
        if silent or self._skipped >= self._told_at:
            self._tell(out)
        return out

    def _tell(self, out: list[A]) -> None:
        if self._skipped:
            out.append(self._damaged(self._skipped))
            self._skipped = 0
