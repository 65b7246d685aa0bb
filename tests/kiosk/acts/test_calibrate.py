# SPDX-License-Identifier: Apache-2.0
"""The camera is judged for staff, and only what is good in fresh pictures is kept."""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from drivers.camera import Camera, Frame
from drivers.errors import AskStaffError
from drivers.health import Health
from kiosk.acts.calibrate import CalibrateAct
from kiosk.acts.photo import PhotoRoom
from kiosk.commands import CheckCamera, KeepCalibration
from kiosk.photo.calibration import Calibration
from kiosk.photo.engine import HaarEngine
from kiosk.vault import Vault

SOURCE = "/dev/idbooth/camera"
NOW = datetime.fromisoformat("2026-12-01T09:00:00+08:00")
PATIENCE_S = 40.0


class Lens:
    """A camera that looks at a wall of one grey, lighter or darker at the right by `slope`."""

    def __init__(self, grey: int = 245, slope: float = 0.0) -> None:
        self.grey, self.slope, self.seq = grey, slope, 0
        self.stopped = False
        self.ill = ""

    def health(self) -> Health:
        return Health.ill("camera", self.ill) if self.ill else Health.ready("camera")

    def latest(self) -> Frame | None:
        if not self.stopped:
            self.seq += 1
        row = np.linspace(self.grey, self.grey * (1.0 - self.slope), 1280)
        image = np.repeat(np.tile(row, (720, 1))[:, :, None], 3, axis=2)
        return Frame(seq=self.seq, stamp=time.monotonic(), image=image.astype(np.uint8))


def act_on(lens: Lens, path: Path, *, dims: bool = True) -> CalibrateAct:
    room = PhotoRoom(cast("Camera", lens), HaarEngine, Vault(), dims=dims)
    return CalibrateAct(room, path, SOURCE, lambda: NOW)


def nothing(*_: Any) -> None:
    """Nobody listens."""


def keep(act: CalibrateAct, what: str = "wall", lamp: float = 0.8) -> str | None:
    return act.run(KeepCalibration(what, lamp), nothing, threading.Event())


def test_a_good_wall_is_kept_with_its_lamps_camera_and_time(tmp_path: Path) -> None:
    path = tmp_path / "state" / "calibration.toml"
    assert keep(act_on(Lens(), path)) == ""
    kept = Calibration.load(path)
    assert (kept.camera, kept.width, kept.height, kept.lamp) == (SOURCE, 1280, 720, 0.8)
    assert kept.made == NOW.isoformat()
    assert kept.wall_light is not None
    assert kept.wall_light > 90


@pytest.mark.parametrize(
    ("lens", "reason"),
    [
        (Lens(grey=90), "calibration.wall.dark"),
        (Lens(grey=245, slope=0.4), "calibration.wall.uneven"),
        (Lens(grey=255), "calibration.wall.bright"),
    ],
)
def test_a_wall_that_is_not_good_is_named_and_leaves_the_record_as_it_was(
    tmp_path: Path, lens: Lens, reason: str
) -> None:
    path = tmp_path / "calibration.toml"
    keep(act_on(Lens(), path))
    before = path.read_bytes()
    assert keep(act_on(lens, path)) == reason
    assert path.read_bytes() == before


def test_an_empty_seat_is_not_kept(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    assert keep(act_on(Lens(), path), "seat") == "calibration.seat.no_face"
    assert not path.exists()


def test_a_record_that_cannot_be_written_is_for_staff(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(AskStaffError) as refused:
        keep(act_on(Lens(), tmp_path / "file" / "calibration.toml"))
    assert refused.value.code == "calibration.not_kept"


def test_a_damaged_record_is_measured_anew(tmp_path: Path) -> None:
    path = tmp_path / "calibration.toml"
    path.write_text("version = 99")
    assert keep(act_on(Lens(), path)) == ""
    assert Calibration.load(path).lamp == 0.8


def test_pictures_that_do_not_come_are_told_by_the_camera_s_own_reason(tmp_path: Path) -> None:
    lens = Lens()
    lens.stopped, lens.ill = True, "camera.frozen"
    off = threading.Event()
    off.set()  # nobody waits for it
    with pytest.raises(AskStaffError) as refused:
        act_on(lens, tmp_path / "c.toml").run(KeepCalibration("wall", 1.0), nothing, off)
    assert refused.value.code == "camera.frozen"


def test_a_lamp_that_cannot_be_dimmed_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    told, off = list[tuple[str, Any]](), threading.Event()
    off.set()
    act = act_on(Lens(), tmp_path / "c.toml", dims=False)
    act.run(CheckCamera("wall"), lambda *said: told.append(said), off)
    assert told == [("dims", False)]


def until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not there():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def test_checking_tells_each_change_once_and_shows_the_preview_only_meanwhile(
    tmp_path: Path,
) -> None:
    lens, told, off = Lens(grey=90), list[tuple[str, Any]](), threading.Event()
    act = act_on(lens, tmp_path / "c.toml")
    room = act._room
    assert room.frame() is None
    thread = threading.Thread(
        target=act.run, args=(CheckCamera("wall"), lambda *said: told.append(said), off)
    )
    thread.start()
    try:
        until(lambda: ("checked", "calibration.wall.dark") in told)
        assert room.frame() is not None
        lens.grey = 245
        until(lambda: ("checked", "") in told)
        lens.ill = "camera.torn"
        until(lambda: ("checked", "camera.torn") in told)
    finally:
        off.set()
        thread.join(PATIENCE_S)
    assert told == [
        ("dims", True),
        ("live", True),
        ("checked", "calibration.wall.dark"),
        ("checked", ""),
        ("live", False),
        ("checked", "camera.torn"),
    ]
    assert room.frame() is None
