# SPDX-License-Identifier: Apache-2.0
"""Slips of errands: a photo's code, a place in the queue, progress, and where else to go."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from kiosk.receipts.application import progress_link
from kiosk.receipts.blocks import Banner, Block, Code, Kind, Note, Number, Row, Rule, Words
from kiosk.receipts.writing import Writer, acceptance_groups
from kiosk.view import Text


@dataclass(frozen=True, slots=True)
class PhotoCodeFacts:
    """A photo kept under `code` (4 to 24 capitals, digits, hyphens) until `until`; no name."""

    code: str
    at: datetime
    until: datetime
    station: str
    booth: str
    reprint: int = 0


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A place in the window's queue. `number` is called out ("A023"); `case` opens what the booth
    has captured, so that nothing is captured twice. `business` is a matter ("expiry", "damaged",
    "lost") or "other". Never a name, a citizen number or a ground of refusal.
    """

    number: str
    business: str
    ahead: int
    case: str
    at: datetime
    hall: str
    station: str
    booth: str
    priority: bool = False


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """Where an application stands: `state` and `then` in words, since when, who holds it."""

    state: Text
    since: date
    latest: date
    at: datetime
    station: str
    booth: str
    then: Text | None = None
    holder: str = ""
    phone: str = ""
    progress_url: str = ""
    acceptance_number: str = ""
    booth_number: str = ""


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """Where the matter can be done: one reason, one place. `address` and `phone` may be unknown.

    The reason is neutral: what lies with the person is for the authority and them alone.
    """

    reason: Text
    office: str
    at: datetime
    station: str
    booth: str
    address: str = ""
    phone: str = ""
    hours: str = ""


def photo_code_slip(kind: Kind, facts: PhotoCodeFacts, writer: Writer) -> tuple[Block, ...]:
    """The code slip of a visit for a photo only. Raises ValueError on a malformed code."""
    say = writer.say
    number = writer.code_number("photo-code.number", facts.code)
    return (
        *writer.title(kind, facts.reprint),
        Banner(say("photo-code.state"), solid=False),
        number,
        Rule(),
        writer.when("until", facts.until, strong=True),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        Rule(),
        Note(say("photo-code.next")),
        Code(number.payload, (say("code.window"),)),
        Note(say("photo-code.keep")),
    )


def ticket_slip(kind: Kind, facts: TicketFacts, writer: Writer) -> tuple[Block, ...]:
    """The ticket of the window's queue. Raises ValueError on a malformed number or case code."""
    say, row = writer.say, writer.row
    if not re.fullmatch(r"[A-Z]?[0-9]{3,4}", facts.number):
        raise ValueError("a queue number has three or four digits, after a letter or alone")
    if facts.ahead < 0:
        raise ValueError("nobody waits less than nobody")
    case = writer.code_number("ticket.case", facts.case)
    business = "business.other" if facts.business == "other" else f"matter.{facts.business}"
    first: tuple[Row, ...] = (row("class", say("class.priority")),) if facts.priority else ()
    return (
        *writer.title(kind, 0),
        Number(say("ticket.number"), (facts.number,), "", called=True),
        row("ahead", say("ticket.ahead", count=facts.ahead), strong=True),
        row("matter", say(business)),
        *first,
        row("hall", Words(facts.hall)),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        Rule(),
        case,
        Note(say("ticket.next")),
        Code(case.payload, (say("code.window"),)),
        Note(say("ticket.day")),
    )


def progress_slip(kind: Kind, facts: ProgressFacts, writer: Writer) -> tuple[Block, ...]:
    """A small note of what the progress query said."""
    say, row = writer.say, writer.row
    groups = acceptance_groups(facts.acceptance_number) if facts.acceptance_number else None
    number = writer.either_number("received.number", groups, facts.booth_number)
    blocks: list[Block] = [
        *writer.title(kind, 0),
        Banner(writer.said(facts.state), solid=bool(facts.acceptance_number)),
        number,
        Rule(),
        writer.when("since", facts.since),
    ]
    if facts.holder:
        blocks.append(row("holder", Words(facts.holder)))
    if facts.then is not None:
        blocks.append(row("then", writer.said(facts.then)))
    blocks.append(writer.when("latest", facts.latest, strong=True))
    if facts.phone:
        blocks.append(row("progress", Words(facts.phone)))
    link = progress_link(facts.progress_url, number.payload)
    return (
        *blocks,
        writer.when("asked", facts.at),
        writer.where(facts.station, facts.booth),
        Rule(),
        Code(link, (say("code.progress"),)),
    )


def referral_slip(kind: Kind, facts: ReferralFacts, writer: Writer) -> tuple[Block, ...]:
    """One reason, and where it can be done; the QR code dials. Raises ValueError on a bad phone."""
    say, row = writer.say, writer.row
    digits = "".join(re.findall(r"[0-9]", facts.phone))
    if facts.phone and not 3 <= len(digits) <= 15:
        raise ValueError("a phone number has 3 to 15 digits")
    known = (("address", facts.address, False), ("hours", facts.hours, False))
    known = (*known, ("phone", facts.phone, True))
    dial = (Code(f"tel:{digits}", (say("code.phone"),)),) if digits else ()
    return (
        *writer.title(kind, 0),
        Banner(writer.said(facts.reason), solid=False),
        row("office", Words(facts.office), strong=True),
        *(row(label, Words(value), strong=strong) for label, value, strong in known if value),
        Rule(),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        Rule(),
        *dial,
        Note(say("referral.next" if digits else "referral.ask")),
    )
