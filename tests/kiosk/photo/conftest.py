# SPDX-License-Identifier: Apache-2.0
"""The engines once a session, and pictures of the emulated sitter made in memory."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from firmware_io.emulators import camera_clips
from kiosk.photo import models
from kiosk.photo.engine import HaarEngine, NetEngine

Image = npt.NDArray[np.uint8]


@pytest.fixture(scope="session")
def model_folder() -> Path:
    models.fetch()
    return models.folder()


@pytest.fixture(scope="session")
def engine(model_folder: Path) -> NetEngine:
    found = models.locate(model_folder)
    assert isinstance(found, models.Located)
    return NetEngine(found)


@pytest.fixture(scope="session")
def haar() -> HaarEngine:
    return HaarEngine()


@pytest.fixture(scope="session")
def astronaut() -> Image:
    """scikit-image's astronaut.png, 512x512x3 BGR (NASA, public domain)."""
    return camera_clips.photograph()


@pytest.fixture(scope="session")
def pictures(model_folder: Path, astronaut: Image) -> Callable[..., list[Image]]:
    """`pictures("far", count=2, x=500)`: frames of a look, with parts of its scene changed."""
    sitter = camera_clips.Sitter(astronaut, model_folder)
    made: dict[str, list[Image]] = {}

    def make(look: str, count: int = 1, **changes: object) -> list[Image]:
        if count == 1:  # one frame of a whole sway would be one blur
            changes = {"sway": 0.0, **changes}
        scene = replace(camera_clips.LOOKS[look], frames=count, **changes)  # type: ignore[arg-type]
        key = repr(scene)
        if key not in made:
            made[key] = camera_clips.pictures(sitter, scene, seed=7)
        return [image.copy() for image in made[key]]

    return make
