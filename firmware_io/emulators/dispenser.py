# SPDX-License-Identifier: Apache-2.0
"""A card dispenser of one of three makes on a pseudo-terminal: the command."""

import argparse
from collections.abc import Sequence

from firmware_io.emulators.command import serve
from firmware_io.emulators.desk import leave
from firmware_io.emulators.dispenser_crt import BUILDS, Crt
from firmware_io.emulators.dispenser_desk import CONTROLS, DispenserDevice
from firmware_io.emulators.dispenser_k7 import K7

MAKES = ("k7", *BUILDS)


def dispenser(
    make: str = "k7", *, address: int = 0, factor: float = 1.0, seed: int = 0
) -> DispenserDevice:
    """One machine. ValueError for an address that is not 0 to 15."""
    if make == "k7":
        return K7(address=address, factor=factor, seed=seed)
    return Crt(make, address=address, factor=factor, seed=seed)


def main(argv: Sequence[str] | None = None) -> int:
    """The command: see ``--help``."""

    def options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--make", choices=MAKES, default="k7", help="which machine (k7)")
        parser.add_argument("--address", type=int, default=0, help="0 to 15 (0)")

    def build(arguments: argparse.Namespace) -> DispenserDevice:
        return dispenser(
            arguments.make,
            address=arguments.address,
            factor=arguments.factor,
            seed=arguments.seed,
        )

    return serve(
        build,
        name="dispenser",
        description="A K7x0, CRT-571 or CRT-591 card dispenser on a pseudo-terminal.",
        controls=CONTROLS,
        options=options,
        argv=argv,
    )


if __name__ == "__main__":
    leave(main())
