# SPDX-License-Identifier: Apache-2.0
"""From the chosen frame to the finished portrait with its verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from drivers.camera import Frame
from drivers.errors import AskAgainError
from kiosk.photo import background, burst, crop, measures, verdict
from kiosk.photo.crop import Portrait
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Look
from kiosk.photo.guide_pace import Job
from kiosk.photo.guide_watch import Watch
from kiosk.photo.profile import Profile
from kiosk.photo.search import mean_grey
from kiosk.photo.verdict import Limits, Verdict

_SEARCHED_S = 0.5  # a search for bystanders so short ago still counts
_HAIR_PX = 2.5  # the hair may lie so far from where it was expected in the portrait
_PERSON = 0.5


@dataclass(frozen=True, slots=True)
class Take:
    """One picture taken.

    `advice` is a reason key, "" when nothing is to be said. `rank` orders takes for the proposal,
    higher is better, never shown. `stamp` is the monotonic time of the chosen frame, seconds.
    """

    portrait: Portrait
    verdict: Verdict
    advice: str
    rank: float
    size: tuple[int, int]
    seq: int
    stamp: float

    @property
    def jpeg(self) -> bytes:
        """The portrait's file."""
        return self.portrait.jpeg


def make(
    watch: Watch, engine: Engine, profile: Profile, limits: Limits, frames: Sequence[Frame]
) -> Take:
    """The best of `frames` (oldest first) as a take; all of them are of the last moment.

    Cheap figures choose the frame, one full analysis judges it: mesh settled, measures at 308 px,
    one person mask that serves both to check where the hair ends and to judge the wall.

    Raises:
        AskAgainError: a reason of `verdict.BLOCKING`: no whole portrait of one person can be cut.
    """
    person = watch.person
    some = burst.candidates([watch.examine(frame) for frame in frames])
    if not some:
        raise AskAgainError(verdict.NO_FACE)
    best = burst.best(
        some,
        lambda index: watch.openness(frames[index], watch.examine(frames[index])),
        person.usual_openness(),
        limits,
    )
    frame = frames[best.index]
    look = _full(watch, engine, frame, best)
    assert look.face is not None  # noqa: S101
    figures = measures.measure(frame.image, look.face, measures.STILL_PX)
    sight = verdict.sight_of(look, figures.with_openness(best.openness))
    # Whether it is large enough and whole is decided by the crop itself.
    bare = replace(limits, face_width=0.0)
    first = verdict.judge(sight, bare)
    if first.blocks:
        raise AskAgainError(first.reason_key)
    portrait, mask = _cut(watch, engine, profile, frame, look)
    mask = background.person_by_fill(portrait.image) if mask is None else mask
    wall = background.wall_of(portrait.image, mask)
    sight = replace(sight, wall=wall, usual_openness=person.usual_openness())
    judged = verdict.judge(sight, bare)
    return Take(
        portrait,
        judged,
        "" if judged.ok else judged.reason_key,
        _rank(judged, best, person.usual_openness()),
        (profile.width, profile.height),
        frame.seq,
        frame.stamp,
    )


def _full(watch: Watch, engine: Engine, frame: Frame, best: burst.Candidate) -> Look:
    """The look the verdict rests on; what was seen of this frame a moment ago is not done again."""
    image, fresh = frame.image, watch.pace.age(Job.SWEEP, frame.stamp) <= _SEARCHED_S
    if fresh and not watch.pace.small:
        size = (image.shape[1], image.shape[0])
        return Look(*size, engine.source, mean_grey(image), best.face, watch.others, swept=True)
    look = engine.look(image, best.face, sweep=not fresh, refine=watch.pace.small)
    if look.face is None:
        raise AskAgainError(verdict.NO_FACE)
    return look if look.swept else replace(look, others=watch.others, swept=True)


def _cut(
    watch: Watch, engine: Engine, profile: Profile, frame: Frame, look: Look
) -> tuple[Portrait, npt.NDArray[np.float32] | None]:
    """The portrait and its person mask.

    The hair is expected where the watch saw it a moment ago; the portrait's own mask, which is
    sharper, checks that, and the portrait is cut anew when it was elsewhere.
    """
    face = look.face
    assert face is not None  # noqa: S101
    known = watch.person.hair
    hair = None if known is None else known * face.width
    try:
        portrait = crop.portrait(frame.image, look, engine, profile, hair=hair)
    except AskAgainError:
        if hair is None:
            raise
        hair, portrait = None, crop.portrait(frame.image, look, engine, profile)
    mask = engine.person(portrait.image)
    if mask is None or hair is None:
        return portrait, mask
    row = _hair_top(mask, profile, profile.height - portrait.eye_line_px)
    wrong = row is None or abs(row - portrait.top_px) > _HAIR_PX
    if row == 0 and portrait.top_px <= 0:  # cut off on purpose: the mask cannot show where it ends
        wrong = False
    if not wrong:
        return portrait, mask
    portrait = crop.portrait(frame.image, look, engine, profile)
    return portrait, engine.person(portrait.image)


def _hair_top(mask: npt.NDArray[np.float32], profile: Profile, eye_row: float) -> int | None:
    """First row of the portrait with person in it, above the eyes and as wide as the face."""
    half = profile.face_width // 2
    columns = mask[: max(1, round(eye_row)), profile.width // 2 - half : profile.width // 2 + half]
    rows = np.flatnonzero((columns > _PERSON).sum(axis=1) >= 2)
    return int(rows[0]) if len(rows) else None


def _rank(judged: Verdict, chosen: burst.Candidate, usual: float | None) -> float:
    scores = [
        judged.scores[key]
        for key in ("luminance", "illumination", "mouth", "over")
        if key in judged.scores
    ]
    mean = sum(scores) / (100.0 * len(scores)) if scores else 0.0
    open_share = min(chosen.openness / usual, 1.0) if chosen.openness and usual else 1.0
    return mean + open_share - len(judged.reasons) + chosen.sharpness - chosen.motion
