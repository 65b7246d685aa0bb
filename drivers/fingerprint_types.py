# SPDX-License-Identifier: Apache-2.0
"""What goes into and comes out of the fingerprint driver."""

from dataclasses import dataclass, field
from typing import Literal

POSITIONS = tuple(
    f"{hand}-{finger}"
    for hand in ("right", "left")
    for finger in ("thumb", "index", "middle", "ring", "little")
)

EventKind = Literal["waiting", "pressed", "lift", "again", "hint", "same_finger", "try_failed"]


@dataclass(frozen=True, slots=True)
class FingerEvent:
    """What to tell the citizen now.

    waiting      put the finger down (first press)
    pressed      an image is there, it is being read
    lift         take the finger off
    again        put the same finger down once more (second press)
    hint         the press could not be read; `hint` says what to change
    same_finger  this finger was given before, as `position`; another one is wanted, no try is lost
    try_failed   `tries` tries are used; `hint` says why

    `hint` is a message key or empty; `press` is 1 or 2; `tries` counts used tries, from 0.
    """

    kind: EventKind
    hint: str = ""
    press: int = 1
    tries: int = 0
    position: str = ""


@dataclass(frozen=True, slots=True)
class CapturedFinger:
    """One finger, taken.

    `tries` used, 1 to the limit; `presses` of the finger on the glass, bad ones included; `score`
    is the module's own likeness of the two presses (scale unknown, None when it gave none);
    `quality` 1-100 is None: the protocol has no such figure, and a likeness is none. `template` is
    in the module's own format, named by `format`: "ef01/<product>"; it is no card record. `page`
    is where the module keeps it for this visit: pass ``(position, page)`` in the next capture's
    `taken`.
    """

    position: str
    page: int
    tries: int
    presses: int
    score: int | None
    quality: int | None
    format: str
    template: bytes = field(repr=False)
    image_number: int = 0  # which image of the module it was, for `Fingerprint.fetch_image`


@dataclass(frozen=True, slots=True)
class Verified:
    """The answer of a check. `score` is the module's likeness, None when it is another finger.

    `presses` of the finger on the glass, unreadable ones included.
    """

    score: int | None
    presses: int = 1

    @property
    def same(self) -> bool:
        """Whether it is the finger of the template."""
        return self.score is not None


@dataclass(frozen=True, slots=True)
class FingerImage:
    """The image of a taken finger: 4 bits a pixel, two a byte, left one high, rows downwards.

    `width_px` is 0 when the module does not tell it. Dark is a ridge on optical modules.
    """

    width_px: int
    packed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FingerprintSettings:
    """Rules and times; seconds unless said.

    `tries` for a finger (the last one counts fully), `bad_presses` that use up one try, `score_min`
    the least likeness of two presses that passes (equal passes; 0 leaves it to the module).
    `wait_s` for a finger, `lift_s` for its going, `poll_s` between two looks at the glass.

    `product` names a module that must not be asked what it is; "" asks: see
    `firmware_io.codecs.ef01_answers.identity`. The answer deadlines cover a question with its
    repetitions. `replug_s`: how long an act waits for a port that has vanished.
    """

    tries: int = 5
    bad_presses: int = 3
    score_min: int = 0
    wait_s: float = 20.0
    lift_s: float = 10.0
    poll_s: float = 0.06
    product: str = ""
    images: bool = False  # whether the booth wants the images of taken fingers
    image_bytes: int = 36_864  # 256 x 288 pixels of 4 bits, unless the module tells its own
    template_bytes: int = 512  # size of the fill that overwrites a buffer, likewise
    # Optical modules need up to 0.6 s for an image and 0.4 s for features.
    image_answer_s: float = 2.0
    answer_s: float = 1.0
    work_answer_s: float = 2.0
    match_answer_s: float = 1.5
    empty_answer_s: float = 5.0
    silence_s: float = 0.5  # longest pause inside an answer
    resends: int = 2
    # Silence on the line before a question while something has lately gone wrong: at 57600 115
    # byte times, and longer than the 16 ms for which common USB adapters hold bytes back.
    quiet_s: float = 0.02
    replug_s: float = 3.0

    def __post_init__(self) -> None:
        if self.tries < 1 or self.bad_presses < 1 or self.resends < 0:
            raise ValueError("tries and bad_presses are at least 1, resends at least 0")
