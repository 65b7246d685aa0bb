# SPDX-License-Identifier: Apache-2.0
"""Who and what the fingerprint driver meets in a campaign: citizens, faults, and the truth."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from drivers.fingerprint_types import FingerEvent
from firmware_io.codecs.ef01_tables import Code
from firmware_io.emulators.ef01 import fingers
from firmware_io.emulators.ef01.fingers import POSITIONS, Press
from firmware_io.emulators.ef01.module import Module

Desk = Callable[[dict[str, Any]], Any]  # one request to the emulator
Fault = dict[str, Any]
MANNERS: Final = ("obedient", "obedient", "swaps", "poor once", "same again", "hasty", "nobody")
OPS: Final = ("STORE", "EMPTY", "MATCH", "IMG2TZ", "UP_CHAR", "DOWN_CHAR", "TEMPLATE_NUM")
# No good packet of another meaning is among them: no checksum tells a wire that forges.
LIES: Final = (
    "ef01ffffffff07ffff00010a",  # a length of FFFF
    "ef01ffffffff0700000007",
    "ef01ffffffff07000200",
    "ef011234567807000300000a",  # another address
    "55",
    "ef01",
)


def wire_fault(chance: random.Random) -> Fault:
    """One manner of a wire, for some messages of a dialogue or for all."""
    part = {"skip": chance.randrange(24), "times": chance.choice((1, 1, 1, 2, 4))}
    lasting = {"times": 0}
    made: tuple[Callable[[], Fault], ...] = (
        lambda: {"corrupt": "any", **part},
        lambda: {"corrupt": chance.choice((6, 7, 8, 9, -1, -2, -3)), **part},
        lambda: {"truncate": chance.randrange(14), **part},
        lambda: {"silent": True, **part},
        lambda: {"duplicate": True, **chance.choice((part, lasting))},
        lambda: {"slow": chance.choice((0.05, 0.3, 0.9, 1.4, 2.5)), **part},
        lambda: {"noise": chance.randint(1, 40), **chance.choice((part, lasting))},
        lambda: {"noise_inside": chance.randint(1, 8), **part},
        lambda: {"stray": chance.choice(("55", "00", "ef", "ef01", "00ef")), **lasting},
        lambda: {"replace": chance.choice(LIES), **part},
        lambda: {"gap": chance.choice((0.001, 0.02)), **part},
        lambda: {"lose": chance.choice((0.001, 0.01, 0.1)), **lasting},
        lambda: {"lose_in": chance.choice((0.001, 0.01, 0.1))},
    )
    return chance.choice(made)()


def device_fault(chance: random.Random) -> Fault:
    """One fault of the module."""
    part = {"skip": chance.randrange(3), "times": chance.choice((1, 2, 0))}
    op = chance.choice(
        ("STORE", "EMPTY", "MATCH", "IMG2TZ", "UP_CHAR", "DOWN_CHAR", "TEMPLATE_NUM")
    )
    code = chance.choice((Code.FLASH_FAULT, Code.EMPTY_FAILED, Code.UNDEFINED, 0x21, 0x01, 0x7E))
    made: tuple[Callable[[], Fault], ...] = (
        lambda: {"code": int(code), "op": op, **part},
        lambda: {"length": chance.choice((0, 2, 3, 0xFFFF)), **part},
        lambda: {"address": "12345678", **part},
        lambda: {"pid": chance.choice((1, 2, 3, 8)), **part},
        lambda: {"short": True, **part},
        lambda: {"stop_data": chance.randrange(4), "times": 1},
        lambda: {"dead_after": chance.randrange(3)},
        lambda: {"dead": True},
        lambda: {"blind": True},
    )
    return chance.choice(made)()


def happening(chance: random.Random) -> list[dict[str, Any]]:
    """What happens to the plug or the supply in the middle of a dialogue."""
    return chance.choice(
        (
            [{"unplug": True}, {"replug": True}],
            [{"fault": {"brown_out": True}}],
            [{"power": "cycle"}],
        )
    )


@dataclass
class Citizen:
    """Puts fingers down and takes them away as the booth asks, after some manner."""

    chance: random.Random
    desk: Desk
    person: str
    finger: str  # the one that is asked for
    manner: str = "obedient"
    earlier: tuple[str, ...] = ()  # fingers of the same visit
    happens: list[dict[str, Any]] = field(default_factory=list)
    happens_at: int = -1  # with which event
    on_glass: str = ""
    pressed: list[str] = field(default_factory=list)  # fingers put down, in order
    said_same: list[tuple[str, str]] = field(default_factory=list)  # what was told, what was true
    _events: int = 0
    _turns: int = 0

    def on_event(self, event: FingerEvent) -> None:
        """The driver tells something."""
        if self._events == self.happens_at:
            for request in self.happens:
                self.desk(request)
        self._events += 1
        match event.kind:
            case "waiting" | "again" if self.manner != "nobody":
                self._turns += 1
                self._place(event)
            case "same_finger":
                self.said_same.append((event.position, self.pressed[-1] if self.pressed else ""))
            case "lift":
                self.desk({"lift": True})
                self.on_glass = ""
            case _:
                pass

    def _place(self, event: FingerEvent) -> None:
        finger, quality = self.finger, "good"
        if self.manner == "same again" and self.earlier and self._turns == 1:
            finger = self.earlier[0]
        if self.manner == "swaps" and self._turns == 2:
            finger = POSITIONS[(POSITIONS.index(self.finger) + 3) % len(POSITIONS)]
        if self.manner == "poor once" and self._turns == 1:
            quality = self.chance.choice(("poor", "dry", "wet", "small", "residual", "ghost"))
        place = {"quality": quality, "person": self.person}
        if self.manner == "hasty" and self._turns == 1:
            self.desk({"press": finger, **place, "ms": self.chance.choice((50, 300, 500))})
        else:
            self.desk({"place": finger, **place})
        self.on_glass = finger
        self.pressed.append(finger)


def is_of(template: bytes, person: str, finger: str, module: Module) -> bool:
    """Whether a template is one of this finger, by a press that nobody has made."""
    size = module.profile.char_bytes
    fresh = fingers.features(Press(person, finger, "good", 1_000_000_007), size, module.seed)
    return fingers.score(fingers.likeness(template, fresh, size)) > 0
