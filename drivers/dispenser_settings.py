# SPDX-License-Identifier: Apache-2.0
"""What a site must say of its dispenser, and what each make is told for each movement."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from drivers.bins_books import Verb
from firmware_io.codecs import dispenser_crt_tables as crt
from firmware_io.codecs import dispenser_tables as k7


@dataclass(frozen=True, slots=True)
class MachineProfile:
    """One make: its commands to bring a card to the reader, to show it, to take it into the box.

    `possible` is what a command may look like. `by_sensors`: the machine is asked for its sensors
    instead of its status, and its box is full when one of `full_at` (index, character) is so.
    """

    feed: str
    present: str
    capture: str
    possible: str
    by_sensors: bool = False
    full_at: tuple[tuple[int, str], ...] = ()


_K7_MOVES: Final = r"FC[0467]|CP"
_CRT_MOVES: Final = crt.MOVE + r"[0-9a-z]"
PROFILES: Final[Mapping[str, MachineProfile]] = MappingProxyType(
    {
        "k7": MachineProfile(k7.Act.TO_READER, k7.Act.PRESENT, k7.Act.CAPTURE, _K7_MOVES),
        "crt571": MachineProfile(
            crt.Act.TO_CHIP, crt.Act.PRESENT, crt.Act.TO_ERROR_BIN, _CRT_MOVES
        ),
        # As seen on a CRT-591-(R02)HB-HDN by the author of a public driver.
        "crt591": MachineProfile(
            crt.Act.TO_CHIP,
            crt.Act.PRESENT,
            crt.Act.EJECT,
            _CRT_MOVES,
            by_sensors=True,
            full_at=((2, "2"), (16, "1")),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class DispenserSettings:
    """Make and address as set on the machine, times in seconds. ValueError for what cannot be.

    `feed`, `present` and `capture` replace the make's own commands where `kiosk dispenser prove`
    has shown that this machine does something else. `reply_s` how long an acknowledgement may take,
    `tries` how often a question is put, `move_s` after which a movement has failed, `clear_s` how
    long the mouth must be clear for a card to count as taken.
    """

    make: str = "k7"
    address: int = 0
    baudrate: int = k7.RATE
    feed: str = ""
    present: str = ""
    capture: str = ""
    reply_s: float = 0.3
    tries: int = 3
    move_s: float = k7.MOVE_S
    clear_s: float = 0.5
    heartbeat_s: float = 5.0

    def __post_init__(self) -> None:
        if self.make not in PROFILES:
            raise ValueError(f"dispensers are {', '.join(PROFILES)}, not {self.make}")
        if self.address not in k7.ADDRESSES:
            raise ValueError("addresses are 0 to 15")
        commands = self.commands
        if not all(re.fullmatch(self.profile.possible, one) for one in commands.values()):
            raise ValueError(f"a {self.make} has no such movement")
        if len(set(commands.values())) < len(commands):
            raise ValueError("two movements cannot have one command")

    @property
    def profile(self) -> MachineProfile:
        """That of the make."""
        return PROFILES[self.make]

    @property
    def commands(self) -> dict[Verb, str]:
        """What this machine is told for each movement."""
        return {
            Verb.FEED: self.feed or self.profile.feed,
            Verb.HAND_OUT: self.present or self.profile.present,
            Verb.RETRACT: self.capture or self.profile.capture,
        }
