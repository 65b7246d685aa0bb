# SPDX-License-Identifier: Apache-2.0
"""What a scripted citizen does, as a TOML file: a list of steps, each with one verb.

    journey = "renew"
    about = "what this visit shows"

    [[step]]
    do = "touch"
    what = "start"

An unknown verb or argument is refused with a sentence that lists what there is.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError


class ScriptError(Exception):
    """The script cannot be played; the text names the file, the step and what is allowed."""


class _Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Touch(_Step):
    """Touches a button, a tile or a take by its id, once it is there and enabled.

    With `until` it is touched again each time it is asked anew, until that can be touched.
    """

    do: Literal["touch"]
    what: str
    until: str = ""


class Hammer(_Step):
    """Touches the same place `times` times in `seconds`."""

    do: Literal["hammer"]
    what: str
    times: int = 20
    seconds: float = 2.0


class Wait(_Step):
    """Waits until all that is given holds.

    `screen` is a layout's name, `step` a step of the visit, `advice` part of the key of the advice
    or its reason, `says` part of any key on the screen, `closed` what must not be touchable.
    """

    do: Literal["wait"]
    screen: str = ""
    step: str = ""
    advice: str = ""
    says: str = ""
    closed: str = ""
    seconds: float = 30.0


class Language(_Step):
    """Touches the language button until this language is shown."""

    do: Literal["language"]
    to: Literal["zh", "en"]


class PlaceCard(_Step):
    """Puts a card on the reader: a synthetic person's number, or a file that describes a card."""

    do: Literal["place-card"]
    card: str


class RemoveCard(_Step):
    """Takes the card off the reader."""

    do: Literal["remove-card"]


class Look(_Step):
    """How the citizen sits before the camera."""

    do: Literal["look"]
    how: str


class Shoot(_Step):
    """Takes one picture now, or with the countdown of three seconds."""

    do: Literal["shoot"]
    timer: bool = False


class Finger(_Step):
    """Presses a finger as often as the screen asks; `quality` of every press in turn."""

    do: Literal["finger"]
    position: str
    quality: tuple[Literal["good", "poor", "dry", "wet"], ...] = ("good", "good")
    person: str = "citizen"


class Type(_Step):
    """Types into a field on the screen's own keypad."""

    do: Literal["type"]
    field: str
    text: str


class Pay(_Step):
    """Scans the code and pays, declines, or does nothing."""

    do: Literal["pay"]
    answer: Literal["pay", "decline"]


class Sign(_Step):
    """Signs on the pad."""

    do: Literal["sign"]


class Silence(_Step):
    """Does nothing at all for so many seconds."""

    do: Literal["silence"]
    seconds: float


class Device(_Step):
    """A control line to an emulated device, the panel or the line: {"paper": "out"} ..."""

    do: Literal["device"]
    device: Literal[
        "fingerprint",
        "idreader",
        "printer",
        "camera",
        "bins",
        "dispenser",
        "line",
        "panel",
        "smartcard",
    ]
    control: dict[str, Any]


class Kill(_Step):
    """Ends a process at once, as a power cut would; it is started again by its supervisor."""

    do: Literal["kill"]
    process: Literal["uplink", "front", "counter"]


class Stop(_Step):
    """The citizen walks away without finishing; the visit's own countdown is seen and ends it."""

    do: Literal["walk-away"]


Step = Annotated[
    Touch
    | Hammer
    | Wait
    | Language
    | PlaceCard
    | RemoveCard
    | Look
    | Shoot
    | Finger
    | Type
    | Pay
    | Sign
    | Silence
    | Device
    | Kill
    | Stop,
    Field(discriminator="do"),
]


class Script(BaseModel):
    """A whole citizen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    journey: Literal["renew"]
    about: str = ""
    think_s: float = Field(default=0.5, ge=0.0)  # between two touches on different screens
    settings: dict[str, dict[str, Any]] = {}  # over booth.toml, table by table
    counter: dict[str, Any] = {}  # over the counter's settings
    before: tuple[Step, ...] = ()  # the world before the citizen comes
    step: tuple[Step, ...]

    @property
    def staff(self) -> bool:
        """Whether it needs a staff-card reader."""
        return "smartcard" in self._devices()

    @property
    def fits(self) -> frozenset[str]:
        """Which of bins and dispenser it needs fitted, beside those its settings fit."""
        return self._devices() & {"bins", "dispenser"}

    def _devices(self) -> frozenset[str]:
        steps = (*self.before, *self.step)
        return frozenset(one.device for one in steps if isinstance(one, Device))


def read_script(path: Path) -> Script:
    """The script in a TOML file. Raises ScriptError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ScriptError(f"{path}: there is no such citizen script") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ScriptError(f"{path}: this is not TOML: {wrong}") from None
    try:
        return TypeAdapter(Script).validate_python(table)
    except ValidationError as wrong:
        finding = wrong.errors(include_url=False, include_input=False)[0]
        where = " ".join(str(part) for part in finding["loc"])
        raise ScriptError(f"{path}: {where}: {finding['msg']}") from None
