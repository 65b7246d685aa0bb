# SPDX-License-Identifier: Apache-2.0
"""Staff at the booth: whose card it is, its PIN, and what staff can do here.

These steps lie over the citizen's own, which goes on untouched under them (`kiosk.flow`). A turn of
theirs is `Stay` (with this or another of these steps), `Back` (the citizen's screen again) or
`Jump` (to a step of its own, such as the wipe).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from kiosk.commands import AdmitStaff, CallStaff, Command, LookAtStaffCard
from kiosk.events import Chose, Done, Entered, Event, Failed, Pressed
from kiosk.facts import Facts, StaffStanding
from kiosk.health_pictures import picture_of
from kiosk.steps.base import Back, Jump, Plain, Stay, Step, Turn, primary
from kiosk.steps.bins import CabinetStep
from kiosk.steps.bins_dispenser import DispenserStep
from kiosk.steps.calibrate import CalibrateStep
from kiosk.steps.welcome import STARTING
from kiosk.steps.wipe import WipeStep
from kiosk.view import (
    Advice,
    Button,
    Choice,
    Choices,
    Field,
    Form,
    Role,
    Row,
    Rows,
    Screen,
    Tone,
    View,
    Waiting,
    text,
)

PIN = "pin"
LONGEST_PIN = 8
MOVERS = frozenset({"bins", "dispenser"})  # devices that not every booth has
SIGN_S = 1.0  # about what a card takes to check a PIN and to sign

TOOLS: dict[str, tuple[str, Callable[[], Step]]] = {
    "calibrate": ("camera", CalibrateStep),
    "bins": ("cabinet", CabinetStep),
    "dispenser": ("card", DispenserStep),
}
"""What staff may begin when no citizen is here: tile's id to (icon, the step it leads to).

Words: ``staff.<id>`` and ``staff.<id>.line``. Such a step sets `staff_only`: it ends when the card
is taken out. A tool that is a device's name is offered where that device is fitted.
"""


@dataclass(frozen=True, slots=True)
class StaffPinStep(Plain):
    """Looks at the card, asks for its PIN, lets the card prove itself.

    `in_visit`: a citizen has called and waits. `code`: the reason why it ended without a menu.
    """

    in_visit: bool
    doing: Literal["look", "ask", "check", "stop"] = "look"
    tries_left: int | None = None
    code: str = ""
    name: ClassVar[str] = "staff-pin"
    section: ClassVar[str] = "section.staff"

    def enter(self, facts: Facts) -> "tuple[StaffPinStep, tuple[Command, ...]]":
        """The card is looked at before anybody types anything into this booth."""
        return self, (LookAtStaffCard(),)

    def view(self, facts: Facts) -> View:
        """A moment's wait, the keypad, or one reason and one remedy."""
        close = Button("close", text("frame.back"), Role.BACK)
        section = text(self.section)
        match self.doing:
            case "look" | "check":
                return View(
                    Screen.WAIT,
                    text(f"staff.{self.doing}"),
                    section,
                    content=Waiting(SIGN_S),
                    buttons=(close,),
                )
            case "stop":
                return View(
                    Screen.CHOICE,
                    text(self.code),
                    section,
                    lines=(text(f"{self.code}.remedy"),),
                    picture="person",
                    buttons=(primary("close", "staff.close"),),
                )
            case "ask":
                wrong = Advice(text("staffcard.wrong_pin.remedy"), text("staffcard.wrong_pin"))
                left = self.tries_left
                return View(
                    Screen.FORM,
                    text("staff.pin.heading"),
                    section,
                    lines=(text("staff.pin.tries", count=left),) if left is not None else (),
                    advice=wrong if self.code else None,
                    content=Form((Field(PIN, text("staff.pin"), PIN, longest=LONGEST_PIN),)),
                    buttons=(close, primary("enter", "staff.pin.enter")),
                )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """The menu opens only to a card that has signed after its PIN."""
        match event:
            case Pressed(button="close"):
                return Back()
            case Entered(fields=fields) if self.doing == "ask":
                typed = dict(fields).get(PIN, "")
                return Stay(replace(self, doing="check"), (AdmitStaff(typed),))
            case Done(value=StaffStanding(admitted=True)) if isinstance(command, AdmitStaff):
                return Stay(StaffMenuStep(self.in_visit), (CallStaff(False),))
            case Done(value=StaffStanding(tries_left=left)):
                wrong = "staffcard.wrong_pin" if isinstance(command, AdmitStaff) else ""
                return Stay(replace(self, doing="ask", tries_left=left, code=wrong))
            case Failed(code=code):
                return Stay(replace(self, doing="stop", code=code))
        return None


@dataclass(frozen=True, slots=True)
class StaffMenuStep(Plain):
    """What staff can do here; taking the card out ends it."""

    in_visit: bool
    name: ClassVar[str] = "staff"
    section: ClassVar[str] = "section.staff"

    def tiles(self, facts: Facts) -> Mapping[str, str]:
        """Ids and icons, in their order."""
        if self.in_visit:
            return {"go-on": "next", "devices": "info", "end-visit": "exit"}
        return {"devices": "info", **{one: TOOLS[one][0] for one in self._tools(facts)}}

    def _tools(self, facts: Facts) -> tuple[str, ...]:
        fitted = {one.device for one in facts.devices if one.state != "absent"}
        return tuple(one for one in TOOLS if one not in MOVERS or one in fitted)

    def view(self, facts: Facts) -> View:
        """The tiles."""
        heading = "overlay.staff_here" if self.in_visit else "staff.menu"
        tiles = tuple(
            Choice(name, text(f"staff.{name}"), text(f"staff.{name}.line"), icon)
            for name, icon in self.tiles(facts).items()
        )
        return View(
            Screen.MENU,
            text(f"{heading}.heading"),
            text(self.section),
            lines=(text(f"{heading}.line"),),
            content=Choices(tiles),
            buttons=(Button("close", text("staff.close"), Role.BACK),),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Where each tile leads."""
        match event:
            case Pressed(button="close") | Chose(item="go-on"):
                return Back()
            case Chose(item="devices"):
                return Stay(StaffDevicesStep(self.in_visit))
            case Chose(item="end-visit") if self.in_visit:
                return Jump(WipeStep(outcome=facts.outcome), facts)
            case Chose(item=item) if item in self._tools(facts) and not self.in_visit:
                return Jump(TOOLS[item][1](), facts)
        return None


@dataclass(frozen=True, slots=True)
class StaffDevicesStep(Plain):
    """Every device: what is ill with remedy and picture first, what to see to, the well ones."""

    in_visit: bool
    name: ClassVar[str] = "staff-devices"
    section: ClassVar[str] = "section.staff"

    def view(self, facts: Facts) -> View:
        """One row a reason, one row a well device."""
        told = (*facts.closing, *facts.limiting, *facts.notes)
        ill = tuple(one for one in told if one != STARTING)
        well_rows = tuple(
            Row(text(f"device.{one.device}"), text(f"device.state.{one.state}"))
            for one in facts.devices
            if one.state != "ill"
        )
        ill_rows = tuple(
            Row(text(one), text(f"{one}.remedy"), picture=picture_of(one)) for one in ill
        )
        well = Advice(text("staff.devices.well"), tone=Tone.GOOD, icon="tick")
        return View(
            Screen.DETAILS,
            text("staff.devices.heading"),
            text(self.section),
            advice=None if ill else well,
            content=Rows((*ill_rows, *well_rows)) if ill or well_rows else None,
            buttons=(primary("menu", "staff.devices.back"),),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Back to the menu."""
        if isinstance(event, Pressed) and event.button == "menu":
            return Stay(StaffMenuStep(self.in_visit))
        return None
