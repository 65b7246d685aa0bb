# SPDX-License-Identifier: Apache-2.0
"""How the emulated ID-card reader behaves: its times, its settings, its faults, its answers."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from firmware_io.codecs.samv_tables import PREAMBLE, Command
from firmware_io.emulators.device import ControlError

TIMES_S: Final[dict[int, tuple[float, float]]] = {
    Command.RESET: (0.005, 0.010),
    Command.STATUS: (0.003, 0.005),
    Command.SAM_NUMBER: (0.003, 0.005),
    Command.FIND: (0.020, 0.080),
    Command.SELECT: (0.020, 0.060),
    Command.READ: (0.600, 1.200),
    Command.READ_WITH_FINGERS: (0.700, 1.400),
    Command.READ_ADDRESSES: (0.060, 0.120),
    Command.READ_BODY_NUMBERS: (0.030, 0.060),
}
"""Shortest and longest time from the request's last byte to the answer's first, in seconds."""
QUICK_S: Final = (0.003, 0.005)  # every other request, and every refusal of one
BOOT_S: Final = (1.0, 2.0)
REQUEST_SILENCE_S: Final = 0.1  # a request that stops half-way for this long has a wrong length
SPEED_CHANGE_S: Final = 0.005  # the answer is through, then this, then the speed changes
MAX_REQUEST_LENGTH: Final = 0x0100


class Repeat(StrEnum):
    """What `find` says to a card that was selected and not lifted; modules differ."""

    ONCE = "once"  # not found, until it is lifted
    AGAIN = "again"  # found, every time
    FLAKY = "flaky"  # the first find after an idle time misses it, the second has it


class Tear(StrEnum):
    """What a reading says when the card is lifted in the middle of it."""

    ANSWER = "answer"  # 41, when it would have been done
    SILENCE = "silence"  # the bytes stop half-way


CONTROLS: Final = """\
  {"place_card": "NUMBER or PATH"}  a made-up person of people.json, a TOML or JSON file of fields,
                                    the 1295 bytes of a raw read answer, or "other" (no ID card);
                                    with "with": {field: value} some fields differ
  {"remove_card": true}             lifts it
  {"repeat": "once|again|flaky"}    what find says to a card that was read and not lifted
  {"tear": "answer|silence"}        what a reading says when the card is lifted in its middle
  {"finger_reading": true|false}    whether the module knows the command for fingerprints
  {"fault": {"answer": "41", "answer_on": "read", "answer_times": 2, "answer_sw": "6982"}}
                                    this SW3 instead (on: status number reset find select read
                                    addresses numbers; without it: any; times 0: for ever)
  {"fault": {"frame_length": N, "text_length": N, "photo_length": N}}
                                    these length fields in the next reading, right or wrong
  {"fault": {"self_test": true}}    60 to everything until a reset; "unauthorised": 66
"""

_NAMES: Final = {
    "status": (Command.STATUS,),
    "number": (Command.SAM_NUMBER,),
    "reset": (Command.RESET,),
    "find": (Command.FIND,),
    "select": (Command.SELECT,),
    "read": (Command.READ, Command.READ_WITH_FINGERS),
    "addresses": (Command.READ_ADDRESSES,),
    "numbers": (Command.READ_BODY_NUMBERS,),
}
_LENGTHS: Final = ("frame_length", "text_length", "photo_length")


@dataclass(slots=True)
class Faults:
    """The module's own faults, see `CONTROLS`. `lengths` are used up by the next reading."""

    lengths: dict[str, int] = field(default_factory=dict)
    self_test: bool = False
    unauthorised: bool = False
    _answer: tuple[int, bytes, frozenset[int], int] | None = None

    def take(self, fault: dict[str, Any]) -> dict[str, Any]:
        """Sets what `fault` names ({} clears all) and gives back what it does not know.

        Raises ControlError, ValueError.
        """
        if not fault:
            self._answer = None
            self.lengths = {}
            self.self_test = self.unauthorised = False
            return {}
        rest = dict(fault)
        rest.pop("skip", None)  # the wire's own counts; a fault of the module has answer_times
        rest.setdefault("answer_times", rest.pop("times", 1))
        if "answer" in rest:
            self._answer = _answer_fault(rest)
        for key in _LENGTHS:
            if key in rest:
                self.lengths[key] = int(rest.pop(key)) & 0xFFFF
        self.self_test = bool(rest.pop("self_test", self.self_test))
        self.unauthorised = bool(rest.pop("unauthorised", self.unauthorised))
        rest.pop("answer_times", None)
        return rest

    def answer_to(self, command: int) -> tuple[int, bytes] | None:
        """(SW3, SW1 and SW2) to give instead of an answer to `command`, if a fault says so."""
        if self._answer is None:
            return None
        status, sw, commands, left = self._answer
        if commands and command not in commands:
            return None
        self._answer = (status, sw, commands, left - 1) if left != 1 else None
        return status, sw


def _answer_fault(rest: dict[str, Any]) -> tuple[int, bytes, frozenset[int], int]:
    status = int(str(rest.pop("answer")), 16) & 0xFF
    on = rest.pop("answer_on", None)
    if on is not None and on not in _NAMES:
        raise ControlError(f"answer_on is one of {', '.join(_NAMES)}")
    sw = bytes.fromhex(rest.pop("answer_sw", "0000"))
    if len(sw) != 2:
        raise ControlError("answer_sw is two bytes")
    commands = frozenset(int(command) for command in _NAMES[on]) if on else frozenset[int]()
    times = int(rest.pop("answer_times", 1))
    return status, sw, commands, times


def frame(status: int, data: bytes, sw: bytes = b"\0\0", *, length: int | None = None) -> bytes:
    """An answer's wire bytes; `length` puts another number in the length field."""
    counted = (len(data) + 4 if length is None else length).to_bytes(2, "big")
    counted += sw + bytes((status,)) + data
    return PREAMBLE + counted + bytes((check_of(counted),))


def check_of(data: bytes) -> int:
    """All bytes XORed: the module's checksum."""
    check = 0
    for byte in data:
        check ^= byte
    return check
