# SPDX-License-Identifier: Apache-2.0
"""Faces found in the declared range, and portraits placed: shares of known synthetic frames."""

import random
from collections.abc import Iterable, Sequence

import numpy as np

from bench.photo_scenes import Case, Studio, grid, portraits
from bench.row import Course, Row, Subject, Target, row
from kiosk.photo import models
from kiosk.photo.engine import Engine, HaarEngine, NetEngine
from kiosk.photo.profile import PROFILES

EDGE_PX = 3.0


def measure(course: Course) -> list[Row]:
    """Every frame of the grids once; --runs takes so many of each. Raises models.FetchError."""
    nets, haar = NetEngine(models.fetch()), HaarEngine()
    studio, profile = Studio(nets), PROFILES["ga461_2004"]
    grids = {one: _drawn(grid(one.reach), course.runs) for one in (nets, haar)}
    crops = _drawn(portraits(), course.runs)
    done, of = 0, sum(map(len, grids.values())) + len(crops)
    found: dict[Engine, list[float]] = {nets: [], haar: []}
    for engine, cases in grids.items():
        course.say(f"faces, {engine.source}")
        for case in cases:
            look = engine.look(studio.frame(case), None)
            found[engine].append(100.0 * studio.found(look, case))
            course.step(done := done + 1, of)
    course.say("portraits")
    missed: list[float] = []
    for case in crops:
        misses = studio.off(studio.frame(case), case, nets, profile)
        missed += [] if misses is None else [misses.most]
        course.step(done := done + 1, of)
    return [
        _share("faces found by the networks", found[nets]),
        _share("faces found by the fallback engine", found[haar]),
        row(
            "portrait off its target, the worst",
            "px",
            missed,
            [EDGE_PX],
            "the target's bound; width, middle, eye row, hair and level of the true face",
            target=Target("ours", EDGE_PX),
            pick=max,
        ),
        row("portrait off its target, the median", "px", missed, [EDGE_PX], "the same bound"),
    ]


def _share(name: str, hundreds: Sequence[float]) -> Row:
    return row(
        name,
        "%",
        hundreds,
        [100.0],
        f"all {len(hundreds)} frames of the range that it declares",
        target=Target("ours", 100.0, least=True),
        pick=lambda some: float(np.mean(some)),
    )


def _drawn(cases: Iterable[Case], runs: int | None) -> list[Case]:
    """All, or as many as were asked for, the same ones each time."""
    every = list(cases)
    return every if runs is None else random.Random(1).sample(every, min(runs, len(every)))


SUBJECT = Subject("photo-reach", "faces found in the declared range, portraits placed", measure)
