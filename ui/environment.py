# SPDX-License-Identifier: Apache-2.0
"""Kivy's surroundings, set in one place before Kivy is first imported."""

import os
import sys
import tempfile
from pathlib import Path

from ui.options import Options


def prepare(options: Options) -> None:
    """Sets Kivy's environment and configuration. Raises `RuntimeError` when Kivy is already here.

    Kivy must not read the command line, anybody's configuration or write log files; the panel's
    density comes from the settings, since SDL often reports 96 dpi whatever the panel is.
    """
    if "kivy" in sys.modules:
        raise RuntimeError("Kivy was imported before its environment was prepared")
    fixed = {
        "KIVY_NO_ARGS": "1",
        "KIVY_NO_CONFIG": "1",
        "KIVY_NO_ENV_CONFIG": "1",
        "KIVY_NO_FILELOG": "1",
        "KIVY_NO_CONSOLELOG": "1",
        "KIVY_LOG_MODE": "PYTHON",
        "KIVY_DPI": f"{options.dpi:.2f}",
        "KIVY_METRICS_DENSITY": "1",
        "KIVY_METRICS_FONTSCALE": "1",
        # The other window providers end the process where they find no display.
        "KIVY_WINDOW": "sdl2",
        # SDL would turn SIGTERM into a request to close the window, which the kiosk refuses.
        "SDL_NO_SIGNAL_HANDLERS": "1",
    }
    os.environ.update(fixed)
    if "KIVY_HOME" not in os.environ:
        home = options.home or Path(tempfile.gettempdir()) / f"id-booth-screens-{os.getuid()}"
        os.environ["KIVY_HOME"] = str(home)
    if os.environ.get("DISPLAY"):
        # A display that does not answer is said, not replaced by pictures that nobody sees.
        os.environ.setdefault("SDL_VIDEODRIVER", "x11")
    elif not Path("/dev/dri").exists():
        # Nothing to show on: real pixels into memory.
        os.environ.setdefault("SDL_VIDEODRIVER", "offscreen")
    _configure(options)


def _configure(options: Options) -> None:
    from kivy.config import Config

    settings: dict[tuple[str, str], str] = {
        ("kivy", "exit_on_escape"): "0",
        ("kivy", "desktop"): "0",
        ("kivy", "log_level"): "warning",
        ("graphics", "width"): str(options.width),
        ("graphics", "height"): str(options.height),
        ("graphics", "fullscreen"): "auto" if options.fullscreen else "0",
        ("graphics", "show_cursor"): "0" if options.fullscreen else "1",
        ("graphics", "resizable"): "0",
        ("graphics", "multisamples"): "0",
        ("graphics", "maxfps"): "60",
        ("graphics", "allow_screensaver"): "0",
        ("input", "mouse"): "mouse,disable_multitouch",
    }
    for (section, name), value in settings.items():
        Config.set(section, name, value)
    # SDL already delivers the panel's touches: a second reader would double each of them.
    Config.remove_option("input", "%(name)s")
