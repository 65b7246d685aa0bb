# SPDX-License-Identifier: Apache-2.0
"""The contact sheet: every sample screen in real pixels. ``python -m ui.gallery --out DIR``."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.events import Event
from kiosk.head import PreviewFrame
from kiosk.view import View
from ui import sample_pictures, samples
from ui.drawing import Drawing
from ui.environment import prepare
from ui.options import Options
from ui.theme import PX_PER_MM, Look

LOOKS: dict[str, Look] = {
    "zh": Look(),
    "en": Look(language="en"),
    "zh-large": Look(large=True),
    "en-large": Look(language="en", large=True),
    "zh-contrast": Look(contrast=True),
    "zh-800x480": Look(800, 480, 133 / 25.4),
    "en-800x480": Look(800, 480, 133 / 25.4, language="en"),
    "zh-portrait": Look(800, 1280, PX_PER_MM),
    "en-portrait": Look(800, 1280, PX_PER_MM, language="en"),
}
"""What the screens are shown in: language, size, contrast, and two other panels."""


def preview_frame() -> PreviewFrame:
    """A drawn person as the camera would see one."""
    picture = sample_pictures.person(1280, 720)
    return PreviewFrame(1, time.monotonic(), 1280, 720, picture.tobytes())


class Stage:
    """A real window in which views are drawn and read back. One per process."""

    def __init__(self) -> None:
        prepare(Options(strict=True))
        from kivy.base import EventLoop
        from kivy.core.window import Window

        self.window = Window
        EventLoop.ensure_window()
        self.events: list[Event] = []

    def shoot(self, view: View, look: Look, path: Path) -> Drawing:
        """Draws a view, saves it as PNG and gives what was drawn."""
        from kivy.graphics import Color, Fbo, Rectangle
        from PIL import Image

        from ui.host import ScreenHost

        host = ScreenHost(look, self.events.append, sample_pictures.media, strict=True)
        host.show(view)
        host.preview(preview_frame())
        fbo = Fbo(size=(look.width, look.height))
        with fbo:
            Color(*look.palette.paper)
            Rectangle(size=(look.width, look.height))
        fbo.add(host.ground)
        fbo.draw()
        picture = Image.frombytes("RGBA", fbo.size, fbo.pixels).convert("RGB")
        picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(path)
        fbo.remove(host.ground)
        assert host.drawing is not None  # noqa: S101  shown above
        return host.drawing


def draw(out: Path, looks: dict[str, Look]) -> Iterator[Path]:
    """Every sample view in every look, and a contact sheet of each look."""
    from PIL import Image

    stage = Stage()
    for name, look in looks.items():
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        paths: list[Path] = []
        for title, view in samples.views().items():
            path = folder / f"{title}.png"
            stage.shoot(view, look, path)
            paths.append(path)
            yield path
        across = 4
        wide = 640 if look.width >= look.height else 320
        high = round(wide * look.height / look.width)
        sheet = Image.new(
            "RGB", (across * (wide + 8), -(-len(paths) // across) * (high + 8)), (139, 150, 160)
        )
        for number, path in enumerate(paths):
            small = Image.open(path).resize((wide, high), Image.Resampling.LANCZOS)
            sheet.paste(
                small, (number % across * (wide + 8) + 4, number // across * (high + 8) + 4)
            )
        sheet.save(out / f"{name}.png")
        yield out / f"{name}.png"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m ui.gallery", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--look", choices=sorted(LOOKS), action="append", help="only this look")
    asked = parser.parse_args()
    looks = {name: look for name, look in LOOKS.items() if not asked.look or name in asked.look}
    for path in draw(asked.out, looks):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
