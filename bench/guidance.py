# SPDX-License-Identifier: Apache-2.0
"""The table of scripted sittings through the real engine and the real guide.

``python -m bench.guidance --out build/guidance`` writes ``guidance.json`` and the contact sheet
``guidance.png``; ``--only WORD`` takes the cases whose name holds it. A sitting is watched for
some seconds at the booth's own pace, whose time is counted and not waited for.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from bench.guidance_cases import Case, faults, good
from drivers.camera import Frame
from firmware_io.emulators import camera_clips
from firmware_io.emulators.camera_clips import Scene, Sitter
from kiosk.photo.engine import Engine, open_engine
from kiosk.photo.faces import Image
from kiosk.photo.guide import STARTING
from kiosk.photo.guide_watch import Watch
from kiosk.photo.profile import PROFILES
from kiosk.photo.verdict import OK, Limits

STEP_S = 1.0 / 15.0
FIRST_S = 2.0  # of sitting well before a change
WATCHED_S = 2.6
SETTLED_S = 1.2  # from here on a good sitting is counted
PICTURES = 4  # different pictures of a sitting; they are shown to and fro
BLINKING = range(24, 54, 2)  # of 75 at 30 a second: around the blink, as often as the booth looks
THUMB = (320, 180)
COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """`told`: reasons shown from the change on, in their order, without repeats.

    `calm` and `looks` count looks of a good sitting after it settled: with nothing said, and all.
    """

    case: Case
    told: tuple[str, ...]
    calm: int
    looks: int

    @property
    def right(self) -> bool:
        """The expected reason was the first thing said, and is what is said in the end."""
        said = [reason for reason in self.told if reason not in (STARTING, OK)]
        if self.case.expected == OK:
            return not said
        return bool(said) and said[0] == self.case.expected == self.told[-1]


def sit(case: Case, sitter: Sitter, engine: Engine) -> tuple[Outcome, Image]:
    """Plays one case; its outcome and a picture of it."""
    profile = PROFILES["ga461_2004"]
    # Without a clock every machine plays alike: what a thing costs here does not make it rarer.
    watch = Watch(engine, profile, Limits(face_width=profile.face_width), clock=lambda: 0.0)
    told, t, seq, calm, looks = list[str](), 0.0, 0, 0, 0
    shown = pictures(case.then, sitter)
    for images, seconds, counts in (
        (pictures(case.first, sitter) if case.first else [], FIRST_S, False),
        (shown, WATCHED_S, True),
    ):
        begun = t
        while images and t - begun < seconds:
            there = seq % (2 * len(images) - 2) if len(images) > 1 else 0
            image = images[min(there, 2 * len(images) - 2 - there)]
            seq, t = seq + 1, t + STEP_S
            reason = watch.see(Frame(seq, t, image)).reason
            if counts and reason != (told[-1] if told else ""):
                told.append(reason)
            if counts and t - begun > SETTLED_S:
                looks, calm = looks + 1, calm + (reason == OK)
    if case.first is not None and told and told[0] == OK:
        told = told[1:]
    return Outcome(case, tuple(told), calm, looks), shown[0]


def pictures(scene: Scene, sitter: Sitter) -> list[Image]:
    """A few pictures of a scene; of one with a blink those around it."""
    if not scene.blink:
        return camera_clips.pictures(sitter, replace(scene, frames=PICTURES), seed=11)
    noise = np.random.default_rng(11)
    phases = (2.0 * np.pi * k / scene.frames for k in BLINKING)
    return [sitter.frame(scene, phase, noise) for phase in phases]


def run(
    cases: Sequence[Case], sitter: Sitter, engine: Engine, say: Callable[[int], None]
) -> tuple[list[Outcome], list[Image]]:
    """All cases, and a small picture of each with its verdict."""
    outcomes, thumbs = list[Outcome](), list[Image]()
    for number, case in enumerate(cases):
        outcome, image = sit(case, sitter, engine)
        outcomes.append(outcome)
        thumbs.append(_thumb(outcome, image))
        say(number + 1)
    return outcomes, thumbs


def shares(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """Faults whose right reason came first, and good looks with nothing said; 0..1 each."""
    wrong = [one for one in outcomes if one.case.expected != OK]
    well = [one for one in outcomes if one.case.expected == OK]
    hit = sum(one.right for one in wrong) / max(len(wrong), 1)
    return hit, sum(one.calm for one in well) / max(sum(one.looks for one in well), 1)


def sheet(thumbs: Sequence[Image]) -> Image:
    """All small pictures in rows."""
    blank = np.full((THUMB[1], THUMB[0], 3), 255, np.uint8)
    filled = [*thumbs, *[blank] * (-len(thumbs) % COLUMNS)]
    rows = [np.hstack(filled[k : k + COLUMNS]) for k in range(0, len(filled), COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def _thumb(outcome: Outcome, image: Image) -> Image:
    small = np.asarray(cv2.resize(image, THUMB, interpolation=cv2.INTER_AREA), np.uint8)
    colour = (60, 130, 20) if outcome.right else (20, 20, 210)
    cv2.rectangle(small, (0, 0), (THUMB[0] - 1, THUMB[1] - 1), colour, 2)
    cv2.rectangle(small, (0, 0), (THUMB[0], 32), (255, 255, 255), -1)
    said = " > ".join(r.removeprefix("photo.") for r in outcome.told if r != STARTING)
    for text, y in ((outcome.case.name, 13), (said, 28)):
        cv2.putText(small, text, (4, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, colour, 1, cv2.LINE_AA)
    return small


def main(arguments: list[str]) -> int:
    """The command; 0 when both shares are reached."""
    parser = argparse.ArgumentParser(prog="python -m bench.guidance")
    parser.add_argument("--out", type=Path, default=Path("build/guidance"))
    parser.add_argument("--only", default="", help="cases whose name holds this")
    given = parser.parse_args(arguments)
    opened = open_engine()
    if opened.reduced:
        print(f"bench.guidance: {opened.reduced}: run make setup", file=sys.stderr)
        return 1
    sitter = Sitter(camera_clips.photograph(), camera_clips.default_models())
    cases = [case for case in (*faults(), *good()) if given.only in case.name]
    outcomes, thumbs = run(cases, sitter, opened.engine, lambda _done: None)
    hit, calm = shares(outcomes)
    given.out.mkdir(parents=True, exist_ok=True)
    told = {
        "synthetic": "one public-domain face, painted and bent",
        "faults": sum(one.case.expected != OK for one in outcomes),
        "right_reason_first": round(hit, 4),
        "good_looks": sum(one.looks for one in outcomes if one.case.expected == OK),
        "nothing_said": round(calm, 4),
        "cases": [
            {
                "name": one.case.name,
                "expected": one.case.expected,
                "told": list(one.told),
                "right": one.right,
            }
            for one in outcomes
        ],
    }
    (given.out / "guidance.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    cv2.imwrite(str(given.out / "guidance.png"), sheet(thumbs))
    for one in outcomes:
        if not one.right:
            print(f"{one.case.name}: expected {one.case.expected}, told {' > '.join(one.told)}")
    print(f"right reason first: {hit:.1%} of {told['faults']}; nothing said: {calm:.2%}")
    return 0 if hit >= 0.95 and calm >= 0.98 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
