# SPDX-License-Identifier: Apache-2.0
"""Puts a drawing on a Kivy canvas, and changes only what differs from the drawing before."""

import math
from collections.abc import Callable, Iterable
from functools import singledispatchmethod

from kivy.graphics import BorderImage, ClearBuffers, ClearColor, Color, Rectangle
from kivy.graphics.instructions import InstructionGroup
from kivy.graphics.texture import Texture

from kiosk.head import PreviewFrame
from ui.drawing import (
    Box,
    Code,
    Drawing,
    Element,
    Icon,
    Letters,
    Live,
    Media,
    Pad,
    Picture,
    Progress,
    Rect,
)
from ui.textures import OVERHANG, PAD, Textures

ZOOM = 1.0
"""Share of the camera's height that the preview shows, about its middle."""


class Painter:
    """Draws on an `InstructionGroup` of a panel `height` px high.

    `media` gives the bytes behind a reference; it is asked again while it gives none.
    """

    def __init__(self, group: InstructionGroup, height: int, media: Callable[[str], bytes]) -> None:
        self.textures = Textures()
        self._height = height
        self._media = media
        self._items: list[tuple[Element | tuple[float, ...], InstructionGroup]] = []
        self._missing: set[Element] = set()
        self._preview: Texture | None = None
        self._live: tuple[Live, Rectangle] | None = None
        self._bars: list[tuple[Progress, Rectangle]] = []
        self._paper: tuple[float, float, float] = (1, 1, 1)
        # Clearing is cheaper than a box over the whole panel.
        self._ground = ClearColor(1, 1, 1, 1)
        group.add(self._ground)
        group.add(ClearBuffers(clear_color=True))
        self._root = InstructionGroup()
        group.add(self._root)

    @property
    def has_live(self) -> bool:
        """Whether the present drawing shows the camera."""
        return self._live is not None

    @property
    def holds_preview(self) -> bool:
        """Whether a picture of the camera is held."""
        return self._preview is not None

    @property
    def has_progress(self) -> bool:
        """Whether a bar moves."""
        return bool(self._bars)

    def paint(self, drawing: Drawing) -> None:
        """Shows the drawing."""
        self._paper = drawing.ground
        self._ground.rgb = drawing.ground
        wanted = drawing.elements
        old = self._items
        same = 0
        while (
            same < len(old)
            and same < len(wanted)
            and old[same][0] == wanted[same]
            and wanted[same] not in self._missing
        ):
            same += 1
        tail = 0
        while (
            tail < min(len(old), len(wanted)) - same
            and old[-1 - tail][0] == wanted[-1 - tail]
            and wanted[-1 - tail] not in self._missing
        ):
            tail += 1
        gone = old[same : len(old) - tail]
        new = wanted[same : len(wanted) - tail]
        for element, group in gone:
            self._root.remove(group)
            if self._live is not None and element is self._live[0]:
                self._live = None
            self._bars = [bar for bar in self._bars if bar[0] is not element]
        made: list[tuple[Element | tuple[float, ...], InstructionGroup]] = []
        for number, element in enumerate(new):
            group = InstructionGroup()
            self._missing.discard(element)
            self._draw(element, group)
            self._root.insert(same + number, group)
            made.append((element, group))
        self._items = [*old[:same], *made, *old[len(old) - tail :]]

    def forget(self) -> None:
        """Lets go of the visit's pictures that the present drawing does not show."""
        self.textures.forget_media(
            {element.ref for element, _group in self._items if isinstance(element, Media)}
        )
        if self._live is None:
            self._preview = None

    def _place(
        self, group: InstructionGroup, rect: Rect, texture: Texture | None = None
    ) -> Rectangle:
        shown = Rectangle(
            pos=(rect.x, self._height - rect.y - rect.h),
            size=(rect.w, rect.h),
            texture=texture or self.textures.plain(),
        )
        group.add(shown)
        return shown

    @singledispatchmethod
    def _draw(self, element: Element, group: InstructionGroup) -> None:
        raise TypeError(f"nothing draws {type(element).__name__}")

    @_draw.register
    def _box(self, element: Box, group: InstructionGroup) -> None:
        rect = element.rect
        if rect.w < 1 or rect.h < 1:
            return
        if element.radius == 0 and element.border is None:
            if element.fill is not None:
                group.add(Color(*element.fill))
                self._place(group, rect)
            return
        group.add(Color(1, 1, 1))
        if element.dash:
            self._place(group, rect, self.textures.dashed(element))
            return
        texture, edge = self.textures.box(element)
        self._stretch(group, rect, texture, edge)

    def _stretch(self, group: InstructionGroup, rect: Rect, texture: Texture, edge: int) -> None:
        group.add(
            BorderImage(
                pos=(rect.x, self._height - rect.y - rect.h),
                size=(rect.w, rect.h),
                texture=texture,
                border=(edge, edge, edge, edge),
            )
        )

    @_draw.register
    def _letters(self, element: Letters, group: InstructionGroup) -> None:
        texture = self.textures.letters(element)
        group.add(Color(*element.colour))
        up = math.ceil(element.px * OVERHANG)
        rect = Rect(
            round(element.x) - PAD, round(element.baseline) - up, texture.width, texture.height
        )
        self._place(group, rect, texture)

    @_draw.register
    def _icon(self, element: Icon, group: InstructionGroup) -> None:
        group.add(Color(1, 1, 1))
        self._place(group, element.rect, self.textures.icon(element))

    @_draw.register
    def _picture(self, element: Picture, group: InstructionGroup) -> None:
        group.add(Color(1, 1, 1))
        self._place(group, element.rect, self.textures.picture(element))

    @_draw.register
    def _media_picture(self, element: Media, group: InstructionGroup) -> None:
        size = (int(element.rect.w), int(element.rect.h))
        texture = self.textures.media(element.ref, size, element.whole, self._media)
        if texture is None:
            self._missing.add(element)
            return
        group.add(Color(1, 1, 1))
        self._place(group, element.rect, texture)

    @_draw.register
    def _live_picture(self, element: Live, group: InstructionGroup) -> None:
        group.add(Color(0.16, 0.2, 0.24) if self._preview is None else Color(1, 1, 1))
        rectangle = self._place(group, element.rect, self._preview)
        self._live = (element, rectangle)
        if self._preview is not None:
            rectangle.tex_coords = mirrored(self._preview, element.rect)
        group.add(Color(1, 1, 1))
        texture, edge = self.textures.corners(element.radius, self._paper)
        self._stretch(group, element.rect, texture, edge)

    @_draw.register
    def _pad(self, element: Pad, group: InstructionGroup) -> None:
        """The strokes are drawn by the pad itself, over everything."""

    @_draw.register
    def _progress(self, element: Progress, group: InstructionGroup) -> None:
        group.add(Color(*element.ground))
        self._place(group, element.rect)
        group.add(Color(*element.fill))
        self._bars.append((element, self._place(group, element.rect.left(0))))

    @_draw.register
    def _code(self, element: Code, group: InstructionGroup) -> None:
        group.add(Color(1, 1, 1))
        self._place(group, element.rect, self.textures.code(element.content, int(element.rect.w)))

    # -- what moves

    def progress(self, elapsed_s: float) -> None:
        """Moves the bars: fast at first, never quite full, so that it never lies."""
        for bar, rectangle in self._bars:
            span = bar.typical_s or 6.0
            share = 1 - math.exp(-1.6 * elapsed_s / span)
            rectangle.size = (round(bar.rect.w * min(share, 0.97)), bar.rect.h)

    def warm(self, refs: Iterable[str], size: tuple[int, int]) -> None:
        """Makes one texture that a later screen will need, if one is missing."""
        for ref in refs:
            if not self.textures.has_media(ref, size):
                self.textures.media(ref, size, False, self._media)
                return

    def preview(self, frame: PreviewFrame) -> None:
        """Shows the camera's newest picture, mirrored by texture coordinates."""
        if self._live is None:
            return
        size = (frame.width, frame.height)
        fresh = self._preview is None or self._preview.size != size
        if fresh:
            self._preview = Texture.create(size=size, colorfmt="rgb")
        texture = self._preview
        assert texture is not None  # noqa: S101  made just above
        rgb = frame.rgb
        if isinstance(rgb, memoryview) and rgb.readonly:
            rgb = bytes(rgb)  # Kivy takes bytes or what it could write to
        texture.blit_buffer(rgb, colorfmt="rgb", bufferfmt="ubyte")
        element, rectangle = self._live
        if fresh or rectangle.texture is not texture:
            # The first picture: the dark ground gives way to it.
            self._redraw(element)
        self._root.flag_update()

    def _redraw(self, element: Element) -> None:
        for number, (known, group) in enumerate(self._items):
            if known is element:
                self._root.remove(group)
                again = InstructionGroup()
                self._draw(element, again)
                self._root.insert(number, again)
                self._items[number] = (element, again)
                return


def mirrored(texture: Texture, rect: Rect) -> tuple[float, ...]:
    """Texture coordinates of the picture's middle in the shape of `rect`, left and right swapped.

    Rows of the picture run top to bottom, so v grows downwards.
    """
    high = ZOOM
    wide = rect.w / rect.h * texture.height / texture.width * high
    if wide > 1:
        high, wide = high / wide, 1.0
    left, right = 0.5 + wide / 2, 0.5 - wide / 2
    top, bottom = 0.5 - high / 2, 0.5 + high / 2
    (u0, v0), (us, vs) = texture.uvpos, texture.uvsize
    left, right = u0 + us * left, u0 + us * right
    top, bottom = v0 + vs * top, v0 + vs * bottom
    return left, bottom, right, bottom, right, top, left, top
