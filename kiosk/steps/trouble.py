# SPDX-License-Identifier: Apache-2.0
"""Something the visit still needs fell ill: go on when it is back, or take it to the window.

What the citizen has given so far stays where it is (memory only) while they decide; a silence ends
the visit as on any other step. What happens where stands in docs/mid-visit.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from kiosk.commands import Command, WakeAfter
from kiosk.events import Event, Pressed, Woke
from kiosk.facts import Facts
from kiosk.health_pictures import picture_of
from kiosk.steps.base import Jump, Plain, Stay, Step, Turn, primary
from kiosk.steps.refusal import RefusalStep, booth_ground, doubt_ground
from kiosk.view import Advice, Button, Role, Screen, Text, Tone, View, text

ASKED_BY_DOING = frozenset({"fingerprint"})
"""Devices whose health is only known from their acts while a visit goes on (`HealthWatch`)."""

IN_DOUBT = "post.mailbox_down"
"""A hand-over that ends with this may have been stored before the outbox fell silent."""

LOOK_S = 1.0  # between two looks whether what is needed later is well again

KEPT = {"fingers": "trouble.kept.photo", "delivery": "trouble.kept.all", "fee": "trouble.kept.all"}
"""What need not be done again, by the step that was to come."""


def ill_now(facts: Facts, devices: frozenset[str]) -> str:
    """The reason of the first of `devices` that is ill and not merely noted; "": all are well."""
    for one in facts.devices:
        if one.device in devices and one.state == "ill" and one.reason not in facts.notes:
            return one.reason
    return ""


@dataclass(frozen=True, slots=True)
class TroubleStep(Plain):
    """One reason and a choice; `back` is the step to go on with, as it was left.

    Trying again is offered when the device's own word says that it is well, and always where only
    trying can tell: the fingerprint module, and the hand-over. `ahead`: it is waited for without
    anything having failed, and the visit goes on by itself as soon as it is well.
    """

    back: Step
    code: str
    ahead: bool = False
    name: ClassVar[str] = "trouble"
    may_go_back: ClassVar[bool] = False

    def enter(self, facts: Facts) -> "tuple[TroubleStep, tuple[Command, ...]]":
        """Look again soon where nothing has failed yet."""
        return self, (WakeAfter(LOOK_S, "look"),) if self.ahead else ()

    def view(self, facts: Facts) -> View:
        """What is ill, what is kept, and whether it is worth waiting."""
        waiting = self._waits_for_it(facts)
        again = "trouble.again" if self._only_trying_tells else "trouble.go_on"
        sending = self.back.name == "submit"
        lines: tuple[Text, ...] = ()
        if sending:
            lines = (text(self.code),)
        elif self.back.name in KEPT:
            lines = (text(KEPT[self.back.name]),)
        heading = f"submit.{self._sent}" if sending else self.code
        return View(
            Screen.REFUSAL,
            text(heading),
            text(self.back.section),
            lines=lines,
            advice=self._advice(facts, waiting=waiting),
            picture=picture_of(self.code),
            buttons=(
                Button("give-up", text("trouble.window"), Role.BACK),
                primary("retry", again, enabled=not waiting),
            ),
        )

    def _advice(self, facts: Facts, *, waiting: bool) -> Advice:
        if waiting:
            return Advice(text("trouble.waiting"), tone=Tone.CALM, icon="clock")
        told = any(one.device == self._device for one in facts.devices)
        if told and not self._only_trying_tells:
            return Advice(text("trouble.well"), tone=Tone.GOOD, icon="tick")
        sending = self.back.name == "submit"
        key = f"submit.{self._sent}.remedy" if sending else "trouble.try"
        return Advice(text(key), tone=Tone.CALM, icon="clock")

    @property
    def _only_trying_tells(self) -> bool:
        handing_over = self.back.name == "submit" and self._device == "post"
        return handing_over or self._device in ASKED_BY_DOING

    @property
    def _sent(self) -> str:
        """Of a hand-over: not stored for sure, or nobody here can tell."""
        return "doubt" if self.code == IN_DOUBT else "failed"

    @property
    def _device(self) -> str:
        return self.code.partition(".")[0]

    def _waits_for_it(self, facts: Facts) -> bool:
        return not self._only_trying_tells and bool(ill_now(facts, frozenset({self._device})))

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """On with the visit where it was, or to the window with a slip."""
        match event:
            case Woke(tag="look"):
                if self._only_trying_tells or self._waits_for_it(facts):
                    return Stay(self, (WakeAfter(LOOK_S, "look"),))
                return Jump(self.back, facts)
            case Pressed(button="retry") if not self._waits_for_it(facts):
                return Jump(self.back, facts)
            case Pressed(button="give-up"):
                doubt = self.back.name == "submit" and self.code == IN_DOUBT
                ground = doubt_ground(self.code) if doubt else booth_ground(self.code)
                return Jump(RefusalStep(ground, back=self), facts)
        return None


def unless_ill(steps: Sequence[Step], there: Step, facts: Facts) -> Step:
    """`there`, one of the journey's `steps`; or what is ill of all that is needed from there on.

    Nobody is to have a portrait taken at a booth that could not keep it any more. The menu itself
    says what is shut.
    """
    place = [one.name for one in steps].index(there.name)
    needed = frozenset[str]().union(*(one.uses for one in steps[place:]))
    reason = "" if there.name == "menu" else ill_now(facts, needed)
    return TroubleStep(there, reason, ahead=True) if reason else there
