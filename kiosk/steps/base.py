# SPDX-License-Identifier: Apache-2.0
"""What every step of a visit is made of.

A step is a frozen dataclass: its fields are the step's own state. It has three pure parts: what it
asks for on entering (`enter`), what it shows (`view`) and what it answers to an event (`on`).
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from kiosk.commands import Command
from kiosk.events import Event
from kiosk.facts import Facts, Outcome
from kiosk.view import Button, Role, View, text


@dataclass(frozen=True, slots=True)
class Stay:
    """The step goes on with this state."""

    step: "Step"
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """The step is answered; the visit knows more and goes to the journey's next step."""

    facts: Facts
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Back:
    """To the step before; `facts` where the visit now knows something else."""

    facts: Facts | None = None


@dataclass(frozen=True, slots=True)
class Jump:
    """To a step that is not the journey's next one (a refusal, the wipe, the welcome)."""

    step: "Step"
    facts: Facts | None = None
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """The visit is over."""

    outcome: Outcome


Turn = Stay | Next | Back | Jump | End


class Step(Protocol):
    """A step of a visit. All methods are pure."""

    name: ClassVar[str]
    section: ClassVar[str]  # message key of the top bar's words
    may_go_back: ClassVar[bool]
    may_leave: ClassVar[bool]  # help, leave and staff are offered
    waits: ClassVar[bool]  # the machine works here: silence is not the citizen's
    staff_only: ClassVar[bool]  # ends when the staff card is taken out

    @property
    def hands_over(self) -> bool:
        """A step of staff that waits for another card: `StaffCame` comes once it has signed."""
        ...

    uses: ClassVar[frozenset[str]]  # devices (post, clock) without which it cannot be done

    def enter(self, facts: Facts) -> "tuple[Step, tuple[Command, ...]]":
        """The state to begin with and what is asked for at once."""
        ...

    def view(self, facts: Facts) -> View:
        """What is shown; the flow adds the frame (back, help, staff, leave, countdown)."""
        ...

    def on(self, event: Event, facts: Facts, command: Command | None) -> Turn | None:
        """The answer to an event; `command` is the one it answers. None: nothing changes."""
        ...


class Plain:
    """The usual answers, for steps to inherit."""

    name: ClassVar[str] = ""
    section: ClassVar[str] = "section.renew"
    may_go_back: ClassVar[bool] = True
    may_leave: ClassVar[bool] = True
    waits: ClassVar[bool] = False
    staff_only: ClassVar[bool] = False

    @property
    def hands_over(self) -> bool:
        """No step but those of staff ever does."""
        return False

    uses: ClassVar[frozenset[str]] = frozenset()

    def enter(self, facts: Facts) -> "tuple[Step, tuple[Command, ...]]":
        """Nothing is asked for."""
        return self, ()  # type: ignore[return-value]


def primary(button: str, key: str, *, enabled: bool = True) -> Button:
    """The one big answer, bottom right."""
    return Button(button, text(key), Role.PRIMARY, enabled)


def secondary(button: str, key: str, *, enabled: bool = True) -> Button:
    """Another way on."""
    return Button(button, text(key), Role.SECONDARY, enabled)
