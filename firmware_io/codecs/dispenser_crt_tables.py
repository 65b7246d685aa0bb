# SPDX-License-Identifier: Apache-2.0
"""Constants of the CRT-571 and CRT-591 card machines, shared by codec and emulator.

Sources: the maker's "CRT-591-M001 communication protocol" (v1.0, 2013-07-02) as transcribed in a
public driver that was corrected on a CRT-591-(R02)HB-HDN; syntech-pro/crt571 (0fc886e). None of it
was tried on hardware here.
"""

from enum import StrEnum
from typing import Final

RATE: Final = 9600
"""The machine adapts itself to the host's at the first reset: 9600 to 57600, one unit 115200."""
ADDRESSES: Final = range(16)
HEAD: Final = 0xF2
TAIL: Final = 0x03
CLEAR: Final = 0x04
ACK: Final = 0x06
NAK: Final = 0x15
MOST_BYTES: Final = 1024
"""Whole frame."""
ACK_S: Final = 0.3
"""A command that is not acknowledged by then was not heard, or its acknowledgement was lost."""


class Act(StrEnum):
    """Command and parameter. All that begin with 2, and the resets, may move a card."""

    RESET_TO_MOUTH = "00"
    RESET_INTO_BIN = "01"
    RESET_LEAVING_THE_CARD = "03"
    STATUS = "10"
    SENSORS = "11"
    PRESENT = "20"  # held in the gate; an empty channel takes a card from the stacker
    TO_CHIP = "21"  # the contacts; an empty channel takes a card from the stacker
    TO_ANTENNA = "22"
    TO_ERROR_BIN = "23"  # one CRT-591 said that it did and left the card where it was
    EJECT = "29"  # out of the gate; one CRT-591 brought the card into its error bin
    ALLOW_ENTRY = "30"
    FORBID_ENTRY = "31"


MOVE: Final = "2"
"""What the command of every movement begins with."""


class Code(StrEnum):
    """Why not, as two characters."""

    UNDEFINED = "00"
    PARAMETER = "01"
    SEQUENCE = "02"
    UNSUPPORTED = "03"
    DATA = "04"
    CONTACT_HELD = "05"
    JAM = "10"
    SENSOR = "12"
    TOO_LONG = "13"
    TOO_SHORT = "14"
    MOVED_BY_HAND = "16"
    NOT_COLLECTED = "40"
    MAGNET = "41"
    NOT_TO_CHIP = "43"
    TAKEN_BY_HAND = "45"
    COUNTER_FULL = "50"
    MOTOR = "51"
    EMPTY = "A0"
    BIN_FULL = "A1"
    NOT_RESET = "B0"
