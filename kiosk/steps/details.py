# SPDX-License-Identifier: Apache-2.0
"""Are these your details?"""

from dataclasses import dataclass
from typing import ClassVar

from idcard.masking import masked_name, masked_number
from idcard.records import Ground, Identity
from kiosk.commands import Command, PrepareCamera
from kiosk.events import Event, Pressed
from kiosk.facts import Facts
from kiosk.steps.base import Jump, Next, Plain, Turn, primary, secondary
from kiosk.steps.refusal import RefusalStep
from kiosk.view import Advice, Money, Row, Rows, Screen, Text, Tone, View, text

ETHNICITIES = frozenset(f"{code:02d}" for code in (*range(1, 57), 97, 98))
"""GB 3304-91, and the two that cards add: 97 others, 98 Chinese of foreign descent."""


def grouped_number(number: str) -> str:
    """A citizen number in readable groups."""
    return f"{number[:6]} {number[6:14]} {number[14:]}"


def ethnicity_of(code: str) -> Text:
    """The name of a code of GB 3304; of any other the characters on the card."""
    if code in ETHNICITIES:
        return text(f"ethnicity.{code}")
    return text("details.ethnicity_code", code=code) if code else text("details.ethnicity_none")


def identity_rows(identity: Identity) -> tuple[Row, ...]:
    """The card's lines, masked where bystanders should see nothing."""
    end: Text | str = text("details.longterm")
    if identity.old_card_end is not None:
        end = text("details.until", date=identity.old_card_end)
    return (
        Row(text("details.name"), identity.name, masked_name(identity.name)),
        Row(
            text("details.number"),
            grouped_number(identity.citizen_no),
            grouped_number(masked_number(identity.citizen_no)),
        ),
        Row(
            text("details.sex_ethnicity"),
            text(
                "details.sex_ethnicity.value",
                sex=text(f"sex.{identity.sex}"),
                ethnicity=ethnicity_of(identity.ethnicity),
            ),
        ),
        Row(text("details.address"), identity.address, identity.address[:6] + "******"),
        Row(text("details.end"), end),
    )


@dataclass(frozen=True, slots=True)
class DetailsStep(Plain):
    """Shows what the card says and that it can be renewed today."""

    name: ClassVar[str] = "details"

    def enter(self, facts: Facts) -> "tuple[DetailsStep, tuple[Command, ...]]":
        """The camera gets ready while the citizen reads."""
        return self, (PrepareCamera(),)

    def view(self, facts: Facts) -> View:
        """Rows, fee and latest date."""
        assert facts.identity is not None  # noqa: S101  the step before reads it
        advice = None
        answer = facts.eligible.answer if facts.eligible else None
        if answer is not None and answer.legal_date is not None:
            advice = Advice(
                text("details.possible", fee=Money(answer.fee_fen), date=answer.legal_date),
                tone=Tone.GOOD,
                icon="tick",
            )
        return View(
            Screen.DETAILS,
            text("details.heading"),
            text(self.section),
            lines=(text("details.take_card"),),
            advice=advice,
            content=Rows(identity_rows(facts.identity), facts.card_photo),
            buttons=(secondary("wrong", "details.wrong"), primary("right", "details.right")),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """Wrong details can only be mended at the household place."""
        match event:
            case Pressed(button="right"):
                return Next(facts)
            case Pressed(button="wrong"):
                ground = Ground(code="N04", reason="rule.N04", remedy="rule.N04.remedy")
                return Jump(RefusalStep(ground), facts)
        return None
