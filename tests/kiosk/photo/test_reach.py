# SPDX-License-Identifier: Apache-2.0
"""Faces of the declared range are found and portraits lie where the formulas put them: a part of
the grids that ``python -m bench --only photo-reach`` walks whole. Synthetic frames of one face."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from bench.photo_scenes import Case, Studio, grid, portraits
from kiosk.photo.faces import Source
from kiosk.photo.profile import PROFILES

GA461 = PROFILES["ga461_2004"]


@pytest.fixture(scope="module")
def studio(engine):
    return Studio(engine)


@pytest.fixture(params=[Source.NETS, Source.HAAR])
def either(request, engine, haar):
    return engine if request.param is Source.NETS else haar


def ends(reach):
    """The corners of the range, in the middle of the frame."""
    for width, roll, gain in product(reach.face, (-reach.roll, reach.roll), reach.gain):
        yield Case(width, roll, gain)


def test_the_networks_declare_what_the_booth_needs(engine):
    """Roll to 20 degrees, gain 0.25 to 1.4, faces of 160 to 400 px in a 720p frame."""
    assert engine.reach.roll >= 20
    assert engine.reach.gain == (0.25, 1.4)
    assert engine.reach.face == (160.0, 400.0)


def test_both_engines_find_the_face_at_every_end_of_their_range(either, studio):
    cases = list(ends(either.reach))
    lost = [one for one in cases if not studio.found(either.look(studio.frame(one), None), one)]
    assert (len(cases), lost) == (8, [])


def test_both_engines_find_the_face_anywhere_in_between(either, studio):
    cases = random.Random(7).sample(list(grid(either.reach)), 10)
    lost = [one for one in cases if not studio.found(either.look(studio.frame(one), None), one)]
    assert lost == []


def test_what_is_no_face_there_is_not_called_found(engine, studio):
    frame = studio.frame(Case(240.0, across=0.0))
    assert not studio.found(engine.look(frame, None), Case(240.0, across=1.0))


def test_every_portrait_lies_within_three_pixels_of_its_target(engine, studio):
    asked, far = 0, []
    for case in random.Random(11).sample(list(portraits()), 14):
        misses = studio.off(studio.frame(case), case, engine, GA461)
        asked += misses is not None
        if misses is not None and misses.most > 3.0:
            far.append((case, misses))
    assert asked >= 5
    assert far == []


class Crooked:
    """The engine with a mistake planted: the cheeks lie 6 px too far apart."""

    def __init__(self, engine):
        self._engine = engine

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def settle(self, frame, face):
        face = self._engine.settle(frame, face)
        return replace(face, cheeks=face.cheeks + np.array([[-3.0, 0.0], [3.0, 0.0]]))


def test_a_portrait_beside_its_target_is_noticed(engine, studio):
    case = Case(240.0, across=0.45, down=0.45)
    straight = studio.off(studio.frame(case), case, engine, GA461)
    crooked = studio.off(studio.frame(case), case, Crooked(engine), GA461)
    assert straight.most <= 3.0 < crooked.most
