# SPDX-License-Identifier: Apache-2.0
"""Where pictures come from: a V4L2 camera, a video file, or a pipe of JPEG pictures.

All three answer `read` alike: the newest picture and when it was captured, waiting at most
`READ_S`. A file is played by the clock as a camera would: what is late is dropped, its end leads
back to its start.
"""

import os
import select
import stat
import time
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

READ_S = 2.0
_LARGEST_JPEG = 8 * 1024 * 1024
_START, _END = b"\xff\xd8\xff", b"\xff\xd9"  # SOI with the next marker's first byte; EOI

Image = npt.NDArray[np.uint8]


class SourceGoneError(Exception):
    """Nothing at that path, or it went away."""


class SourceSilentError(Exception):
    """It is there and gives no picture in time."""


class SourceFormatError(Exception):
    """It gives something that is not a picture of the wanted kind."""


class Source(Protocol):
    """An open source."""

    period: float
    """Seconds between frames as announced, 0.0 unknown."""

    def read(self) -> tuple[Image, float]:
        """The newest picture (HxWx3 BGR) and its monotonic capture time.

        Raises `SourceGoneError`, `SourceSilentError` or `SourceFormatError`.
        """
        ...


def open_source(path: str, width: int, height: int, fps: float) -> Source:
    """Opens whatever is at `path`; raises `SourceGoneError` when there is nothing to open."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        raise SourceGoneError(path) from None
    if stat.S_ISCHR(mode):
        return DeviceSource(path, width, height, fps)
    if stat.S_ISFIFO(mode):
        return PipeSource(path, fps)
    if stat.S_ISREG(mode):
        return FileSource(path)
    raise SourceFormatError("neither a camera, nor a file, nor a pipe")


class DeviceSource:
    """A V4L2 camera in MJPG. Everything is set once: each change restarts its stream."""

    def __init__(self, path: str, width: int, height: int, fps: float) -> None:
        # Always CAP_V4L2: other back ends are tried otherwise and take seconds to fail.
        self._capture = cv2.VideoCapture(os.path.realpath(path), cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise SourceGoneError(path)
        wanted = cv2.VideoWriter.fourcc(*"MJPG")
        self._capture.set(cv2.CAP_PROP_FOURCC, wanted)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._capture.set(cv2.CAP_PROP_FPS, fps)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
        got = self._capture.get(cv2.CAP_PROP_FPS)
        if int(self._capture.get(cv2.CAP_PROP_FOURCC)) != wanted and got < fps / 2:
            # Uncompressed 720p fits USB 2 at about ten frames a second only.
            raise SourceFormatError("no MJPG and too few frames a second")
        self.period = 1.0 / got if got > 0 else 0.0
        self._path = path

    def read(self) -> tuple[Image, float]:
        """See `Source.read`; the wait is bounded by OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT."""
        good, image = self._capture.read()
        now = time.monotonic()
        if not Path(self._path).exists():  # some versions go on returning an old picture
            raise SourceGoneError(self._path)
        if not good or image is None:
            raise SourceSilentError(self._path)
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0  # UVC: the monotonic clock
        return np.asarray(image, np.uint8), stamp if now - 1.0 < stamp <= now else now


class FileSource:
    """A video file in real time."""

    def __init__(self, path: str) -> None:
        self._capture = cv2.VideoCapture(path, cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise SourceFormatError("not a video file that can be read")
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.period = 1.0 / rate if 0 < rate <= 240 else 1.0 / 30
        self._due = time.monotonic()

    def read(self) -> tuple[Image, float]:
        """See `Source.read`."""
        late = time.monotonic() - self._due
        if late > 1.0:
            self._due += late  # stopped for long: go on from here
        while time.monotonic() - self._due > self.period:
            self._grab()
            self._due += self.period
        self._grab()
        time.sleep(max(0.0, self._due - time.monotonic()))
        stamp, self._due = self._due, self._due + self.period
        good, image = self._capture.retrieve()
        if not good or image is None:
            raise SourceFormatError("a picture of the file cannot be decoded")
        return np.asarray(image, np.uint8), stamp

    def _grab(self) -> None:
        if self._capture.grab():
            return
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        if not self._capture.grab():
            raise SourceFormatError("the file holds no picture, or cannot be rewound")


class PipeSource:
    """A FIFO into which someone writes whole JPEG pictures, one after another."""

    def __init__(self, path: str, fps: float) -> None:
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            raise SourceGoneError(path) from None
        self.period = 1.0 / fps
        self._splitter = JpegSplitter()
        self._connected = False

    def read(self) -> tuple[Image, float]:
        """See `Source.read`. Of several waiting pictures only the newest is decoded."""
        deadline = time.monotonic() + READ_S
        while True:
            pictures = self._splitter.feed(self._some(deadline))
            stamp = time.monotonic()
            for data in reversed(pictures):
                image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
                if image is not None:
                    return np.asarray(image, np.uint8), stamp

    def _some(self, deadline: float) -> bytes:
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0:
            for _fd, events in poll.poll(left * 1000):
                if events & select.POLLIN:
                    data = os.read(self._fd, 1 << 20)
                    if data:
                        self._connected = True
                        return data
                if self._connected:
                    raise SourceGoneError("the writer closed the pipe")
                time.sleep(0.01)  # hung up before anyone wrote: wait for a writer
        raise SourceSilentError("no picture in time")


class JpegSplitter:
    """Cuts a stream of bytes into JPEG pictures, whatever the portions. Bounded memory.

    Inside the coded picture 0xFF is always followed by 0x00 or a restart marker, so the end marker
    is found by search; a picture cut short is dropped where the next one starts. Pictures with an
    embedded thumbnail are not expected from a camera's stream.
    """

    def __init__(self, largest: int = _LARGEST_JPEG) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._largest = largest

    def feed(self, data: bytes) -> list[bytes]:
        """Every whole picture that `data` completed. Never raises on content."""
        rest, found = self._rest, list[bytes]()
        rest += data
        while (end := rest.find(_END, self._searched)) >= 0:
            start = rest.rfind(_START, 0, end)
            if start >= 0:
                found.append(bytes(rest[start : end + 2]))
            del rest[: end + 2]
            self._searched = 0
        self._searched = max(0, len(rest) - 1)
        if len(rest) > self._largest:
            rest.clear()
            self._searched = 0
        return found
