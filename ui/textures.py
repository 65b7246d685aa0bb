# SPDX-License-Identifier: Apache-2.0
"""Textures of letters, boxes, drawings and pictures, made once and kept for a while.

Everything is drawn smooth by Pillow and only placed by the graphics driver, on whole pixels.
"""

import io
import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

import segno
from kivy.base import EventLoop
from kivy.graphics.texture import Texture
from PIL import Image, ImageDraw

from ui import pictures
from ui.drawing import Box, Element, Icon, Letters, Picture
from ui.icons import icon
from ui.theme import Rgb
from ui.typeface import face, rare_face
from ui.vector import OVER, Shape, box, rasterise

_KEPT = 900
"""Textures that are kept; the one not used for longest goes first."""

_MIB = 1 << 20
_LIGHT = 96 * _MIB

PAD = 2
"""Clear pixels left and right of a run of letters, for overhanging strokes."""
OVERHANG = 1.06
"""Ems above the baseline in a letters texture."""
UNDERHANG = 0.34
"""Ems below the baseline."""


def texture_of(image: Image.Image) -> Texture:
    """An RGBA picture as a texture, upright. There has to be a window."""
    assert EventLoop.window is not None, "no window"  # noqa: S101  Kivy would end the interpreter
    texture = Texture.create(size=image.size, colorfmt="rgba")
    # Drawn at its own size on whole px: nothing to smooth, and software drawing is three times
    # as fast (1280x800: 7 ms instead of 21).
    texture.mag_filter = texture.min_filter = "nearest"
    texture.blit_buffer(image.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


class Textures:
    """Makes textures and keeps the ones used lately, bounded in number and bytes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Texture] = OrderedDict()
        self._bytes = 0
        self.made = 0

    def _get(self, key: Hashable, make: Callable[[], Image.Image]) -> Texture:
        if (texture := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return texture
        texture = texture_of(make())
        self.made += 1
        self._kept[key] = texture
        self._bytes += texture.width * texture.height * 4
        while len(self._kept) > _KEPT or (self._bytes > _LIGHT and len(self._kept) > 1):
            _old, gone = self._kept.popitem(last=False)
            self._bytes -= gone.width * gone.height * 4
        return texture

    def prepare(self, element: Element) -> bool:
        """Makes what an element will need, unless it is here; True when something was made."""
        before = self.made
        match element:
            case Letters():
                self.letters(element)
            case Icon():
                self.icon(element)
            case Picture():
                self.picture(element)
            case Box() if element.radius and not element.dash:
                self.box(element)
            case _:
                pass
        return self.made > before

    def letters(self, run: Letters) -> Texture:
        """White letters on nothing, to be tinted. The baseline is `OVERHANG` ems from the top."""
        key = ("letters", run.letters, run.px, run.weight, run.rare)

        def make() -> Image.Image:
            font = (rare_face(run.px) if run.rare else None) or face(run.weight, run.px)
            width = math.ceil(run.width) + 2 * PAD
            up, down = math.ceil(run.px * OVERHANG), math.ceil(run.px * UNDERHANG)
            mask = Image.new("L", (width, up + down), 0)
            ImageDraw.Draw(mask).text((PAD, up), run.letters, fill=255, font=font, anchor="ls")
            picture = Image.new("RGBA", mask.size, (255, 255, 255, 0))
            picture.putalpha(mask)
            return picture

        return self._get(key, make)

    def box(self, shown: Box) -> tuple[Texture, int]:
        """A small rounded box to be stretched, and how many px at its edges must not stretch."""
        radius = int(min(shown.radius, shown.rect.w / 2, shown.rect.h / 2))
        edge = max(radius, shown.border_px) + 1
        key = ("box", shown.fill, shown.border, shown.border_px, radius)
        return self._get(key, lambda: _box(shown, radius, edge)), edge

    def plain(self) -> Texture:
        """One white px, to be tinted and stretched."""
        return self._get(("plain",), lambda: Image.new("RGBA", (1, 1), (255, 255, 255, 255)))

    def dashed(self, shown: Box) -> Texture:
        """A box with a dashed border at its full size."""
        size = (int(shown.rect.w), int(shown.rect.h))
        key = ("dashed", shown.fill, shown.border, shown.border_px, shown.radius, size)
        width = shown.border_px
        path = box(
            width / 2, width / 2, size[0] - width, size[1] - width, max(1, shown.radius - width / 2)
        )
        shape = Shape(path, shown.fill, shown.border, width, dash=(width * 5, width * 4))
        return self._get(key, lambda: rasterise((shape,), size, size))

    def corners(self, radius: int, colour: Rgb) -> tuple[Texture, int]:
        """The ground's colour outside a rounded rectangle, nothing inside; to be stretched."""
        key = ("corners", radius, colour)

        def make() -> Image.Image:
            side = 2 * radius + 3
            hole = Image.new("L", (side * OVER, side * OVER), 255)
            ImageDraw.Draw(hole).rounded_rectangle(
                (0, 0, side * OVER - 1, side * OVER - 1), radius * OVER, fill=0
            )
            picture = Image.new("RGBA", (side, side), (*_bytes(colour), 0))
            picture.putalpha(hole.reduce(OVER))
            return picture

        return self._get(key, make), radius + 1

    def icon(self, shown: Icon) -> Texture:
        """A line icon."""
        side = max(1, int(shown.rect.w))
        key = ("icon", shown.name, side, shown.colour, shown.stroke)
        shapes = icon(shown.name, shown.colour, shown.stroke)
        return self._get(key, lambda: rasterise(shapes, (24, 24), (side, side)))

    def picture(self, shown: Picture) -> Texture:
        """A drawn picture."""
        size = (int(shown.rect.w), int(shown.rect.h))
        key = ("picture", shown.name, size, shown.palette, shown.args)

        def make() -> Image.Image:
            view, shapes = pictures.picture(shown.name, shown.palette, shown.args)
            return rasterise(shapes, view, size)

        return self._get(key, make)

    def forget_media(self, kept: set[str]) -> None:
        """Lets go of every picture of the visit but those whose references are in `kept`."""
        for key in list(self._kept):
            if isinstance(key, tuple) and key[0] == "media" and key[1] not in kept:
                gone = self._kept.pop(key)
                self._bytes -= gone.width * gone.height * 4

    def has_media(self, ref: str, size: tuple[int, int]) -> bool:
        """Whether a cut picture of the visit is here already."""
        return ("media", ref, size, False) in self._kept

    def media(
        self, ref: str, size: tuple[int, int], whole: bool, fetch: Callable[[str], bytes]
    ) -> Texture | None:
        """A picture of the visit, cut to `size` (or, `whole`, fitted into it). None: unreadable."""
        key = ("media", ref, size, whole)
        if (texture := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return texture
        data = fetch(ref) if ref else b""
        if not data:
            return None
        try:
            picture = Image.open(io.BytesIO(data))
            picture.draft("RGB", (size[0] * 2, size[1] * 2))
            picture = picture.convert("RGBA")
        except (OSError, ValueError):
            return None
        return self._get(key, lambda: _fitted(picture, size, whole))

    def code(self, content: str, side: int) -> Texture:
        """A QR code with its quiet zone of 4 modules, whole px a module, centred on white."""
        key = ("code", content, side)

        def make() -> Image.Image:
            matrix = [bytes(row) for row in segno.make(content, error="m", micro=False).matrix]
            count = len(matrix) + 8
            scale = max(1, side // count)
            small = Image.new("L", (count, count), 255)
            for y, row in enumerate(matrix):
                for x, dark in enumerate(row):
                    if dark:
                        small.putpixel((x + 4, y + 4), 0)
            large = small.resize((count * scale, count * scale), Image.Resampling.NEAREST)
            picture = Image.new("RGBA", (side, side), (255, 255, 255, 255))
            at = (side - large.width) // 2
            picture.paste(large.convert("RGBA"), (at, at))
            return picture

        return self._get(key, make)


def _bytes(colour: Rgb) -> tuple[int, int, int]:
    r, g, b = (round(part * 255) for part in colour)
    return r, g, b


def _box(shown: Box, radius: int, edge: int) -> Image.Image:
    side = 2 * edge + 1
    big = side * OVER
    outer = Image.new("L", (big, big), 0)
    ImageDraw.Draw(outer).rounded_rectangle((0, 0, big - 1, big - 1), radius * OVER, fill=255)
    width = shown.border_px * OVER if shown.border else 0
    inner = outer
    if width:
        inner = Image.new("L", (big, big), 0)
        ImageDraw.Draw(inner).rounded_rectangle(
            (width, width, big - 1 - width, big - 1 - width),
            max(0, radius * OVER - width),
            fill=255,
        )
    colour = _bytes(shown.border or shown.fill or (0, 0, 0))
    picture = Image.new("RGBA", (big, big), (*colour, 0))
    picture.putalpha(outer)
    if width and shown.fill is not None:
        picture.paste((*_bytes(shown.fill), 255), mask=inner)
    elif width:
        picture.paste((*colour, 0), mask=inner)
    return picture.reduce(OVER)


def _fitted(picture: Image.Image, size: tuple[int, int], whole: bool) -> Image.Image:
    ratio = min if whole else max
    scale = ratio(size[0] / picture.width, size[1] / picture.height)
    wide, high = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    picture = picture.resize((wide, high), Image.Resampling.LANCZOS)
    canvas = Image.new("RGBA", size, (255, 255, 255, 0))
    canvas.paste(picture, ((size[0] - wide) // 2, (size[1] - high) // 2))
    return canvas
