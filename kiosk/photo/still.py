# SPDX-License-Identifier: Apache-2.0
"""The verdict on one still picture, with everything that was measured on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from drivers.errors import AskAgainError
from kiosk.photo import background, crop, measures, standard, verdict
from kiosk.photo.crop import Portrait
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Image, Look
from kiosk.photo.profile import Profile
from kiosk.photo.standard import Assessed
from kiosk.photo.verdict import Limits, Verdict


@dataclass(frozen=True, slots=True)
class Still:
    """`standard` under the standard's names; `portrait` None when none can be cut."""

    look: Look
    verdict: Verdict
    standard: Mapping[str, Assessed]
    portrait: Portrait | None


def judge(image: Image, engine: Engine, profile: Profile, limits: Limits | None = None) -> Still:
    """Looks at `image` (HxWx3 BGR) as the booth looks at a take, the wall included.

    Without a person mask the wall is judged by filling it from the edges. Never raises for what
    the picture shows.
    """
    limits = limits or Limits(face_width=profile.face_width / profile.face_width_factor)
    look = engine.look(image, None, sweep=True, refine=True)
    if look.face is None:
        return Still(look, verdict.judge(verdict.Sight(look), limits), MappingProxyType({}), None)
    figures = measures.measure(image, look.face, measures.STILL_PX)
    figures = figures.with_openness(engine.eye_openness(image, look.face))
    hair = crop.hair_row(image, look.face, engine, profile)
    missing = crop.leaves(crop.placement(look.face, hair, profile), look.width, look.height)
    sight, portrait = verdict.sight_of(look, figures, missing), None
    try:
        portrait = crop.portrait(image, look, engine, profile)
    except AskAgainError:
        pass
    else:
        mask = engine.person(portrait.image)
        mask = background.person_by_fill(portrait.image) if mask is None else mask
        sight = replace(sight, wall=background.wall_of(portrait.image, mask))
    assessed = standard.assess(image, look, figures, engine)
    return Still(look, verdict.judge(sight, limits), MappingProxyType(assessed), portrait)


def crowded(look: Look, limits: Limits | None = None) -> bool:
    """Whether a second person is in the picture, by the rule of the verdict."""
    found = verdict.findings(verdict.Sight(look), limits or Limits(face_width=0.0))
    return verdict.SEVERAL in found
