# SPDX-License-Identifier: Apache-2.0
"""OpenCV's own cascades: always there, for a booth whose network files are missing."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo.faces import Box, Face, Image, Look, Points, Reach, Source


class HaarEngine:
    """``haarcascade_frontalface_alt2`` on a small grey picture, equalised when that shows nobody.

    Equalising first, as is usual, lost every fifth face before a bright white wall and took twice
    as long; without it dark faces are lost. One size fits all faces.

    The proportions of eyes, chin and cheeks within the box were measured on one face: a crop made
    from them is approximate and says so.
    """

    source = Source.HAAR
    reach = Reach(roll=10.0, gain=(0.25, 1.4), face=(160.0, 340.0))
    _WIDTH = 320

    def __init__(self) -> None:
        folder = Path(cv2.__file__).parent / "data"
        self._faces = cv2.CascadeClassifier(str(folder / "haarcascade_frontalface_alt2.xml"))
        self._eyes = cv2.CascadeClassifier(str(folder / "haarcascade_eye.xml"))

    def look(
        self, frame_bgr: Image, previous: Face | None, *, sweep: bool = False, refine: bool = False
    ) -> Look:
        """See `Engine.look`; always searches the whole frame (9 ms, with nobody 30)."""
        height, width = frame_bgr.shape[:2]
        grey = cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2GRAY)
        scale = self._WIDTH / width
        small = cv2.resize(grey, (self._WIDTH, round(height * scale)), interpolation=cv2.INTER_AREA)
        found = self._find(small)
        if not len(found):
            found = self._find(cv2.equalizeHist(small))
        boxes = sorted((_scaled(one, 1.0 / scale) for one in found), key=lambda b: -b.area)
        face = self._face(np.asarray(grey, np.uint8), boxes[0]) if boxes else None
        return Look(
            width, height, self.source, float(small.mean()), face, tuple(boxes[1:]), swept=True
        )

    def settle(self, frame_bgr: Image, face: Face) -> Face:
        """See `Engine.settle`: the cascades have nothing to add."""
        return face

    def eye_openness(self, frame_bgr: Image, face: Face) -> float | None:
        """None: the cascades cannot tell."""
        return None

    def person(self, image_bgr: Image) -> npt.NDArray[np.float32] | None:
        """None: there is no mask."""
        return None

    def _find(self, small: cv2.typing.MatLike) -> Sequence[Sequence[int]]:
        return self._faces.detectMultiScale(
            small, scaleFactor=1.15, minNeighbors=4, minSize=(40, 40)
        )

    def _face(self, grey: npt.NDArray[np.uint8], box: Box) -> Face:
        x, y, w, h = box.x, box.y, box.w, box.h
        middle, line = x + 0.516 * w, y + 0.38 * h
        eyes = self._eye_pair(grey, box)
        if eyes is None:
            eyes = np.array([[middle - 0.215 * w, line], [middle + 0.215 * w, line]])
        half = 0.94 * w / 2.0
        chin = np.array([middle, y + 1.13 * h])
        cheeks = np.array([[middle - half, y + 0.45 * h], [middle + half, y + 0.45 * h]])
        return Face(box, eyes, chin, cheeks, None, 1.0, None)

    def _eye_pair(self, grey: npt.NDArray[np.uint8], box: Box) -> Points | None:
        top, bottom = round(box.y + 0.2 * box.h), round(box.y + 0.6 * box.h)
        left, right = max(0, round(box.x)), round(box.x + box.w)
        band = grey[max(0, top) : bottom, left:right]
        if min(band.shape) < 20:
            return None
        scale = 160 / band.shape[1]
        band = cv2.resize(band, (160, round(band.shape[0] * scale)))
        found = self._eyes.detectMultiScale(band, 1.1, 3, minSize=(20, 20))
        if len(found) != 2:
            return None
        centres = np.array([[x + w / 2, y + h / 2] for x, y, w, h in found]) / scale
        centres = centres[np.argsort(centres[:, 0])] + (left, max(0, top))
        apart = (centres[1, 0] - centres[0, 0]) / box.w
        return centres if 0.3 < apart < 0.6 else None


def _scaled(found: Sequence[int], by: float) -> Box:
    x, y, w, h = (float(v) * by for v in found)
    return Box(x, y, w, h, 1.0)
