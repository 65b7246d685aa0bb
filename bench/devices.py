# SPDX-License-Identifier: Apache-2.0
"""What the emulated devices take at least, from what they say of themselves, in seconds."""

from typing import Any

from firmware_io.emulators.printer import CUT_S, SPEED_MM_S
from firmware_io.emulators.printer_roll import DOTS_PER_MM, HEAD_TO_CUTTER_MM

BITS_PER_BYTE = 10
READER_ACTS = ("find", "select", "read")
FINGER_ACTS = ("search", "match", "reg_model", "up_char", "store")

Spent = dict[str, dict[str, float]]
"""By act: times, seconds, bytes_in, bytes_out; in a device's status as "spent"."""


def wire_s(count: float, rate: float) -> float:
    """How long a serial line carries `count` bytes."""
    return count * BITS_PER_BYTE / rate


def acts_s(status: dict[str, Any], names: tuple[str, ...]) -> float:
    """What these acts took the device, with their own bytes on the line."""
    spent: Spent = status["spent"]
    found = [spent[name] for name in names if name in spent]
    carried = sum(one["bytes_in"] + one["bytes_out"] for one in found)
    return sum(one["seconds"] for one in found) + wire_s(carried, status["host_rate"])


def fingers_s(status: dict[str, Any]) -> float:
    """As many images as features were made of, and one look at the empty glass between two.

    Images of a finger that had not left yet, and all other looks, are nobody's need.
    """
    spent: Spent = status["spent"]
    presses = spent["img2tz"]["times"]
    needed = acts_s(status, ("img2tz", *FINGER_ACTS))
    for act, times in (("gen_img", presses), ("gen_img of nothing", presses - 1)):
        needed += acts_s(status, (act,)) * min(1.0, times / spent[act]["times"])
    return needed


def slip_s(count: float, rate: float, rows: float) -> float:
    """The slower of wire and paper, then the cut.

    The last row is printed when the line has carried it; only then it goes on to the cutter.
    """
    row_s = 1 / (SPEED_MM_S * DOTS_PER_MM)
    to_cutter_s = HEAD_TO_CUTTER_MM / SPEED_MM_S
    return max(wire_s(count, rate) + to_cutter_s, rows * row_s) + CUT_S
