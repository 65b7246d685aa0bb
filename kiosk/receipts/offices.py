# SPDX-License-Identifier: Apache-2.0
"""Where the household authorities are, as far as a station has written it down.

A TOML file, one table an authority, named as the card names it (签发机关)::

    ["寿县公安局"]
    office = "寿县公安局户政大厅"
    address = "..."
    phone = "0554-..."
    hours = "周一至周五 8:30-17:00"
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class OfficesError(Exception):
    """The file cannot be used; the text names it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Office:
    """One place. `phone` has 3 to 15 digits, or is empty like all that is not known."""

    office: str
    address: str = ""
    phone: str = ""
    hours: str = ""


def read_offices(path: Path | None) -> Mapping[str, Office]:
    """The file's places by issuing authority; none for None. Raises OfficesError."""
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            found = tomllib.load(file)
        return {name: _office(name, table) for name, table in found.items()}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValueError) as wrong:
        raise OfficesError(f"{path}: {wrong}") from None


def _office(name: str, table: object) -> Office:
    if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
        raise ValueError(f"{name}: a table of texts is wanted")
    if unknown := set(table) - set(Office.__slots__):
        raise ValueError(f"{name}: unknown {', '.join(sorted(unknown))}")
    made = Office(**{"office": name, **table})
    if made.phone and not 3 <= len(re.sub("[^0-9]", "", made.phone)) <= 15:
        raise ValueError(f"{name}: a phone number has 3 to 15 digits")
    return made


def office_of(issuer: str, offices: Mapping[str, Office]) -> Office:
    """The authority that issued a card; its name alone when nobody has written down where it is."""
    return offices.get(issuer, Office(issuer))
