# SPDX-License-Identifier: Apache-2.0
"""Where pictures come from: a V4L2 camera, a video file, or a pipe of JPEG pictures.

All three answer `read` alike: the newest picture and when it was captured, waiting at most
`READ_S`. A file is played by the clock as a camera would: what is late is dropped, its end leads
back to its start. A pipe, like a camera, serves one reader: a second one finds it busy.
"""

import fcntl
import os
import select
import stat
import time

import cv2
import numpy as np

from firmware_io.links.video import AUTO, Exit
from firmware_io.links.video_device import DeviceSource, find_camera
from firmware_io.links.video_picture import (
    READ_S,
    Image,
    JpegSplitter,
    Source,
    SourceBusyError,
    SourceDeniedError,
    SourceFormatError,
    SourceGoneError,
    SourceSilentError,
    Tell,
    decode,
)


def open_source(
    path: str,
    width: int,
    height: int,
    fps: float,
    tell: Tell = lambda _trouble: None,
) -> Source:
    """Opens whatever is at `path`.

    Args:
        path: a V4L2 device, a video file, a pipe, or ``auto`` for the only camera there is.
        width: pixels asked of a device.
        height: see `width`.
        fps: frames a second asked of a device.
        tell: hears at once of bytes that are no whole picture.

    Raises:
        SourceError: one of its kinds; nothing is left open.
    """
    if path == AUTO:
        path = find_camera()
    try:
        mode = os.stat(path).st_mode
    except OSError:
        raise SourceGoneError(path) from None
    if stat.S_ISCHR(mode):
        return DeviceSource(path, width, height, fps, tell)
    if stat.S_ISFIFO(mode):
        return PipeSource(path, fps, tell)
    if stat.S_ISREG(mode):
        return FileSource(path)
    raise SourceFormatError("neither a camera, nor a file, nor a pipe")


class FileSource:
    """A video file in real time."""

    kind = "FILE"

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

    kind = "MJPG"

    def __init__(self, path: str, fps: float, tell: Tell = lambda _trouble: None) -> None:
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except PermissionError:
            raise SourceDeniedError(path) from None
        except OSError:
            raise SourceGoneError(path) from None
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            raise SourceBusyError(path) from None
        self.period = 1.0 / fps
        self._tell = tell
        self._splitter = JpegSplitter()
        self._connected = False

    def read(self) -> tuple[Image, float]:
        """See `Source.read`. Of several waiting pictures only the newest is decoded."""
        deadline = time.monotonic() + READ_S
        splitter = self._splitter
        while True:
            torn = splitter.torn
            pictures = splitter.feed(self._some(deadline))
            stamp = time.monotonic()
            for data in reversed(pictures):
                image = decode(data)
                if image is not None:
                    return image, stamp
            if splitter.foreign:
                self._tell(Exit.FORMAT)
            elif pictures or splitter.torn > torn:
                self._tell(Exit.TORN)

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
