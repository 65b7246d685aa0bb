# SPDX-License-Identifier: Apache-2.0
"""What is to be changed about a picture, most important first; one set of rules for all pictures.

Limits are start values from one public-domain test face and a spot check of about ten people:
they are settings. Equal to a limit is enough. Pose, glasses, mask, eyes, mouth, light, blur and
wall only ever advise; nobody is refused by them.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from kiosk.photo import eyes, occlusion
from kiosk.photo.background import Wall, is_white
from kiosk.photo.faces import Look
from kiosk.photo.measures import Measures

OK = "photo.ok"
TOO_DARK = "photo.too_dark"
NO_FACE = "photo.no_face"
SEVERAL = "photo.several_faces"
TOO_FAR = "photo.too_far"
TOO_CLOSE = "photo.too_close"
OFF_CENTRE = tuple(f"photo.off_centre.{way}" for way in ("left", "right", "up", "down"))
TILTED = "photo.tilted"
TURNED = "photo.turned"
CHIN_UP = "photo.chin_up"  # the head is lowered: the chin has to go up
CHIN_DOWN = "photo.chin_down"
SUNGLASSES = "photo.sunglasses"
GLARE = "photo.glare"
MASK = "photo.mask"
EYES = "photo.eyes"
MOUTH = "photo.mouth"
LIGHT = "photo.light"  # uneven
TOO_BRIGHT = "photo.too_bright"
COLOUR = "photo.colour"
BLUR = "photo.blur"
BACKGROUND = "photo.background"

ORDER = (
    *(TOO_DARK, NO_FACE, SEVERAL, TOO_FAR, TOO_CLOSE, *OFF_CENTRE),
    *(TILTED, TURNED, CHIN_UP, CHIN_DOWN, SUNGLASSES, GLARE, MASK, EYES, MOUTH),
    *(LIGHT, TOO_BRIGHT, COLOUR, BLUR, BACKGROUND),
)
"""All reasons, the most important first."""
BLOCKING = frozenset({TOO_DARK, NO_FACE, SEVERAL, TOO_FAR, TOO_CLOSE, *OFF_CENTRE})
"""With one of these no portrait can be cut: the shutter waits. All others are advice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where advice begins. Angles in degrees, scores 0..100, lengths in camera pixels.

    A reason that is being shown ends only beyond its limit times `leave` (angles: `leave_angle`).
    """

    dark_grey: float = 20.0
    dark_score: float = 20.0
    second_face: float = 0.10  # area of the second face / area of the first
    face_width: float = 207.0  # less would have to be enlarged for the portrait
    roll: float = 8.0
    yaw: float = 8.0
    pitch_least: float = -8.0
    pitch_most: float = 18.0
    eyes_floor: float = eyes.FLOOR
    eyes_share: float = eyes.SHARE  # of the person's own median
    mouth_score: float = 90.0
    mouth_leave: float = 0.064  # the native value; 0.0714 and more score less than 90
    illumination_score: float = 35.0
    over_score: float = 20.0
    colour_score: float = 50.0
    grey: float = 2.0
    blur_share: float = 0.5  # of the usual sharpness
    leave: float = 1.10
    leave_angle: float = 0.81


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is known about one frame.

    `missing` is what `crop.leaves` said ("" when the portrait fits). `usual_openness` is the
    person's own median, `usual_sharpness` theirs or the booth's calibrated one, measured at the
    same size as `measures`; None until known. `roll` and the other geometry may be smoothed over a
    few frames; None: not known.
    """

    look: Look
    measures: Measures | None = None
    missing: str = ""
    wall: Wall | None = None
    usual_openness: float | None = None
    usual_sharpness: float | None = None
    width: float | None = None
    roll: float | None = None
    yaw: float | None = None
    pitch: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason_key` is the first of `reasons`, or ``photo.ok``. `blocks`: no portrait possible."""

    ok: bool
    reason_key: str
    blocks: bool
    reasons: tuple[str, ...]
    values: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def remedy_key(self) -> str:
        """The message that says what to do."""
        return f"{self.reason_key}.remedy"


def sight_of(look: Look, measures: Measures | None = None, missing: str = "") -> Sight:
    """A `Sight` of one frame alone, with the face's own geometry."""
    face = look.face
    if face is None:
        return Sight(look)
    pose = face.pose
    return Sight(
        look,
        measures,
        missing,
        width=face.width,
        roll=face.roll,
        yaw=pose.yaw if pose else None,
        pitch=pose.pitch if pose else None,
    )


def judge(sight: Sight, limits: Limits | None = None) -> Verdict:
    """The verdict on one frame, with all raw values and scores that were made."""
    reasons = findings(sight, limits or Limits())
    measures = sight.measures
    values: dict[str, float] = dict(measures.values) if measures else {}
    named = (("width", sight.width), ("roll", sight.roll), ("yaw", sight.yaw))
    values |= {key: value for key, value in (*named, ("pitch", sight.pitch)) if value is not None}
    if sight.wall:
        values |= {f"wall_{key}": value for key, value in asdict(sight.wall).items()}
    first = reasons[0] if reasons else OK
    return Verdict(
        not reasons,
        first,
        bool(BLOCKING.intersection(reasons)),
        reasons,
        MappingProxyType(values),
        measures.scores if measures else MappingProxyType({}),
    )


def findings(sight: Sight, limits: Limits, held: Collection[str] = frozenset()) -> tuple[str, ...]:
    """Every reason that holds, in `ORDER`. Reasons in `held` need to be left clearly to end."""
    look, face = sight.look, sight.look.face
    scores = sight.measures.scores if sight.measures else {}
    values = sight.measures.values if sight.measures else {}
    found: set[str] = set()
    if face is None:
        dark = limits.dark_grey * (limits.leave if TOO_DARK in held else 1.0)
        return (TOO_DARK,) if look.mean_grey < dark else (NO_FACE,)
    if values.get("luminance", 1.0) < 0.2 and _low(
        scores.get("luminance"), limits.dark_score, TOO_DARK in held, limits
    ):
        found.add(TOO_DARK)
    if look.swept and look.others and face.box.area > 0:
        share = look.others[0].area / face.box.area
        if share > limits.second_face / (limits.leave if SEVERAL in held else 1.0):
            found.add(SEVERAL)
    width = face.width if sight.width is None else sight.width
    if width < limits.face_width * (limits.leave if TOO_FAR in held else 1.0):
        found.add(TOO_FAR)
    elif sight.missing:
        found.add(sight.missing)
    found |= _angles(sight, limits, held)
    found |= _advice(sight, values, scores, limits, held)
    return tuple(reason for reason in ORDER if reason in found)


def _angles(sight: Sight, limits: Limits, held: Collection[str]) -> set[str]:
    found: set[str] = set()

    def within(reason: str) -> float:
        return limits.leave_angle if reason in held else 1.0

    if sight.roll is not None and abs(sight.roll) > limits.roll * within(TILTED):
        found.add(TILTED)
    if sight.yaw is not None and abs(sight.yaw) > limits.yaw * within(TURNED):
        found.add(TURNED)
    if sight.pitch is not None:
        middle = (limits.pitch_least + limits.pitch_most) / 2.0
        half = (limits.pitch_most - limits.pitch_least) / 2.0
        if sight.pitch - middle > half * within(CHIN_UP):
            found.add(CHIN_UP)
        elif middle - sight.pitch > half * within(CHIN_DOWN):
            found.add(CHIN_DOWN)
    return found


def _advice(
    sight: Sight,
    values: Mapping[str, float],
    scores: Mapping[str, float],
    limits: Limits,
    held: Collection[str],
) -> set[str]:
    found: set[str] = set()
    if occlusion.sunglasses(values, slack=_slack(SUNGLASSES, held, limits)):
        found.add(SUNGLASSES)
    if occlusion.glare(values, slack=_slack(GLARE, held, limits)):
        found.add(GLARE)
    grey = values.get("grey", 255.0) < limits.grey * _slack(COLOUR, held, limits)
    if not grey and occlusion.mask(
        values, scores.get("colour", 100.0), slack=_slack(MASK, held, limits)
    ):
        found.add(MASK)
    openness = values.get("openness")
    if openness is not None:
        floor = eyes.limit(sight.usual_openness, share=limits.eyes_share, floor=limits.eyes_floor)
        if _low(openness, floor, EYES in held, limits):
            found.add(EYES)
    if MOUTH in held:
        if values.get("mouth", 0.0) > limits.mouth_leave:
            found.add(MOUTH)
    elif _low(scores.get("mouth"), limits.mouth_score, False, limits):
        found.add(MOUTH)
    if _low(scores.get("illumination"), limits.illumination_score, LIGHT in held, limits):
        found.add(LIGHT)
    if _low(scores.get("over"), limits.over_score, TOO_BRIGHT in held, limits):
        found.add(TOO_BRIGHT)
    if grey or _low(scores.get("colour"), limits.colour_score, COLOUR in held, limits):
        found.add(COLOUR)
    if sight.usual_sharpness and _low(
        values.get("sharpness"), limits.blur_share * sight.usual_sharpness, BLUR in held, limits
    ):
        found.add(BLUR)
    if sight.wall is not None and not is_white(sight.wall):
        found.add(BACKGROUND)
    return found


def _slack(reason: str, held: Collection[str], limits: Limits) -> float:
    return limits.leave if reason in held else 1.0


def _low(value: float | None, limit: float, held: bool, limits: Limits) -> bool:
    return value is not None and value < limit * (limits.leave if held else 1.0)
