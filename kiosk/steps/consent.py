# SPDX-License-Identifier: Apache-2.0
"""The purpose text: which data, for what, who gets them, how long they stay here."""

from dataclasses import dataclass
from typing import ClassVar

from kiosk.commands import Command, NoteConsent
from kiosk.events import Event, Pressed
from kiosk.facts import Facts
from kiosk.steps.base import Back, Next, Plain, Turn, primary
from kiosk.view import Button, Role, Screen, View, text

VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class ConsentStep(Plain):
    """A yes before anything is read; a no goes back to the menu."""

    name: ClassVar[str] = "consent"

    def view(self, facts: Facts) -> View:
        """Four short sentences and two answers."""
        return View(
            Screen.CONSENT,
            text("consent.heading"),
            text(self.section),
            lines=tuple(text(f"consent.line{n}") for n in (1, 2, 3, 4)),
            buttons=(
                Button("no", text("consent.no"), Role.BACK),
                primary("yes", "consent.yes"),
            ),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Only a clear yes goes on."""
        match event:
            case Pressed(button="yes"):
                return Next(facts, (NoteConsent("purpose", VERSION),))
            case Pressed(button="no"):
                return Back()
        return None
