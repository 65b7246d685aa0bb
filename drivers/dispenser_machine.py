# SPDX-License-Identifier: Apache-2.0
"""What a dispenser of any make says and is told, in words that no make has for itself."""

from dataclasses import dataclass
from typing import Protocol

from drivers.bins_books import Verb


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """What the machine says of itself. Sensors from inside to outside: reader, middle, mouth.

    `fault` is the reason (a dispenser.* key) for which nothing moves before staff have looked.
    Of the movement that is watched: `moved` is the machine's word that it was made, `ended` its
    last word, `refused` the reason why it was not made ("" when it names none).
    """

    at_reader: bool = False
    at_middle: bool = False
    at_mouth: bool = False
    moving: bool = False
    low: bool = False
    empty: bool = False
    box_full: bool = False
    fault: str = ""
    moved: bool = False
    ended: bool = False
    refused: str = ""

    @property
    def occupied(self) -> bool:
        """Whether any sensor of the channel sees a card."""
        return self.at_reader or self.at_middle or self.at_mouth


class RestartedError(Exception):
    """The machine lost its supply while it was to move."""


class MachineTalk(Protocol):
    """A line to one machine. One thread at a time.

    The link's LinkLostError and LinkCancelledError pass through all of it.
    """

    def reopened(self, *, moving: bool) -> None:
        """The port was opened anew; `moving`: a movement of an earlier life may be under way."""
        ...

    def cleared(self) -> None:
        """Staff have looked into the machine: what it complains of may be over."""
        ...

    def status(self) -> MachineStatus:
        """The machine's own word; asked as often as it takes. Raises SilentError, GarbledError."""
        ...

    def answers(self) -> bool:
        """Whether a machine is there at all: one question, whatever it says to it."""
        ...

    def prepare(self, verb: Verb) -> None:
        """Makes ready to FEED, HAND_OUT or RETRACT; nothing moves before `execute`.

        Raises SilentError or GarbledError, and then has called it off.
        """
        ...

    def execute(self) -> None:
        """Lets it happen: one message, sent once."""
        ...

    def call_off(self) -> None:
        """Takes back what was prepared and not executed."""
        ...

    def watch(self) -> MachineStatus:
        """How the movement stands, at most some 0.2 s later. Never makes it happen again.

        Raises SilentError, GarbledError, RestartedError: what became of it is not known.
        """
        ...
