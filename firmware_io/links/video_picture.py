# SPDX-License-Identifier: Apache-2.0
"""What every source of pictures has in common: how it fails, and when a JPEG picture is whole."""

from collections.abc import Callable
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from firmware_io.links.video import Exit

READ_S = 2.0
"""The longest wait of a `Source.read`, seconds."""

Image = npt.NDArray[np.uint8]
Tell = Callable[[Exit], None]
"""Called inside `Source.read` of bytes that are no picture: `Exit.TORN` or `Exit.FORMAT`."""

_LARGEST_JPEG = 8 * 1024 * 1024
_START, _END = b"\xff\xd8\xff", b"\xff\xd9"  # SOI with the next marker's first byte; EOI
_FORMAT_BYTES = 1 << 16  # so many without any start of a picture: it is no JPEG stream


class SourceError(Exception):
    """The source cannot go on; `exit` says why."""

    exit = Exit.SILENT


class SourceGoneError(SourceError):
    """Nothing at that path, or it went away."""

    exit = Exit.ABSENT


class SourceSilentError(SourceError):
    """It is there and gives no picture in time."""


class SourceFormatError(SourceError):
    """It gives something that is not a picture of the wanted kind."""

    exit = Exit.FORMAT


class SourceSmallError(SourceError):
    """Its pictures are too small for a portrait."""

    exit = Exit.SMALL


class SourceBusyError(SourceError):
    """Another program has it."""

    exit = Exit.BUSY


class SourceDeniedError(SourceError):
    """This user may not open it."""

    exit = Exit.DENIED


class SourceAmbiguousError(SourceError):
    """There are several cameras and none was named."""

    exit = Exit.AMBIGUOUS


class SourceSlowError(SourceError):
    """It offers too few pictures a second in every size."""

    exit = Exit.SLOW


class Source(Protocol):
    """An open source."""

    period: float
    """Seconds between frames as announced, 0.0 unknown."""
    kind: str
    """Four letters for what it sends: a V4L2 pixel format such as ``MJPG``, or ``FILE``."""

    def read(self) -> tuple[Image, float]:
        """The newest picture (HxWx3 BGR) and its monotonic capture time.

        Raises `SourceError` of one kind or another.
        """
        ...


def decode(data: bytes) -> Image | None:
    """The picture (HxWx3 BGR) in `data`, or None when it is not whole.

    OpenCV fills what a cut JPEG lacks with grey and calls it good, so the marker at the end must be
    there; bytes of padding after it, which UVC cameras send, do no harm.
    """
    if not data.startswith(_START) or data.rfind(_END, max(0, len(data) - 4096)) < 0:
        return None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if image is None else np.asarray(image, np.uint8)


class JpegSplitter:
    """Cuts a stream of bytes into JPEG pictures, whatever the portions. Bounded memory.

    Inside the coded picture 0xFF is always followed by 0x00 or a restart marker, so the end marker
    is found by search; a picture cut short is dropped where the next one starts. Pictures with an
    embedded thumbnail are not expected from a camera's stream.

    `torn` counts pictures that were dropped; `strange` counts the bytes since the last start of a
    picture was seen.
    """

    def __init__(self, largest: int = _LARGEST_JPEG) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._largest = largest
        self.torn = 0
        self.strange = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Every whole picture that `data` completed. Never raises on content."""
        rest, found = self._rest, list[bytes]()
        begins = max(0, len(rest) - len(_START) + 1)  # a start may lie across two portions
        rest += data
        self.strange = 0 if rest.find(_START, begins) >= 0 else self.strange + len(data)
        while (end := rest.find(_END, self._searched)) >= 0:
            start = rest.rfind(_START, 0, end)
            if start >= 0:
                found.append(bytes(rest[start : end + 2]))
                self.torn += rest.count(_START, 0, start)
            del rest[: end + 2]
            self._searched = 0
        if (again := rest.rfind(_START)) > 0:  # what came before it has no end: it was cut
            self.torn += rest.count(_START, 0, again)
            del rest[:again]
        if len(rest) > self._largest:
            self.torn += 1
            rest.clear()
        self._searched = max(0, len(rest) - 1)
        return found

    @property
    def foreign(self) -> bool:
        """Whether what comes is no JPEG stream at all."""
        return self.strange > _FORMAT_BYTES
