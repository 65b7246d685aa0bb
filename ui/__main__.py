# SPDX-License-Identifier: Apache-2.0
"""The front process: one visit on one screen. ``python -m ui --config booth.toml``."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from ui.options import Options


def main(arguments: list[str] | None = None) -> int:
    """Runs one visit; 0 when it ended by itself and everything is wiped."""
    parser = argparse.ArgumentParser(prog="ui", description="the front: one visit")
    parser.add_argument("--config", type=Path, required=True, help="booth.toml")
    parser.add_argument("--door", type=Path, help="socket for scripted touches (development)")
    parser.add_argument("--report", type=Path, help="file that says how the visit ended")
    given = parser.parse_args(arguments)
    from kiosk import log
    from kiosk.config import ConfigError, load

    log.configure()

    try:
        settings = load(given.config)
    except ConfigError as wrong:
        print(f"ui: {wrong}", file=sys.stderr)
        return 2
    from kiosk.front import open_front
    from ui.app import run

    front = open_front(settings)
    front.start()
    screen = settings.screen
    options = Options(
        width=screen.width,
        height=screen.height,
        fullscreen=screen.fullscreen,
        control=given.door,
    )
    if screen.dpi:
        options = replace(options, dpi=screen.dpi)
    try:
        status = run(front.conductor, options)
    finally:
        if given.report is not None:
            front.report(given.report)
        front.close()
    return status


if __name__ == "__main__":
    # Daemon threads may sit in C libraries; the process ends now and with it all it knew.
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
