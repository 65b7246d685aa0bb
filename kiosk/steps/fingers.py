# SPDX-License-Identifier: Apache-2.0
"""Right thumb, left thumb; the next finger of the hand when one cannot be read.

Order and fallbacks as the notes on the application form give them: thumb, index, middle, ring,
little; the right hand first; a hand without a usable finger is recorded with its reason and does
not refuse the citizen.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.records import FingerResult, NoneReason
from kiosk.commands import CallOff, Command, EnrolFinger, Lamp, SealFingers
from kiosk.events import Chose, Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, FingerHint, FingerOutcome, Who
from kiosk.steps.base import Jump, Next, Plain, Stay, Turn, secondary
from kiosk.steps.trouble import TroubleStep
from kiosk.view import Advice, Choice, Choices, FingerSheet, Screen, Text, Tone, View, text

WAITING = FingerHint("waiting")
HANDS = ("right", "left")
FINGERS = ("thumb", "index", "middle", "ring", "little")
JUDGED = ("hint", "same_finger", "try_failed")  # a press was told its remedy
GLASS = {"pressed": True, "lift": True, "waiting": False, "again": False}


@dataclass(frozen=True, slots=True)
class FingersStep(Plain):
    """Slot 1 is the right hand's, slot 2 the left hand's."""

    taken: tuple[FingerOutcome, ...] = ()
    finger: int = 0
    tries: int = 0
    hint: FingerHint = WAITING
    next_told: bool = False  # the finger before could not be read
    asking: bool = False  # why this hand gives no finger
    image_seen: bool = False
    down: bool = False  # a finger lies on the glass
    judged: int = 0  # presses that were told a remedy
    sealing: bool = False
    name: ClassVar[str] = "fingers"
    section: ClassVar[str] = "section.fingers"
    uses: ClassVar[frozenset[str]] = frozenset({"fingerprint"})

    @property
    def slot(self) -> int:
        """The slot being filled, 1 or 2."""
        return len(self.taken) + 1

    @property
    def position(self) -> str:
        """The finger being asked for, such as ``right-thumb``."""
        return f"{HANDS[min(self.slot, 2) - 1]}-{FINGERS[self.finger]}"

    def enter(self, facts: Facts) -> "tuple[FingersStep, tuple[Command, ...]]":
        """Light the window and ask for the right thumb; or go on after a fault of the module."""
        if self.sealing:
            return self, (SealFingers(self.taken),)
        return self, (Lamp("finger", 1.0), EnrolFinger(self.position, self.slot))

    def view(self, facts: Facts) -> View:
        """The finger to press, or why a hand gives none."""
        if self.asking:
            return self._why()
        if self.sealing:
            return View(Screen.WAIT, text("fingers.sealing"), text(self.section))
        lift = self.hint.kind == "lift"
        second = self.hint.press == 2
        key = "fingers.press2" if second else "fingers.press"
        if lift:
            key = "fingers.lift" if second else "fingers.lift_first"
        heading = text(key, finger=text(f"finger.{self.position}"))
        return View(
            Screen.FINGER,
            heading,
            text(self.section),
            # How to lay a finger down is not said while one is to be lifted.
            lines=() if lift else (text("fingers.line"),),
            advice=self._advice(),
            content=FingerSheet(
                self.position,
                self.hint.press,
                self.tries,
                lift,
                tuple(one.position for one in self.taken if one.result == FingerResult.REGISTERED),
                self.down,
                self.judged,
            ),
            buttons=(secondary("hurt", "fingers.hurt"), secondary("none", "fingers.none")),
        )

    def _advice(self) -> Advice | None:
        if self.hint.kind == "same_finger":
            return Advice(
                text("fingers.same.remedy", finger=text(f"finger.{self.position}")),
                text("fingers.same", other=text(f"finger.{self.hint.other}")),
            )
        if self.hint.hint:
            return Advice(text(f"{self.hint.hint}.remedy"), text(self.hint.hint))
        if self.next_told:
            return Advice(
                text("fingers.next", finger=text(f"finger.{self.position}")),
                text("finger.tries_failed"),
            )
        if self.hint.kind == "pressed":
            return Advice(text("fingers.hold"), tone=Tone.CALM, icon="clock")
        return None

    def _why(self) -> View:
        hand: Text = text(f"hand.{HANDS[min(self.slot, 2) - 1]}")
        return View(
            Screen.CHOICE,
            text("fingers.why", hand=hand),
            text(self.section),
            lines=(text("fingers.why.line"),),
            content=Choices(
                tuple(Choice(str(why), text(f"fingers.why.{why}")) for why in NoneReason)
            ),
            buttons=(secondary("try", "fingers.why.try"),),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Hints as they come, the finger taken, the next one, the reason for none."""
        match event:
            case Told(value=FingerHint() as hint) if not self.asking:
                return Stay(self._heard(hint))
            case Done(value=FingerOutcome() as taken) if isinstance(command, EnrolFinger):
                return self._took(taken)
            case Done() if isinstance(command, SealFingers):
                return Next(replace(facts, fingers=self.taken))
            case Failed(code="finger.tries_failed"):
                return self._next_finger(told=True)
            case Failed(code=code, who=Who.AGAIN) if isinstance(command, EnrolFinger):
                again = replace(self, hint=FingerHint("hint", code))
                return Stay(again, (EnrolFinger(self.position, self.slot),))
            case Failed(code=code) if event.who != Who.CANCELLED:
                return Jump(TroubleStep(self._left(), code), facts)
            case Pressed(button="hurt") if not self.asking and not self.sealing:
                return self._next_finger(told=False)
            case Pressed(button="none") if not self.asking and not self.sealing:
                return Stay(replace(self, asking=True), (CallOff(EnrolFinger),))
            case Pressed(button="try") if self.asking:
                begun = replace(self, asking=False, finger=0, hint=WAITING)
                return Stay(begun, (EnrolFinger(begun.position, self.slot),))
            case Chose(item=item) if self.asking and item in set(NoneReason):
                return self._took(self._without(NoneReason(item)))
        return None

    def _left(self) -> "FingersStep":
        """To go on with: the fingers taken are kept, the one that was under way begins anew.

        A module that is out of order says nothing of the finger: neither "failed" nor "none".
        """
        return replace(self, hint=WAITING, down=False, image_seen=False, next_told=False, tries=0)

    def _heard(self, hint: FingerHint) -> "FingersStep":
        return replace(
            self,
            hint=_kept(self.hint, hint),
            tries=hint.tries,
            image_seen=self.image_seen or hint.kind == "pressed",
            down=GLASS.get(hint.kind, self.down),
            judged=self.judged + (hint.kind in JUDGED),
        )

    def _without(self, why: NoneReason) -> FingerOutcome:
        result = FingerResult.FAILED if self.image_seen else FingerResult.NONE
        position = f"{HANDS[self.slot - 1]}-thumb"
        return FingerOutcome(self.slot, position, result, self.tries, None, why)

    def _took(self, outcome: FingerOutcome) -> Turn:
        taken = (*self.taken, outcome)
        if len(taken) == len(HANDS):
            return Stay(
                replace(self, taken=taken, asking=False, sealing=True), (SealFingers(taken),)
            )
        pressed = outcome.result is FingerResult.REGISTERED
        begun = FingersStep(
            taken=taken,
            hint=FingerHint("lift") if pressed else WAITING,
            down=pressed,
            judged=self.judged,
        )
        return Stay(begun, (EnrolFinger(begun.position, begun.slot),))

    def _next_finger(self, *, told: bool) -> Turn:
        if self.finger + 1 >= len(FINGERS):
            return Stay(replace(self, asking=True), (CallOff(EnrolFinger),))
        now = replace(self, finger=self.finger + 1, tries=0, hint=WAITING, next_told=told)
        return Stay(now, (CallOff(EnrolFinger), EnrolFinger(now.position, now.slot)))


def _kept(old: FingerHint, new: FingerHint) -> FingerHint:
    """A remedy stays readable until the finger is down again."""
    keeps = old.kind in ("hint", "same_finger") and new.kind in ("waiting", "lift", "again")
    return replace(old, press=new.press, tries=new.tries) if keeps else new
