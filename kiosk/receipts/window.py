# SPDX-License-Identifier: Apache-2.0
"""The slip of somebody who could not be served here: what to do, and whether something was sent.

It is no place in a queue and says so: a station without a queue system gives out no number, and a
booth invents none. A ground that lies with the person is not printed, only what to do about it.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from kiosk.receipts.blocks import Banner, Block, Code, Kind, Note, Rule, Title, Words
from kiosk.receipts.writing import Writer
from kiosk.view import Money, Text


@dataclass(frozen=True, slots=True)
class WindowFacts:
    """What to do next. Never a name, a citizen number or a ground that lies with the person.

    `todo` is the one thing to do; `reason` a device's, when the booth itself is why. `business` is
    a matter ("expiry", "damaged", "lost") or "other". `later`: it can be done here, from the day
    that `todo` names. `doubt`: what was handed over may be stored all the same. `paid_fen` and
    `payment` (hex): a fee that was paid before the visit had to end.
    """

    todo: Text
    business: str
    at: datetime
    station: str
    booth: str
    reason: Text | None = None
    later: bool = False
    doubt: bool = False
    phone: str = ""
    paid_fen: int = 0
    payment: str = ""


def window_slip(kind: Kind, facts: WindowFacts, writer: Writer) -> tuple[Block, ...]:
    """Title, the one thing to do, the matter. Raises ValueError on a malformed payment number."""
    say, row = writer.say, writer.row
    business = "business.other" if facts.business == "other" else f"matter.{facts.business}"
    blocks: list[Block] = [
        Title(say("later.title" if facts.later else "window.title")),
        Banner(writer.said(facts.todo), solid=False),
    ]
    if facts.reason is not None:
        blocks.append(row("reason", writer.said(facts.reason)))
    blocks.append(row("matter", say(business)))
    if facts.paid_fen:
        blocks.append(row("fee", say("fee.paid", fee=Money(facts.paid_fen)), strong=True))
    blocks += [
        row("bring", say("bring.window")),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
    ]
    if facts.phone:
        blocks.append(row("ask", Words(facts.phone)))
    blocks += [Rule(), Note(say("window.doubt" if facts.doubt else "window.nothing_sent"))]
    if facts.paid_fen:
        if not re.fullmatch(r"[0-9a-f]{8,64}", facts.payment):
            raise ValueError("a payment's number is written in lower-case hex")
        short = say("code.payment", number=facts.payment[:8])
        blocks += [Note(say("window.paid")), Code(facts.payment, (say("code.window"), short))]
    if not facts.later:
        blocks.append(Note(say("window.no_number")))
    return tuple(blocks)
