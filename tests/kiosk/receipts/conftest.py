# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace

import pytest
from PIL import Image, ImageOps
from pyzbar.pyzbar import decode

from kiosk.receipts import SlipFacts
from kiosk.receipts.samples import APPLICATION


@pytest.fixture
def facts() -> SlipFacts:
    return replace(APPLICATION, record_hash="3f9a1c0245")


@pytest.fixture
def read() -> Callable[[Image.Image], dict[str, str]]:
    """What an independent reader (zbar) finds on paper with white round it."""

    def found(image: Image.Image) -> dict[str, str]:
        page = ImageOps.expand(image.convert("L"), 20, 255)
        return {one.type: one.data.decode() for one in decode(page)}

    return found


@pytest.fixture
def said() -> Callable[[object], list[str]]:
    """Every text of a slip, found by walking its values."""

    def walk(part: object) -> list[str]:
        if isinstance(part, str):
            return [part]
        if isinstance(part, tuple):
            return [text for item in part for text in walk(item)]
        if is_dataclass(part):
            return [text for field in fields(part) for text in walk(getattr(part, field.name))]
        return []

    return walk


@pytest.fixture
def margins() -> Callable[..., tuple[int, int]]:
    """White dots left and right of everything below `top` rows."""

    def white(image: Image.Image, top: int = 0) -> tuple[int, int]:
        ink = image.convert("L").point([255] * 128 + [0] * 128)
        box = ink.crop((0, top, ink.width, ink.height)).getbbox()
        assert box is not None
        return box[0], ink.width - box[2]

    return white
