# SPDX-License-Identifier: Apache-2.0
"""Whole readings of cards by the real driver on hostile lines, modules and hands, in virtual time.

What is known to the emulated reader is the truth: a card that comes out of the driver must be one
that lay on the reader in this dialogue, field for field. The protocol's check byte is an XOR: two
equal flips, or bytes lost and found again, can cancel out. A reading that is wrong and passes that
check by itself is counted (``collisions``), for no client can see it; any other is a flaw.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bench.campaign.samv_fuzz import Uncounting, oracle
from bench.campaign.subject import Tally, Unit
from bench.campaign.virtual import Line, VirtualEvent, VirtualLink
from drivers import idreader_talk
from drivers.errors import BoothError, CancelledError
from drivers.idreader import IdCard, IdReader, IdReaderSettings
from firmware_io.codecs.samv_tables import LAYOUTS, CardKind
from firmware_io.emulators.idreader import IdReaderDevice, Repeat
from firmware_io.emulators.idreader_card import STRANGE, Chip, card_of, people
from firmware_io.links.deadline import Deadline

TODAY: Final = date(2026, 12, 1)
WAIT_S: Final = 3.0
ASK_MARGIN_S: Final = 0.6 + 0.3 + 0.05  # the drain before, a pause inside, and a little
LATEST_S: Final = 5.0  # the last message of a fault has arrived
AFTER_S: Final = 120.0
"""Longest a reading may go on once the wait is over: three tries, each with two finds, a select and
a reading that are all repeated in vain, and one module that starts anew."""
SETTINGS: Final = IdReaderSettings(with_addresses=True)
CODES: Final = [
    "10",
    "11",
    "21",
    "23",
    "24",
    "31",
    "32",
    "33",
    "37",
    "3F",
    "40",
    "41",
    "47",
    "50",
    "60",
    "66",
    "80",
    "81",
    "90",
    "91",
    "9F",
    "00",
    "FF",
]
ASKED: Final = ("status", "number", "reset", "find", "select", "read", "addresses")


@dataclass
class Scene:
    """One reader and its driver, kept for many dialogues: what comes late meets the next one."""

    chance: random.Random
    tally: Tally
    line: Line
    reader: IdReader
    truth: list[Chip] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)
    at: int = 0

    def place(self, what: str) -> None:
        """Puts a card down in place of what lies there, at times an odd one."""
        changes = self.chance.choice(ODD) if what != STRANGE and self.chance.random() < 0.2 else {}
        self.line.control({"remove_card": True})
        self.line.control({"place_card": what, "with": changes})
        self.truth.append(card_of(what, TODAY, changes))

    def meddle(self, what: str) -> None:
        """What a hand, a plug or the supply does at a moment the driver tells of."""
        if what not in ("found", "reading", "again") or self.chance.random() > 0.25:
            return
        match self.chance.randrange(6):
            case 0:
                self.line.control({"remove_card": True})
            case 1:
                self.place(self.chance.choice(NUMBERS))
            case 2:
                self.line.control({"power": "cycle"})
            case 3:
                self.line.control({"unplug": True})
            case 4:
                self.line.control({"fault": fault(self.chance)})
            case _:
                self.reader.cancel()


class TappedLink(VirtualLink):
    """Keeps what reached the host since the scene began, to tell collisions from flaws."""

    heard: bytearray = bytearray()

    def read(self, deadline: Deadline) -> bytes:
        data = super().read(deadline)
        self.heard += data
        return data


NUMBERS: Final = tuple(
    number for number, one in people().items() if one.get("kind", "resident") == "resident"
)
ODD: Final[tuple[dict[str, str], ...]] = (
    {"name": "\U00020bb7" * 7},  # beyond the basic plane, to the field's last pair
    {"name": "阿卜杜拉·艾合买提江·吐尔逊"},
    {"ethnicity_code": "99"},
    {"ethnicity_code": ""},
    {"sex_code": "9"},
    {"flag": "Q"},
    {"pad": "nul"},
    {"birth": "19990101"},  # another day than in the number: not to be believed
    {"valid_from": "20261301"},
)


def fault(chance: random.Random) -> dict[str, Any]:
    """A fault of the wire, of the module, or of both."""
    wire: list[Callable[[], dict[str, Any]]] = [
        lambda: {"corrupt": chance.choice(("any", "any", 5, 6, 9, -1))},
        lambda: {"truncate": chance.choice((0, 3, 5, 7, 9, 10, 14, 270, 700, 1294))},
        lambda: {"silent": True},
        lambda: {"slow": chance.choice((0.05, 0.5, 1.6, 3.5))},
        lambda: {"gap": chance.choice((0.0001, 0.002))},
        lambda: {"duplicate": True},
        lambda: {"noise": chance.randint(1, 300)},
        lambda: {"noise_inside": chance.randint(1, 20)},
        lambda: {"stray": chance.choice(("aa", "aaaa", "aaaaaa9669", "00"))},
        lambda: {"replace": chance.randbytes(chance.randint(1, 40)).hex()},
        lambda: {"lose": chance.choice((0.0005, 0.01, 0.3))},
        lambda: {"lose_in": chance.choice((0.01, 0.2))},
    ]
    module: list[Callable[[], dict[str, Any]]] = [
        lambda: {
            "answer": chance.choice(CODES),
            "answer_on": chance.choice(ASKED),
            "answer_times": chance.choice((1, 1, 2, 3, 5)),
            "answer_sw": chance.choice(("0000", "6982", "9000")),
        },
        lambda: {"frame_length": chance.choice((0, 3, 4, 100, 0x0507, 0x0509, 0x0A00, 0xFFFF))},
        lambda: {"text_length": chance.choice((0, 255, 257, 65535))},
        lambda: {"photo_length": chance.choice((0, 1, 1023, 1025, 65535))},
        lambda: {"self_test": True},
        lambda: {"unauthorised": True},
    ]
    made: dict[str, Any] = {"times": chance.choice((1, 1, 1, 2, 4, 0)), "skip": chance.randrange(5)}
    if chance.random() < 0.7:
        made |= chance.choice(wire)()
    if chance.random() < 0.4:
        made |= chance.choice(module)()
    return made


def dialogue(scene: Scene) -> None:
    """One citizen: hostile hands, one reading, the truth."""
    chance, line, tally = scene.chance, scene.line, scene.tally
    scene.truth.clear()
    scene.heard.clear()
    line.control({"repeat": str(chance.choice(list(Repeat)))})
    line.control({"tear": chance.choice(("answer", "silence"))})
    match chance.randrange(10):
        case 0:
            pass  # nobody puts a card down
        case 1:
            scene.place(STRANGE)
        case _:
            scene.place(chance.choice(NUMBERS))
    if chance.random() < 0.85:
        line.control({"fault": fault(chance)})
    line.portion = chance.choice((1, 8, 64, 2000))
    begun = line.now
    try:
        card = scene.reader.read_card(WAIT_S, scene.meddle)
    except CancelledError:
        tally.count("called off")
    except BoothError as told:
        tally.count(told.code)
        if told.__cause__ is not None or told.args[0] != told.code:
            tally.flaw("exception", scene.at, f"{told.code} says more than its code")
    else:
        judge(scene, card)
    took = line.now - begun - WAIT_S
    if took > AFTER_S:
        tally.flaw("overrun", scene.at, f"{took:.1f} s after the wait was over")
    mend(scene)


def judge(scene: Scene, card: IdCard) -> None:
    """Whether this card lay there."""
    if any(same(card, chip) for chip in scene.truth):
        scene.tally.count("cards read")
        return
    answers, _ = oracle(bytes(scene.heard), ended=True)
    whole = (b"", *(data for *_, data in answers if len(data) > 260))
    if any(card.photo in data and said(card) <= texts(data[4:260]) for data in whole):
        scene.tally.count("collisions")
    else:
        scene.tally.flaw("wrong acceptance", scene.at, "a card that did not lie there")


def same(card: IdCard, chip: Chip) -> bool:
    """Field for field, and the picture."""
    return card.photo == chip.photo and said(card) <= texts(chip.text)


def said(card: IdCard) -> set[str]:
    """What the driver says is written on the card."""
    fields = (card.name, card.birth, card.number, card.address, card.issuer, card.foreign_name)
    return {one for one in (*fields, card.valid_from, card.valid_to, card.nationality) if one}


def texts(block: bytes) -> set[str]:
    """Every field that any layout finds in a text block."""
    found = set()
    for kind in CardKind:
        for pieces in LAYOUTS[kind].values():
            raw = b"".join(block[at : at + size] for at, size in pieces)
            found.add(raw.decode("utf-16-le", "replace").rstrip(" \0").upper())
            found.add(raw.decode("utf-16-le", "replace").rstrip(" \0"))
    return found


def mend(scene: Scene) -> None:
    """The next citizen finds a reader that can be had: then it must be had."""
    line = scene.line
    line.control({"fault": {}})
    line.control({"replug": True})
    line.control({"remove_card": True})
    if scene.chance.random() < 0.05:
        line.control({"power": "cycle"})
    if scene.chance.random() < 0.1:
        line.pass_time(LATEST_S)  # no answer has a number: what is still under way could be any
        number = scene.chance.choice(NUMBERS)
        line.control({"place_card": number})
        scene.truth.append(card_of(number, TODAY))
        try:
            judge(scene, scene.reader.read_card(30.0, lambda _: None))
        except BoothError as told:
            scene.tally.flaw("missed", scene.at, f"a well reader on a well line: {told.code}")
        line.control({"remove_card": True})


@contextmanager
def planted(plant: str) -> Iterator[None]:
    """The driver without checksums, if that is the plant."""
    real = idreader_talk.Decoder
    if plant == "checksum":
        idreader_talk.Decoder = Uncounting
    try:
        yield
    finally:
        idreader_talk.Decoder = real


def watched(reader: IdReader, line: Line, tally: Tally, scene: Callable[[], int]) -> None:
    """Holds every single question against its own deadline."""
    talk = reader._module._talk  # the seam that a deadline is a promise of
    ask = talk.ask

    def timed(command: Any, limit_s: float) -> Any:
        begun = line.now
        try:
            return ask(command, limit_s)
        finally:
            over = line.now - begun - limit_s
            tally.overran(max(0.0, over))
            if over > ASK_MARGIN_S:
                tally.flaw("overrun", scene(), f"{command.name.lower()}: {over * 1000:.0f} ms")

    talk.ask = timed


@dataclass(frozen=True, slots=True)
class Dialogues:
    """The subject."""

    name: str = "samv-dialogues"
    about: str = (
        "whole readings by the ID-card driver in virtual time: hostile lines, modules and hands;"
        " a card that comes out must have lain there, every question ends in its time, and a"
        " mended reader reads the next card"
    )
    unit: Unit = "dialogues"
    usual: int = 100_000
    slice_size: int = 1_000
    slice_limit_s: float = 1800.0
    plants: tuple[str, ...] = ("checksum",)

    def run(self, seed: int, amount: int, plant: str) -> Tally:
        """One slice."""
        chance, tally = random.Random(seed), Tally()
        device = IdReaderDevice(seed=seed & 0xFFFF, today=TODAY)
        line = Line(device, seed)
        link = TappedLink(line, "virtual", 115200)
        with planted(plant), line.clock():
            reader = IdReader("virtual", settings=SETTINGS, link=link)  # type: ignore[arg-type]
            reader._called_off = VirtualEvent(line)  # type: ignore[assignment]
            scene = Scene(chance, tally, line, reader)
            link.heard = scene.heard
            watched(reader, line, tally, lambda: scene.at)
            for number in range(amount):
                scene.at = number
                dialogue(scene)
                tally.done += 1
        return tally


SUBJECTS: Final = (Dialogues(),)
