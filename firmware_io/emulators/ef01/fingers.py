# SPDX-License-Identifier: Apache-2.0
"""Synthetic fingers: features, images and their likeness, all from seeds. Nobody's fingerprint.

A finger is a person's name and a position; a press of it differs from every other press. Features
are bytes that all presses of one finger share, except for a part that the press changes: the better
the press, the smaller. Likeness is read from the bytes alone, so templates that travelled to the
host and back compare as well as those that stayed.
"""

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

POSITIONS: Final = tuple(
    f"{hand}-{finger}"
    for hand in ("right", "left")
    for finger in ("thumb", "index", "middle", "ring", "little")
)

# What a press is like: the share of feature bytes that it changes. The others give no features.
CLEAR: Final = {"good": 0.12, "fair": 0.28}
QUALITIES: Final = (*CLEAR, "poor", "dry", "wet", "small", "residual", "fails", "ghost")

MARK: Final = b"\x03\x03"  # many modules' templates begin so; none of ours is theirs
# Share of equal bytes from which two presses are one finger, by security level 1 to 5.
ALIKE: Final = {1: 0.25, 2: 0.30, 3: 0.35, 4: 0.40, 5: 0.45}
FACTORY_LEVEL: Final = 3
_SCORES: Final = (60, 250)  # at the least likeness that passes and at identity
_RIDGE_PX: Final = 9.0  # ridge distance at 500 dpi, about 0.45 mm


@dataclass(frozen=True, slots=True)
class Press:
    """One finger on the window. `number` tells one press from the next."""

    person: str
    position: str
    quality: str
    number: int

    @property
    def finger(self) -> str:
        """Names the finger for seeding."""
        return f"{self.person}/{self.position}"


def features(press: Press, size: int, seed: int) -> bytes:
    """`size` bytes of features of one press."""
    finger = _chance("finger", press.finger).randbytes(size - len(MARK))
    chance = _chance("press", press.finger, str(press.number), str(seed))
    share = CLEAR.get(press.quality, 0.5)
    changed = bytearray(finger)
    for at in range(len(changed)):
        if chance.random() < share:
            changed[at] = chance.randrange(256)
    return MARK + bytes(changed)


def likeness(one: bytes, other: bytes, size: int) -> float:
    """Share of equal feature bytes, 0 when one of both is no template."""
    a, b = one[:size], other[:size]
    if len(a) != size or len(b) != size or not (a.startswith(MARK) and b.startswith(MARK)):
        return 0.0
    skip = len(MARK)
    return sum(x == y for x, y in zip(a[skip:], b[skip:], strict=True)) / (size - skip)


def score(share: float, level: int = FACTORY_LEVEL) -> int:
    """The module's score of a likeness: 0 below `ALIKE` of the level, else 60 to 250."""
    least = ALIKE[level]
    if share < least:
        return 0
    low, high = _SCORES
    return round(low + (high - low) * (share - least) / (1 - least))


def merge(
    presses: Sequence[bytes], char_size: int, template_size: int, level: int = FACTORY_LEVEL
) -> bytes | None:
    """One template of several presses of one finger; None when they are not alike."""
    first = presses[0]
    if any(not score(likeness(first, other, char_size), level) for other in presses):
        return None
    last = presses[-1]
    joined = bytes(first[at] if at % 2 else last[at] for at in range(char_size))
    return (joined + b"".join(press[:char_size] for press in presses) * 3)[:template_size]


def image(press: Press, width: int, height: int, seed: int) -> bytes:
    """A ridge pattern, 4 bits a pixel, two a byte, left one high, rows top to bottom; 0 is dark."""
    chance = _chance("image", press.finger)
    shake = _chance("press", press.finger, str(press.number), str(seed))
    x0 = width * (0.4 + 0.2 * chance.random()) + shake.uniform(-6, 6)
    y0 = height * (0.4 + 0.2 * chance.random()) + shake.uniform(-6, 6)
    bend, arms = chance.uniform(0.6, 1.6), chance.randrange(1, 4)
    if press.quality == "ghost":
        return b"\xff" * (width * height // 2)
    dx = np.arange(width)[None, :] - x0
    dy = (np.arange(height)[:, None] - y0) * bend
    away = np.hypot(dx, dy)
    wave = np.sin(2 * math.pi * away / _RIDGE_PX + arms * np.arctan2(dy, dx))
    shades = np.where(away > 0.48 * width, 15, 7.5 + 6 * wave).astype(np.uint8)
    return (shades[:, ::2] << 4 | shades[:, 1::2]).tobytes()


def _chance(*words: str) -> random.Random:
    digest = hashlib.sha256("\0".join(words).encode()).digest()
    return random.Random(digest)
