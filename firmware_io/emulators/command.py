# SPDX-License-Identifier: Apache-2.0
"""A staged device as a command of its own: options, a ready line, requests from stdin.

`serve` prints ``{"device": "...", "path": "..."}`` when ready, then reads one JSON request a line
from stdin and answers each with one JSON line on stdout, until SIGTERM or SIGINT; it keeps running
when stdin ends.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from firmware_io.emulators.desk import listen, say
from firmware_io.emulators.device import ControlError, Device
from firmware_io.emulators.stage import CONTROLS, Stage


def serve(
    build: Callable[[argparse.Namespace], Device],
    *,
    name: str,
    description: str,
    controls: str,
    options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
    argv: Sequence[str] | None = None,
) -> int:
    """The command of one emulator: parses `argv`, stages what `build` makes, serves stdin.

    `options` adds the device's own command-line options; ``--link``, ``--factor`` and ``--seed``
    are there already. Call it in a module's ``if __name__ == "__main__":`` and hand the exit status
    it answers with to `desk.leave`.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m firmware_io.emulators.{name}",
        description=description,
        epilog=f"{CONTROLS}\ncontrols of this device:\n{controls}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--link", metavar="PATH", help="symlink that always names the port")
    parser.add_argument(
        "--factor", type=float, default=1.0, help="scales the device's and the line's times (1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of all chance (0)")
    options(parser)
    arguments = parser.parse_args(argv)
    if arguments.factor < 0:
        parser.error("--factor cannot be below 0")
    try:
        stage = Stage(build(arguments), link=arguments.link)
        stage.open()
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stage.stop())
    say({"device": stage.device.name, "path": stage.path})
    listen(lambda said: stage.submit(_request(said), say))
    try:
        stage.run()
    finally:
        stage.close()
    return 0


def _request(said: Any) -> dict[str, Any] | ControlError:
    if isinstance(said, dict):
        return said
    return ControlError("not understood: a request is one JSON object on one line")
