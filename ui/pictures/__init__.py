# SPDX-License-Identifier: Apache-2.0
"""The project's drawn pictures by name: shapes in a view box, in the colours of a palette.

A name that is no picture is drawn as the icon of that name, large.
"""

from collections.abc import Callable, Mapping

from ui.icons import icon
from ui.pictures import bins, cards, hands, heads, hints, things
from ui.theme import CONTRAST, NORMAL, Palette
from ui.vector import Shape

Drawn = tuple[tuple[float, float], tuple[Shape, ...]]
"""A view box's width and height, and the shapes in it."""

PICTURES: Mapping[str, Callable[[Palette, tuple[str, ...]], Drawn]] = {
    "card": cards.card,
    "card-on-reader": cards.card_on_reader,
    "card-off-reader": cards.card_off_reader,
    "hands": hands.hands,
    "cabinet": bins.cabinet,
    "card-into-bin": bins.card_into_bin,
    "bin-open": bins.bin_open,
    "guide": heads.guide,
    "head": heads.head,
    "booth": things.booth,
    "hourglass": things.hourglass,
    "ticket": things.ticket,
    "counter": things.counter,
    "phone": things.phone,
    "dispenser": things.dispenser,
    **hints.PICTURES,
}


def picture(name: str, palette_name: str, args: tuple[str, ...]) -> Drawn:
    """The picture, or an icon in blue (in amber with ``amber`` among the arguments)."""
    palette = CONTRAST if palette_name == CONTRAST.name else NORMAL
    if (drawn := PICTURES.get(name)) is not None and "amber" not in args:
        return drawn(palette, args)
    colour = palette.amber if "amber" in args else palette.blue
    return (24, 24), icon(name, colour, 1.6)
