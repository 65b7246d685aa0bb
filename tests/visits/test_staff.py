# SPDX-License-Identifier: Apache-2.0
"""Staff at the booth: their card in a real PC/SC service, the seat and the key on the panel."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.bins_books import Books, Standing
from drivers.bins_journal import entries
from firmware_io.emulators.pcscd import PcscService
from idcard.keys import OpeningKey
from idcard.records import CardInBin
from idcard.sealing import SealContext, open_sealed
from kiosk.doctor import IN_USE
from kiosk.photo.calibration import Calibration
from kiosk.stack.stack import Stack
from kiosk.visit.door import Door, DoorError
from kiosk.visit.play import visit
from kiosk.visit.player import PlayError
from kiosk.visit.script import read_script

pytestmark = [pytest.mark.visit, pytest.mark.timeout(900), pytest.mark.xdist_group("visits-b")]
SCRIPT = Path(__file__).parent.parent / "playbook" / "staff.toml"
BINS = SCRIPT.with_name("bins.toml")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with PcscService(alone=True):
        pass  # our turn: the machine has one reader, and other tests use it too
    script = read_script(SCRIPT)
    said: list[str] = []
    with Stack(
        tmp_path_factory.mktemp("staff"),
        factor=0.2,
        booth=script.settings,
        staff=True,
        fits=read_script(BINS).fits,
        say=said.append,
    ) as running:
        assert not [line for line in said if "no staff card" in line]
        yield running


def until(there: Callable[[], bool], seconds: float = 180.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def shown(stack: Stack) -> dict[str, Any]:
    """What the front of the moment shows; one that is being replaced shows nothing."""
    try:
        door = Door(stack.door)
        view = door.view()
    except DoorError:
        return {"step_name": "", "buttons": [], "reason_key": ""}
    door.close()
    return view


def test_staff_come_with_their_card_and_the_citizen_goes_on_where_they_were(
    stack: Stack, tmp_path: Path
) -> None:
    result = visit(stack, read_script(SCRIPT), tmp_path, lambda line: None, patience=6.0)
    assert result["outcome"] == "abandoned"
    names = [Path(path).stem.partition("-")[2] for path in result["screenshots"]]
    assert names.count("consent") >= 3  # asked, staff called, asked again
    assert {"staff-pin", "staff"} <= set(names)
    assert not stack.control("smartcard", {"status": True})["in_reader"]


def put_in(stack: Stack) -> None:
    """The staff card, until the waiting front asks for its PIN.

    A front that has not looked into the reader yet takes the card for a forgotten one; one that is
    slow is given longer the next time.
    """
    for seconds in (10.0, 20.0, 40.0, 80.0, 160.0):
        stack.control("smartcard", {"insert": True})
        with contextlib.suppress(AssertionError):
            until(lambda: shown(stack)["step_name"] == "staff-pin", seconds)
            return
        stack.control("smartcard", {"remove": True})
        time.sleep(1.0)  # a hand
    raise AssertionError("no front ever asked for the PIN")


def test_staff_open_their_menu_on_the_welcome_and_close_it_with_the_card(stack: Stack) -> None:
    until(lambda: shown(stack)["step_name"] == "welcome")
    put_in(stack)
    until(lambda: shown(stack)["screen"] == "form")
    door = Door(stack.door)
    door.ask({"type": {"field": "pin", "text": "123456"}})
    assert door.view()["fields"] == {"pin": "●●●●●●"}
    door.ask({"tap": "enter"})
    until(lambda: door.view()["step_name"] == "staff")
    door.ask({"tap": "devices"})
    until(lambda: door.view()["step_name"] == "staff-devices")
    stack.control("smartcard", {"remove": True})
    until(lambda: door.view()["step_name"] == "welcome")
    door.close()


def test_staff_set_the_camera_up_and_what_was_found_is_kept(stack: Stack) -> None:
    record = stack.folder.root / "calibration.toml"
    until(lambda: shown(stack)["step_name"] == "welcome")
    put_in(stack)
    until(lambda: shown(stack)["screen"] == "form")
    stack.control("camera", {"look": "empty"})
    door = Door(stack.door, 200.0)
    try:
        door.ask({"type": {"field": "pin", "text": "123456"}})
        door.ask({"tap": "enter"})
        until(lambda: door.view()["step_name"] == "staff")
        door.ask({"tap": "calibrate"})
        for page in ("calibrate.wall", "calibrate.lamp"):
            until(lambda page=page: door.view()["heading_key"] == page)
            door.ask({"tap": "keep", "timeout": 180.0})
        until(lambda: door.view()["heading_key"] == "calibrate.distance")
        assert Calibration.load(record).wall_light is not None
        stack.control("camera", {"look": "neutral"})
        for page in ("calibrate.distance", "calibrate.focus"):
            until(lambda page=page: door.view()["heading_key"] == page)
            door.ask({"tap": "keep", "timeout": 180.0})
        # A sitter who sways may be caught in motion: then the page asks for it once more.
        end = time.monotonic() + 180.0
        while door.view()["heading_key"] != "calibrate.kept":
            assert time.monotonic() < end, door.view()["reason_key"]
            with contextlib.suppress(DoorError):
                door.ask({"tap": "keep", "timeout": 1.0})
        assert Calibration.load(record).complete
        stack.control("smartcard", {"remove": True})
        until(lambda: shown(stack)["step_name"] == "welcome")
    finally:
        door.close()
        stack.control("smartcard", {"remove": True})
        stack.control("camera", {"look": "good"})


def loaded(stack: Stack, out: Path) -> dict[str, Any]:
    """The script, whose card a front takes for a forgotten one until it has looked once."""
    script = read_script(BINS).model_copy(update={"think_s": 0.1})
    for patience in (1.0, 2.0, 4.0, 8.0):  # a slow front is given longer the next time
        try:
            return visit(stack, script, out / str(patience), lambda _: None, patience=patience)
        except PlayError as wrong:
            if patience == 8.0 or "staff-pin" not in str(wrong):
                raise
    raise AssertionError


def test_staff_load_two_cards_and_look_into_a_bin_and_only_the_counter_can_say_whose_they_are(
    stack: Stack, tmp_path: Path
) -> None:
    result = loaded(stack, tmp_path)
    assert result["outcome"] == "abandoned"
    names = {Path(path).stem.partition("-")[2] for path in result["screenshots"]}
    assert {"bins", "bins-load", "bins-door"} <= names
    held = stack.control("bins", {"check": True})
    assert held["cards"] == {"1/1": ["card-one"], "1/2": ["card-two"]}
    assert [name for _at, name in held["pulses"]] == ["1/1", "1/2", "1/1"]
    assert held["violations"] == []
    books = Books()
    for entry in entries((stack.folder.cards / "bins.journal").read_bytes()):
        books.add(entry)
    counter = OpeningKey.from_pem((stack.folder.keys / "counter" / "seal.key").read_bytes())
    whose = []
    for slot in books.slots():
        sealed = (stack.folder.cards / "cards" / f"{slot.card}.sealed").read_bytes()
        context = SealContext.of_card("B03", slot.card)
        found = CardInBin.model_validate_json(open_sealed(sealed, counter, context=context))
        whose.append((slot.place, slot.standing, found.citizen_no))
    assert whose == [
        ("1/1", Standing.REST, "341522199811070025"),
        ("1/2", Standing.REST, "222402198505050016"),
    ]
    for path in (*stack.folder.cards.rglob("*"), *stack.folder.logs.glob("*")):
        raw = path.read_bytes() if path.is_file() else b""
        assert not [one for one in whose if one[2].encode() in raw], path


def test_a_turned_key_closes_the_booth_for_the_next_citizen_also_on_a_fresh_front(
    stack: Stack,
) -> None:
    until(lambda: "start" in shown(stack)["buttons"])
    stack.control("panel", {"key": "open"})
    until(lambda: shown(stack)["reason_key"] == "panel.key_open")
    fronts = stack.fronts
    stack.kill("front")
    until(lambda: stack.fronts > fronts)
    until(lambda: shown(stack)["reason_key"] == "panel.key_open")
    assert "start" not in shown(stack)["buttons"]
    stack.control("panel", {"key": "closed"})
    until(lambda: "start" in shown(stack)["buttons"])


def test_the_doctor_beside_a_running_booth_says_in_use_and_takes_nothing_away(
    stack: Stack,
) -> None:
    until(lambda: "start" in shown(stack)["buttons"])
    before = stack.control("panel", {"status": True})
    command = [sys.executable, "-m", "kiosk", "doctor", "--json", "--config"]
    ran = subprocess.run(
        [*command, str(stack.folder.booth_toml)], capture_output=True, timeout=60, check=False
    )
    found = {one["device"]: one for one in json.loads(ran.stdout)}
    held = ("panel", "camera", "idreader", "fingerprint", "printer")
    assert [found[name]["detail"] for name in held] == [IN_USE] * 5
    assert {found[name]["state"] for name in ("staffcard", "post", "line", "clock")} == {"ready"}
    assert ran.returncode == 0
    assert stack.control("panel", {"status": True}) == before  # the front has its pins still
    assert "start" in shown(stack)["buttons"]
