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


@dataclass(frozen=True, slots=True)
class FingerprintSettings:
    """Rules and times; seconds unless said.

    `tries` for a finger (the last one counts fully), `bad_presses` that use up one try, `score_min`
    the least likeness of two presses that passes (equal passes; 0 leaves it to the module).
    `wait_s` for a finger, `lift_s` for its going, `poll_s` between two looks at the glass.

    `product` names the module when it is known: "r503" opens instructions that other branches use
    for something else; "" keeps to those that all share.
    """

    tries: int = 5
    bad_presses: int = 3
    score_min: int = 0
    wait_s: float = 20.0
    lift_s: float = 10.0
    poll_s: float = 0.06
    product: str = ""
    image_bytes: int = 36_864  # 256 x 288 pixels of 4 bits; R503 tells its own
    template_bytes: int = 512  # size of the fill that overwrites a buffer; R503 tells its own
    # Answer deadlines: optical modules need up to 0.6 s for an image and 0.4 s for features.
    image_answer_s: float = 2.0
    answer_s: float = 1.0
    work_answer_s: float = 2.0
    empty_answer_s: float = 5.0
    silence_s: float = 0.5  # longest pause inside an answer
    resends: int = 2
    # Silence on the line before each question: at 57600 115 byte times, and longer than the 16 ms
    # for which common USB adapters hold bytes back. It keeps a late answer from the next question.
    quiet_s: float = 0.02

    def __post_init__(self) -> None:
        if self.tries < 1 or self.bad_presses < 1 or self.resends < 0:
            raise ValueError("tries and bad_presses are at least 1, resends at least 0")
