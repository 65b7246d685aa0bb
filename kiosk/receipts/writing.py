# SPDX-License-Identifier: Apache-2.0
"""Words for slips: keys said in Chinese and the second language; numbers in their groups."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from idcard.masking import masked_name, masked_number
from kiosk.receipts.blocks import Block, Note, Number, Row, Title, Words
from kiosk.texts import words
from kiosk.view import Arg, Money, Text, text

_BAR_CODE = re.compile(r"[0-9A-Z-]{4,24}")


@dataclass(frozen=True, slots=True)
class Writer:
    """Says keys of the topic ``receipts``. `lang` is the second language; ``zh``: Chinese alone."""

    lang: str

    def said(self, message: Text) -> Words:
        """`message`, a key of any topic, in both languages."""
        return Words(words(message, "zh"), words(message, self.lang) if self.lang != "zh" else "")

    def say(self, key: str, **values: Arg | Money | Text) -> Words:
        """``receipts.<key>`` in both languages."""
        return self.said(text(f"receipts.{key}", **values))

    def row(self, label: str, value: Words, *, strong: bool = False) -> Row:
        """A line labelled ``receipts.label.<label>``."""
        return Row(self.say(f"label.{label}"), value, strong)

    def when(self, label: str, value: date | datetime, *, strong: bool = False) -> Row:
        """A line with a date or a moment, as each language writes it."""
        return self.row(label, self.say("as_it_is", value=value), strong=strong)

    def where(self, station: str, booth: str) -> Row:
        """The station and the booth that printed this."""
        return self.row("place", Words(f"{station} · {booth}"))

    def person(self, name: str, citizen_number: str) -> tuple[Row, Row]:
        """Name and number, masked; the only way a person gets onto a slip."""
        return (
            self.row("name", Words(masked_name(name))),
            self.row("id", Words(masked_number(citizen_number))),
        )

    def title(self, kind: str, reprint: int) -> list[Block]:
        """The slip's name, and for a further copy which one it is."""
        copy = [Note(self.say("reprint", count=reprint))] if reprint else []
        return [Title(self.say(f"{kind}.title")), *copy]

    def either_number(
        self, label: str, groups: tuple[str, ...] | None, booth_number: str
    ) -> Number:
        """The counter's number, labelled ``receipts.<label>``, or else the booth's own.

        Raises ValueError when there is neither.
        """
        if groups is not None:
            return Number(self.say(label), groups, "".join(groups))
        if not booth_number:
            raise ValueError("without the counter's number a slip needs the booth's number")
        return Number(self.say("stored.number"), (booth_number,), booth_number)

    def code_number(self, label: str, code: str) -> Number:
        """A code of 4 to 24 capitals, digits and hyphens, printed in fours. Raises ValueError."""
        if not _BAR_CODE.fullmatch(code):
            raise ValueError("a code has 4 to 24 capitals, digits or hyphens")
        fours = tuple(code[at : at + 4] for at in range(0, len(code), 4))
        return Number(self.say(label), fours if code.isalnum() else (code,), code)


def acceptance_groups(number: str) -> tuple[str, ...]:
    """``320402 001 20261201 00007``: area, station, date, sequence. ValueError if not 22 digits.

    The groups are those of GA 214.4-2004.
    """
    if not re.fullmatch(r"[0-9]{22}", number):
        raise ValueError("an acceptance number has 22 digits")
    return number[:6], number[6:9], number[9:17], number[17:]


def report_groups(number: str) -> tuple[str, ...]:
    """``320402 001 20261201 003``: area, station, date, sequence of a loss report or a found card.

    ValueError if not 20 digits.
    """
    if not re.fullmatch(r"[0-9]{20}", number):
        raise ValueError("the number of a loss report or a found card has 20 digits")
    return number[:6], number[6:9], number[9:17], number[17:]
