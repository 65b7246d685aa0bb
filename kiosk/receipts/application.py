# SPDX-License-Identifier: Apache-2.0
"""Slips of an application: received, stored here, photo or fingers taken again.

Never with the same title: a slip must not promise what has not happened. The content follows the
collection slip (领取凭证) of the national application form and the police service standard's
领证回执.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.receipts.blocks import Banner, Block, Code, Kind, Note, Rule, Words
from kiosk.receipts.writing import Writer, acceptance_groups
from kiosk.texts import words
from kiosk.view import Money, Text, text


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """All a slip of an application is made of, unmasked: the builder does the masking.

    `matter` is "expiry", "damaged" or "lost"; `fee_state` "paid", "due", "waiver" or "none";
    `fingers` the registered positions ("right-thumb"...), `finger_result` "registered", "failed"
    or "none"; `pickup` "station" or "post". `at` is the booth's local time, `record_hash` the hex
    SHA-256 of the stored record. `reprint` counts further copies.
    """

    name: str = field(repr=False)
    citizen_number: str = field(repr=False)
    matter: str
    at: datetime
    station: str
    booth: str
    fee_fen: int
    fee_state: str
    latest: date
    record_hash: str
    fingers: tuple[str, ...] = ()
    finger_result: str = "registered"
    expected: date | None = None
    pickup: str = "station"
    collect_at: str = ""
    phone: str = ""
    county_phone: str = ""
    progress_url: str = ""
    acceptance_number: str = ""
    booth_number: str = ""
    reprint: int = 0


@dataclass(frozen=True, slots=True)
class RecaptureFacts:
    """A refused part taken again. `part` is "photo" or "fingers"; `reason` why it was refused.

    `received`: the counter has confirmed the new part; else it lies in this booth. The number is
    the application's old one, `expected` and `latest` are the new dates.
    """

    name: str = field(repr=False)
    citizen_number: str = field(repr=False)
    part: str
    received: bool
    at: datetime
    station: str
    booth: str
    latest: date
    record_hash: str
    reason: Text | None = None
    expected: date | None = None
    phone: str = ""
    progress_url: str = ""
    acceptance_number: str = ""
    booth_number: str = ""
    reprint: int = 0


def application_slip(kind: Kind, facts: SlipFacts, writer: Writer) -> tuple[Block, ...]:
    """The slip after signing. Raises ValueError when its number is missing or malformed.

    An application that the counter has received but no officer has accepted yet has no acceptance
    number: its slip is titled "received" all the same, and carries the booth's number.
    """
    say, row = writer.say, writer.row
    accepted = kind is Kind.RECEIVED and bool(facts.acceptance_number)
    groups = acceptance_groups(facts.acceptance_number) if accepted else None
    number = writer.either_number("received.number", groups, facts.booth_number)
    _check_hash(facts.record_hash)
    blocks: list[Block] = [
        *writer.title(kind, facts.reprint),
        Banner(say(f"{kind}.state"), solid=kind is Kind.RECEIVED),
        number,
        Rule(),
        *writer.person(facts.name, facts.citizen_number),
        row("matter", say(f"matter.{facts.matter}")),
        row("fee", say(f"fee.{facts.fee_state}", fee=Money(facts.fee_fen))),
        row("fingers", _fingers(facts, writer.lang)),
        row("photo", say("photo.line")),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        Rule(),
    ]
    if not accepted:
        pending = "received.pending" if kind is Kind.RECEIVED else "stored.next"
        blocks += [Note(say(pending)), Rule()]
    blocks += _dates(writer, facts.expected, facts.latest)
    if facts.pickup == "post":
        blocks.append(row("collect", say("collect.post")))
    else:
        blocks.append(row("collect", Words(facts.collect_at or facts.station)))
        blocks.append(row("bring", say("bring.lost" if facts.matter == "lost" else "bring.card")))
    if facts.phone:
        blocks.append(row("progress", Words(facts.phone)))
    if facts.county_phone:
        blocks.append(row("late", Words(facts.county_phone)))
    beside = [say("code.progress"), say("code.hash", hash=facts.record_hash[:8])]
    if accepted and facts.booth_number:
        beside.append(say("code.booth_number", number=facts.booth_number))
    link = progress_link(facts.progress_url, number.payload)
    return (*blocks, Rule(), Code(link, tuple(beside)), Note(say("keep")))


def recapture_slip(kind: Kind, facts: RecaptureFacts, writer: Writer) -> tuple[Block, ...]:
    """The slip of a re-capture. Raises ValueError when its number is missing or malformed."""
    say, row = writer.say, writer.row
    groups = acceptance_groups(facts.acceptance_number) if facts.acceptance_number else None
    number = writer.either_number("received.number", groups, facts.booth_number)
    _check_hash(facts.record_hash)
    blocks: list[Block] = [
        *writer.title(kind, facts.reprint),
        Banner(say("received.state" if facts.received else "stored.state"), solid=facts.received),
        number,
        Rule(),
        *writer.person(facts.name, facts.citizen_number),
        row("again", say(f"part.{facts.part}"), strong=True),
    ]
    if facts.reason is not None:
        blocks.append(row("reason", writer.said(facts.reason)))
    blocks += [
        row("fee", say("fee.again")),
        writer.when("at", facts.at),
        writer.where(facts.station, facts.booth),
        Rule(),
        *_dates(writer, facts.expected, facts.latest),
    ]
    if facts.phone:
        blocks.append(row("progress", Words(facts.phone)))
    beside = (say("code.progress"), say("code.hash", hash=facts.record_hash[:8]))
    ending = say("recapture.next" if facts.received else "recapture.stored")
    link = progress_link(facts.progress_url, number.payload)
    return (*blocks, Rule(), Note(ending), Code(link, beside), Note(say("keep")))


def progress_link(url: str, number: str) -> str:
    """What a QR code holds: the case's own address, or the number alone where there is no site."""
    return f"{url.rstrip('/')}/{number}" if url else number


def _check_hash(record_hash: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{8,64}", record_hash):
        raise ValueError("the record's hash is written in lower-case hex")


def _dates(writer: Writer, expected: date | None, latest: date) -> list[Block]:
    promised = [writer.when("expected", expected)] if expected is not None else []
    return [*promised, writer.when("latest", latest, strong=True)]


def _fingers(facts: SlipFacts, lang: str) -> Words:
    """The registered fingers by name, and the result in words when it is not "registered"."""

    def written(language: str) -> str:
        def say(key: str) -> str:
            return words(text(f"receipts.{key}"), language)

        names = [say(f"finger.{position}") for position in facts.fingers]
        parts = [say("finger.and").join(names)] if names else []
        if facts.finger_result != "registered" or not names:
            parts.append(say(f"fingers.{facts.finger_result}"))
        return say("finger.then").join(parts)

    return Words(written("zh"), written(lang) if lang != "zh" else "")
