# SPDX-License-Identifier: Apache-2.0
"""What one screen shows: frozen values, no widget and no conversation logic.

A `View` holds everything a renderer needs. Texts are message keys with arguments; the renderer
owns language and layout. Pictures of the visit (takes, the slip) are named by reference and fetched
through `kiosk.head.Head.media`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

Arg = str | int | date | datetime


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in fen (1/100 yuan)."""

    fen: int


@dataclass(frozen=True, slots=True)
class Text:
    """A message key and its named arguments; the renderer writes dates and `Money` in its language.

    An argument may be a `Text` itself (a named finger inside a sentence).
    """

    key: str
    args: tuple[tuple[str, "Arg | Money | Text"], ...] = ()


def text(key: str, **args: "Arg | Money | Text") -> Text:
    """A `Text` with keyword arguments."""
    return Text(key, tuple(args.items()))


class Screen(StrEnum):
    """Which layout draws the view."""

    WELCOME = "welcome"
    MENU = "menu"
    CARD = "card"
    WAIT = "wait"  # calm progress: what is being done, about how long
    REFUSAL = "refusal"  # one reason, one remedy, a way on
    CONSENT = "consent"  # a text and a real yes / no
    DETAILS = "details"
    PHOTO = "photo"
    TAKES = "takes"
    TAKE = "take"  # one take large, and a question about it
    CALIBRATE = "calibrate"  # staff: the camera's picture, and what is measured in it as words
    FINGER = "finger"
    CHOICE = "choice"  # one question, a few big answers (also help and "which reason")
    FORM = "form"  # fields typed on the screen's own keypad
    PAY = "pay"
    REVIEW = "review"  # read everything and sign
    CABINET = "cabinet"  # staff: every bin as a door, and how it stands
    SLIP = "slip"  # the visit's result and the printed slip
    WIPE = "wipe"


class Role(StrEnum):
    """Where a button stands and how it looks."""

    PRIMARY = "primary"  # bottom right, blue
    SHUTTER = "shutter"  # green, beside the preview
    SECONDARY = "secondary"  # white
    BACK = "back"  # bottom left
    STAFF = "staff"  # bottom bar
    TOP = "top"  # top bar: help, leave


class Tone(StrEnum):
    """The colour family of a piece of advice; never the only carrier of its meaning."""

    CALM = "calm"  # blue
    GOOD = "good"  # green
    CHANGE = "change"  # amber: one thing to change
    LOST = "lost"  # red: something is lost or must stop


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to touch. `id` comes back in `Pressed`."""

    id: str
    text: Text
    role: Role = Role.SECONDARY
    enabled: bool = True
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """One reason and one remedy, with a tone and an icon name."""

    remedy: Text
    reason: Text | None = None
    tone: Tone = Tone.CHANGE
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A big answer: tile with an icon, a title and a line under it. `id` comes back in `Chose`."""

    id: str
    title: Text
    line: Text | None = None
    icon: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """A grid of big answers; `chosen` marks the present one, if any."""

    items: tuple[Choice, ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled line. `masked` is shown until the citizen holds "show"; empty: nothing to hide.

    `picture`: a drawn picture's name, before the label.
    """

    label: Text
    value: str | Text
    masked: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled lines, with an optional picture (a media reference) beside them."""

    rows: tuple[Row, ...]
    media: str = ""


@dataclass(frozen=True, slots=True)
class Take:
    """One shot as the citizen sees it: `ref` is a media reference (JPEG, 358x441)."""

    id: str
    ref: str
    advice: Text | None = None  # None: passes
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Reminder:
    """A drawn picture's name and a few words beside it."""

    picture: str
    words: Text


@dataclass(frozen=True, slots=True)
class Booth:
    """The photo booth: live preview (from `Head.frame`), takes so far.

    `counting`: seconds until the shot (3, 2, 1) or None. `live`: False while the camera is away.
    `pause`: True while a shot is being taken. `reminders` are shown until there is a take:
    what no measure can see.
    """

    takes: tuple[Take, ...] = ()
    counting: int | None = None
    live: bool = True
    pause: bool = False
    reminders: tuple[Reminder, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeSheet:
    """All takes side by side at card size (26 x 32 mm); `chosen` is a take's id or empty."""

    takes: tuple[Take, ...]
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that is measured: good, or what it says; None: not judged yet."""

    label: Text
    good: bool | None
    words: Text


@dataclass(frozen=True, slots=True)
class Calibrating:
    """The camera's picture (from `Head.frame`) and what is measured in it."""

    checks: tuple[Check, ...]
    live: bool = True


@dataclass(frozen=True, slots=True)
class OneTake:
    """One take, shown large."""

    take: Take


@dataclass(frozen=True, slots=True)
class FingerSheet:
    """Which finger to press: position like ``right-thumb``; press 1 or 2 of 2; tries so far.

    `lift`: the finger is to be lifted now. `done`: positions already taken. `down`: a finger lies
    on the glass, as far as the module knows; `judged`: presses that were told a remedy so far.
    """

    position: str
    press: int = 1
    tries: int = 0
    lift: bool = False
    done: tuple[str, ...] = ()
    down: bool = False
    judged: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A field to type: `kind` is ``digits``, ``phone``, ``pin`` or ``text``; `value` its start.

    A ``pin`` is typed with figures and shown as dots.
    """

    id: str
    label: Text
    kind: str = "text"
    value: str = ""
    longest: int = 120


@dataclass(frozen=True, slots=True)
class Form:
    """Fields typed on the screen's own keypad, answered together in `Entered`."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Payment:
    """A QR to pay: `qr` is its text (drawn by the renderer), state is a line under it."""

    qr: str
    amount: Money
    state: Text


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """Everything to read before signing; the portrait beside it; the sentence signed under."""

    rows: tuple[Row, ...]
    portrait: str
    sentence: Text


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """The result: `received` at the counter or only stored in this booth, number, slip picture.

    `media` is the slip's picture reference (PNG) or empty; `printed` says whether paper came out.
    `code`: the text of a QR code to be photographed in its place, when paper is not to be had.
    """

    received: bool
    number: str
    media: str = ""
    printed: bool = True
    code: str = ""


@dataclass(frozen=True, slots=True)
class WipeSheet:
    """The visible wipe: what is erased, and whether it is done."""

    items: tuple[tuple[Text, bool], ...]


class DoorState(StrEnum):
    """How a bin stands, as its door shows it."""

    FREE = "free"
    CARD = "card"  # a card lies in it
    LATE = "late"  # a card lies in it that nobody came for
    LOOK = "look"  # somebody must look what lies in it
    OPEN = "open"  # somebody can reach into it now
    STUCK = "stuck"  # was to open and did not


@dataclass(frozen=True, slots=True)
class CabinetDoor:
    """One door. `id` comes back in `Chose`; `label` stands on the door itself."""

    id: str
    label: str
    state: DoorState


@dataclass(frozen=True, slots=True)
class Cabinet:
    """A cabinet of bins; `legend` names the states that occur, with how many bins are so."""

    doors: tuple[CabinetDoor, ...]
    legend: tuple[tuple[DoorState, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Calm progress: about `typical_s` seconds in all (for the bar), 0 when not known."""

    typical_s: float = 0.0


Content = (
    Choices
    | Rows
    | Booth
    | TakeSheet
    | OneTake
    | Calibrating
    | FingerSheet
    | Form
    | Payment
    | ReviewSheet
    | SlipSheet
    | WipeSheet
    | Cabinet
    | Waiting
)


@dataclass(frozen=True, slots=True)
class View:
    """A whole screen.

    `question` numbers what is asked: an answer names it, and one that names another is dropped.
    It stays the same while only the state of the screen changes (guidance, a countdown).
    `leaving_s`: seconds until the visit ends by itself (the last 30 only), else None.
    """

    screen: Screen
    heading: Text
    section: Text  # top bar: what this is
    lines: tuple[Text, ...] = ()
    advice: Advice | None = None
    picture: str = ""  # a drawn picture's name, such as "card-on-reader", "calendar"
    content: Content | None = None
    buttons: tuple[Button, ...] = ()
    step: tuple[int, int] | None = None  # (this, of): the progress strip
    leaving_s: int | None = None
    question: int = 0
    step_name: str = ""  # for scripts and statistics, never shown
    voice: bool | None = None  # the voice is on, is off; None: there is none to switch
