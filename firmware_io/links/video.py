# SPDX-License-Identifier: Apache-2.0
"""Camera pictures between two processes: a ring in shared memory, no queue anywhere.

A camera driver can hang inside the kernel, and a hung thread cannot be ended. So a child process
(`firmware_io.links.video_host`) grabs, and the booth only looks into the ring. The memory has no
name and no file: it is handed to the child as an open descriptor and is gone with the processes.

Layout: a page of 64-bit words (`_Word`), then for each slot a page of words and the pixels. A slot
carries its frame's number before and after the pixels were written, and a print of some of the
pixels; a reader copies, then checks that the number in front has not changed and that its copy has
that print, so a torn picture is never returned, whatever order a processor stores in.
"""

import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

SLOTS = 10
TURNS = (0, 90, 180, 270)
AUTO = "auto"
"""In place of a path: the only camera there is."""
_PAGE = 4096
_MAGIC = 0x3142_5652_424F_4944  # "IDBRVB1" with a tail, little endian


_SAMPLE = 8  # every so manieth pixel both ways goes into a picture's print


class Exit(IntEnum):
    """How the child ends: its exit status says who must act. Also what it tells on the way."""

    STOPPED = 0
    ABSENT = 3  # nothing at that path, or it went away
    FORMAT = 4  # pictures of another kind or larger than agreed
    SILENT = 5  # it is there and gives no pictures
    BUSY = 6  # another program has it
    DENIED = 7  # this user may not open it
    AMBIGUOUS = 8  # several cameras and none was named
    SLOW = 9  # too few pictures a second
    TORN = 10  # pictures come, none is whole
    SMALL = 11  # pictures too small for a portrait


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `image` is HxWx3 uint8 BGR, the caller's own copy.

    `seq` rises by one a frame and never restarts while the camera object lives; `stamp` is the
    monotonic time of its capture in seconds.
    """

    seq: int
    stamp: float
    image: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of the camera.

    `source` is a V4L2 device, a video file, a pipe of JPEG pictures, or `AUTO`;
    `width` x `height` pixels at `fps` as the camera sends them; `turn` is how far (degrees,
    clockwise) its pictures are turned to stand upright; `least` is the smallest upright width and
    height that serve.
    """

    source: str
    width: int = 1280
    height: int = 720
    fps: float = 30.0
    turn: int = 0
    least: tuple[int, int] = (1, 1)


class _Word(IntEnum):
    """Positions in the first page, in units of 8 bytes."""

    MAGIC = 0
    SLOTS = 1
    CAPACITY = 2
    NEWEST = 3
    UNCHANGED_SINCE = 4  # float64: monotonic time since which all pictures were identical
    PERIOD = 5  # float64: seconds between frames as the source announces, 0 unknown
    KIND = 6  # four ASCII letters of the source's format, 0 unknown
    ASKED = 7  # float64: monotonic time at which the source was asked to open, 0 not yet
    TROUBLE = 8  # an `Exit` that was told since the last whole picture, 0 none


class _SlotWord(IntEnum):
    BEFORE = 0
    AFTER = 1
    STAMP = 2
    WIDTH = 3
    HEIGHT = 4
    PRINT = 5


_HEAD = struct.Struct("=QQd")  # the first three of a slot: what is looked at most


def create_memory(width: int, height: int) -> int:
    """A new ring for pictures as large as `width` x `height` or as 4:3 of the longer side.

    Returns its open descriptor. Memory that no picture needs is never touched.
    """
    longer = max(width, height)
    pixels = max(width * height, longer * longer * 3 // 4)
    capacity = -(-pixels * 3 // _PAGE) * _PAGE
    fd = os.memfd_create("idbooth-video", os.MFD_CLOEXEC)
    os.ftruncate(fd, _PAGE + SLOTS * (_PAGE + capacity))
    with mmap.mmap(fd, _PAGE) as page:
        words = np.frombuffer(page, np.uint64)
        words[_Word.SLOTS], words[_Word.CAPACITY] = SLOTS, capacity
        words[_Word.MAGIC] = _MAGIC
        del words
    return fd


def print_of(image: npt.NDArray[np.uint8]) -> int:
    """CRC-32 over a 64th of the pixels of a picture (HxWx3)."""
    return zlib.crc32(image[::_SAMPLE, ::_SAMPLE].tobytes())


class FrameRing:
    """One side's view of the ring behind a descriptor. One writer, any number of readers."""

    def __init__(self, fd: int) -> None:
        self._memory = mmap.mmap(fd, os.fstat(fd).st_size)
        self._words = np.frombuffer(self._memory, np.uint64, _PAGE // 8)
        self._floats = self._words.view(np.float64)
        if int(self._words[_Word.MAGIC]) != _MAGIC:
            raise ValueError("not a frame ring")
        self.capacity = int(self._words[_Word.CAPACITY])
        self._slots = int(self._words[_Word.SLOTS])

    @property
    def newest(self) -> int:
        """Number of the newest whole frame, 0 before the first."""
        return int(self._words[_Word.NEWEST])

    @property
    def unchanged_since(self) -> float:
        """Monotonic time since which the pictures are identical; 0.0 while they change."""
        return float(self._floats[_Word.UNCHANGED_SINCE])

    @property
    def period(self) -> float:
        """Seconds between frames as the source announced; 0.0 unknown."""
        return float(self._floats[_Word.PERIOD])

    @property
    def kind(self) -> str:
        """Four letters of the source's format (``MJPG``), "" unknown."""
        return int(self._words[_Word.KIND]).to_bytes(8, "little").rstrip(b"\0").decode("ascii")

    @property
    def asked(self) -> float:
        """Monotonic time at which the source was asked to open; 0.0 not yet."""
        return float(self._floats[_Word.ASKED])

    @property
    def trouble(self) -> Exit | None:
        """What the writer told since its last whole picture, None nothing."""
        told = int(self._words[_Word.TROUBLE])
        return Exit(told) if told in set(Exit) and told else None

    def asks(self, now: float) -> None:
        """Writer: the source is being opened."""
        self._floats[_Word.ASKED] = now

    def announce(self, period: float, kind: str = "") -> None:
        """Writer: the source's frame period in seconds, and four letters for its format."""
        self._floats[_Word.PERIOD] = period
        self._words[_Word.KIND] = int.from_bytes(kind.encode("ascii", "replace")[:4], "little")

    def tell(self, trouble: Exit) -> None:
        """Writer: what comes is no whole picture. The next `write` takes it back."""
        self._words[_Word.TROUBLE] = trouble

    def write(
        self,
        seq: int,
        stamp: float,
        image: npt.NDArray[np.uint8],
        unchanged_since: float,
        mark: int | None = None,
    ) -> None:
        """Writer: puts the frame in place of the oldest one. `mark` is its `print_of`, if known.

        Raises:
            ValueError: the picture is larger than the ring was made for, or not HxWx3.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.nbytes > self.capacity:
            raise ValueError(f"picture of shape {image.shape} does not fit")
        words, stamps, pixels = self._slot(seq)
        words[_SlotWord.AFTER] = 0
        words[_SlotWord.BEFORE] = seq
        pixels[: image.size] = image.reshape(-1)
        stamps[_SlotWord.STAMP] = stamp
        words[_SlotWord.WIDTH], words[_SlotWord.HEIGHT] = image.shape[1], image.shape[0]
        words[_SlotWord.PRINT] = print_of(image) if mark is None else mark
        words[_SlotWord.AFTER] = seq
        self._floats[_Word.UNCHANGED_SINCE] = unchanged_since
        self._words[_Word.NEWEST] = seq
        self._words[_Word.TROUBLE] = 0

    def read(self, seq: int) -> Frame | None:
        """Reader: a copy of frame `seq`; None when it is gone already or not yet whole."""
        if seq < 1:
            return None
        words, stamps, pixels = self._slot(seq)
        if int(words[_SlotWord.AFTER]) != seq:
            return None
        width, height = int(words[_SlotWord.WIDTH]), int(words[_SlotWord.HEIGHT])
        stamp = float(stamps[_SlotWord.STAMP])
        if width * height * 3 > self.capacity:
            return None
        image = pixels[: width * height * 3].reshape(height, width, 3).copy()
        if int(words[_SlotWord.BEFORE]) != seq or int(words[_SlotWord.PRINT]) != print_of(image):
            return None
        return Frame(seq, stamp, image)

    def stamp_of(self, seq: int) -> float:
        """Reader: capture time of frame `seq`, 0.0 when it is not there."""
        base = _PAGE + (seq % self._slots) * (_PAGE + self.capacity)
        _before, after, stamp = _HEAD.unpack_from(self._memory, base)
        return stamp if after == seq else 0.0

    def size_of(self, seq: int) -> tuple[int, int]:
        """Reader: width and height of frame `seq`, (0, 0) when it is not there."""
        words, _stamps, _pixels = self._slot(seq)
        if int(words[_SlotWord.AFTER]) != seq:
            return 0, 0
        return int(words[_SlotWord.WIDTH]), int(words[_SlotWord.HEIGHT])

    def latest(self) -> Frame | None:
        """Reader: the newest frame, None before the first."""
        for _ in range(3):  # overtaken by the writer at most once in a ring of ten
            frame = self.read(self.newest)
            if frame is not None:
                return frame
        return None

    def burst(self, count: int) -> list[Frame]:
        """Reader: up to `count` newest frames (at most `SLOTS` - 2), oldest first."""
        last = self.newest
        first = max(1, last - min(count, self._slots - 2) + 1)
        frames = (self.read(seq) for seq in range(first, last + 1))
        return [frame for frame in frames if frame is not None]

    def _slot(
        self, seq: int
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.float64], npt.NDArray[np.uint8]]:
        base = _PAGE + (seq % self._slots) * (_PAGE + self.capacity)
        words = np.frombuffer(self._memory, np.uint64, 8, base)
        pixels = np.frombuffer(self._memory, np.uint8, self.capacity, base + _PAGE)
        return words, words.view(np.float64), pixels
