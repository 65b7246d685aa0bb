# SPDX-License-Identifier: Apache-2.0
"""A window of Kivy with one word in it, as a program of its own: what Kivy itself takes to start.

``python -m bench.bare_window 1280 800`` prints the seconds from the start of the process until
the first picture is on the panel, then ends.
"""

import os
import sys
import time
from pathlib import Path


def process_age_s() -> float:
    """Seconds since the kernel started this process."""
    ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def main(width: str, height: str) -> None:
    """Shows the window once."""
    quiet = ("KIVY_NO_ARGS", "KIVY_NO_CONFIG", "KIVY_NO_FILELOG", "KIVY_NO_CONSOLELOG")
    os.environ.update(dict.fromkeys(quiet, "1"))
    from kivy.config import Config

    for name, value in {"width": width, "height": height, "multisamples": "0"}.items():
        Config.set("graphics", name, value)
    from kivy.app import App
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish
    from kivy.uix.label import Label

    class Bare(App):
        def build(self) -> Label:
            return Label(text="ID Booth")

    def on_flip(_window: object) -> bool:
        Window.flip()
        glFinish()
        print(process_age_s(), flush=True)
        os._exit(0)

    Window.bind(on_flip=on_flip)
    Bare().run()


if __name__ == "__main__":
    main(*sys.argv[1:3])
