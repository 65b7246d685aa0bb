# SPDX-License-Identifier: Apache-2.0
"""Staff set the photo booth up: wall, lamps, distance, focus; a page each, kept for this booth."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.commands import CallOff, CheckCamera, Command, KeepCalibration, Lamp
from kiosk.events import Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Outcome, Who
from kiosk.steps.base import Jump, Plain, Stay, Turn, primary, secondary
from kiosk.steps.wipe import WipeStep
from kiosk.view import Advice, Button, Calibrating, Check, Role, Screen, Tone, View, text

LAMP_STEP = 0.1
LAMP_LEAST = 0.1

WALL, SEAT = "wall", "seat"
PLAIN = "calibrate.lamp_plain"
"""What the page of a lamp that cannot be dimmed says, and below it what to do about its light."""

PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("wall", WALL, ("not_empty", "uneven", "coloured")),
    ("lamp", WALL, ("dark", "bright")),
    ("distance", SEAT, ("no_face", "several", "too_far", "too_close", "aside")),
    ("focus", SEAT, ("dark", "bright", "moves", "blurred")),
)
"""In order: the page, what is measured, and the faults that it is about, worst first."""

CHECKS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "wall": (("empty", ("not_empty",)), ("even", ("uneven",)), ("colour", ("coloured",))),
    "lamp": (("light", ("dark", "bright")),),
    "distance": (
        ("person", ("no_face", "several")),
        ("distance", ("too_far", "too_close")),
        ("middle", ("aside",)),
    ),
    "focus": (("light", ("dark", "bright")), ("still", ("moves",)), ("sharp", ("blurred",))),
}
"""What a page lists, and the faults of each."""


@dataclass(frozen=True, slots=True)
class CalibrateStep(Plain):
    """`page` is an index into `PAGES`, one past the last: all is kept.

    `reason`: the camera's fault, or the one of the measurement; "" all is well, None not known yet.
    `dims`: whether the photo lamp can be dimmed; else it burns full, and the page says so.
    """

    page: int = 0
    lamp: float = 1.0
    dims: bool = True
    live: bool = False
    reason: str | None = None
    keeping: bool = False
    name: ClassVar[str] = "calibrate"
    section: ClassVar[str] = "section.staff"
    may_go_back: ClassVar[bool] = False
    may_leave: ClassVar[bool] = False
    staff_only: ClassVar[bool] = True

    def enter(self, facts: Facts) -> "tuple[CalibrateStep, tuple[Command, ...]]":
        """Lamps on, and the wall is judged."""
        return self, (Lamp("photo", self.lamp), CheckCamera(WALL))

    @property
    def _own(self) -> str:
        """The measured fault without its topic, when it is one; else ""."""
        reason = self.reason or ""
        return reason.rpartition(".")[2] if reason.startswith("calibration.") else ""

    @property
    def passes(self) -> bool:
        """Whether this page's question is answered well; later pages have their own."""
        if not self.live or self.reason is None or self.reason.startswith("camera."):
            return False
        name, what, faults = PAGES[self.page]
        if (name, what) == ("wall", WALL) or name == "distance":
            return self._own not in faults
        return not self.reason

    def view(self, facts: Facts) -> View:
        """The camera's picture, the one thing to change, and the list of what is judged."""
        if self.page == len(PAGES):
            return View(
                Screen.CHOICE,
                text("calibrate.kept"),
                text(self.section),
                lines=(text("calibrate.kept.line"),),
                picture="hint-ok",
                buttons=(primary("end", "calibrate.end"),),
            )
        name, what, _faults = PAGES[self.page]
        back = Button("before" if self.page else "end", text("frame.back"), Role.BACK)
        lamps = ()
        heading = f"calibrate.{name}"
        if name == "lamp" and not self.dims:
            heading = PLAIN
        elif name == "lamp":
            lamps = (
                secondary("darker", "calibrate.darker", enabled=self.lamp > LAMP_LEAST + 1e-6),
                secondary("brighter", "calibrate.brighter", enabled=self.lamp < 1.0),
            )
        last = (name, what) in (("lamp", WALL), ("focus", SEAT))
        key = "calibrate.keep" if last else "calibrate.next"
        return View(
            Screen.CALIBRATE,
            text(heading),
            text(self.section),
            lines=(text("calibrate.page", page=self.page + 1, pages=len(PAGES)),),
            advice=self._advice(name),
            content=Calibrating(self._checks(name), self.live),
            buttons=(back, *lamps, primary("keep", key, enabled=self.passes and not self.keeping)),
        )

    def _advice(self, name: str) -> Advice:
        if not self.dims and not self.passes and self._own in ("dark", "bright"):
            return Advice(text(f"{PLAIN}.{self._own}"), text(self.reason or ""), icon=name)
        if self.reason and (self.reason.startswith("camera.") or not self.passes):
            icon = "camera" if self.reason.startswith("camera.") else name
            return Advice(text(f"{self.reason}.remedy"), text(self.reason), icon=icon)
        if not self.live or self.reason is None:
            return Advice(text("photo.waiting"), tone=Tone.CALM, icon="clock")
        return Advice(text("calibrate.good"), tone=Tone.GOOD, icon=name)

    def _checks(self, name: str) -> tuple[Check, ...]:
        """With a fault, the others are not judged before it is mended; none without a camera."""
        if not self.live or (self.reason or "").startswith("camera."):
            return ()
        checks: list[Check] = []
        for label, faults in CHECKS[name]:
            good: bool | None = None
            if self._own in faults:
                good = False
            elif self.passes:
                good = True
            key = "calibrate.yes" if good else "calibrate.unknown"
            if good is False:
                key = f"calibrate.word.{self._own}"
            checks.append(Check(text(f"calibrate.check.{label}"), good, text(key)))
        return tuple(checks)

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Pages, lamps, what the camera says; whatever ends this ends in the wipe."""
        match event:
            case Told(what="dims", value=dims):
                return Stay(replace(self, dims=bool(dims)))
            case Told(what="live", value=live):
                return Stay(replace(self, live=bool(live)))
            case Told(what="checked", value=str() as reason):
                return Stay(replace(self, reason=reason))
            case Done(value=reason) if isinstance(command, KeepCalibration):
                now = replace(self, keeping=False, reason=str(reason or ""))
                return now._turn_to(self.page + (0 if reason else 1), again=True)
            case Failed(who=who, code=code) if who != Who.CANCELLED:
                now = replace(self, keeping=False, reason=code)
                again = isinstance(command, KeepCalibration)
                return now._turn_to(self.page, again=True) if again else Stay(now)
            case Pressed(button=button):
                return self._pressed(button, facts)
        return None

    def _pressed(self, button: str, facts: Facts) -> Turn | None:
        match button:
            case "end":
                return Jump(WipeStep(outcome=Outcome.ABANDONED), facts)
            case "before" if 0 < self.page < len(PAGES) and not self.keeping:
                return self._turn_to(self.page - 1)
            case "darker" | "brighter" if self.dims and self._at("lamp"):
                by = LAMP_STEP if button == "brighter" else -LAMP_STEP
                level = round(min(1.0, max(LAMP_LEAST, self.lamp + by)), 2)
                return Stay(replace(self, lamp=level), (Lamp("photo", level),))
            case "keep" if self.page < len(PAGES) and self.passes and not self.keeping:
                name, what, _faults = PAGES[self.page]
                if name in ("wall", "distance"):
                    return self._turn_to(self.page + 1)
                asked = (CallOff(CheckCamera), KeepCalibration(what, self.lamp))
                return Stay(replace(self, keeping=True), asked)
        return None

    def _at(self, name: str) -> bool:
        return self.page < len(PAGES) and PAGES[self.page][0] == name

    def _turn_to(self, page: int, *, again: bool = False) -> Turn:
        """Another page; what is measured changes with it where it must (`again`: begins anew)."""
        if page == len(PAGES):
            return Stay(replace(self, page=page), (CallOff(CheckCamera), Lamp("photo", 0.0)))
        what = PAGES[page][1]
        other = what != PAGES[self.page][1]
        if not other and not again:
            return Stay(replace(self, page=page))
        reason = None if other else self.reason
        now = replace(self, page=page, reason=reason)
        return Stay(now, (CallOff(CheckCamera), CheckCamera(what)))
