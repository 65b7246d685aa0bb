# SPDX-License-Identifier: Apache-2.0
"""What can happen to a visit. Past participles; all frozen.

Answers of the citizen name the `question` they answer; answers of a device name the `id` of the
command they answer. An event that answers nothing open is harmless: the flow drops it.
"""

from dataclasses import dataclass, field
from typing import Any

from idcard.booth_health import Cabinet, DeviceWord
from kiosk.view import Text

Stroke = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the shown view was touched and released."""

    question: int
    button: str


@dataclass(frozen=True, slots=True)
class Chose:
    """A big answer or a take was touched."""

    question: int
    item: str


@dataclass(frozen=True, slots=True)
class Entered:
    """The form was confirmed: (field id, text) pairs."""

    question: int
    fields: tuple[tuple[str, str], ...] = field(repr=False)  # a PIN, a telephone number


@dataclass(frozen=True, slots=True)
class Signed:
    """The citizen signed: strokes of (x, y) points, each 0..1 of the pad, y down."""

    question: int
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """The screen was touched anywhere: somebody is here."""


@dataclass(frozen=True, slots=True)
class LanguageChosen:
    """The renderer's language changed: ``zh`` or ``en``."""

    language: str


@dataclass(frozen=True, slots=True)
class LargeChosen:
    """The citizen wants large text, or no longer: on the screen and on paper."""

    on: bool


@dataclass(frozen=True, slots=True)
class VoiceFitted:
    """Whether this booth can speak now; a sound card may go and come back."""

    ready: bool


@dataclass(frozen=True, slots=True)
class VoiceChosen:
    """The citizen wants the voice, or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class Focused:
    """The keypad's mark stands on something with these words (read aloud, nothing else)."""

    what: Text


@dataclass(frozen=True, slots=True)
class Woke:
    """A wake-up asked for with `WakeAfter` came."""

    id: int
    tag: str


@dataclass(frozen=True, slots=True)
class Told:
    """A device or the post says how command `id` goes: `what` is a fixed word."""

    id: int
    what: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Done:
    """Command `id` ended well; `value` is its result (see each command)."""

    id: int
    value: Any = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Command `id` ended without its result. `code` is the reason's key.

    `who` names who must act next: ``again``, ``staff``, ``technician``, ``refused``, ``cancelled``.
    """

    id: int
    code: str
    who: str


@dataclass(frozen=True, slots=True)
class PresenceLost:
    """The seat's sensor has said for a while that nobody is there any more."""


@dataclass(frozen=True, slots=True)
class StaffAsked:
    """The panel's button for help was pressed."""


@dataclass(frozen=True, slots=True)
class DoorOpened:
    """The booth's service door was opened."""


@dataclass(frozen=True, slots=True)
class PowerFailing:
    """The booth runs on its battery, for some minutes."""


@dataclass(frozen=True, slots=True)
class StaffCame:
    """A staff card was put into the reader."""


@dataclass(frozen=True, slots=True)
class StaffLeft:
    """The staff card was taken out again."""


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """Reason keys of what is ill; without the `closing` ones no visit can be finished.

    `notes`: what staff should see to although all works. `shut`: (journey, reason) of those that
    cannot be finished now. `devices`: every device's own word. `cabinet`: how many cards its bins
    hold; None without bins or while that is not known.
    """

    closing: tuple[str, ...] = ()
    limiting: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    shut: tuple[tuple[str, str], ...] = ()
    devices: tuple[DeviceWord, ...] = ()
    cabinet: Cabinet | None = None


Event = (
    Pressed
    | Chose
    | Entered
    | Signed
    | Touched
    | LanguageChosen
    | LargeChosen
    | VoiceFitted
    | VoiceChosen
    | Focused
    | Woke
    | Told
    | Done
    | Failed
    | PresenceLost
    | StaffAsked
    | DoorOpened
    | PowerFailing
    | StaffCame
    | StaffLeft
    | HealthChanged
)
