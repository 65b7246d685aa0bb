# SPDX-License-Identifier: Apache-2.0
"""The frame every step stands in: back, help, call staff, leave, and the last seconds.

An overlay is a whole screen of its own (never a dialog over a dialog); closing it shows the step
again as it was.
"""

from dataclasses import replace
from enum import StrEnum

from kiosk.commands import CallStaff, Command
from kiosk.steps.base import Step, primary
from kiosk.view import Button, Role, Screen, View, text


class Overlay(StrEnum):
    """What lies over the step."""

    HELP = "help"
    STAFF = "staff"
    STAFF_PIN = "staff_pin"  # a staff card lies in the reader and has not proven itself
    STAFF_HERE = "staff_here"
    LEAVE = "leave"


def overlay_turn(
    button: str, step: Step, overlay: Overlay | None
) -> tuple[Overlay | None, tuple[Command, ...], bool] | None:
    """(overlay afterwards, commands, leave?) for a frame button; None: not the frame's."""
    match button, overlay:
        case "help", None if step.may_leave:
            return Overlay.HELP, (), False
        case "staff", None | Overlay.HELP if step.may_leave:
            return Overlay.STAFF, (CallStaff(True),), False
        case "leave", None if step.may_leave:
            return Overlay.LEAVE, (), False
        case "leave-yes", Overlay.LEAVE:
            return None, (), True
        case "close", Overlay.STAFF:
            return None, (CallStaff(False),), False
        case "close", Overlay.HELP | Overlay.LEAVE:
            return None, (), False
        case "stay", _:
            return overlay, (), False
        case _:
            return None


def decorate(shown: View, step: Step, overlay: Overlay | None, *, leaving_s: int | None) -> View:
    """The step's view with the frame's buttons, or the overlay's own screen."""
    if overlay in (Overlay.STAFF_PIN, Overlay.STAFF_HERE):
        pass  # the staff's own steps bring their buttons with them
    elif overlay is not None:
        shown = _screen_of(overlay, step, shown)
    elif step.may_leave:
        back = [Button("back", text("frame.back"), Role.BACK)] if step.may_go_back else []
        has_back = any(one.role is Role.BACK for one in shown.buttons)
        frame = (
            Button("staff", text("frame.staff"), Role.STAFF, icon="person"),
            Button("help", text("frame.help"), Role.TOP),
            Button("leave", text("frame.leave"), Role.TOP),
        )
        shown = replace(shown, buttons=(*(() if has_back else back), *shown.buttons, *frame))
    if leaving_s is not None:
        stay = Button("stay", text("frame.stay"), Role.PRIMARY)
        shown = replace(shown, leaving_s=leaving_s, buttons=(*shown.buttons, stay))
    return shown


def _screen_of(overlay: Overlay, step: Step, shown: View) -> View:
    close = primary("close", f"overlay.{overlay}.close")
    match overlay:
        case Overlay.HELP:
            staff = Button("staff", text("frame.staff"), Role.STAFF, icon="person")
            return View(
                Screen.CHOICE,
                text("overlay.help.heading"),
                text(step.section),
                lines=(text(f"help.{step.name}"), text("overlay.help.line")),
                picture="help",
                buttons=(close, staff),
            )
        case Overlay.STAFF:
            return View(
                Screen.CHOICE,
                text("overlay.staff.heading"),
                text(step.section),
                lines=(text("overlay.staff.line"),),
                picture="person",
                buttons=(close,),
            )
        case Overlay.LEAVE:
            return View(
                Screen.CHOICE,
                text("overlay.leave.heading"),
                text(step.section),
                lines=(text("overlay.leave.line"),),
                picture="wipe",
                buttons=(Button("leave-yes", text("overlay.leave.yes"), Role.BACK), close),
            )
        case _:
            return shown
