# SPDX-License-Identifier: Apache-2.0
"""What was learnt about whoever sits there: their own medians, the height of their hair."""

from collections import deque
from statistics import median

from kiosk.photo import eyes
from kiosk.photo.background import Wall
from kiosk.photo.faces import Face
from kiosk.photo.verdict import Limits

_HISTORY = 60
_GONE_S = 2.0


class Person:
    """Kept in memory during one visit to the photo step, forgotten when somebody else sits down."""

    def __init__(self) -> None:
        self.face: Face | None = None
        """Where the face was last; None when it was lost."""
        self.hair: float | None = None
        """Hair's top above the eyes / face width."""
        self.openness: float | None = None
        """The newest figure of the eyes."""
        self.wall: Wall | None = None
        """The wall behind them."""
        self.eyes_low = False
        self._eyes: deque[float] = deque(maxlen=_HISTORY)
        self._sharpness: deque[float] = deque(maxlen=_HISTORY)
        self._gone_since: float | None = None

    def lost(self, t: float) -> bool:
        """No face at `t`; True once after two seconds: the next one may be another person."""
        self.face = None
        if self._gone_since is None:
            self._gone_since = t
        if t - self._gone_since <= _GONE_S or not self.known:
            return False
        self._eyes.clear()
        self._sharpness.clear()
        self.hair, self.openness, self.wall, self.eyes_low = None, None, None, False
        return True

    @property
    def known(self) -> bool:
        """Whether anything was learnt that would have to be forgotten."""
        return bool(self._sharpness or self._eyes) or self.hair is not None

    def seen(self, face: Face, sharpness: float, limits: Limits) -> None:
        """A face, and how sharp it was. Blurred ones do not count towards the usual sharpness."""
        self._gone_since = None
        self.face = face
        if sharpness >= limits.blur_share * (self.usual_sharpness() or 0.0):
            self._sharpness.append(sharpness)

    def measured(self, openness: float | None, limits: Limits) -> None:
        """A new figure of the eyes. Closed ones do not count towards the person's own median."""
        self.openness = openness
        if openness is None:
            return
        self.eyes_low = eyes.closed(
            openness, self.usual_openness(), share=limits.eyes_share, floor=limits.eyes_floor
        )
        if not self.eyes_low:
            self._eyes.append(openness)

    def usual_openness(self) -> float | None:
        """Their median, None before there are ten values."""
        return eyes.usual(self._eyes)

    def usual_sharpness(self) -> float | None:
        """Their median, None before there are ten values."""
        enough = len(self._sharpness) >= eyes.LEAST_VALUES
        return median(self._sharpness) if enough else None
