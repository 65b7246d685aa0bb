# SPDX-License-Identifier: Apache-2.0
"""What this booth's camera was found to give: measured once by a technician, kept, read at start.

The record holds no picture and nothing of a person but the width and sharpness of the face that sat
there. It belongs to one camera in one place: after a change of either the booth is calibrated anew.
"""

import contextlib
import json
import math
import os
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path

from kiosk.photo.calibration_checks import SeatCheck, WallCheck, measure_seat, measure_wall

__all__ = [
    "Calibration",
    "CalibrationError",
    "SeatCheck",
    "WallCheck",
    "measure_seat",
    "measure_wall",
]

VERSION = 1
_SIDE_MOST, _NAME_MOST = 10_000, 200
_RANGES = {
    "lamp": (0.0, 1.0),
    "wall_light": (60.0, 100.0),
    "wall_evenness": (0.5, 1.0),
    "white_blue": (100.0, 255.0),
    "white_green": (100.0, 255.0),
    "white_red": (100.0, 255.0),
    "face_width": (150.0, 4000.0),
    "face_light": (0.05, 1.0),
    "focus": (0.05, 1.0),
    "sharpness": (0.005, 1.0),
}


class CalibrationError(Exception):
    """The record cannot be used or kept; the text names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Figures of one booth; None what was not measured, and all None by `default`.

    `made` is ISO 8601 with its offset; `camera` the setting that named the camera; `width` and
    `height` its upright picture. `lamp` is the level 0..1 of the photo lamps meanwhile. Wall: see
    `WallCheck`; `white_*` is its colour 0..255. Seat: see `SeatCheck`.
    """

    made: str = ""
    camera: str = ""
    width: int = 0
    height: int = 0
    lamp: float | None = None
    wall_light: float | None = None
    wall_evenness: float | None = None
    white_blue: float | None = None
    white_green: float | None = None
    white_red: float | None = None
    face_width: float | None = None
    face_light: float | None = None
    focus: float | None = None
    sharpness: float | None = None

    @classmethod
    def default(cls) -> "Calibration":
        """Nothing known: every judgement falls back on the person's own history."""
        return cls()

    @classmethod
    def load(cls, path: Path) -> "Calibration":
        """The record at `path`; `default` when there is none.

        Raises:
            CalibrationError: it cannot be read, is of another version, or holds what cannot be.
        """
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls.default()
        except OSError as failed:
            raise CalibrationError(f"{path}: {failed.strerror}") from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as failed:
            raise CalibrationError(f"{path} is not TOML: {failed}") from None
        version = given.pop("version", None)
        if version != VERSION or isinstance(version, bool):
            raise CalibrationError(f"{path}: version {VERSION} is known; calibrate again")
        try:
            return cls(**given).checked()
        except (TypeError, ValueError) as wrong:
            said = "it has a line that is not known" if isinstance(wrong, TypeError) else str(wrong)
            raise CalibrationError(f"{path}: {said}; calibrate again") from None

    def save(self, path: Path) -> None:
        """Puts the record at `path`, whole or not at all, and on disk when this returns.

        Raises:
            CalibrationError: it holds what cannot be, or the folder cannot be written.
        """
        try:
            text = self.checked()._toml()
        except ValueError as wrong:
            raise CalibrationError(f"{path}: {wrong}") from None
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(fresh, path)
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as failed:
            with contextlib.suppress(OSError):
                fresh.unlink()
            raise CalibrationError(f"{path}: {failed.strerror}") from None

    def checked(self) -> "Calibration":
        """Itself; ValueError with one sentence when a figure cannot be."""
        for name in ("made", "camera"):
            text = getattr(self, name)
            if not isinstance(text, str) or len(text) > _NAME_MOST or not text.isprintable():
                raise ValueError(f"{name} is no short line")
        if self.made:
            try:
                aware = datetime.fromisoformat(self.made).tzinfo is not None
            except ValueError:
                aware = False
            if not aware:
                raise ValueError("made is no date with time and offset")
        for name in ("width", "height"):
            side = getattr(self, name)
            if not isinstance(side, int) or isinstance(side, bool) or not 0 <= side <= _SIDE_MOST:
                raise ValueError(f"{name} is not 0 to {_SIDE_MOST}")
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if value is None:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or not least <= value <= most:
                raise ValueError(f"{name} is not {least:g} to {most:g}")
        return self

    def with_wall(self, wall: WallCheck, lamp: float | None = None) -> "Calibration":
        """With the wall's figures. ValueError when the wall was not good."""
        if not wall.good:
            raise ValueError(wall.reason)
        blue, green, red = wall.white
        return replace(
            self,
            lamp=self.lamp if lamp is None else lamp,
            wall_light=wall.light,
            wall_evenness=wall.evenness,
            white_blue=blue,
            white_green=green,
            white_red=red,
        )

    def with_seat(self, seat: SeatCheck) -> "Calibration":
        """With the seat's figures. ValueError when the seat was not good."""
        if not seat.good:
            raise ValueError(seat.reason)
        return replace(
            self,
            face_width=seat.face_width,
            face_light=seat.light,
            focus=seat.focus,
            sharpness=seat.sharpness,
        )

    def of(self, camera: str, width: int, height: int, made: datetime) -> "Calibration":
        """For this camera now: what was measured with another one, or another size, is dropped."""
        kept = self if self.fits(camera, width, height) else Calibration.default()
        return replace(
            kept,
            made=made.isoformat(timespec="seconds"),
            camera=camera,
            width=width,
            height=height,
        )

    def fits(self, camera: str, width: int, height: int) -> bool:
        """Whether it was measured with this camera at this size."""
        return (self.camera, self.width, self.height) == (camera, width, height)

    @property
    def complete(self) -> bool:
        """Wall and seat were both measured."""
        return self.wall_light is not None and self.sharpness is not None

    def _toml(self) -> str:
        lines = [f"version = {VERSION}"]
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None or value == "":
                continue
            if isinstance(value, str):
                lines.append(f"{field.name} = {json.dumps(value, ensure_ascii=False)}")
            else:
                lines.append(
                    f"{field.name} = {value if isinstance(value, int) else f'{value:.6f}'}"
                )
        return "\n".join(lines) + "\n"
