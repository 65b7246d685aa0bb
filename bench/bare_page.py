# SPDX-License-Identifier: Apache-2.0
"""A bare Kivy window that opens a page of pictures, as a program of its own.

``python -m bench.bare_page 1280 800 12 149 183 7`` opens 7 times, after an empty page, one of 12
pictures of 149 x 183 px cut out of JPEG files of 358 x 441, and prints a time in milliseconds a
line: from the wish to the picture on the panel. Nothing is kept from one page to the next.
"""

import io
import os
import sys
import time


def main(width: str, height: str, *numbers: str) -> None:
    """Opens the page some times."""
    count, wide, high, times = (int(one) for one in numbers)
    quiet = ("KIVY_NO_ARGS", "KIVY_NO_CONFIG", "KIVY_NO_FILELOG", "KIVY_NO_CONSOLELOG")
    os.environ.update(dict.fromkeys(quiet, "1"))
    from kivy.config import Config

    for name, value in {"width": width, "height": height, "multisamples": "0"}.items():
        Config.set("graphics", name, value)
    from kivy.app import App
    from kivy.clock import Clock
    from kivy.core.window import Window
    from kivy.graphics import Canvas, Rectangle
    from kivy.graphics.opengl import glFinish
    from kivy.graphics.texture import Texture
    from kivy.uix.widget import Widget
    from PIL import Image

    file = io.BytesIO()
    Image.effect_noise((358, 441), 60).convert("RGB").save(file, "JPEG", quality=75)
    page = Widget(size=(int(width), int(height)), size_hint=(None, None))
    canvas = Canvas()
    page.canvas = canvas
    wished: list[float] = []
    taken: list[float] = []

    def picture() -> Texture:
        image = Image.open(io.BytesIO(file.getvalue())).convert("RGBA")
        image = image.resize((wide, high), Image.Resampling.LANCZOS)
        texture = Texture.create(size=image.size, colorfmt="rgba")
        texture.blit_buffer(image.tobytes(), colorfmt="rgba", bufferfmt="ubyte")
        return texture

    def open_page(_dt: float) -> None:
        wished.append(time.perf_counter())
        with canvas:
            for number in range(count):
                place = (number % 6 * (wide + 20), number // 6 * (high + 40))
                Rectangle(pos=place, size=(wide, high), texture=picture())

    def on_flip(_window: object) -> bool:
        Window.flip()
        glFinish()
        if len(wished) > len(taken):
            taken.append((time.perf_counter() - wished[-1]) * 1000)
            print(taken[-1], flush=True)
            if len(taken) == times:
                os._exit(0)
            canvas.clear()
        elif not canvas.children:
            Clock.schedule_once(open_page, 0)
        canvas.ask_update()
        return True

    Window.bind(on_flip=on_flip)

    class Bare(App):
        def build(self) -> Widget:
            return page

    Bare().run()


if __name__ == "__main__":
    main(*sys.argv[1:7])
