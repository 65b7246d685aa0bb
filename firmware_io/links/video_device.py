# SPDX-License-Identifier: Apache-2.0
"""A V4L2 camera: asked first what it is and whether it is free, then read through OpenCV.

OpenCV opens a camera without telling why it could not, and opens one of two at random. The few
questions here come before: numbers and layouts are those of <linux/videodev2.h>.
"""

import contextlib
import errno
import fcntl
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from firmware_io.links.video import Exit
from firmware_io.links.video_picture import (
    READ_S,
    Image,
    SourceAmbiguousError,
    SourceBusyError,
    SourceDeniedError,
    SourceError,
    SourceFormatError,
    SourceGoneError,
    SourceSilentError,
    SourceSlowError,
    Tell,
    decode,
)

LEAST_RATE = 8.0
"""Frames a second below which a size is not used: people cannot follow themselves."""

_QUERYCAP, _ENUM_FMT, _REQBUFS = 0x80685600, 0xC0405602, 0xC0145608
_CAPTURE, _CAPTURE_MPLANE = 0x1, 0x1000
_STREAMING, _DEVICE_CAPS = 0x04000000, 0x80000000
_TYPE, _TYPE_MPLANE, _MMAP = 1, 9, 1
# Coloured formats that OpenCV's V4L2 back end turns into BGR (opencv 4.x, cap_v4l.cpp).
_PLANAR = ("NV12", "NV21", "YU12", "YV12", "411P")
_COLOURED = frozenset(("MJPG", "JPEG", "YUYV", "UYVY", *_PLANAR, "BGR3", "RGB3", "XR24", "AR24"))
_SMALLER = (640, 480)  # what uncompressed cameras can send fast enough over USB 2


@dataclass(frozen=True, slots=True)
class Camera:
    """What a video node says of itself: where it is plugged in and its coloured formats."""

    path: str
    bus: str
    formats: tuple[str, ...]
    planes: bool


def query(path: str) -> Camera:
    """Asks the node at `path`.

    Raises:
        SourceGoneError: there is nothing, or it was unplugged and only its node is left.
        SourceDeniedError: this user may not.
        SourceBusyError: opened by somebody who wants it alone.
        SourceFormatError: no camera (the metadata node of one, a radio), or none with colours.
    """
    with _opened(path) as fd:
        return _query(fd, path)


def find_camera() -> str:
    """The path of the only camera of this machine.

    Raises:
        SourceGoneError: there is none.
        SourceAmbiguousError: there is more than one.
    """
    found: dict[str, str] = {}
    for path in sorted(Path("/dev").glob("video[0-9]*")):
        with contextlib.suppress(SourceError):
            camera = query(str(path))
            found.setdefault(camera.bus, camera.path)  # one camera may have several nodes
    if len(found) > 1:
        raise SourceAmbiguousError(", ".join(sorted(found.values())))
    if not found:
        raise SourceGoneError("no camera")
    return next(iter(found.values()))


class DeviceSource:
    """A V4L2 camera. Everything is set once: each change restarts its stream.

    MJPG is taken where it is offered, because uncompressed 720p passes USB 2 only ten times a
    second; its pictures are decoded here, so that a cut one can be told. Of the others the size
    asked for is taken when it comes `LEAST_RATE` times a second, else 640x480.
    """

    def __init__(
        self,
        path: str,
        width: int,
        height: int,
        fps: float,
        tell: Tell = lambda _trouble: None,
    ) -> None:
        real = os.path.realpath(path)
        formats = _ask_whether_free(real)
        # Always CAP_V4L2: other back ends are tried otherwise and take seconds to fail.
        self._capture = cv2.VideoCapture(real, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise _reason_of(real) or SourceSilentError(path)
        self._path, self._tell, self._last = path, tell, 0.0
        self._raw = "MJPG" in formats and self._set_format("MJPG")
        rate = self._set_size(width, height, fps)
        if 0 < rate < LEAST_RATE and (width, height) != _SMALLER:
            rate = self._set_size(*_SMALLER, fps)
        if 0 < rate < LEAST_RATE:
            raise SourceSlowError(f"{rate:.1f} pictures a second")
        if self._raw:
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
        # What the camera made of all that is read back; it need not be what was asked.
        self.kind = self._kind()
        if self.kind not in _COLOURED:
            raise SourceFormatError(f"{self.kind} cannot be used")
        self.period = 1.0 / rate if rate > 0 else 0.0

    def read(self) -> tuple[Image, float]:
        """See `Source.read`; the wait is bounded by OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT."""
        deadline = time.monotonic() + READ_S
        while time.monotonic() < deadline:
            good, data = self._capture.read()
            now = time.monotonic()
            if not good or data is None:
                raise _reason_of(self._path) or SourceSilentError(self._path)
            stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0  # UVC: the monotonic clock
            if 0 < stamp == self._last:
                continue  # the same buffer once more: some drivers do that after unplugging
            self._last = stamp
            image = decode(data.tobytes()) if self._raw else np.asarray(data, np.uint8)
            if image is not None:
                return image, stamp if now - 1.0 < stamp <= now else now
            whole = data.size > 2 and data.ravel()[0] == 0xFF and data.ravel()[1] == 0xD8
            self._tell(Exit.TORN if whole else Exit.FORMAT)
        raise _reason_of(self._path) or SourceSilentError(self._path)

    def _set_format(self, name: str) -> bool:
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*name))
        return self._kind() == name

    def _set_size(self, width: int, height: int, fps: float) -> float:
        """Sets both, and gives the frames a second that the camera announces then."""
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        self._capture.set(cv2.CAP_PROP_FPS, fps)
        return self._capture.get(cv2.CAP_PROP_FPS)

    def _kind(self) -> str:
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        return code.to_bytes(4, "little").decode("ascii", "replace")


def _ask_whether_free(path: str) -> tuple[str, ...]:
    """The node's formats; raises as `query` does, and SourceBusyError when somebody streams."""
    with _opened(path) as fd:
        camera = _query(fd, path)
        # No buffers are asked for: the answer is only whether we could have had some.
        kind = _TYPE_MPLANE if camera.planes else _TYPE
        try:
            fcntl.ioctl(fd, _REQBUFS, bytearray(struct.pack("<IIIII", 0, kind, _MMAP, 0, 0)))
        except OSError as no:
            raise _sorted(no, path) from None
        return camera.formats


def _query(fd: int, path: str) -> Camera:
    said = bytearray(104)
    try:
        fcntl.ioctl(fd, _QUERYCAP, said)
    except OSError as no:
        if no.errno in (errno.ENOTTY, errno.EINVAL):
            raise SourceFormatError("not a video device") from None
        raise _sorted(no, path) from None
    bus = said[48:80].split(b"\0")[0].decode("ascii", "replace")
    whole, node = struct.unpack_from("<II", said, 84)
    caps = node if whole & _DEVICE_CAPS else whole
    planes = not caps & _CAPTURE and bool(caps & _CAPTURE_MPLANE)
    if not caps & (_CAPTURE | _CAPTURE_MPLANE) or not caps & _STREAMING:
        raise SourceFormatError("this node gives no pictures")
    formats = _formats(fd, _TYPE_MPLANE if planes else _TYPE)
    if not _COLOURED.intersection(formats):
        raise SourceFormatError(f"it offers only {', '.join(formats) or 'nothing'}")
    return Camera(path, bus, tuple(name for name in formats if name in _COLOURED), planes)


def _formats(fd: int, kind: int) -> list[str]:
    found: list[str] = []
    for index in range(64):
        said = bytearray(struct.pack("<II", index, kind) + bytes(56))
        try:
            fcntl.ioctl(fd, _ENUM_FMT, said)
        except OSError:
            break
        found.append(said[44:48].decode("ascii", "replace"))
    return found


@contextlib.contextmanager
def _opened(path: str):
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as no:
        raise _sorted(no, path) from None
    try:
        yield fd
    finally:
        os.close(fd)


def _reason_of(path: str) -> SourceError | None:
    """Why the camera that has just failed did: asked again, None when it finds nothing wrong."""
    try:
        query(os.path.realpath(path))
    except SourceError as why:
        return why
    return None


def _sorted(no: OSError, path: str) -> SourceError:
    if no.errno == errno.EBUSY:
        return SourceBusyError(path)
    if no.errno in (errno.EACCES, errno.EPERM):
        return SourceDeniedError(path)
    if no.errno in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return SourceGoneError(path)
    return SourceSilentError(path)
