# SPDX-License-Identifier: Apache-2.0
"""How a booth is, as its own screens say it and as the counter hears it: keys, never words.

One record serves welcome screen, staff page and counter, so that the three cannot differ. Nothing
of a citizen stands in it: device names, message keys, times, counts of stored cards, and ids of
applications whose slip was not printed (an id says nothing of a person, and the counter has it from
the envelope).
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from idcard.records import Record

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,24}(\.[a-z0-9_]{1,24}){1,3}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,15}$")]
Place = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}/[0-9]{1,2}$")]
DeviceState = Literal["ready", "busy", "ill", "absent"]
MOST = 32
"""Devices, keys and slips one report may name; a booth has about a dozen of each."""

MOST_PLACES = 32 * 24
"""Bins of one booth: 32 boards of 24 locks on a line."""

STARTING = "booth.starting"
"""The closing reason of the first seconds: the devices have not been asked yet."""
FRONT_SILENT = "booth.front_silent"
"""The closing reason the uplink writes itself when the screen's program says nothing any more."""


class DeviceWord(Record):
    """A device's own word. `reason`: message key when ill, its remedy is ``<reason>.remedy``."""

    device: Name
    state: DeviceState
    reason: Key | Literal[""] = ""


PrintProof = Literal["", "process_id", "presenter", "processed", "nothing"]
"""What a print rests on: the printer's report of the last row and the cut; every command worked
off and the slip seen at the mouth; every command worked off; only that the bytes were sent. "": no
printing came to its end, or a booth that does not say."""


class UnprintedSlip(Record):
    """What became of a slip. `reason` "": it was printed; else it is not on paper, or not provably.

    `by`: what that rests on.
    """

    application_id: UUID
    reason: Key | Literal[""]
    at: AwareDatetime
    by: PrintProof = ""


class Cabinet(Record):
    """The booth's bins by its own books. `look_into`: places (board/lock) that staff must open.

    Counts and places only: whose card lies where is nobody's to read here.
    """

    places: Annotated[int, Field(ge=0, le=MOST_PLACES)]
    cards: Annotated[int, Field(ge=0, le=MOST_PLACES)]
    look_into: Annotated[tuple[Place, ...], Field(max_length=MOST_PLACES)] = ()


class Condition(Record):
    """What a booth can do now.

    `closing`: why nobody can be served. `limiting`: what is missing though people are served.
    `notes`: what staff should see to while everything works (paper low). `journeys`: those that can
    be finished now. `cabinet`: None without bins, from an older booth, or while it is not known.
    """

    devices: Annotated[tuple[DeviceWord, ...], Field(max_length=MOST)] = ()
    closing: Annotated[tuple[Key, ...], Field(max_length=MOST)] = ()
    limiting: Annotated[tuple[Key, ...], Field(max_length=MOST)] = ()
    notes: Annotated[tuple[Key, ...], Field(max_length=MOST)] = ()
    journeys: Annotated[tuple[Name, ...], Field(max_length=MOST)] = ()
    cabinet: Cabinet | None = None


class Wording(Record):
    """The booth's own words for a key, so that a counter of another version says the same."""

    zh: Annotated[str, Field(min_length=1, max_length=160)]
    en: Annotated[str, Field(min_length=1, max_length=160)]


class BoothReport(Record):
    """A condition on its way to the counter.

    `words` holds every key named in it (devices as ``device.<name>``), and its remedy.
    """

    condition: Condition
    words: Annotated[dict[Key, Wording], Field(default_factory=dict, max_length=6 * MOST)]
    software: Annotated[str, Field(max_length=40)] = ""
    slips: Annotated[tuple[UnprintedSlip, ...], Field(max_length=MOST)] = ()


class ReportTaken(Record):
    """The counter's answer. `slips`: those it has noted, which need not be told again."""

    at: datetime
    slips: tuple[UUID, ...] = ()
