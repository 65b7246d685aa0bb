# SPDX-License-Identifier: Apache-2.0
"""Constants of the K720/K730/K750 card dispensers, shared by codec and emulator.

Source: "K720/K730/k750 Communication Protocol" and "K7X0 Development Reference Process", as kept in
the public repositories jenschr/k750 (612c2de) and Arungopal142/k750-card-dispenser (e3c096d). None
of it was tried on hardware here.
"""

from enum import StrEnum
from typing import Final

RATE: Final = 9600
ADDRESSES: Final = range(16)
STX: Final = 0x02
ETX: Final = 0x03
EOT: Final = 0x04
ENQ: Final = 0x05
ACK: Final = 0x06
NAK: Final = 0x15
MOST_BYTES: Final = 300
"""Whole frame."""
GAP_S: Final = 0.015
"""A longer pause inside a frame voids it."""
POLL_S: Final = 0.2
"""Least time between two status questions."""
MOVE_S: Final = 12.0
"""A movement that is not over by then has failed."""


class Act(StrEnum):
    """Commands a booth has a use for, as payload. All but STATUS may move a card."""

    STATUS = "AP"
    TO_READER = "FC7"
    TO_MIDDLE = "FC6"
    PRESENT = "FC4"  # in the mouth, held: it must be pulled
    EJECT = "FC0"
    TAKE_IN = "FC8"
    CAPTURE = "CP"
    RESET = "RS"


D1: Final = ("preparing", "preparation_failed", "cannot_execute", "box_full")
D2: Final = ("collect_error", "dispense_error", "collecting", "dispensing")
D3: Final = ("low", "jam", "overlapped", "hopper_full")
D4: Final = ("at_mouth", "at_middle", "at_reader", "empty")
"""Flags of the four status digits, from the bit of value 1 to that of value 8."""
