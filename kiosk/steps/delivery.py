# SPDX-License-Identifier: Apache-2.0
"""Collect here, or EMS to an address."""

from dataclasses import dataclass, replace
from typing import ClassVar

from idcard.records import Delivery
from kiosk.commands import Command
from kiosk.events import Chose, Entered, Event, Pressed
from kiosk.facts import Facts
from kiosk.steps.base import Next, Plain, Stay, Turn, primary
from kiosk.view import Advice, Button, Choice, Choices, Field, Form, Role, Screen, View, text


def phone_ok(phone: str) -> bool:
    """A mainland mobile number: 11 digits, 1 then 3-9."""
    return (
        len(phone) == 11
        and phone.isascii()
        and phone.isdigit()
        and phone[:1] == "1"
        and (phone[1] in "3456789")
    )


@dataclass(frozen=True, slots=True)
class DeliveryStep(Plain):
    """Where the finished card goes."""

    post: bool = False
    phone_wrong: bool = False
    name: ClassVar[str] = "delivery"
    section: ClassVar[str] = "section.delivery"

    def view(self, facts: Facts) -> View:
        """Two big answers; then the phone the post needs."""
        if not self.post:
            return View(
                Screen.CHOICE,
                text("delivery.heading"),
                text(self.section),
                lines=(text("delivery.line"),),
                content=Choices(
                    (
                        Choice("station", text("delivery.station"), text("delivery.station.line")),
                        Choice("post", text("delivery.post"), text("delivery.post.line")),
                    )
                ),
            )
        address = facts.identity.address if facts.identity else ""
        return View(
            Screen.FORM,
            text("delivery.phone.heading"),
            text(self.section),
            lines=(text("delivery.address", address=address), text("delivery.elsewhere")),
            advice=Advice(text("delivery.phone.remedy"), text("delivery.phone.wrong"))
            if self.phone_wrong
            else None,
            content=Form((Field("phone", text("delivery.phone"), "phone", longest=11),)),
            buttons=(
                Button("choose-again", text("frame.back"), Role.BACK),
                primary("enter", "delivery.phone.enter"),
            ),
        )

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """The choice; the phone is checked before it is taken."""
        match event:
            case Chose(item="station") if not self.post:
                return Next(replace(facts, delivery=Delivery(pickup="station")))
            case Chose(item="post") if not self.post:
                return Stay(replace(self, post=True))
            case Pressed(button="choose-again"):
                return Stay(replace(self, post=False, phone_wrong=False))
            case Entered(fields=fields) if self.post and facts.identity is not None:
                phone = dict(fields).get("phone", "").replace(" ", "")
                if not phone_ok(phone):
                    return Stay(replace(self, phone_wrong=True))
                to = Delivery(
                    pickup="post",
                    post_address=facts.identity.address,
                    post_name=facts.identity.name,
                    post_phone=phone,
                )
                return Next(replace(facts, delivery=to))
        return None
