# SPDX-License-Identifier: Apache-2.0
"""Camera pictures between two processes: a ring in shared memory, no queue anywhere.

A camera driver can hang inside the kernel, and a hung thread cannot be ended. So a child process
(`firmware_io.links.video_host`) grabs, and the booth only looks into the ring. The memory has no
name and no file: it is handed to the child as an open descriptor and is gone with the processes.

Layout: a page of 64-bit words (`_Word`), then for each slot a page of words and the pixels. A slot
carries its frame's number before and after the pixels were written; a reader copies and then
checks that the number in front has not changed, so a torn picture is never returned.
"""

import mmap
import os
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

SLOTS = 10
_PAGE = 4096
_MAGIC = 0x3142_5652_424F_4944  # "IDBRVB1" with a tail, little endian


class Exit(IntEnum):
    """How the child ends: its exit status says who must act."""

    STOPPED = 0
    ABSENT = 3  # nothing at that path, or it went away
    FORMAT = 4  # pictures of another kind or larger than agreed
    SILENT = 5  # it is there and gives no pictures


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `image` is HxWx3 uint8 BGR, the caller's own copy.

    `seq` rises by one a frame and never restarts while the camera object lives; `stamp` is the
    monotonic time of its capture in seconds.
    """

    seq: int
    stamp: float
    image: npt.NDArray[np.uint8]


class _Word(IntEnum):
    """Positions in the first page, in units of 8 bytes."""

    MAGIC = 0
    SLOTS = 1
    CAPACITY = 2
    NEWEST = 3
    UNCHANGED_SINCE = 4  # float64: monotonic time since which all pictures were identical
    PERIOD = 5  # float64: seconds between frames as the source announces, 0 unknown


class _SlotWord(IntEnum):
    BEFORE = 0
    AFTER = 1
    STAMP = 2
    WIDTH = 3
    HEIGHT = 4


def create_memory(width: int, height: int) -> int:
    """A new ring for pictures of up to `width` x `height`; returns its open descriptor."""
    capacity = -(-width * height * 3 // _PAGE) * _PAGE
    fd = os.memfd_create("idbooth-video", os.MFD_CLOEXEC)
    os.ftruncate(fd, _PAGE + SLOTS * (_PAGE + capacity))
    with mmap.mmap(fd, _PAGE) as page:
        words = np.frombuffer(page, np.uint64)
        words[_Word.SLOTS], words[_Word.CAPACITY] = SLOTS, capacity
        words[_Word.MAGIC] = _MAGIC
        del words
    return fd


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

    def announce(self, period: float) -> None:
        """Writer: the source's frame period in seconds."""
        self._floats[_Word.PERIOD] = period

    def write(
        self, seq: int, stamp: float, image: npt.NDArray[np.uint8], unchanged_since: float
    ) -> None:
        """Writer: puts the frame in place of the oldest one.

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
        words[_SlotWord.AFTER] = seq
        self._floats[_Word.UNCHANGED_SINCE] = unchanged_since
        self._words[_Word.NEWEST] = seq

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
        if int(words[_SlotWord.BEFORE]) != seq:
            return None
        return Frame(seq, stamp, image)

    def stamp_of(self, seq: int) -> float:
        """Reader: capture time of frame `seq`, 0.0 when it is not there."""
        words, stamps, _pixels = self._slot(seq)
        return float(stamps[_SlotWord.STAMP]) if int(words[_SlotWord.AFTER]) == seq else 0.0

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
