# SPDX-License-Identifier: Apache-2.0
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ui import samples
from ui.drawing import Letters
from ui.gallery import LOOKS

pytestmark = pytest.mark.screen

VIEWS = samples.views()


@pytest.mark.parametrize("look", ["zh", "en", "zh-large", "zh-contrast", "en-800x480"])
def test_every_word_of_every_screen_is_there_in_real_pixels(
    stage: Any, shots: Path, look: str
) -> None:
    wanted = LOOKS[look]
    folder = shots / look
    folder.mkdir(exist_ok=True)
    for name, view in VIEWS.items():
        path = folder / f"{name}.png"
        drawing = stage.shoot(view, wanted, path)
        picture = Image.open(path)
        assert picture.size == (wanted.width, wanted.height)
        pixels = np.asarray(picture.convert("RGB"))
        if view.leaving_s is not None:
            continue  # the band covers words on purpose
        for run in drawing.elements:
            if not isinstance(run, Letters) or not run.letters.strip():
                continue
            box = (
                round(run.x),
                round(run.baseline - run.px * 0.9),
                round(run.x + run.width) + 1,
                round(run.baseline + run.px * 0.2),
            )
            ink = tuple(round(part * 255) for part in run.colour)
            left, top, right, bottom = (max(0, edge) for edge in box)
            away = np.abs(pixels[top:bottom, left:right].astype(np.int16) - ink)
            near = int((away < 40).all(axis=2).sum())
            assert near >= len(run.letters.strip()) * 2, (name, run.letters)
