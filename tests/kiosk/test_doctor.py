# SPDX-License-Identifier: Apache-2.0
"""What the technician reads: every device ill with one reason and one remedy, or in use."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import serial

from drivers.bins import Bins
from drivers.bins_books import Kind, Verb, Where
from drivers.bins_journal import Journal as BinsJournal
from drivers.dispenser import Dispenser
from drivers.errors import OutOfServiceError
from drivers.health import Health
from drivers.printer_journal import Journal
from firmware_io.emulators.dispenser import dispenser
from firmware_io.emulators.lockboard import LockBoard
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from idcard.workdays import WeekendsOnly
from kiosk.config import load
from kiosk.doctor import IN_USE, calibration_health, examine, spoken, table
from kiosk.doctor_addresses import elsewhere
from kiosk.health import TOLD_ONLY, calendar_health, fitness, post_health
from kiosk.photo.calibration import Calibration
from kiosk.post.messages import PostState

STORES = """
[devices.bins]
fitted = true
path = "{folder}/bins"
locks = 8
reply_s = 2.0
journal = "{folder}/bins.journal"
[devices.dispenser]
fitted = true
path = "{folder}/dispenser"
reply_s = 2.0
journal = "{folder}/dispenser.journal"
"""
DEVICES = {"panel", "camera", "idreader", "fingerprint", "printer", "speaker", "staffcard"}
BOOTH = """
[devices.fingerprint]
path = "{folder}/fingerprint"
[devices.idreader]
path = "{folder}/idreader"
[devices.printer]
path = "{folder}/printer"
journal = "{folder}/printer.jsonl"
[devices.camera]
source = "{folder}/camera"
calibration = "{folder}/calibration.toml"
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


def booth(
    folder: Path,
    *,
    factory: str = "lgpio",
    mock: str = "",
    fitted: bool = True,
    stores: bool = False,
) -> Path:
    path = folder / "booth.toml"
    fits = str(fitted).lower()
    written = BOOTH + (STORES if stores else "")
    path.write_text(written.format(folder=folder, factory=factory, mock=mock, fitted=fits))
    return path


def unplugged() -> tuple[int, ...]:
    raise OutOfServiceError("bins.unplugged")


@pytest.fixture(autouse=True)
def _on_a_slow_machine_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a device says counts here, not how soon."""
    monkeypatch.setattr("kiosk.doctor.SETTLE_S", 60.0)
    monkeypatch.setattr("kiosk.doctor.HELD_S", 30.0)


def by_device(said: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["device"]: one for one in said}


@contextmanager
def ports_held(folder: Path) -> Iterator[None]:
    """Serial ports that another program has opened, as a running front has."""
    with ExitStack() as stack:
        for name in ("fingerprint", "idreader", "printer", "bins", "dispenser"):
            stage = stack.enter_context(Stage(Printer(factor=0.0), link=folder / name))
            stack.enter_context(serial.Serial(stage.path, 115200, exclusive=True))
        yield


def test_with_nothing_there_each_device_has_one_reason_and_one_remedy_and_the_status_is_1(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "kiosk", "doctor", "--json", "--config"]
    ran = subprocess.run(
        [*command, str(booth(tmp_path))], capture_output=True, timeout=300, check=False
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
        path = booth(tmp_path, factory="mock", mock=str(hand), fitted=False, stores=True)
        found = by_device(examine(path))
    for name in DEVICES - {"staffcard"} | {"bins", "dispenser"}:
        assert (found[name]["state"], found[name]["detail"]) == ("busy", IN_USE), name
        assert found[name]["reason"] == ""
    assert found["staffcard"]["state"] == "absent"
    assert hand.read_bytes() == b"the front's own"  # the panel's socket was not replaced


@pytest.fixture
def well(tmp_path: Path) -> Iterator[dict[str, Stage]]:
    """Printer, bins and dispenser that work, with what an earlier front has left behind."""
    devices = {
        "printer": Printer(factor=0.0),
        "bins": LockBoard("8a", locks=8, factor=0.0),
        "dispenser": dispenser(factor=0.0),
    }
    Journal(tmp_path / "printer.jsonl").note("print", rows=64)
    books = BinsJournal(tmp_path / "bins.journal")
    books.open()
    books.write(Kind.SETTLED, "1/2", card="b", act=1, where=Where.HERE)
    books.write(Kind.INTENT, "1/3", card="a", act=2, verb=Verb.LOAD)
    books.write(Kind.DOUBT, "1/3", act=2)
    books.write(Kind.INTENT, "1/4", card="c", act=3, verb=Verb.LOAD)  # nobody knows: not to settle
    books.close()
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Stage(one, link=tmp_path / name))
            for name, one in devices.items()
        }


def test_the_doctor_moves_nothing_and_writes_nothing(
    tmp_path: Path, well: dict[str, Stage]
) -> None:
    well["printer"].control({"paper": "near_end"})
    well["dispenser"].control({"stock": ["A17"]})
    kept = {path: path.read_bytes() for path in tmp_path.glob("*.j*")}
    assert {path.name for path in kept} == {"printer.jsonl", "bins.journal"}
    said = examine(booth(tmp_path, factory="none", stores=True))
    found = by_device(said)
    states = {name: found[name]["state"] for name in ("printer", "bins", "dispenser")}
    assert states == dict.fromkeys(states, "ready")
    assert "may hang under the cutter" in found["printer"]["detail"]
    assert found["bins"]["detail"] == "3 cards by the books; look into 1/3"
    notes = {name: [one["reason"] for one in found[name]["notes"]] for name in states}
    assert notes == {
        "printer": ["printer.near_end"],
        "bins": ["bins.look_into"],
        "dispenser": ["dispenser.low"],
    }
    assert found["printer"]["notes"][0]["remedy_zh"]
    assert {path: path.read_bytes() for path in tmp_path.glob("*.j*")} == kept
    assert well["printer"].control({"render": str(tmp_path / "roll.png")})["cuts"] == []
    assert well["bins"].control({"status": True})["pulses"] == []
    assert well["dispenser"].control({"status": True})["moves"] == []


def test_books_that_are_damaged_are_told_although_the_cabinet_answers(
    tmp_path: Path, well: dict[str, Stage]
) -> None:
    path = tmp_path / "bins.journal"
    path.write_bytes(path.read_bytes().replace(b"1/2", b"1/5", 1))
    found = by_device(examine(booth(tmp_path, factory="none", stores=True)))
    assert found["bins"]["reason"] == "bins.books_damaged"
    well["bins"].control({"unplug": True})  # an ill line comes first: it hides the books
    found = by_device(examine(booth(tmp_path, factory="none", stores=True)))
    assert found["bins"]["reason"] == "bins.unplugged"


@pytest.mark.parametrize(
    ("reason", "found", "detail"),
    [
        ("bins.silent", lambda: (4,), "answers at address 4; booth.toml says 1, 2"),
        ("bins.silent", lambda: (2, 4), "answers at address 2, 4; booth.toml says 1, 2"),
        ("bins.silent", tuple, "the port"),
        ("bins.silent", unplugged, "the port"),
        ("bins.unplugged", lambda: (4,), "the port"),
    ],
)
def test_only_a_silent_cabinet_is_looked_for_at_other_addresses(
    reason: str, found: Callable[[], tuple[int, ...]], detail: str
) -> None:
    told = elsewhere(Health.ill("bins", reason, "the port"), "1, 2", found)
    assert (told.reason, told.detail) == (reason, detail)


def test_a_wrong_address_is_told_with_the_one_that_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Which address answers within 0.2 s is the drivers' tests' to say, in virtual time.
    monkeypatch.setattr(Bins, "find_boards", lambda _: (4,))
    monkeypatch.setattr(Dispenser, "find_addresses", lambda _: (9,))
    path = booth(tmp_path, factory="none", stores=True)
    path.write_text(path.read_text().replace("reply_s = 2.0", "reply_s = 0.2\ntries = 1"))
    with (
        Stage(LockBoard("8a", locks=8, boards=(4,), factor=0.0), link=tmp_path / "bins") as board,
        Stage(dispenser(factor=0.0, address=9), link=tmp_path / "dispenser") as machine,
    ):
        found = by_device(examine(path))
        assert board.control({"status": True})["pulses"] == []
        assert machine.control({"status": True})["moves"] == []
    for name, here, wanted in (("bins", "4", "1"), ("dispenser", "9", "0")):
        assert found[name]["reason"] == f"{name}.silent"
        assert found[name]["detail"] == f"answers at address {here}; booth.toml says {wanted}"


@pytest.mark.parametrize("wrong", ["folder", "file", "owner"])
def test_books_that_no_front_can_keep_are_told_although_the_cabinet_answers(
    tmp_path: Path, well: dict[str, Stage], monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    config = booth(tmp_path, factory="none", stores=True)
    match wrong:
        case "folder":
            config.write_text(config.read_text().replace("/bins.journal", "/none/bins.journal"))
        case "file":
            (tmp_path / "bins.journal").unlink()
            (tmp_path / "bins.journal").mkdir()
        case "owner":
            real = Path.stat

            def stat(path: Path, **how: Any) -> Any:
                found = real(path, **how)
                mine = path.name != "bins.journal"
                return found if mine else SimpleNamespace(st_uid=found.st_uid + 1)

            monkeypatch.setattr("kiosk.doctor_books.Path.stat", stat)
    found = by_device(examine(config))
    assert found["bins"]["reason"] == "bins.books_full"
    assert found["bins"]["remedy_zh"]


def test_a_note_has_a_row_of_its_own_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    table([spoken(Health.ready("printer"), ("printer.near_end",)), spoken(Health.ready("line"))])
    said = capsys.readouterr().out
    assert said.count("note") == 1
    assert "ready" in said


@pytest.mark.parametrize(
    "raw", [b"\xff\xfe", b"version = 99\n", b"version = 1\nwall_light = 'x'\n"]
)
def test_a_calibration_record_that_is_damaged_is_ill_with_its_remedy(
    tmp_path: Path, raw: bytes
) -> None:
    (tmp_path / "calibration.toml").write_bytes(raw)
    health, notes = calibration_health(load(booth(tmp_path)))
    assert (health.reason, notes) == ("calibration.damaged", ())
    assert spoken(health)["remedy_zh"]


def test_a_calibration_of_another_camera_is_a_note_and_none_at_all_is_no_fault(
    tmp_path: Path,
) -> None:
    settings = load(booth(tmp_path))
    health, notes = calibration_health(settings)
    assert (str(health.state), health.detail, notes) == ("ready", "not calibrated yet", ())
    camera = settings.devices.camera
    kept = replace(
        Calibration.default(),
        made="2026-11-20T09:00:00+08:00",
        camera=camera.source,
        width=camera.width,
        height=camera.height,
    )
    kept.save(camera.calibration)
    assert calibration_health(settings)[1] == ()
    replace(kept, camera="/dev/video7").save(camera.calibration)
    assert calibration_health(settings)[1] == ("calibration.other_camera",)


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
