# SPDX-License-Identifier: Apache-2.0
"""The plug for a decoder of the chip's photo. None comes with this software.

The chip holds its photo in a closed format, "WLT" (patent CN1779717A; 102 x 126 dots out of 1024
bytes or fewer), whose decoder is sold under licence. A site that has one names it in the settings;
without one the 1024 bytes are passed on as they are, and nothing is guessed from them.
"""

import contextlib
import os
import select
import subprocess
from pathlib import Path
from typing import Final, Protocol

from firmware_io.links.deadline import Deadline

LONGEST_PICTURE: Final = 1 << 18
DECODE_S: Final = 2.0


class PhotoDecoderError(Exception):
    """No picture came: the text says why, without a byte of it."""


class PhotoDecoder(Protocol):
    """Whatever makes a picture of the chip's bytes. Called from the card reader's thread."""

    def decode(self, wlt: bytes) -> bytes:
        """A whole JPEG, PNG or BMP file, at most 256 KiB. Raises PhotoDecoderError."""
        ...


class ExecutableDecoder:
    """A program that reads the chip's bytes on stdin and writes one picture file to stdout.

    It gets no arguments, an empty environment, no file and `limit_s` seconds; status 0 is success.
    It lives in a process of its own, so that a closed library that falls or hangs takes nothing
    with it.
    """

    def __init__(self, program: Path, *, limit_s: float = DECODE_S) -> None:
        self._program, self._limit_s = program, limit_s

    def decode(self, wlt: bytes) -> bytes:
        """The picture. Raises PhotoDecoderError."""
        deadline = Deadline.after(self._limit_s)
        try:
            process = subprocess.Popen(
                [str(self._program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={},
                start_new_session=True,
            )
        except OSError as wrong:
            raise PhotoDecoderError(f"it cannot be started: errno {wrong.errno}") from None
        try:
            picture = _talk(process, wlt, deadline)
            status = process.wait(deadline.left)
        except (subprocess.TimeoutExpired, TimeoutError):
            raise PhotoDecoderError(f"no picture within {self._limit_s:g} s") from None
        finally:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
        if status != 0:
            raise PhotoDecoderError(f"it ended with status {status}")
        if not picture:
            raise PhotoDecoderError("it wrote nothing")
        return picture


def _talk(process: "subprocess.Popen[bytes]", wlt: bytes, deadline: Deadline) -> bytes:
    """Hands the bytes in and reads to the end of what comes out. A pipe takes 1024 at once."""
    assert process.stdin is not None  # noqa: S101  asked for as pipes
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError):  # one that does not read may still write
        process.stdin.write(wlt)
        process.stdin.close()
    picture = bytearray()
    while True:
        ready, _, _ = select.select([process.stdout], [], [], deadline.left)
        if not ready:
            raise TimeoutError
        part = os.read(process.stdout.fileno(), 1 << 16)
        if not part:
            return bytes(picture)
        picture += part
        if len(picture) > LONGEST_PICTURE:
            raise PhotoDecoderError("it writes more than any photo has")
