# SPDX-License-Identifier: Apache-2.0
"""The front process: one visit on one screen. ``python -m ui --config booth.toml``."""

import argparse
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ui.app import NoDisplayError, open_window, run
from ui.options import Options

if TYPE_CHECKING:
    from kiosk.config import Settings

CANNOT_START = 2
CLOSING_S = 1.5
"""A device that does not let go within this time is left to the end of the process."""
SWITCH_S = 0.001
"""How long the drawing thread waits for a busy device thread at most (Python's own is 0.005)."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one visit; 0 when it ended by itself or by SIGTERM and everything is wiped.

    2: it could not start, and a sentence on stderr says why; no window has been shown.
    """
    parser = argparse.ArgumentParser(prog="ui", description="the front: one visit")
    parser.add_argument("--config", type=Path, required=True, help="booth.toml")
    parser.add_argument("--door", type=Path, help="socket for scripted touches (development)")
    parser.add_argument("--report", type=Path, help="file that says how the visit ended")
    given = parser.parse_args(arguments)
    # Until the screens handle it themselves, there is nothing to wipe.
    signal.signal(signal.SIGTERM, lambda *_args: os._exit(0))
    sys.setswitchinterval(SWITCH_S)
    from kiosk import log
    from kiosk.config import ConfigError, load

    log.configure()
    try:
        settings = load(given.config)
    except ConfigError as wrong:
        return _refuse(str(wrong))
    except OSError as wrong:
        return _refuse(f"{given.config}: cannot be read: {wrong.strerror}")
    from kiosk.front import open_front

    try:
        front = open_front(settings)
    except OSError as wrong:
        return _refuse(
            f"{wrong.filename or settings.post.keys_dir}: {wrong.strerror or wrong};"
            " the booth needs the counter's and the centre's keys in post.keys_dir"
        )
    except ValueError:
        return _refuse(f"{settings.post.keys_dir}: a key file there does not hold a public key")
    options = _options(settings, given.door)
    try:
        open_window(options)
    except NoDisplayError as wrong:
        front.devices.close()
        return _refuse(str(wrong))
    try:
        # The devices open beside the first screen, not before it.
        return run(front.conductor, options, front.start)
    finally:
        if given.report is not None:
            front.report(given.report)
        closing = threading.Thread(target=front.close, name="closing", daemon=True)
        closing.start()
        closing.join(CLOSING_S)


def _options(settings: "Settings", door: Path | None) -> Options:
    screen = settings.screen
    options = Options(
        width=screen.width, height=screen.height, fullscreen=screen.fullscreen, control=door
    )
    return replace(options, dpi=screen.dpi) if screen.dpi else options


def _refuse(why: str) -> int:
    sys.stderr.write(f"ui: {why}\n")
    return CANNOT_START


if __name__ == "__main__":
    # Daemon threads may sit in C libraries; the process ends now and with it all it knew.
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
