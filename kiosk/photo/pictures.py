# SPDX-License-Identifier: Apache-2.0
"""Picture files in and out: what is no usable picture is refused in one sentence.

Reads JPEG, PNG, WebP, BMP, TIFF and GIF of one picture. The size is taken from the header and
refused before anything is decoded. A picture that was turned by its EXIF note is turned upright; 16
bits a channel become 8; a colour profile is not applied.
"""

import contextlib
import os
import stat
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage
from PIL import ImageOps, UnidentifiedImageError

from kiosk.photo.faces import Image

FILE_MOST = 100_000_000
"""Bytes of a file that are read at most."""
PIXELS_MOST = 64_000_000
"""Larger than the cameras of telephones; three bytes each."""
SIDE_LEAST = 64
"""Pixels of the shorter side below which there is nothing to judge."""

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
_PLAIN = ("RGB", "L", "1", "P", "RGBA", "LA", "I;16", "I;16L", "I;16B")
_TELEPHONE = "MPO"  # a JPEG with previews behind it; the first picture is the photograph


class PictureError(Exception):
    """The file cannot be used; the text is a sentence about it without its name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """`image` HxWx3 BGR, upright. `grey`: the file holds no colour at all."""

    image: Image
    grey: bool


def read(path: Path) -> Picture:
    """The picture in a file.

    Raises:
        PictureError: why it cannot be used.
    """
    _check_file(path)
    PillowImage.init()  # WebP and TIFF are known after it only
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sizes are refused below, not warned of
            with PillowImage.open(path, formats=_FORMATS) as file:
                return _decoded(file)
    except PictureError:
        raise
    except PillowImage.DecompressionBombError:
        raise PictureError(_too_large()) from None
    except UnidentifiedImageError:
        raise PictureError("is not a picture of a kind that can be read") from None
    except PermissionError:
        raise PictureError("may not be read by this user") from None
    except MemoryError:
        raise PictureError("is too large for this machine's memory") from None
    except Exception:  # decoders raise anything on damaged data
        raise PictureError("is damaged or cut off") from None


def same(one: Path, other: Path) -> bool:
    """Whether both names lead to the same file; False where that cannot be known."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def write(path: Path, data: bytes) -> None:
    """Puts `data` under `path` at once or not at all: a file beside it, synced, then renamed.

    Raises:
        PictureError: it cannot be written there; nothing was changed and nothing is left over.
    """
    part = ""
    try:
        if path.exists() and not path.is_file():
            raise PictureError("is not an ordinary file, so no portrait is written there")
        real = path.resolve()
        handle, part = tempfile.mkstemp(
            prefix=f".{real.name[:100]}.", suffix=".part", dir=real.parent
        )
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, real)
        part = ""
        folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as failed:
        raise PictureError(f"cannot be written: {failed.strerror}") from None
    except (RuntimeError, ValueError):  # links in a circle; a name that can be none
        raise PictureError("cannot be written: its name leads nowhere") from None
    finally:
        if part:
            with contextlib.suppress(OSError):
                os.unlink(part)


def _check_file(path: Path) -> None:
    try:
        found = path.stat()
    except FileNotFoundError:
        raise PictureError("does not exist") from None
    except (OSError, ValueError) as failed:
        reason = failed.strerror if isinstance(failed, OSError) else "its name cannot be"
        raise PictureError(f"cannot be read: {reason}") from None
    if stat.S_ISDIR(found.st_mode):
        raise PictureError("is a folder, not a picture")
    if not stat.S_ISREG(found.st_mode):
        raise PictureError("is not an ordinary file")
    if not found.st_size:
        raise PictureError("is empty")
    if found.st_size > FILE_MOST:
        raise PictureError(f"is too large: more than {FILE_MOST // 1_000_000} MB")


def _decoded(file: PillowImage.Image) -> Picture:
    width, height = file.size
    if width * height > PIXELS_MOST:
        raise PictureError(_too_large())
    if min(width, height) < SIDE_LEAST:
        raise PictureError(f"is too small: its sides are at least {SIDE_LEAST} pixels")
    if getattr(file, "n_frames", 1) > 1 and file.format != _TELEPHONE:
        raise PictureError("holds several pictures or moves; save the wanted one on its own")
    if file.mode == "CMYK":
        raise PictureError("is in print colours (CMYK), which differ on each press; save it as RGB")
    if file.mode not in _PLAIN:
        raise PictureError(f"has colours of a kind that cannot be judged ({file.mode})")
    file.load()
    upright = ImageOps.exif_transpose(file)
    rgb = _rgb(upright)
    return Picture(np.ascontiguousarray(rgb[:, :, ::-1]), _is_grey(rgb))


def _rgb(file: PillowImage.Image) -> npt.NDArray[np.uint8]:
    if file.mode.startswith("I;16"):
        deep: npt.NDArray[Any] = np.asarray(file).astype(np.uint16)
        return np.repeat((deep >> 8).astype(np.uint8)[:, :, None], 3, axis=2)
    if file.has_transparency_data:
        file = file.convert("RGBA")
        least, _most = file.getchannel("A").getextrema()
        if isinstance(least, int | float) and least < 255:
            raise PictureError("has transparent parts; save it without")
    return np.asarray(file.convert("RGB"), np.uint8)


def _is_grey(rgb: npt.NDArray[np.uint8]) -> bool:
    return bool(
        np.array_equal(rgb[:, :, 0], rgb[:, :, 1]) and np.array_equal(rgb[:, :, 1], rgb[:, :, 2])
    )


def _too_large() -> str:
    return f"is too large: more than {PIXELS_MOST // 1_000_000} million pixels"
