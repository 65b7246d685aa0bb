# SPDX-License-Identifier: Apache-2.0
"""What a site must say of its cabinet of bins."""

from dataclasses import dataclass

from drivers.lockboard_makes import MAKES
from firmware_io.codecs.lockboard_tables import COIL_REST_S, RATE


@dataclass(frozen=True, slots=True)
class BinSettings:
    """What a site must say of its cabinet. Times in seconds; raises ValueError for what cannot be.

    `inverted`: contacts that close when the door opens. `state_first`: a Winnsen board whose
    firmware says a door's state before its lock; set the wrong way round, the bins are garbled at
    the start. `reply_s` and `spring_s` (how long after a pulse a door may still spring open) are
    not published by the makers.
    """

    make: str = "8a"
    boards: tuple[int, ...] = (1,)
    locks: int = 24
    inverted: bool = False
    state_first: bool = False
    baudrate: int = RATE
    reply_s: float = 0.75
    tries: int = 3
    spring_s: float = 1.0
    coil_rest_s: float = COIL_REST_S
    poll_s: float = 0.2
    closed_s: float = 0.5
    heartbeat_s: float = 5.0

    def __post_init__(self) -> None:
        if self.make not in MAKES:
            raise ValueError(f"lock boards are {', '.join(MAKES)}, not {self.make}")
        make = MAKES[self.make]
        if not self.boards or not set(self.boards) <= set(make.boards):
            raise ValueError("a board's address is out of range")
        if self.locks not in make.locks:
            raise ValueError(f"such a board has 1 to {make.locks.stop - 1} locks")
        if self.coil_rest_s < COIL_REST_S:
            raise ValueError(f"coils rest at least {COIL_REST_S:g} s")
