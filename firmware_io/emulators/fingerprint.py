# SPDX-License-Identifier: Apache-2.0
"""The fingerprint module's emulator, as a command and for tests.

    python -m firmware_io.emulators.fingerprint --link /tmp/finger --profile as608

Speaks EF01 on a pseudo-terminal at 57600 bits a second as ZFM, AS608 and R503 modules do, with
their times, buffers and refusals; any client for such modules can be pointed at the port. Fingers
are synthetic. ``--help`` lists the requests that it takes as JSON lines.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.ef01.controls import CONTROLS
from firmware_io.emulators.ef01.memory import Flash
from firmware_io.emulators.ef01.module import Module
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.emulators.stage import Stage

DEFAULT_PROFILE = "as608"  # the one that tells dry from wet


class FingerprintEmulator(Stage):
    """The module in this process, for tests: a context manager with `path` and `control`."""

    def __init__(
        self,
        profile: str = DEFAULT_PROFILE,
        *,
        flash: Path | None = None,
        greets: bool = True,
        factor: float = 1.0,
        seed: int = 0,
        link: str | Path | None = None,
    ) -> None:
        self.module = Module(
            PROFILES[profile], flash=Flash.load(flash), greets=greets, factor=factor, seed=seed
        )
        super().__init__(self.module, link=link)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; the exit code."""
    return serve(
        _build,
        name="fingerprint",
        description="An EF01 fingerprint module on a pseudo-terminal.",
        controls=CONTROLS,
        options=_options,
        argv=argv,
    )


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        default=DEFAULT_PROFILE,
        help=f"kind of module ({DEFAULT_PROFILE})",
    )
    parser.add_argument(
        "--flash", type=Path, metavar="FILE", help="keeps library and settings over restarts"
    )
    parser.add_argument(
        "--no-greeting",
        action="store_true",
        help="sends no 55 after power-on; some clients stumble over that byte for good",
    )


def _build(arguments: argparse.Namespace) -> Module:
    return Module(
        PROFILES[arguments.profile],
        flash=Flash.load(arguments.flash),
        greets=not arguments.no_greeting,
        factor=arguments.factor,
        seed=arguments.seed,
    )


if __name__ == "__main__":
    leave(main())
