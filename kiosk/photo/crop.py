# SPDX-License-Identifier: Apache-2.0
"""The portrait: one turn, shift and scale of the frame, by the figures of a profile.

Nothing is retouched and no background is invented: a crop that leaves the frame is refused.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from drivers.errors import AskAgainError
from kiosk.photo import jpeg
from kiosk.photo.engine import Engine
from kiosk.photo.faces import Face, Image, Look, Points
from kiosk.photo.profile import PROFILES, Profile

EDGE_PX = 2.0  # so many pixels beyond the frame are filled by repeating its edge
_MASK_TURN_DEG = 3.0
_PERSON = 0.5
_HAIR_GUESS = 1.8  # hair to chin / face width, without a mask: a typical value, 1.46..2.08 seen
_UPSCALE_REFUSED = 0.92  # portrait pixels per camera pixel may be at most 1/0.92: 190 px of face
_SHRINK = 0.6
_HEADROOM = 0.9  # the search for hair starts this many face widths above the eyes


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the portrait lies in the frame.

    `affine` is 2x3, frame to portrait. `eye_row`, `top_px` (hair to upper edge) and `chin_row` are
    pixels of the portrait, `face_width_px` the face in it. `corners` 4x2: the portrait's corners in
    the frame. `flags` are short words: ``hair_cut``, ``hair_estimated``, ``smaller``, ``upscaled``.
    """

    affine: npt.NDArray[np.float64]
    scale: float
    face_width_px: float
    top_px: float
    eye_row: float
    chin_row: float
    corners: Points
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A finished portrait: file, the pixels it was written from, and its figures in pixels."""

    jpeg: bytes
    image: Image
    quality: int
    face_width_px: float
    top_px: float
    eye_line_px: float  # eyes to lower edge
    chin_row_px: float
    flags: tuple[str, ...]


def portrait(
    frame: Image,
    look: Look,
    engine: Engine,
    profile: str | Profile = "ga461_2004",
    *,
    hair: float | None = None,
) -> Portrait:
    """Cuts the portrait of `look.face` out of `frame` (HxWx3 uint8 BGR).

    `hair`: how far the hair's top lies above the eyes, when that is known (`hair_row`).

    Raises:
        AskAgainError: ``photo.no_face``, ``photo.too_far``, ``photo.too_close`` or
            ``photo.off_centre.*`` when the frame does not hold a whole portrait.
    """
    wanted = PROFILES[profile] if isinstance(profile, str) else profile
    place = placed(frame, look, engine, wanted, hair=hair)
    image = _warp(frame, place, wanted)
    file = jpeg.encode(image, wanted)
    flags = place.flags + (() if file.in_band else ("size_outside_band",))
    return Portrait(
        file.data,
        image,
        file.quality,
        place.face_width_px,
        place.top_px,
        wanted.height - place.eye_row,
        place.chin_row,
        flags,
    )


def placed(
    frame: Image, look: Look, engine: Engine, profile: Profile, *, hair: float | None = None
) -> Placement:
    """Where the portrait of `look.face` lies in `frame`; arguments and errors as in `portrait`."""
    if look.face is None:
        raise AskAgainError("photo.no_face")
    face = engine.settle(frame, look.face)
    hair = hair_row(frame, face, engine, profile) if hair is None else hair
    place = placement(face, hair, profile)
    if 1.0 / place.scale < _UPSCALE_REFUSED:
        raise AskAgainError("photo.too_far")
    missing = leaves(place, look.width, look.height)
    if missing:
        raise AskAgainError(missing)
    return place


def hair_row(frame: Image, face: Face, engine: Engine, profile: Profile) -> float | None:
    """How far the hair's top lies above the eyes, camera pixels along the face's own axis.

    None without a person mask. Looks at an upright piece of the frame around head and shoulders,
    which gives the mask more pixels than the whole frame would.
    """
    width = face.width * profile.face_width_factor
    scale = profile.face_width / width
    up = (profile.eyes_to_bottom + _HEADROOM * profile.face_width) / scale
    size = (profile.width, round((up + profile.eyes_to_bottom / scale) * scale))
    turn = _turn(face, scale, size[0] / 2.0, up * scale)
    piece = cv2.warpAffine(frame, turn, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    mask = engine.person(np.asarray(piece, np.uint8))
    if mask is None:
        return None
    half = profile.face_width / 2.0
    columns = mask[:, max(0, round(size[0] / 2 - half)) : round(size[0] / 2 + half)]
    rows = np.flatnonzero((columns > _PERSON).sum(axis=1) >= 2)
    rows = rows[rows < up * scale]
    return float(up - rows[0] / scale) if len(rows) else None


def placement(face: Face, hair: float | None, profile: Profile) -> Placement:
    """Solves scale and position.

    Args:
        face: the subject.
        hair: hair's top above the eyes in camera pixels (`hair_row`); None estimates it.
        profile: the figures to meet.
    """
    p, flags = profile, list[str]()
    upright = _upright(face)
    eye, cheeks, chin = upright.eye, upright.cheeks, upright.chin
    width = float(np.linalg.norm(cheeks[1] - cheeks[0])) * p.face_width_factor
    middle = float((cheeks[0, 0] + cheeks[1, 0]) / 2.0)
    if hair is None:
        hair = float(_HAIR_GUESS * width - (chin[1] - eye[1]))
        flags.append("hair_estimated")
    below = float(chin[1] - eye[1])
    eye_floor = p.height - p.eyes_to_bottom
    scale, top = p.face_width / width, float(p.top)
    least = (p.face_width - p.face_width_tolerance) / width

    def eye_row() -> float:
        return scale * hair + top

    if eye_row() > eye_floor:
        top = max(float(p.top_least), top - (eye_row() - eye_floor))
    if eye_row() > eye_floor:
        scale = max(least, (eye_floor - top) / hair)
        flags.append("smaller")
    if eye_row() + scale * below > p.height - p.chin_to_bottom:
        scale = max(least, min(scale, (p.height - p.chin_to_bottom - top) / (hair + below)))
        flags.append("smaller")
    row = eye_row()
    if row > eye_floor:
        row = float(eye_floor)
        flags.append("hair_cut")
    if scale > 1.0:
        flags.append("upscaled")
    affine = _turn(face, scale, p.width / 2.0 + scale * (float(eye[0]) - middle), row)
    back = cv2.invertAffineTransform(affine)
    box = np.array([[0, 0], [p.width, 0], [p.width, p.height], [0, p.height]], np.float64)
    corners = box @ np.asarray(back)[:, :2].T + np.asarray(back)[:, 2]
    return Placement(
        affine,
        scale,
        scale * width,
        row - scale * hair,
        row,
        row + scale * below,
        corners,
        tuple(dict.fromkeys(flags)),
    )


def leaves(place: Placement, width: int, height: int) -> str:
    """Which way the citizen must move for the portrait to lie within the frame; "" when it does.

    Directions are the citizen's own, which in the mirrored preview is also the way on the screen.
    """
    x, y = place.corners[:, 0], place.corners[:, 1]
    left, right = -x.min() > EDGE_PX, x.max() - width > EDGE_PX
    over, under = -y.min() > EDGE_PX, y.max() - height > EDGE_PX
    if (left and right) or (over and under):
        return "photo.too_close"
    if left or right:
        # Beyond the camera's left edge is the citizen's right hand side.
        return "photo.off_centre.left" if left else "photo.off_centre.right"
    if over or under:
        tall = (y.max() - y.min()) > height
        if tall:
            return "photo.too_close"
        return "photo.off_centre.down" if over else "photo.off_centre.up"
    return ""


@dataclass(frozen=True, slots=True)
class _Upright:
    eye: Points
    cheeks: Points
    chin: Points


def _upright(face: Face) -> _Upright:
    """The points turned about the middle of the eyes until the eyes are level."""
    eye = face.eyes.mean(axis=0)
    angle = np.radians(face.roll)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, s], [-s, c]])
    return _Upright(eye, (face.cheeks - eye) @ turn.T + eye, turn @ (face.chin - eye) + eye)


def _turn(face: Face, scale: float, x: float, y: float) -> npt.NDArray[np.float64]:
    """2x3: the eyes' middle goes to (x, y), the eyes become level, lengths grow by `scale`."""
    eye = face.eyes.mean(axis=0)
    angle = np.radians(face.roll)
    c, s = np.cos(angle) * scale, np.sin(angle) * scale
    linear = np.array([[c, s], [-s, c]])
    return np.column_stack([linear, np.array([x, y]) - linear @ eye])


def _warp(frame: Image, place: Placement, profile: Profile) -> Image:
    affine, source = place.affine, frame
    if place.scale < _SHRINK:  # a plain warp would alias: average down first
        factor = place.scale / 0.9
        source = cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        real = np.array([source.shape[1] / frame.shape[1], source.shape[0] / frame.shape[0]])
        affine = affine.copy()
        affine[:, :2] = affine[:, :2] / real
        affine[:, 2] += affine[:, :2] @ ((real - 1.0) / 2.0) * -1.0
    smooth = cv2.INTER_CUBIC if place.scale > 1.0 else cv2.INTER_LINEAR
    result = cv2.warpAffine(
        source,
        affine,
        (profile.width, profile.height),
        flags=smooth,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(result, np.uint8)
