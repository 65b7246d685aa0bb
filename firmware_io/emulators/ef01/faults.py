# SPDX-License-Identifier: Apache-2.0
"""Faults of the module itself; those of the wire are `..wire_faults`. Keys: `controls.CONTROLS`."""

from collections.abc import Mapping
from typing import Any, Final

from firmware_io.codecs.ef01_tables import Op
from firmware_io.emulators.device import ControlError
from firmware_io.emulators.wire_faults import WIRE_FAULT_KEYS

OF_ANSWER: Final = frozenset({"code", "length", "address", "pid", "short", "stop_data"})
LASTING: Final = frozenset({"dead_after", "greeting", "edge", "blind"})
AT_ONCE: Final = frozenset({"dead", "brown_out"})
COUNTS: Final = frozenset({"times", "skip"})


class Faults:
    """What has been asked for and is still to come."""

    def __init__(self, *, greets: bool) -> None:
        self.greets = greets  # sends 55 after power-on; not taken back by {}
        self._clear()

    def set(self, fault: Mapping[str, Any], captures: int) -> None:
        """Takes in one request; {} clears. ControlError, changing nothing, for an unknown key.

        `captures` is how many images the module has taken so far.
        """
        if not fault:
            self._clear()
            return
        known = OF_ANSWER | LASTING | AT_ONCE | {"op"}
        if unknown := set(fault) - known - COUNTS:
            raise ControlError(
                f"unknown fault {', '.join(sorted(unknown))}; known: "
                f"{', '.join(sorted(known | WIRE_FAULT_KEYS))}"
            )
        asked = dict(fault)
        if "op" in fault:
            asked["op"] = _op(fault["op"])
        if "address" in fault:
            asked["address"] = int(fault["address"], 16)
        if "dead_after" in fault:
            self.dead_after = captures + int(fault["dead_after"])
        self.greets = bool(fault.get("greeting", self.greets))
        self.edge = bool(fault.get("edge", self.edge))
        self.blind = bool(fault.get("blind", self.blind))
        if OF_ANSWER & set(fault):
            self._answer = asked
            self._left = int(fault.get("times", 1)) or -1
            self._skip = int(fault.get("skip", 0))

    def _clear(self) -> None:
        self.edge = False  # 00 before that 55
        self.blind = False  # the sensor has failed
        self.dead_after: int | None = None  # number of captures at which it falls silent
        self._answer: dict[str, Any] = {}
        self._left = self._skip = 0

    def of_answer(self, op: int) -> Mapping[str, Any]:
        """The fault that touches this answer to `op`, {} for none. Counts."""
        if not self._answer or self._answer.get("op", op) != op:
            return {}
        if self._skip > 0:
            self._skip -= 1
            return {}
        fault = self._answer
        if self._left > 0:
            self._left -= 1
            if self._left == 0:
                self._answer = {}
        return fault


def _op(named: Any) -> int:
    if isinstance(named, int):
        return named
    try:
        return Op[str(named).upper()]
    except KeyError:
        raise ControlError(f"unknown instruction; known: {', '.join(Op.__members__)}") from None
