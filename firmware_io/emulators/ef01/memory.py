# SPDX-License-Identifier: Apache-2.0
"""What the module remembers: flash that survives the supply, RAM that does not."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from firmware_io.codecs.ef01_tables import BROADCAST, NOTEPAD_BYTES, NOTEPAD_PAGES
from firmware_io.emulators.ef01.fingers import Press

FACTORY_N: Final = 6  # 57600


@dataclass(slots=True)
class Flash:
    """Library and settings. Kept in `file` when given, so that it outlives the process too."""

    file: Path | None = None
    pages: dict[int, bytes] = field(default_factory=dict)
    password: int = 0
    address: int = BROADCAST
    baud_n: int = FACTORY_N
    security: int = 3
    size_code: int = 2
    notepad: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path | None) -> "Flash":
        """From `file`, factory-fresh when there is none. ValueError when it is no flash."""
        flash = cls(file)
        if file is None or not file.exists():
            return flash
        try:
            kept = json.loads(file.read_text())
            flash.pages = {int(k): bytes.fromhex(v) for k, v in kept["pages"].items()}
            flash.notepad = {int(k): bytes.fromhex(v) for k, v in kept["notepad"].items()}
            for name in ("password", "address", "baud_n", "security", "size_code"):
                setattr(flash, name, int(kept[name]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{file} is not the flash of a fingerprint module") from error
        return flash

    def save(self) -> None:
        """Writes the file, if there is one, in one step."""
        if self.file is None:
            return
        kept = {
            "pages": {page: content.hex() for page, content in self.pages.items()},
            "notepad": {page: content.hex() for page, content in self.notepad.items()},
            "password": self.password,
            "address": self.address,
            "baud_n": self.baud_n,
            "security": self.security,
            "size_code": self.size_code,
        }
        fresh = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        fresh.write_text(json.dumps(kept))
        fresh.replace(self.file)

    def note(self, page: int) -> bytes:
        """A page of the notepad."""
        return self.notepad.get(page, bytes(NOTEPAD_BYTES))

    @property
    def note_pages(self) -> int:
        """How many pages the notepad has."""
        return NOTEPAD_PAGES


@dataclass(slots=True)
class Ram:
    """Buffers and status. `image` is a press of a finger, or bytes that the host has sent."""

    image: Press | bytes | None = None
    binary: bool = False  # the image has been made black and white
    buffers: dict[int, bytes] = field(default_factory=dict)
    verified: bool = False
    matched: bool = False

    def traces(self) -> int:
        """How many buffers hold something of a finger (a constant fill is none)."""
        held = int(isinstance(self.image, Press))
        if isinstance(self.image, bytes):
            held += len(set(self.image)) > 1
        return held + sum(len(set(content)) > 1 for content in self.buffers.values())
