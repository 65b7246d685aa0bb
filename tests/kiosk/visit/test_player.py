# SPDX-License-Identifier: Apache-2.0
"""What the scripted citizen takes from the screen, and when it says that it waits in vain."""

import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.visit.door import Door, DoorError
from kiosk.visit.player import Player, PlayError, fresh_front, judged_since, keys_of, touchable
from kiosk.visit.script import Script, Shoot, Step, Stop, Touch, Wait

VIEW: dict[str, Any] = {
    "screen": "welcome",
    "step_name": "welcome",
    "question": 1,
    "heading": "自助换领身份证",
    "heading_key": "welcome.heading",
    "lines": ["全程约 4 分钟。"],
    "line_keys": ["welcome.line"],
    "advice": "请用另一台",
    "advice_key": "rule.M01.remedy",
    "reason": "没有接上相机",
    "reason_key": "camera.absent",
    "buttons": [],
    "choices": ["renew"],
    "language": "zh",
    "takes": [],
    "finger": None,
    "qr": "",
}


class Lines(socketserver.StreamRequestHandler):
    """One client's lines."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            assert isinstance(self.server, Front)
            self.server.hear(json.loads(line))
            if self.server.answer is None:
                return
            self.wfile.write(json.dumps(self.server.answer).encode() + b"\n")


class Front(socketserver.ThreadingUnixStreamServer):
    """The far end of the door: one answer to every line; None: it ends.

    `after` a tap it shows what stands there beside the tap's id, one view a tap.
    """

    daemon_threads = True
    block_on_close = False  # the player leaves its door open

    def __init__(self, path: Path) -> None:
        self.answer: dict[str, Any] | None = dict(VIEW)
        self.after: dict[str, list[dict[str, Any] | None]] = {}
        self.taps: list[str] = []
        self.door = path
        super().__init__(str(path), Lines)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def hear(self, said: dict[str, Any]) -> None:
        if tap := said.get("tap"):
            self.taps.append(tap)
            if tap in self.after:
                self.answer = self.after[tap].pop(0)

    def control(self, device: str, said: Any) -> dict[str, Any]:
        raise AssertionError("nothing is asked of a device here")

    def kill(self, name: str) -> None:
        raise AssertionError("nothing is killed here")


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    front = Front(tmp_path / "door.sock")
    yield front
    front.shutdown()
    front.server_close()


def player(front: Front, out: Path, *steps: Step) -> Player:
    script = Script(journey="renew", step=steps)
    return Player(front, script, out, lambda line: None, pictures=False)


def test_a_wait_in_vain_says_for_what_and_what_the_screen_shows(
    front: Front, tmp_path: Path
) -> None:
    waits = Wait(do="wait", says="camera.silent", seconds=0.05)
    with pytest.raises(PlayError) as wrong:
        player(front, tmp_path, waits).play()
    assert "camera.silent" in str(wrong.value)
    assert "自助换领身份证" in str(wrong.value)


@pytest.mark.parametrize(
    "wait",
    [
        {"says": "welcome.line"},
        {"says": "camera.absent", "closed": "start"},
        {"advice": "rule.M01", "step": "welcome", "screen": "welcome"},
    ],
)
def test_a_wait_ends_when_all_of_it_holds(front: Front, tmp_path: Path, wait: dict) -> None:
    one = player(front, tmp_path, Wait(do="wait", seconds=5.0, **wait))
    one._act(one._script.step[0])
    assert one.watch.waits[0][0] == "welcome"


def test_what_is_touchable_is_not_closed(front: Front, tmp_path: Path) -> None:
    waits = Wait(do="wait", says="camera.absent", closed="renew", seconds=0.05)
    with pytest.raises(PlayError, match="without renew"):
        player(front, tmp_path, waits).play()


COUNTING = {**VIEW, "leaving_s": 9, "buttons": ["stay"]}


def test_a_citizen_who_waits_for_a_slow_machine_says_that_they_are_still_here(
    front: Front, tmp_path: Path
) -> None:
    waits = player(front, tmp_path, Wait(do="wait", says="menu.heading"))
    front.answer = COUNTING
    front.after["stay"] = [{**VIEW, "leaving_s": None, "heading_key": "menu.heading"}]
    waits._act(waits._script.step[0])
    assert front.taps == ["stay"]


def test_who_walks_away_touches_nothing_and_the_visit_may_not_end_without_its_countdown(
    front: Front, tmp_path: Path
) -> None:
    leaves = player(front, tmp_path, Stop(do="walk-away"))
    front.answer = COUNTING
    leaves._act(leaves._script.step[0])
    assert front.taps == []
    front.answer = None
    with pytest.raises(PlayError, match="walk-away"):
        leaves.play()


def test_what_is_touched_until_it_helps_is_touched_once_each_time_it_is_asked(
    front: Front, tmp_path: Path
) -> None:
    tries = player(front, tmp_path, Touch(do="touch", what="retry", until="end"))
    asked = [{**VIEW, "question": n, "buttons": ["retry"]} for n in (1, 2)]
    front.answer = asked[0]
    front.after["retry"] = [asked[1], {**VIEW, "question": 3, "buttons": ["end"]}]
    tries._act(tries._script.step[0])
    assert front.taps == ["retry", "retry"]


def test_a_shot_that_gave_no_take_is_taken_again(
    front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.visit.player.AGAIN_S", 0.05)
    sits = player(front, tmp_path, Shoot(do="shoot"))
    front.answer = {**VIEW, "buttons": ["shoot"]}
    missed = {**front.answer, "line_keys": ["photo.missed"]}
    front.after["shoot"] = [missed, {**front.answer, "takes": ["take-1"]}]
    sits._act(sits._script.step[0])
    assert front.taps == ["shoot", "shoot"]


def test_a_front_that_is_not_there_yet_or_just_ending_is_waited_for(
    front: Front, tmp_path: Path
) -> None:
    with pytest.raises(PlayError, match="no front waits"):
        fresh_front(front.door.with_name("nobody"), 0.05)
    front.answer = None
    late = threading.Timer(0.2, lambda: setattr(front, "answer", dict(VIEW)))
    late.start()
    fresh_front(front.door, 60.0).close()
    late.join()


def test_a_front_that_ends_or_refuses_is_told_as_such(front: Front) -> None:
    door = Door(front.door)
    front.answer = {"ok": False, "error": "there is no sign to touch"}
    with pytest.raises(DoorError, match="there is no sign to touch"):
        door.ask({"tap": "sign"})
    front.answer = None
    with pytest.raises(DoorError, match="the front has ended"):
        door.view()
    door.close()


def test_a_door_that_nobody_opens_is_named(tmp_path: Path) -> None:
    with pytest.raises(DoorError, match="no front answers at"):
        Door(tmp_path / "nobody.sock", timeout_s=0.05)


def test_keys_and_touchables_are_all_that_the_view_offers() -> None:
    assert keys_of(VIEW) == ("welcome.heading", "welcome.line", "rule.M01.remedy", "camera.absent")
    assert touchable({**VIEW, "buttons": ["start"]}) == {"start", "renew"}


def finger(**more: Any) -> dict[str, Any]:
    shown = {"position": "right-thumb", "press": 1, "tries": 0, "lift": False}
    shown |= {"down": False, "judged": 0}
    view = {**VIEW, "step_name": "fingers", "advice_key": None, "reason_key": None}
    return {**view, **{k: v for k, v in more.items() if k in view}} | {
        "finger": {**shown, **{k: v for k, v in more.items() if k in shown}}
    }


@pytest.mark.parametrize(
    "after",
    [
        {"lift": True},
        {"press": 2},
        {"tries": 1},
        {"position": "left-thumb"},
        {"judged": 1},
        {"step_name": "delivery"},
    ],
)
def test_a_press_is_judged_when_the_screen_answers_it(after: dict) -> None:
    assert judged_since(finger())(finger(**after))


def test_a_press_is_not_judged_while_the_screen_says_what_it_said() -> None:
    before = finger(reason_key="finger.too_dry", judged=1)
    assert not judged_since(before)(before)
    assert not judged_since(finger())(finger(advice_key="fingers.hold", down=True))
    # A call to put the finger down answers nobody's press.
    assert not judged_since(finger())(finger(reason_key="finger.none_placed"))
