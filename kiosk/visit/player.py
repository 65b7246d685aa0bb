# SPDX-License-Identifier: Apache-2.0
"""Plays a citizen script: touches the real front, presses emulated fingers, pays, signs."""

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import requests

from kiosk.visit import script as verbs
from kiosk.visit.clock import Stopwatch
from kiosk.visit.door import Door, DoorError
from kiosk.visit.script import Script, Step

LOOK_S = 0.01  # between two looks at the screen
PATIENCE_S = 30.0
END_S = 150.0
HELD_UP_S = 0.3
"""A hand whose next touch comes later hammers no more: the screen may take it for another's."""
AGAIN_S = 2.0  # the shutter is open again so long after a touch: there was no take
MOST_PRESSES = 20

View = dict[str, Any]


class PlayError(Exception):
    """The visit did not go as the script says; the text names the step and what was on screen."""


class World(Protocol):
    """What surrounds the booth in a scripted visit."""

    @property
    def door(self) -> Path:
        """The front's automation door."""
        ...

    def control(self, device: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """A control line to an emulated device."""
        ...

    def kill(self, name: str) -> None:
        """Ends a process at once."""
        ...


class Player:
    """Plays one script on one front.

    While the citizen waits for the machine they answer the countdown with "I am still here", so
    that a slow machine sends nobody away; `patience`: how many times the usual they wait.
    """

    def __init__(
        self,
        world: World,
        script: Script,
        out: Path,
        say: Callable[[str], None],
        *,
        pictures: bool = True,
        patience: float = 1.0,
    ) -> None:
        self._world, self._script, self._out, self._say = world, script, out, say
        self._pictures, self._patience = pictures, patience
        self.watch = Stopwatch()
        self.screenshots: list[str] = []
        self._door = fresh_front(world.door, PATIENCE_S * patience)
        self._seen = -1
        self._touched_s = 0.0

    def play(self) -> None:
        """The whole script, to the end of the front. Raises PlayError."""
        for number, step in enumerate(self._script.step, start=1):
            self._say(f"{number}/{len(self._script.step)} {step.do}")
            try:
                self._act(step)
            except DoorError as wrong:
                raise PlayError(f"step {number} ({step.do}): {wrong}") from None
        self._until_ended()

    def prepare(self) -> None:
        """The world before the citizen comes."""
        for step in self._script.before:
            self._act(step)

    def _act(self, step: Step) -> None:
        match step:
            case verbs.Touch(what=what, until=until):
                self._touch(what, until)
            case verbs.Hammer(what=what, times=times, seconds=seconds):
                self._hammer(what, times, seconds)
            case verbs.Wait():
                self._wait_for(step)
            case verbs.Language(to=to):
                if self._door.view()["language"] != to:
                    self._pause()
                    self._door.ask({"tap": "language"})
            case verbs.PlaceCard(card=card):
                self._world.control("idreader", {"place_card": card})
            case verbs.RemoveCard():
                self._world.control("idreader", {"remove_card": True})
            case verbs.Look(how=how):
                self._world.control("camera", {"look": how})
            case verbs.Shoot(timer=timer):
                self._shoot(timer)
            case verbs.Finger():
                self._press(step)
            case verbs.Type(field=field, text=text):
                self._pause()
                self._door.ask({"type": {"field": field, "text": text}})
            case verbs.Pay(answer=answer):
                self._pay(answer)
            case verbs.Sign():
                self._pause()
                self._door.ask({"sign": True})
            case verbs.Silence(seconds=seconds):
                time.sleep(seconds)
            case verbs.Device(device=device, control=control):
                self._world.control(device, control)
            case verbs.Kill(process=process):
                self._world.kill(process)
            case verbs.Stop():
                self._walk_away()

    def _walk_away(self) -> None:
        """Touches nothing more; the visit may not end without its countdown."""
        self._until("the countdown", lambda view: counting(view), END_S, here=False)

    def _touch(self, what: str, until: str = "") -> None:
        """Touches `what`; with `until` each time it is asked anew, until that can be touched."""
        asked = 0
        while True:

            def offered(view: View, asked: int = asked) -> bool:
                can = touchable(view)
                return until in can or (what in can and view["question"] != asked)

            view = self._until(f"{what} to touch", offered)
            if until in touchable(view):
                return
            self._pause()
            self._door.ask({"tap": what})
            self._touched_s = time.monotonic()
            if not until:
                return
            asked = view["question"]

    def _hammer(self, what: str, times: int, seconds: float) -> None:
        self._until(f"{what} to touch", lambda view: what in touchable(view))
        self._pause()
        place = self._door.ask({"where": what})["at"]
        begun = time.monotonic()
        self._door.ask({"tap": what})  # the first one counts, however late the screen is
        answered = time.monotonic()
        for number in range(1, times):
            if time.monotonic() - answered > HELD_UP_S:
                break
            with contextlib.suppress(DoorError):
                self._door.ask({"tap_at": place})
            answered = time.monotonic()
            left = begun + seconds * (number + 1) / times - time.monotonic()
            time.sleep(max(0.0, left))
        self._touched_s = time.monotonic()

    def _pause(self) -> None:
        """A person's own time since the last touch; not the machine's."""
        left = self._touched_s + self._script.think_s - time.monotonic()
        if left > 0:
            time.sleep(left)

    def _wait_for(self, step: verbs.Wait) -> None:
        def there(view: View) -> bool:
            advice = f"{view['advice_key']} {view['reason_key']}"
            return (
                step.screen in ("", view["screen"])
                and step.step in ("", view["step_name"])
                and (not step.advice or step.advice in advice)
                and (not step.says or any(step.says in key for key in keys_of(view)))
                and (not step.closed or step.closed not in touchable(view))
            )

        wanted = (step.screen, step.step, step.advice, step.says)
        what = " ".join(word for word in wanted if word)
        self._until(f"{what} without {step.closed}" if step.closed else what, there, step.seconds)

    def _shoot(self, timer: bool) -> None:
        """One take. A shot that gave none is taken again, as the screen asks for it."""
        before = len(self._until("the shutter", lambda v: "shoot" in touchable(v))["takes"])
        button = "shoot3" if timer else "shoot"
        for _ in range(MOST_PRESSES):
            self._touch(button)
            again_s = time.monotonic() + AGAIN_S * self._patience

            def over(view: View, again_s: float = again_s) -> bool:
                free = button in touchable(view) and time.monotonic() > again_s
                return free or len(view["takes"]) > before

            if len(self._until("the take", over)["takes"]) > before:
                return
        raise PlayError(f"the shutter was touched {MOST_PRESSES} times and gave no take")

    def _press(self, step: verbs.Finger) -> None:
        """Presses as often as this finger is asked for; ends when the screen wants another."""
        asked = self._until("the fingers' step", _ready_for_press)["finger"]["position"]
        for number in range(MOST_PRESSES):
            before = self._until("the module to be ready", _ready_or_past)
            if not before["finger"] or before["finger"]["position"] != asked:
                return
            self._pause()  # a hand's own time between lifting and pressing
            quality = step.quality[min(number, len(step.quality) - 1)]
            placed = {"place": step.position, "quality": quality, "person": step.person}
            self._world.control("fingerprint", placed)
            after = self._until("the press to be judged", judged_since(before), act_first=True)
            self._world.control("fingerprint", {"lift": True})
            self._touched_s = time.monotonic()
            if step.position != asked and after["reason_key"] == "fingers.same":
                return  # refused by name, as such a step is about; the right finger comes next
        raise PlayError(f"{step.position} was pressed {MOST_PRESSES} times")

    def _pay(self, answer: str) -> None:
        view = self._until("the code", lambda v: bool(v["qr"]))
        reply = requests.post(f"{view['qr']}/{answer}", timeout=10)
        if reply.status_code >= 400:
            raise PlayError(f"the test gateway answered {reply.status_code}")

    def _until(
        self,
        what: str,
        there: Callable[[View], bool],
        limit: float = PATIENCE_S,
        *,
        act_first: bool = False,
        here: bool = True,
    ) -> View:
        """Waits for the machine until the screen is so; takes a picture of each new screen.

        `act_first`: the last screen's picture is left to the next wait, because a hand moves now.
        `here`: the citizen stands there and says so when the countdown asks.
        """
        begun = time.monotonic()
        paused, looks = 0.0, 0
        while True:
            view = self._door.view()
            looks += 1
            self.watch.at(view["step_name"])
            found = there(view)
            # What the first look finds was not waited for: that is the looking's own time.
            waited = time.monotonic() - begun - paused if looks > 1 else 0.0
            if view["question"] != self._seen and not (found and act_first):
                paused += self._picture(view)
            if found:
                self.watch.waited(view["step_name"], what, waited)
                return view
            if here and counting(view):
                with contextlib.suppress(DoorError):
                    self._door.ask({"tap": "stay"})
            if time.monotonic() - begun > limit * self._patience:
                in_vain = f"waited {limit * self._patience:g} s for {what}"
                raise PlayError(
                    f"{in_vain}; the screen shows {view['screen']}"
                    f" ({view['step_name']}): {view['heading']} {view.get('advice') or ''}"
                )
            time.sleep(LOOK_S)

    def _picture(self, view: View) -> float:
        """A screenshot; answers the seconds it took, which no citizen waits."""
        begun = time.monotonic()
        self._seen = view["question"]
        if not self._pictures:
            return 0.0
        path = self._out / f"{len(self.screenshots) + 1:02d}-{view['step_name']}.png"
        self._door.ask({"screenshot": str(path)})
        self.screenshots.append(str(path))
        return time.monotonic() - begun

    def _until_ended(self) -> None:
        begun = time.monotonic()
        while time.monotonic() - begun < END_S * self._patience:
            try:
                view = self._door.view()
                self.watch.at(view["step_name"])
                if view["question"] != self._seen:
                    self._picture(view)
            except DoorError:
                return
            time.sleep(LOOK_S)
        raise PlayError("the visit did not end")


def fresh_front(path: Path, patience_s: float = PATIENCE_S) -> Door:
    """The door of a front that waits for a citizen; the one before may still be ending."""
    end = time.monotonic() + patience_s
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(DoorError):
            door = Door(path, max(left, PATIENCE_S))
            try:
                if door.view()["step_name"] == "welcome":
                    return door
            except DoorError:
                door.close()
                raise
            door.close()
        time.sleep(0.1)
    raise PlayError("no front waits for a citizen")


def counting(view: View) -> bool:
    """Whether the last seconds are counted down and a touch would stop them."""
    return view.get("leaving_s") is not None and "stay" in touchable(view)


def touchable(view: View) -> set[str]:
    """The ids that can be touched now."""
    return {*view["buttons"], *view["choices"]}


def keys_of(view: View) -> tuple[str, ...]:
    """The message keys of everything that is said now."""
    said = (view["heading_key"], *view["line_keys"], view["advice_key"], view["reason_key"])
    return tuple(key for key in said if key)


def _ready_for_press(view: View) -> bool:
    finger = view["finger"]
    return view["step_name"] == "fingers" and bool(finger) and not finger["down"]


def _ready_or_past(view: View) -> bool:
    return view["step_name"] != "fingers" or bool(view["choices"]) or _ready_for_press(view)


def judged_since(before: View) -> Callable[[View], bool]:
    """Whether the screen has answered a press: lift, another finger, or a remedy told anew."""
    was = before["finger"]

    def judged(view: View) -> bool:
        finger = view["finger"]
        if view["step_name"] != "fingers" or not finger or finger["lift"]:
            return True
        return any(finger[key] != was[key] for key in ("position", "press", "tries", "judged"))

    return judged
