# SPDX-License-Identifier: Apache-2.0
"""The card on the reader."""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.records import Ground, Identity
from kiosk.commands import Command, Lamp, ReadCard
from kiosk.events import Done, Event, Failed, Pressed, Told
from kiosk.facts import Facts, Who
from kiosk.steps.base import Jump, Next, Plain, Stay, Turn, secondary
from kiosk.steps.refusal import RefusalStep, window_ground
from kiosk.steps.trouble import TroubleStep
from kiosk.view import Advice, Screen, Tone, View, text


@dataclass(frozen=True, slots=True)
class IdentifyStep(Plain):
    """Waits for a card as long as somebody is here; says one thing to change."""

    reading: bool = False
    advice: str = ""
    photo: str = ""
    name: ClassVar[str] = "identify"
    uses: ClassVar[frozenset[str]] = frozenset({"idreader"})

    def enter(self, facts: Facts) -> "tuple[IdentifyStep, tuple[Command, ...]]":
        """Light the reader and wait."""
        return self, (Lamp("reader", 1.0), ReadCard())

    def view(self, facts: Facts) -> View:
        """Where the card goes."""
        advice = None
        if self.reading:
            advice = Advice(text("identify.reading"), tone=Tone.CALM, icon="clock")
        elif self.advice:
            advice = Advice(text(f"{self.advice}.remedy"), text(self.advice))
        return View(
            Screen.CARD,
            text("identify.heading"),
            text(self.section),
            lines=(text("identify.line"),),
            advice=advice,
            picture="card-on-reader",
            buttons=(secondary("no-card", "identify.no_card"),),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """A card read goes on; a gesture to repeat is told and the reader waits again."""
        match event:
            case Told(what="found" | "reading"):
                return Stay(replace(self, reading=True, advice=""))
            case Told(what="again"):
                return Stay(replace(self, reading=False, advice="card.moved"))
            case Told(what="photo", value=str(ref)):
                return Stay(replace(self, photo=ref))
            case Done(value=Identity() as identity):
                known = replace(facts, identity=identity, card_photo=self.photo, eligible=None)
                return Next(known)
            case Failed(code="card.none"):
                return Stay(replace(self, reading=False), (ReadCard(),))
            case Failed(code=code, who=Who.AGAIN):
                return Stay(replace(self, reading=False, advice=code), (ReadCard(),))
            case Failed(who=Who.REFUSED):
                return Jump(RefusalStep(window_ground()), facts)
            case Failed(code=code, who=Who.STAFF):  # the card's matter: no other booth reads it
                window = Ground(code=window_ground().code, reason=code, remedy=f"{code}.remedy")
                return Jump(RefusalStep(window), facts)
            case Failed(code=code) if event.who != Who.CANCELLED:
                return Jump(TroubleStep(IdentifyStep(), code), facts)
            case Pressed(button="no-card"):
                return Jump(RefusalStep(window_ground()), facts)
        return None
