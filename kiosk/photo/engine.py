# SPDX-License-Identifier: Apache-2.0
"""One interface to both face engines: the networks, and OpenCV's own Haar cascades.

An engine belongs to one thread. Both give a `Look`; the Haar one has no mesh, no pose and no
person mask, so what rests on them is left out and never guessed.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from kiosk.photo import models
from kiosk.photo.faces import Face, Image, Look, Reach, Source
from kiosk.photo.haar_engine import HaarEngine
from kiosk.photo.net_engine import NetEngine

__all__ = ["Engine", "HaarEngine", "NetEngine", "Opened", "open_engine"]


class Engine(Protocol):
    """What the booth needs of a face engine."""

    source: Source
    reach: Reach

    def look(
        self, frame_bgr: Image, previous: Face | None, *, sweep: bool = False, refine: bool = False
    ) -> Look:
        """Looks at one frame.

        Args:
            frame_bgr: HxWx3 uint8.
            previous: the face of the frame before; lets the engine follow it instead of searching.
            sweep: search the whole frame for bystanders too.
            refine: fit twice, for stills.
        """
        ...

    def settle(self, frame_bgr: Image, face: Face) -> Face:
        """The face with eyes, chin and cheeks placed more surely, for the portrait."""
        ...

    def eye_openness(self, frame_bgr: Image, face: Face) -> float | None:
        """Height / width between the lids, mean of both eyes; None when it cannot be told."""
        ...

    def person(self, image_bgr: Image) -> npt.NDArray[np.float32] | None:
        """HxW probability 0..1 of person, or None without a network for it."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, and when it is the reduced one, the reason (``photo.models_missing`` ...)."""

    engine: Engine
    reduced: str = ""


def open_engine(where: Path | None = None) -> Opened:
    """The network engine, or Haar with a reason when the model files cannot be used.

    Loads and warms up the nets (about 0.1 s). Never fails for missing or altered data.
    """
    found = models.locate(where)
    if isinstance(found, models.Missing):
        return Opened(HaarEngine(), found.reason)
    try:
        return Opened(NetEngine(found))
    except cv2.error:  # this OpenCV cannot run them
        return Opened(HaarEngine(), "photo.models_altered")
