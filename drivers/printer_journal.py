# SPDX-License-Identifier: Apache-2.0
"""What the printer was told to move, written down before it moves.

One JSON line an entry, appended and synced: ``{"at": "2026-12-01T06:32:10Z", "act": "print",
"rows": 812}``. The front that prints may be killed or lose its power at any moment; the one that
comes after it reads here whether part of a slip may stand under the cutter, or a whole one in the
presenter, asks the printer how it is, and clears it. Nothing of a citizen is written: acts,
counts, reasons.

=============  =====================================================================
``print``      rows are about to be sent
``printed``    the slip is out (``by``: what proves it)
``stopped``    printing ended early (``code``); paper may have moved (``partial``)
``presented``  the slip stands in the mouth
``taken``      somebody took it
``retract``    it is about to be taken back
``retracted``  that was done
``clear``      what hangs under the cutter is about to be cut off
``cleared``    that was done
=============  =====================================================================
"""

import contextlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

KEPT_BYTES = 256 * 1024  # then the file becomes "<name>.1" and a new one begins
TAIL_BYTES = 16 * 1024  # what is read back: many times a slip's entries
_OPENS = {"print": True, "clear": True, "stopped": True, "printed": False, "cleared": False}


@dataclass(frozen=True, slots=True)
class Left:
    """What an earlier owner left behind. `torso`: under the cutter; `slip`: in the presenter."""

    torso: bool = False
    slip: bool = False


class Journal:
    """The file at `path`; None keeps no journal. A disk that fails never keeps a slip back."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.failed = False  # the last entry could not be written

    def note(self, act: str, **more: str | int | bool) -> None:
        """Adds an entry and waits until it is on disk; `failed` tells when it is not."""
        if self.path is None:
            return
        entry = {"at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "act": act, **more}
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        try:
            self._append(line)
        except OSError:
            self.failed = True
        else:
            self.failed = False

    def left(self) -> Left:
        """What the last entries mean. A torn line at the end never got to a movement."""
        torso = slip = False
        for line in self._tail().split(b"\n"):
            try:
                entry = json.loads(line)
                act = entry["act"]
            except (ValueError, KeyError, TypeError):
                continue
            if act == "stopped" and not entry.get("partial", True):
                torso = False
            elif act in _OPENS:
                torso = _OPENS[act]
            if act in ("print", "presented"):
                slip = act == "presented"
            elif act in ("taken", "retracted"):
                slip = False
        return Left(torso, slip)

    def _append(self, line: bytes) -> None:
        assert self.path is not None  # noqa: S101
        with contextlib.suppress(FileNotFoundError):
            if self.path.stat().st_size > KEPT_BYTES:
                self.path.replace(self.path.with_name(self.path.name + ".1"))
        fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            size = os.fstat(fd).st_size
            if size and os.pread(fd, 1, size - 1) != b"\n":
                line = b"\n" + line  # the last entry was torn by a power cut
            if os.write(fd, line) != len(line):
                raise OSError("the disk is full")
            os.fsync(fd)
        finally:
            os.close(fd)
        if size == 0:
            self._sync_folder()

    def _sync_folder(self) -> None:
        assert self.path is not None  # noqa: S101
        fd = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _tail(self) -> bytes:
        if self.path is None:
            return b""
        found = b""
        for path in (self.path.with_name(self.path.name + ".1"), self.path):
            with contextlib.suppress(OSError), path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - TAIL_BYTES))
                found += file.read() + b"\n"
        return found
