# SPDX-License-Identifier: Apache-2.0
"""A take from the chosen frame: what is known already is used, and checked before it is trusted."""

import pytest

from drivers.camera import Frame
from drivers.errors import AskAgainError
from kiosk.photo import take
from kiosk.photo.guide_watch import Watch
from kiosk.photo.profile import PROFILES
from kiosk.photo.verdict import Limits

PROFILE = PROFILES["ga461_2004"]
LIMITS = Limits(face_width=PROFILE.face_width)


class Counting:
    """The engine, with a count of its person masks and searches."""

    def __init__(self, engine):
        self._engine, self.masks, self.sweeps = engine, 0, 0
        self.source, self.reach, self.settle = engine.source, engine.reach, engine.settle
        self.eye_openness = engine.eye_openness

    def look(self, image, previous, *, sweep=False, refine=False):
        self.sweeps += sweep
        return self._engine.look(image, previous, sweep=sweep, refine=refine)

    def person(self, image):
        self.masks += 1
        return self._engine.person(image)


@pytest.fixture
def counting(engine):
    return Counting(engine)


@pytest.fixture
def sit(counting, pictures):
    """`sit("neutral")`: a watch that has seen two seconds of a look, and its last five frames."""

    def seen(look, **changes):
        images = pictures(look, 4, **changes)
        watch = Watch(counting, PROFILE, LIMITS, clock=lambda: 0.0)
        frames = [Frame(seq, seq / 15, images[seq % 4]) for seq in range(1, 31)]
        for frame in frames:
            watch.see(frame)
        return watch, frames[-5:]

    return seen


def make(watch, counting, frames):
    counting.masks = counting.sweeps = 0
    return take.make(watch, counting, PROFILE, LIMITS, frames)


def test_a_take_of_somebody_who_sits_well_has_no_advice_and_needs_one_mask(sit, counting):
    watch, frames = sit("neutral")
    made = make(watch, counting, frames)
    assert made.advice == ""
    assert counting.masks == 1
    assert PROFILE.top_least <= made.portrait.top_px <= PROFILE.top_most
    assert made.seq in [frame.seq for frame in frames]


@pytest.mark.parametrize("off", [0.85, 1.2])
def test_hair_that_is_not_where_it_was_is_looked_for_anew(sit, counting, off):
    """A cap was taken off, or put on, since the preview last looked."""
    watch, frames = sit("neutral")
    right = make(watch, counting, frames).portrait
    assert watch.person.hair is not None
    watch.person.hair *= off
    again = make(watch, counting, frames).portrait
    assert counting.masks > 1
    assert again.top_px == pytest.approx(right.top_px, abs=0.5)
    assert again.eye_line_px == pytest.approx(right.eye_line_px, abs=3.0)


def test_the_wall_and_the_dark_glasses_are_told_with_the_take(sit, counting):
    assert make(*_with(sit("wall"), counting)).advice == "photo.background"
    assert make(*_with(sit("sunglasses"), counting)).advice == "photo.sunglasses"


def _with(sat, counting):
    watch, frames = sat
    return watch, counting, frames


def test_a_search_a_moment_ago_counts_and_an_old_one_is_repeated(sit, counting):
    watch, frames = sit("neutral")
    make(watch, counting, frames)
    assert counting.sweeps == 0
    watch.pace.forget()
    make(watch, counting, frames)
    assert counting.sweeps == 1


def test_a_second_person_who_was_seen_a_moment_ago_blocks_the_take(sit, counting):
    watch, frames = sit("two")
    with pytest.raises(AskAgainError) as refused:
        make(watch, counting, frames)
    assert refused.value.code == "photo.several_faces"


def test_no_face_in_any_frame_is_refused(sit, counting, pictures):
    watch, _frames = sit("neutral")
    blank = [Frame(100 + k, 3.0 + k / 15, image) for k, image in enumerate(pictures("empty", 3))]
    with pytest.raises(AskAgainError) as refused:
        make(watch, counting, blank)
    assert refused.value.code == "photo.no_face"


def test_a_weak_board_makes_the_same_take_from_a_smaller_preview(sit, counting):
    watch, frames = sit("neutral")
    full = make(watch, counting, frames)
    watch.begin_anew()
    watch.pace.small = True
    for frame in frames:
        watch.see(frame)
    small = make(watch, counting, frames)
    assert small.advice == full.advice == ""
    assert small.portrait.face_width_px == pytest.approx(full.portrait.face_width_px, abs=0.1)
    assert small.portrait.eye_line_px == pytest.approx(full.portrait.eye_line_px, abs=3.0)
    newest = watch.newest()
    assert newest is not None
    assert newest.face is not None
    assert newest.face.width == pytest.approx(235, abs=8)
