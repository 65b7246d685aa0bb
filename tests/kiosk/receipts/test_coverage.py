# SPDX-License-Identifier: Apache-2.0
import pytest
from fontTools.ttLib import TTFont

from kiosk.receipts.coverage import coverage
from kiosk.receipts.fonts import faces

FACES = [(face.path, face.number) for face in faces(False)]


@pytest.mark.parametrize(("path", "number"), FACES, ids=[path.split("/")[-1] for path, _ in FACES])
def test_it_agrees_with_fonttools_on_every_character(path: str, number: int) -> None:
    with TTFont(path, fontNumber=number, lazy=True) as font:
        known = set(font.getBestCmap() or ())
    fast = coverage(path, number)
    assert all(character in fast for character in known)
    # The characters around every known one, where ranges begin and end.
    near = {character + step for character in known for step in (-1, 1)} - known
    assert not any(character in fast for character in near)
    assert 0x10FFFE not in fast
