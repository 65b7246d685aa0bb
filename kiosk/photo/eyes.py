# SPDX-License-Identifier: Apache-2.0
"""Are the eyes open? Judged against the same person's own usual opening; our own measure.

The 468-point mesh hardly reacts to a closed eye, the iris network does. But open eyes of different
people read 0.21 (narrow, or smiling) to 0.47, and painting them shut brought each to 29..69 % of
its own value (about ten people, median 43 %): there is no limit that holds for everybody. So this
is advice and helps to choose from a burst; nobody is ever refused by it.
"""

from collections.abc import Collection
from statistics import median

LEAST_VALUES = 10
SHARE = 0.60
FLOOR = 0.12


def usual(values: Collection[float]) -> float | None:
    """The person's own opening: the median of at least ten `values`; None before there are ten.

    A value is the lids' distance / the eye's width, mean of both eyes, as `Engine.eye_openness`
    gives it.
    """
    return float(median(values)) if len(values) >= LEAST_VALUES else None


def limit(own: float | None, *, share: float = SHARE, floor: float = FLOOR) -> float:
    """Below this opening the eyes look closed: `share` of the person's `own`, at least `floor`."""
    return max(floor, share * (own or 0.0))


def closed(
    openness: float, own: float | None, *, share: float = SHARE, floor: float = FLOOR
) -> bool:
    """Whether `openness` is less than the `limit` of somebody whose usual opening is `own`."""
    return openness < limit(own, share=share, floor=floor)
