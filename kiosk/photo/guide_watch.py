# SPDX-License-Identifier: Apache-2.0
"""Looks at frame after frame on behalf of the guide, and remembers what a shot can use.

One thread owns it. Faces it hands out are in pixels of the frame as the camera gave it, also when
the board is so weak that a smaller picture is looked at.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from drivers.camera import Frame
from kiosk.photo import background, crop, measures, verdict
from kiosk.photo.background import Wall
from kiosk.photo.crop import Placement
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Box, Face, Look
from kiosk.photo.guide import Guidance, Guide
from kiosk.photo.guide_pace import SMALL_WIDTH, Job, Pace
from kiosk.photo.guide_person import Person
from kiosk.photo.profile import Profile
from kiosk.photo.verdict import Limits, Sight

_KEPT = 10  # frames remembered for a shot
# The crop is taken for so much larger than it is when asked whether it fits the frame: a little,
# because a shot fits the mesh more closely, and some more until a reason that is shown ends. Not
# a tenth: that kept the shutter from somebody whose portrait lay 20 pixels inside a 720p frame.
_ENTER, _LEAVE = 1.02, 1.06


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at one frame gave. `face` None: nobody was found. `openness` None: not asked.

    `luminance` 0..1 and `over` 0..1 are the face's light and its burnt out share.
    """

    seq: int
    stamp: float
    face: Face | None
    sharpness: float = 0.0
    mouth: float = 0.0
    openness: float | None = None
    luminance: float | None = None
    over: float = 0.0


class Watch:
    """From one frame to the next.

    Args:
        engine: used by this thread alone.
        profile: what portraits must fulfil; decides when the face is far, near or off centre.
        limits: where advice begins.
        sharpness: the booth's calibrated sharpness at `measures.PREVIEW_PX`; None compares with
            the person's own usual one.
        clock: monotonic seconds, for the cost of things.
    """

    def __init__(
        self,
        engine: Engine,
        profile: Profile,
        limits: Limits,
        *,
        sharpness: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._profile, self._limits = engine, profile, limits
        self._sharpness, self._clock = sharpness, clock
        self.person, self.pace = Person(), Pace()
        self.others: tuple[Box, ...] = ()
        """Bystanders of the last search, largest first."""
        self._guide = Guide(limits)
        self._seen: OrderedDict[int, Seen] = OrderedDict()

    def begin_anew(self) -> None:
        """The camera was lost: what was to be said before it does not count any more."""
        self._guide, self.person.face = Guide(self._limits), None
        self._seen.clear()

    def newest(self) -> Seen | None:
        """The last look."""
        return next(reversed(self._seen.values()), None)

    def usual_sharpness(self) -> float | None:
        """What sharpness is compared with: the booth's, else the person's own."""
        return self._sharpness or self.person.usual_sharpness()

    def see(self, frame: Frame) -> Guidance:
        """Looks at `frame` and says what to show.

        Raises ValueError or cv2.error for a mesh without extent: then there is nothing to say.
        """
        t, person = frame.stamp, self.person
        usual = person.usual_openness()
        job = self.pace.job(t, eyes_known=usual is not None, eyes_low=person.eyes_low)
        begun = self._clock()
        look, figures = self._look(frame, sweep=job is Job.SWEEP)
        if look.swept:
            self.pace.did(Job.SWEEP, t, self._clock() - begun)
            self.others = look.others
        if look.face is None:
            if person.lost(t):
                self.pace.forget()
            self._keep(Seen(frame.seq, t, None))
            return self._guide.feed(Sight(look), t)
        face, values = look.face, figures.values if figures else {}
        person.seen(face, values.get("sharpness", 0.0), self._limits)
        fresh = self._do(job, frame, face)
        self._keep(
            Seen(
                frame.seq,
                t,
                face,
                values.get("sharpness", 0.0),
                values.get("mouth", 0.0),
                fresh,
                values.get("luminance"),
                values.get("over", 0.0),
            )
        )
        figures = figures.with_openness(person.openness) if figures else None
        sight = replace(
            verdict.sight_of(look, figures, self._missing(look, face)),
            usual_openness=person.usual_openness(),
            usual_sharpness=self.usual_sharpness(),
            wall=person.wall,
        )
        return self._guide.feed(sight, t)

    def examine(self, frame: Frame) -> Seen:
        """What a look at `frame` gave, or gives now; eyes only when they had been asked."""
        known = self._seen.get(frame.seq)
        if known is not None:
            return known
        look, figures = self._look(frame, sweep=False)
        values = figures.values if figures else {}
        seen = Seen(
            frame.seq,
            frame.stamp,
            look.face,
            values.get("sharpness", 0.0),
            values.get("mouth", 0.0),
        )
        self._keep(seen)
        return seen

    def openness(self, frame: Frame, seen: Seen) -> float | None:
        """The eyes of a frame that was examined."""
        if seen.openness is not None or seen.face is None:
            return seen.openness
        return self._engine.eye_openness(frame.image, seen.face)

    def _keep(self, seen: Seen) -> None:
        self._seen[seen.seq] = seen
        while len(self._seen) > _KEPT:
            self._seen.popitem(last=False)

    def _look(self, frame: Frame, *, sweep: bool) -> tuple[Look, measures.Measures | None]:
        """The look in the frame's own pixels, and figures of the face."""
        image, before = frame.image, self.person.face
        height, width = image.shape[:2]
        if not self.pace.small or width <= SMALL_WIDTH:
            look = self._engine.look(image, before, sweep=sweep)
            face = look.face
            return look, None if face is None else measures.measure(
                image, face, measures.PREVIEW_PX
            )
        factor = SMALL_WIDTH / width
        size = (SMALL_WIDTH, round(height * factor))
        less = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        before = None if before is None else scaled(before, factor)
        look = self._engine.look(less, before, sweep=sweep)
        small = look.face
        figures = None if small is None else measures.measure(less, small, measures.PREVIEW_PX)
        back = 1.0 / factor
        look = replace(
            look,
            width=width,
            height=height,
            face=None if small is None else scaled(small, back),
            others=tuple(_grown(box, back) for box in look.others),
        )
        return look, figures

    def _do(self, job: Job | None, frame: Frame, face: Face) -> float | None:
        """The dearer thing of this look; the eyes' opening when it was them."""
        begun, openness = self._clock(), None
        if job is Job.EYES:
            openness = self._engine.eye_openness(frame.image, face)
            self.person.measured(openness, self._limits)
        elif job is Job.HAIR:
            hair = crop.hair_row(frame.image, face, self._engine, self._profile)
            self.person.hair = None if hair is None else hair / face.width
        elif job is Job.WALL:
            self.person.wall = self._wall(frame, face)
        else:
            return None
        self.pace.did(job, frame.stamp, self._clock() - begun)
        return openness

    def _wall(self, frame: Frame, face: Face) -> Wall | None:
        """The wall as the portrait would show it; None when no portrait fits or without a mask."""
        height, width = frame.image.shape[:2]
        place, profile = self._place(face), self._profile
        if crop.leaves(place, width, height):
            return None
        size = (profile.width, profile.height)
        image = np.asarray(cv2.warpAffine(frame.image, place.affine, size), np.uint8)
        mask = self._engine.person(image)
        return None if mask is None else background.wall_of(image, mask)

    def _place(self, face: Face) -> Placement:
        hair = None if self.person.hair is None else self.person.hair * face.width
        return crop.placement(face, hair, self._profile)

    def _missing(self, look: Look, face: Face) -> str:
        """Which way the portrait leaves the frame; a reason that holds ends some way inside."""
        place = self._place(face)
        missing = crop.leaves(_widened(place, _ENTER), look.width, look.height)
        if missing:
            return missing
        wider = crop.leaves(_widened(place, _LEAVE), look.width, look.height)
        return wider if wider in self._guide.held() else ""


def scaled(face: Face, factor: float) -> Face:
    """The same face in a picture `factor` times as large."""
    return replace(
        face,
        box=_grown(face.box, factor),
        eyes=face.eyes * factor,
        chin=face.chin * factor,
        cheeks=face.cheeks * factor,
        mesh=None if face.mesh is None else face.mesh * factor,
    )


def _grown(box: Box, factor: float) -> Box:
    return Box(box.x * factor, box.y * factor, box.w * factor, box.h * factor, box.score)


def _widened(place: Placement, factor: float) -> Placement:
    middle = place.corners.mean(axis=0)
    return replace(place, corners=middle + (place.corners - middle) * factor)
