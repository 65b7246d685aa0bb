# SPDX-License-Identifier: Apache-2.0
"""The cards one can put on the emulated ID-card reader: made-up people, files, raw frames.

Writes the 256 bytes of text by the layout table; it shares no code with the codec that reads them.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from firmware_io.codecs.samv_tables import (
    ADDRESS_BYTES,
    FINGER_BYTES,
    FLAG_OFFSET,
    LAYOUTS,
    MAX_ADDRESSES,
    PHOTO_BYTES,
    PREAMBLE,
    TEXT_BYTES,
    CardKind,
)

PEOPLE: Final = Path(__file__).with_name("people.json")
STRANGE: Final = "other"
"""What to place for a contactless card that is no ID card."""

_LETTERS: Final = {
    CardKind.RESIDENT: " ",
    CardKind.HK_MO_TW: "J",
    CardKind.FOREIGN_2017: "I",
    CardKind.FOREIGN_2023: "Y",
}
_EXTRAS: Final = frozenset({"kind", "flag", "pad", "fingers", "addresses", "photo", "use"})
_READ_FRAME_BYTES: Final = 1295
_PHOTO_HEAD: Final = bytes.fromhex("574C66007E00320000FF85")  # how public descriptions begin it


class CardFileError(ValueError):
    """The card asked for cannot be made; the text tells the person at the desk why."""


@dataclass(frozen=True, slots=True)
class Chip:
    """What one card answers with. `is_id_card` False: it is found, and then makes no sense."""

    text: bytes = field(default=b"", repr=False)
    photo: bytes = field(default=b"", repr=False)
    fingers: tuple[bytes, ...] = field(default=(), repr=False)
    addresses: tuple[bytes, ...] = field(default=(), repr=False)
    body_numbers: bytes = field(default=bytes(28), repr=False)
    raw_read_frame: bytes | None = field(default=None, repr=False)
    is_id_card: bool = True


def card_of(what: str, today: date, changes: Mapping[str, Any] | None = None) -> Chip:
    """The card of a made-up person by citizen number, of a file by path, or `STRANGE`.

    A file is TOML or JSON with the fields of a layout plus `kind`, `flag` (a raw letter), `pad`
    ("space" or "nul"), `fingers`, `addresses`, `photo` (hex), or the 1295 bytes of a raw answer to
    the read command, sent as they are. `changes` overrides fields of a person or a file.
    Raises CardFileError.
    """
    if what == STRANGE:
        return Chip(is_id_card=False)
    fields = people().get(what.upper())
    if fields is None:
        path = Path(what)
        if not path.is_file():
            raise CardFileError("no made-up person has this number, and there is no such file")
        raw = path.read_bytes()
        if len(raw) == _READ_FRAME_BYTES and raw.startswith(PREAMBLE):
            return _of_frame(raw)
        fields = _load(path, raw)
    return build({**fields, **(changes or {})}, today)


def people() -> dict[str, dict[str, Any]]:
    """The made-up people that ship with the emulator, by citizen number."""
    entries = json.loads(PEOPLE.read_text(encoding="utf-8"))["people"]
    return {entry["number"]: entry for entry in entries}


def build(fields: Mapping[str, Any], today: date) -> Chip:
    """A chip with these fields; dates of validity may be relative to `today` (see `resolve`)."""
    try:
        kind = CardKind(fields.get("kind", CardKind.RESIDENT))
    except ValueError:
        raise CardFileError(f"kind is one of {', '.join(CardKind)}") from None
    unknown = set(fields) - set(LAYOUTS[kind]) - _EXTRAS
    if unknown:
        raise CardFileError(f"a {kind} card has no {', '.join(sorted(unknown))}")
    values = {name: str(fields.get(name, "")) for name in LAYOUTS[kind]}
    if kind is not CardKind.FOREIGN_2017 and "birth" not in fields:
        values["birth"] = values["number"][6:14]
    values["valid_to"] = resolve(values["valid_to"], today)
    values["valid_from"] = resolve(values["valid_from"], today, values["valid_to"])
    pad = {"space": " ", "nul": "\0"}.get(str(fields.get("pad", "space")))
    if pad is None:
        raise CardFileError("pad is space or nul")
    identity = hashlib.sha256(values["number"].encode()).digest()
    photo = fields.get("photo")
    return Chip(
        text=_text(kind, values, str(fields.get("flag", _LETTERS[kind])), pad),
        photo=_photo(identity) if photo is None else bytes.fromhex(photo),
        fingers=tuple(_finger(identity, code) for code in fields.get("fingers", ())),
        addresses=_addresses(fields.get("addresses", ())),
        body_numbers=bytes(4) + identity[:24],
    )


def resolve(when: str, today: date, end: str = "") -> str:
    """A date of validity as it stands on the card.

    "+10d", "-2m", "+3y" count from `today`, "to-20y" counts back from `end`; anything else is kept
    as it is, so that a wrong date can be put on a card too. 29 February becomes the 28th.
    """
    if when.startswith("to-") and when.endswith("y") and when[3:-1].isdigit():
        try:
            start = date(int(end[:4]), int(end[4:6]), int(end[6:8]))
        except ValueError:
            raise CardFileError("to-Ny needs a real end date") from None
        return f"{_shift_months(start, -12 * int(when[3:-1])):%Y%m%d}"
    if when[:1] not in ("+", "-") or not when[1:-1].isdigit() or when[-1] not in "dmy":
        return when
    count = int(when[:-1])
    if when[-1] == "d":
        return f"{today + timedelta(days=count):%Y%m%d}"
    return f"{_shift_months(today, count * (12 if when[-1] == 'y' else 1)):%Y%m%d}"


def _shift_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=last)
        except ValueError:
            continue
    raise CardFileError("no such date")


def _load(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        text = raw.decode()
        entry = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise CardFileError(f"{path.name} is neither TOML, JSON nor a raw frame") from error
    if not isinstance(entry, dict):
        raise CardFileError(f"{path.name} does not hold the fields of one card")
    return entry


def _of_frame(raw: bytes) -> Chip:
    """A chip that answers the plain read with these very bytes, right or wrong."""
    return Chip(
        text=raw[14 : 14 + TEXT_BYTES],
        photo=raw[14 + TEXT_BYTES : -1],
        raw_read_frame=raw,
        body_numbers=bytes(4) + hashlib.sha256(raw).digest()[:24],
    )


def _text(kind: CardKind, values: Mapping[str, str], letter: str, pad: str) -> bytes:
    block = bytearray(pad.encode("utf-16-le") * (TEXT_BYTES // 2))
    for name, pieces in LAYOUTS[kind].items():
        raw = values[name].encode("utf-16-le")
        if len(raw) > sum(size for _, size in pieces):
            raise CardFileError(f"{name} does not fit on the card")
        for at, size in pieces:
            part, raw = raw[:size], raw[size:]
            block[at : at + len(part)] = part
    if letter != " ":
        block[FLAG_OFFSET : FLAG_OFFSET + 2] = letter.encode("utf-16-le")
    return bytes(block)


def _photo(identity: bytes) -> bytes:
    """Opaque bytes, always the same for one person; no decoder finds a picture in them."""
    rest = PHOTO_BYTES - len(_PHOTO_HEAD)
    return _PHOTO_HEAD + hashlib.shake_256(identity).digest(rest)


def _finger(identity: bytes, code: int) -> bytes:
    record = bytearray(hashlib.shake_256(identity + bytes((code,))).digest(FINGER_BYTES))
    record[0:7] = bytes((ord("C"), 0, 0, 0, 1, code, 60 + identity[0] % 40))
    return bytes(record)


def _addresses(texts: Any) -> tuple[bytes, ...]:
    if len(texts) > MAX_ADDRESSES:
        raise CardFileError(f"a card holds at most {MAX_ADDRESSES} appended addresses")
    records = []
    for text in texts:
        raw = str(text).encode("utf-16-le")
        if len(raw) > ADDRESS_BYTES:
            raise CardFileError("an appended address does not fit on the card")
        records.append(raw + b"\x20\x00" * ((ADDRESS_BYTES - len(raw)) // 2))
    return tuple(records)
