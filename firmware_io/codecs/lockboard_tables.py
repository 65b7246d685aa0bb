# SPDX-License-Identifier: Apache-2.0
"""Constants of the three lock boards, shared by codecs and emulator.

Sources: the sheet "锁控板通讯协议和规格书" (CSDN, u012909822, article 147892413) for the 8A/80
board; the public Android project xyz.junerver.android.lockdemo (builder, simulator and unit tests
with the vendor's examples) for the WKLY board; the public Android project
com.blitztech.pudokiosk (its WinnsenProtocol and LockerController, several states of them) for the
Winnsen board. None of it was tried on hardware here.
"""

from enum import IntEnum
from typing import Final

RATE: Final = 9600
COIL_REST_S: Final = 1.0
"""Least time between two pulses: coils burn."""

HEAD_OPEN: Final = 0x8A
HEAD_STATE: Final = 0x80
FUNCTION_ASK: Final = 0x33
FUNCTION_OPEN: Final = 0x11
CODE_OPENED: Final = 0x00
CODE_CLOSED: Final = 0x11
"""Swapped in both replies when a lock's contact is of the other kind."""
FRAME_8A: Final = 5
BOARDS_8A: Final = range(1, 33)
LOCKS_8A: Final = range(1, 25)

WKLY: Final = b"WKLY"
WKLY_LEAST: Final = 8
WKLY_MOST: Final = 64
"""Whole frame; 24 doors answer in 34 bytes. Bounds what a false length can hold back."""
WKLY_GAP_S: Final = 0.1
BOARDS_WKLY: Final = range(0, 32)
LOCKS_WKLY: Final = range(1, 25)
STATUS_OK: Final = 0x00
STATUS_FAILED: Final = 0xFF
DOOR_OPEN: Final = 0x00
DOOR_CLOSED: Final = 0x01

WINNSEN: Final = 0x90
WINNSEN_END: Final = 0x03
WINNSEN_REQUEST: Final = 6
WINNSEN_REPLY: Final = 7
BOARDS_WINNSEN: Final = range(0, 5)
"""A switch of four positions; one public state of the program counts them from 0, one from 1."""
LOCKS_WINNSEN: Final = range(1, 17)
WINNSEN_DONE: Final = 0x01
WINNSEN_FAILED: Final = 0x00
WINNSEN_RESTING: Final = 0x02
"""In the answer to "open". A door's state is said with the first two: open, closed."""
WINNSEN_OPEN_REPLY_S: Final = 2.0
"""How long the public program waits for the answer to "open", which comes after the pulse."""
WINNSEN_PULSE_S: Final = 0.75
WINNSEN_SETTLE_S: Final = 0.05
"""The pulse, and what the board waits after it before it reads the contact and answers."""
WINNSEN_COOLING_S: Final = 15.0
"""Roughly how long a lock is refused after its pulse, by the words of the public program."""
WINNSEN_GAP_S: Final = 0.01
"""Not published. Longer than an answer lasts, so that a second one is not taken for the next."""


class Winnsen(IntEnum):
    """Functions of the Winnsen board; an answer has the top bit set."""

    OPEN = 0x05
    ASK = 0x12
    OPENED = 0x85
    STATE = 0x92


class Wkly(IntEnum):
    """Commands of the WKLY board that a booth has a use for."""

    OPEN_SEVERAL = 0x80
    FLASH = 0x81
    OPEN = 0x82
    ASK = 0x83
    ASK_ALL = 0x84
    CHANGED = 0x85
    OPEN_ALL = 0x86
    OPEN_SEVERAL_IN_TURN = 0x87
    HOLD = 0x88
    RELEASE = 0x89
