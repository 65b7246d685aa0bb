# SPDX-License-Identifier: Apache-2.0
"""What the technician reads: every device ill with one reason and one remedy, or in use."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import serial

from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from idcard.workdays import WeekendsOnly
from kiosk.doctor import IN_USE, examine
from kiosk.health import TOLD_ONLY, calendar_health, fitness, post_health
from kiosk.post.messages import PostState

DEVICES = {"panel", "camera", "idreader", "fingerprint", "printer", "speaker", "staffcard"}
BOOTH = """
[devices.fingerprint]
path = "{folder}/fingerprint"
[devices.idreader]
path = "{folder}/idreader"
[devices.printer]
path = "{folder}/printer"
[devices.camera]
source = "{folder}/camera"
[devices.panel]
factory = "{factory}"
mock_socket = "{mock}"
[devices.speaker]
device = "hw:CARD=nosuchcard"
[devices.staffcard]
fitted = {fitted}
[post]
socket = "{folder}/mailbox.sock"
"""


def booth(folder: Path, *, factory: str = "lgpio", mock: str = "", fitted: bool = True) -> Path:
    path = folder / "booth.toml"
    fits = str(fitted).lower()
    path.write_text(BOOTH.format(folder=folder, factory=factory, mock=mock, fitted=fits))
    return path


@contextmanager
def ports_held(folder: Path) -> Iterator[None]:
    """Serial ports that another program has opened, as a running front has."""
    with ExitStack() as stack:
        for name in ("fingerprint", "idreader", "printer"):
            stage = stack.enter_context(Stage(Printer(factor=0.0), link=folder / name))
            stack.enter_context(serial.Serial(stage.path, 115200, exclusive=True))
        yield


def test_with_nothing_there_each_device_has_one_reason_and_one_remedy_and_the_status_is_1(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "kiosk", "doctor", "--json", "--config"]
    ran = subprocess.run(
        [*command, str(booth(tmp_path))], capture_output=True, timeout=60, check=False
    )
    found = {one["device"]: one for one in json.loads(ran.stdout)}
    assert ran.returncode == 1
    # A machine that runs a PC/SC service of its own may have its staff-card reader all the same.
    for name in (DEVICES | {"post"}) - {"staffcard"}:
        one = found[name]
        assert one["state"] == "ill", name
        for language in ("zh", "en"):
            assert one[f"reason_{language}"], name
            assert one[f"remedy_{language}"], name
        assert one["reason_zh"] != one["reason_en"]
    assert {"line", "clock", "calendar", "staffcard"} <= set(found)


def test_devices_of_a_running_booth_are_in_use_and_not_ill_and_none_is_taken_away(
    tmp_path: Path,
) -> None:
    camera = tmp_path / "camera"
    camera.write_bytes(b"")
    hand = tmp_path / "panel.sock"
    hand.write_bytes(b"the front's own")
    with ports_held(tmp_path):
        said = examine(booth(tmp_path, factory="mock", mock=str(hand), fitted=False))
    found = {one["device"]: one for one in said}
    for name in DEVICES - {"staffcard"}:
        assert (found[name]["state"], found[name]["detail"]) == ("busy", IN_USE), name
        assert found[name]["reason"] == ""
    assert found["staffcard"]["state"] == "absent"
    assert hand.read_bytes() == b"the front's own"  # the panel's socket was not replaced


def test_a_panel_that_is_not_fitted_is_absent_also_while_the_booth_runs(tmp_path: Path) -> None:
    with ports_held(tmp_path):
        said = examine(booth(tmp_path, factory="none", fitted=False))
    states = {one["device"]: one["state"] for one in said}
    assert (states["panel"], states["camera"]) == ("absent", "busy")


def test_a_year_without_published_holidays_is_told_and_makes_nothing_ill() -> None:
    health = calendar_health(datetime.fromisoformat("2026-12-01T09:00:00+08:00"), WeekendsOnly())
    assert str(health.state) == "ready"
    assert "2026, 2027" in health.detail
    assert fitness([health]).closing == ()


class Post:
    """A post that says one state."""

    def __init__(self, **state: Any) -> None:
        well = {"line": "", "full": "", "unsent": 0, "parked": 0, "oldest_unsent_s": None}
        self._state = PostState(**{**well, **state})

    def state(self) -> PostState:
        return self._state


@pytest.mark.parametrize("alarm", ["post.disk", "post.quarantined"])
def test_what_the_post_must_tell_staff_is_told_with_its_remedy(alarm: str) -> None:
    store, _ = post_health(Post(alarm=alarm))  # type: ignore[arg-type]
    assert (str(store.state), store.reason, store.remedy) == ("ill", alarm, f"{alarm}.remedy")


def test_a_store_put_aside_is_told_but_closes_no_booth_and_a_failing_disk_does() -> None:
    aside = post_health(Post(alarm="post.quarantined"))  # type: ignore[arg-type]
    assert fitness(aside).closing == ()
    failing = post_health(Post(alarm="post.disk", full="disk"))  # type: ignore[arg-type]
    assert fitness(failing).closing == ("post.disk",)


def test_a_full_store_is_not_hidden_behind_one_that_was_put_aside() -> None:
    both = post_health(Post(alarm="post.quarantined", full="records"))  # type: ignore[arg-type]
    assert fitness(both).closing == ("post.full",)
    assert {"post.quarantined"} == TOLD_ONLY
