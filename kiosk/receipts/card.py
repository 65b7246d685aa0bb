# SPDX-License-Identifier: Apache-2.0
"""Slips about a card itself: collected, reported lost, report withdrawn, found."""

from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.receipts.blocks import Banner, Block, Code, Kind, Note, Rule, Words
from kiosk.receipts.writing import Writer, acceptance_groups, report_groups


@dataclass(frozen=True, slots=True)
class CollectedFacts:
    """A card handed out. `checked_by` is a finger ("right-thumb") or "staff"; `old_card` is
    "returned", "lost", "cut" (kept with a corner cut off) or "none" (there was none to give back).

    `valid_until` as read from the new chip; None: long-term.
    """

    name: str = field(repr=False)
    citizen_number: str = field(repr=False)
    acceptance_number: str
    at: datetime
    station: str
    booth: str
    checked_by: str
    old_card: str
    valid_until: date | None = None
    phone: str = ""
    reprint: int = 0


@dataclass(frozen=True, slots=True)
class LossFacts:
    """A loss report. `ground` is "lost" or "stolen".

    `loss_number` (20 digits) only when the counter has registered the report; without it the
    report lies in this booth and carries `booth_number`.
    """

    name: str = field(repr=False)
    citizen_number: str = field(repr=False)
    ground: str
    at: datetime
    station: str
    booth: str
    loss_number: str = ""
    booth_number: str = ""
    seen_on: date | None = None
    seen_at: str = ""
    phone: str = ""
    reprint: int = 0


@dataclass(frozen=True, slots=True)
class WithdrawalFacts:
    """A loss report taken back; `received`: the counter has confirmed it."""

    name: str = field(repr=False)
    citizen_number: str = field(repr=False)
    loss_number: str
    received: bool
    reported: date
    at: datetime
    station: str
    booth: str
    phone: str = ""
    reprint: int = 0


@dataclass(frozen=True, slots=True)
class FoundFacts:
    """A found card handed in. Nothing of its holder and nothing of its finder."""

    find_number: str
    kept_at: str
    at: datetime
    station: str
    booth: str
    phone: str = ""
    reprint: int = 0


def collected_slip(kind: Kind, facts: CollectedFacts, writer: Writer) -> tuple[Block, ...]:
    """The note of a collection, and the receipt for the old card."""
    say, row = writer.say, writer.row
    number = writer.either_number("received.number", acceptance_groups(facts.acceptance_number), "")
    by_staff = facts.checked_by == "staff"
    until = facts.valid_until
    return (
        *writer.title(kind, facts.reprint),
        Banner(say("collected.state"), solid=True),
        number,
        Rule(),
        *writer.person(facts.name, facts.citizen_number),
        row("checked", say("checked.staff" if by_staff else f"finger.{facts.checked_by}")),
        row("old_card", say(f"old_card.{facts.old_card}"), strong=True),
        row("valid", say("valid.long")) if until is None else writer.when("valid", until),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        *_phone(writer, facts.phone),
        Rule(),
        Note(say("collected.next")),
        Code(number.payload, (say("code.number"),)),
    )


def loss_slip(kind: Kind, facts: LossFacts, writer: Writer) -> tuple[Block, ...]:
    """The slip of a loss report: reported, not "void everywhere from this second"."""
    say, row = writer.say, writer.row
    registered = bool(facts.loss_number)
    groups = report_groups(facts.loss_number) if registered else None
    number = writer.either_number("loss.number", groups, facts.booth_number)
    blocks: list[Block] = [
        *writer.title(kind, facts.reprint),
        Banner(say("loss.state" if registered else "stored.state"), solid=registered),
        number,
        Rule(),
        *writer.person(facts.name, facts.citizen_number),
        row("ground", say(f"ground.{facts.ground}")),
    ]
    if facts.seen_on is not None:
        blocks.append(writer.when("seen", facts.seen_on))
    if facts.seen_at:
        blocks.append(row("seen_at", Words(facts.seen_at)))
    return (
        *blocks,
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        row("fee", say("fee.none")),
        *_phone(writer, facts.phone),
        Rule(),
        Note(say("loss.next" if registered else "loss.stored")),
        Note(say("loss.found")),
        Code(number.payload, (say("code.number"),)),
        Note(say("keep")),
    )


def withdrawal_slip(kind: Kind, facts: WithdrawalFacts, writer: Writer) -> tuple[Block, ...]:
    """The slip of a withdrawn loss report."""
    say = writer.say
    number = writer.either_number("loss.number", report_groups(facts.loss_number), "")
    state = "withdrawal.state" if facts.received else "stored.state"
    return (
        *writer.title(kind, facts.reprint),
        Banner(say(state), solid=facts.received),
        number,
        Rule(),
        *writer.person(facts.name, facts.citizen_number),
        writer.when("reported", facts.reported),
        writer.when("withdrawn", facts.at),
        writer.where(facts.station, facts.booth),
        writer.row("fee", say("fee.none")),
        *_phone(writer, facts.phone),
        Rule(),
        Note(say("withdrawal.next" if facts.received else "withdrawal.stored")),
        Code(number.payload, (say("code.number"),)),
        Note(say("keep")),
    )


def found_slip(kind: Kind, facts: FoundFacts, writer: Writer) -> tuple[Block, ...]:
    """Thanks, and the number under which the station keeps the card."""
    say = writer.say
    number = writer.either_number("found.number", report_groups(facts.find_number), "")
    return (
        *writer.title(kind, facts.reprint),
        Banner(say("found.state"), solid=True),
        number,
        Rule(),
        writer.row("kept", Words(facts.kept_at)),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        *_phone(writer, facts.phone),
        Rule(),
        Note(say("found.next")),
        Code(number.payload, (say("code.number"),)),
    )


def _phone(writer: Writer, phone: str) -> tuple[Block, ...]:
    return (writer.row("ask", Words(phone)),) if phone else ()
