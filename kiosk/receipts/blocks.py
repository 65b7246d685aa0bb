# SPDX-License-Identifier: Apache-2.0
"""What slips are made of: blocks from top to bottom, words in two languages, no drawing."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Every slip the booth prints."""

    RECEIVED = "received"  # the counter has confirmed the whole application
    STORED = "stored"  # the application lies sealed in this booth
    COLLECTED = "collected"  # the new card is in its holder's hand
    LOSS = "loss"  # a card reported lost
    WITHDRAWAL = "withdrawal"  # the report taken back
    RECAPTURE = "recapture"  # the refused photo or fingers taken again
    PHOTO_CODE = "photo-code"  # photo only: a code to fetch it by
    TICKET = "ticket"  # a place in the window's queue
    FOUND = "found"  # a found card handed in
    PROGRESS = "progress"  # where an application stands
    REFERRAL = "referral"  # where it can be done, when not here
    WINDOW = "window"  # what to do at the window, without a place in its queue


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
    """The number to keep: its label, the groups as printed, and what its bar code holds.

    `called`: a number that is called out and read from across the hall, printed very large and
    without bars; its `payload` is empty.
    """

    label: Words
    groups: tuple[str, ...]
    payload: str
    called: bool = False


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
    lang: str
    blocks: tuple[Block, ...]
