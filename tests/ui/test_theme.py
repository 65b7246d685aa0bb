# SPDX-License-Identifier: Apache-2.0
import pytest

from ui.theme import CONTRAST, NORMAL, PX_PER_MM, Look, Palette, contrast, rgb


def test_contrast_is_that_of_wcag() -> None:
    # WCAG 2.1, definition of contrast ratio: black on white is 21, a colour on itself 1.
    assert contrast(rgb("#000000"), rgb("#FFFFFF")) == pytest.approx(21)
    assert contrast(rgb("#0A4F8F"), rgb("#0A4F8F")) == 1


@pytest.mark.parametrize("p", [NORMAL, CONTRAST], ids=lambda p: p.name)
def test_text_is_readable_on_every_ground_it_stands_on(p: Palette) -> None:
    for ground in (p.paper, p.card, p.pressed, p.blue_soft):
        assert contrast(p.ink, ground) >= 7
    for ink, ground in (
        (p.soft, p.paper),
        (p.soft, p.card),
        (p.soft, p.amber_soft),
        (p.soft, p.green_soft),
        (p.blue, p.blue_soft),
        (p.blue, p.card),
        (p.green, p.green_soft),
        (p.amber, p.amber_soft),
        (p.red, p.red_soft),
        (p.on_blue, p.blue),
        (p.on_blue, p.blue_pressed),
        (p.on_green, p.green),
        (p.on_green, p.green_pressed),
        (p.on_disabled, p.disabled),
    ):
        assert contrast(ink, ground) >= 4.5


def test_eight_pixels_are_one_point_four_millimetres_on_the_reference_panel() -> None:
    assert Look().mm(1.4) == 8
    assert Look(px_per_mm=PX_PER_MM / 2).mm(2.8) == 8
