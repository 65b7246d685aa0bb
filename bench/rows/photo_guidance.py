# SPDX-License-Identifier: Apache-2.0
"""Is the right thing said? The whole table of scripted sittings, beside those who expect it."""

from bench.guidance import run, shares
from bench.guidance_cases import faults, good
from bench.row import Course, Row, Subject, Target, row
from firmware_io.emulators import camera_clips
from kiosk.photo.engine import open_engine
from kiosk.photo.verdict import OK
from kiosk.stack.process import StackError


def measure(course: Course) -> list[Row]:
    """Every case once; times are counted and not waited for, so one run says all."""
    opened = open_engine()
    if opened.reduced:
        raise StackError(f"the networks are not there: {opened.reduced}")
    sitter = camera_clips.Sitter(camera_clips.photograph(), camera_clips.default_models())
    cases = [*faults(), *good()]
    course.say("sittings")
    outcomes, _thumbs = run(
        cases, sitter, opened.engine, lambda done: course.step(done, len(cases))
    )
    hit, calm = shares(outcomes)
    wrong = [one.case.name for one in outcomes if not one.right]
    looks = sum(one.looks for one in outcomes if one.case.expected == OK)
    return [
        row(
            "right reason first",
            "share",
            [hit],
            [1.0],
            f"all {len(faults())} faults x places x sizes; synthetic, one face"
            + (f"; not: {', '.join(wrong)}" if wrong else ""),
            target=Target("ours", 0.95, least=True),
        ),
        row(
            "nothing said to who sits well",
            "share",
            [calm],
            [1.0],
            f"all {looks} looks at {len(good())} good sittings; synthetic, one face",
            target=Target("ours", 0.98, least=True),
        ),
    ]


SUBJECT = Subject("photo-guidance", "the right thing said to scripted sitters", measure)
