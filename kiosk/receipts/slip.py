# SPDX-License-Identifier: Apache-2.0
"""What a slip says: the truth of the moment it is printed, in an order people read.

Two kinds, never with the same title (a slip must not promise what has not happened):

- ``received``: the counter has confirmed the whole record; carries the acceptance number.
- ``stored``: the record lies sealed in the booth; carries the booth's own number.

The content follows the collection slip (领取凭证) of the national application form and the police
service standard's 领证回执; the acceptance number's groups are those of GA 214.4-2004 (area 6,
station 3, date 8, sequence 5).
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from idcard.masking import masked_name, masked_number
from kiosk.texts import words
from kiosk.view import Arg, Money, Text, text

Kind = Literal["received", "stored"]
Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """All a slip is made of, unmasked: `build_slip` does the masking.

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
class Words:
    """Chinese, and the same in the second language, which is printed under it when not empty."""

    first: str
    second: str = ""


@dataclass(frozen=True, slots=True)
class Title:
    """The slip's name, large and centred."""

    words: Words


@dataclass(frozen=True, slots=True)
class Banner:
    """The state in words. `solid` (white on black) only when the counter has the record."""

    words: Words
    solid: bool


@dataclass(frozen=True, slots=True)
class Number:
    """The number to keep: its label, the groups as printed, and what its bar code holds."""

    label: Words
    groups: tuple[str, ...]
    payload: str


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what it is. `strong` for the one or two lines that matter most later."""

    label: Words
    value: Words
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line between two groups."""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence over the whole width."""

    words: Words


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code with what stands beside it."""

    payload: str
    beside: tuple[Words, ...]


Block = Title | Banner | Number | Row | Rule | Note | Code


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip's blocks from top to bottom."""

    kind: Kind
    lang: Lang
    blocks: tuple[Block, ...]


def acceptance_groups(number: str) -> tuple[str, ...]:
    """``320402 001 20261201 00007``: area, station, date, sequence. ValueError if not 22 digits."""
    if not re.fullmatch(r"[0-9]{22}", number):
        raise ValueError("an acceptance number has 22 digits")
    return number[:6], number[6:9], number[9:17], number[17:]


def build_slip(kind: Kind, facts: SlipFacts, lang: Lang = "zh") -> Slip:
    """The slip of `kind`. Raises ValueError when its number is missing or malformed.

    An application that the counter has received but no officer has accepted yet has no acceptance
    number: its slip is titled "received" all the same, and carries the booth's number.
    """

    def say(key: str, **values: Arg | Money | Text) -> Words:
        return _said(text(f"receipts.{key}", **values), lang)

    def row(label: str, value: Words, *, strong: bool = False) -> Row:
        return Row(say(f"label.{label}"), value, strong)

    if kind not in ("received", "stored"):
        raise ValueError("a slip is received or stored")
    accepted = kind == "received" and bool(facts.acceptance_number)
    if accepted:
        groups, payload = acceptance_groups(facts.acceptance_number), facts.acceptance_number
    elif facts.booth_number:
        groups, payload = (facts.booth_number,), facts.booth_number
    else:
        raise ValueError("without an acceptance number a slip needs the booth's number")
    if not re.fullmatch(r"[0-9a-f]{8,64}", facts.record_hash):
        raise ValueError("the record's hash is written in lower-case hex")

    blocks: list[Block] = [Title(say(f"{kind}.title"))]
    if facts.reprint:
        blocks.append(Note(say("reprint", count=facts.reprint)))
    blocks += [
        Banner(say(f"{kind}.state"), solid=kind == "received"),
        Number(say("received.number" if accepted else "stored.number"), groups, payload),
        Rule(),
        row("name", Words(masked_name(facts.name))),
        row("id", Words(masked_number(facts.citizen_number))),
        row("matter", say(f"matter.{facts.matter}")),
        row("fee", say(f"fee.{facts.fee_state}", fee=Money(facts.fee_fen))),
        row("fingers", _fingers(facts, lang)),
        row("photo", say("photo.line")),
        row("at", _same(facts.at, lang)),
        row("place", Words(f"{facts.station} · {facts.booth}")),
        Rule(),
    ]
    if not accepted:
        blocks += [Note(say("received.pending" if kind == "received" else "stored.next")), Rule()]
    if facts.expected is not None:
        blocks.append(row("expected", _same(facts.expected, lang)))
    blocks.append(row("latest", _same(facts.latest, lang), strong=True))
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
    link = f"{facts.progress_url.rstrip('/')}/{payload}" if facts.progress_url else payload
    blocks += [Rule(), Code(link, tuple(beside)), Note(say("keep"))]
    return Slip(kind, lang, tuple(blocks))


def _said(message: Text, lang: Lang) -> Words:
    return Words(words(message, "zh"), words(message, lang) if lang != "zh" else "")


def _same(value: date | datetime, lang: Lang) -> Words:
    return _said(text("receipts.as_it_is", value=value), lang)


def _fingers(facts: SlipFacts, lang: Lang) -> Words:
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
