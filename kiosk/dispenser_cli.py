# SPDX-License-Identifier: Apache-2.0
"""``kiosk dispenser ...``: what a technician does with a card machine that nobody here has seen."""

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from drivers.dispenser import Dispenser
from drivers.errors import BoothError
from kiosk.config import ConfigError, DispenserTable, load
from kiosk.dispenser_proof import CARDS, NAMES, Place, Step, prove, proven, seen_by
from kiosk.texts import words
from kiosk.view import text

app = typer.Typer(help="The card dispenser.", no_args_is_help=True)
PLACES = ", ".join(Place)


@app.callback()
def dispenser() -> None:
    """The card dispenser."""


class AtTheTerminal:
    """A technician who types the first letter of a place."""

    def where(self, step: str) -> Place:
        """Asks until it is one of them."""
        while True:
            said = (
                str(typer.prompt(f"  Where is the card after '{step}'? {PLACES}")).strip().lower()
            )
            for place in Place:
                if said and place.startswith(said):
                    return place

    def takes(self) -> bool:
        """Enter when about to take it."""
        asked = "  Take the card out of the mouth, then press Enter (q: give up)"
        return not str(typer.prompt(asked, default="", show_default=False)).lower().startswith("q")


@app.command("prove")
def run_proof(
    path: Annotated[str, typer.Option(help="Its line; else the one of booth.toml.")] = "",
    make: Annotated[str, typer.Option(help="k7, crt571 or crt591; else booth.toml's.")] = "",
    address: Annotated[int | None, typer.Option(help="0 to 15; else booth.toml's.")] = None,
    feed: Annotated[str, typer.Option(help="Command to try for: hopper to reader.")] = "",
    present: Annotated[str, typer.Option(help="Command to try for: reader to mouth.")] = "",
    capture: Annotated[str, typer.Option(help="Command to try for: into the box.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where the report (JSON) goes.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="booth.toml")] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Folder of the development booth.")
    ] = None,
) -> None:
    """Make every movement of a booth with dummy cards, and say what each command really does.

    The booth must not run: it holds the line. Nothing is written but the report; the booth's own
    books are not touched. Exit status 1 when something is not as it should be.
    """
    console = Console(highlight=False)
    try:
        table = DispenserTable() if path else load(config or _development(state)).devices.dispenser
        fitted = table.settings()
        settings = replace(
            fitted,
            make=make or fitted.make,
            address=fitted.address if address is None else address,
            feed=feed or fitted.feed,
            present=present or fitted.present,
            capture=capture or fitted.capture,
        )
    except (ConfigError, ValueError) as wrong:
        _stop(str(wrong))
        return
    with tempfile.TemporaryDirectory() as folder:
        machine = Dispenser(path or table.path, Path(folder) / "journal", settings=settings)
        try:
            status = machine.look()
            told = ", ".join(f"{NAMES[verb]} {one}" for verb, one in settings.commands.items())
            console.print(f"{settings.make} at {path or table.path}: {seen_by(status)}\n{told}")
            console.print(
                f"Take all real cards out and lay {CARDS} dummy cards into the hopper. "
                "The channel must be empty, the box not full. Fingers off while it moves."
            )
            if not typer.confirm("Begin?"):
                raise typer.Exit(1)
            steps = prove(
                machine, settings.commands, AtTheTerminal(), lambda step: _told(console, step)
            )
        except BoothError as wrong:
            said = [words(text(key), "en") for key in (wrong.code, f"{wrong.code}.remedy")]
            _stop(". ".join(said + _elsewhere(machine, wrong)))
            return
        finally:
            machine.close()
    console.print(_table(steps))
    good = proven(steps)
    console.print("Proven." if good else _advice(steps[-1]))
    if out is not None:
        report = {"make": settings.make, "proven": good, "steps": [asdict(one) for one in steps]}
        try:
            out.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
        except OSError as wrong:
            _stop(f"{out} cannot be written: {wrong.strerror}")
    raise typer.Exit(0 if good else 1)


def _told(console: Console, step: Step) -> None:
    console.print(f"  {step.name} {step.command}: {step.reason or 'done'}, now: {step.after}")


def _table(steps: list[Step]) -> Table:
    table = Table("step", "command", "before", "after", "s", "driver", "card is", "proven")
    for one in steps:
        table.add_row(
            one.name,
            one.command,
            one.before,
            one.after,
            f"{one.seconds:.1f}",
            one.reason.removeprefix("dispenser.") or "content",
            one.seen if one.seen is one.wanted else f"{one.seen}, not {one.wanted}",
            "yes" if one.proven else "NO",
        )
    return table


def _advice(last: Step) -> str:
    where = "" if last.seen is last.wanted else f" brought the card to: {last.seen}"
    return (
        f"Not proven: '{last.name}'{f' ({last.command})' if last.command else ''}{where}. "
        "Take the dummy card out; try another command with --feed, --present or --capture, "
        "and when all is proven set it in devices.dispenser."
    )


def _elsewhere(machine: Dispenser, wrong: BoothError) -> list[str]:
    """At which addresses a silent machine would have answered."""
    if wrong.code != "dispenser.silent":
        return []
    with contextlib.suppress(BoothError):
        found = ", ".join(map(str, machine.find_addresses()))
        return [f"One answers at address {found}" if found else "None answers at any address"]
    return []


def _development(state: Path | None) -> Path:
    return (state or Path(os.environ.get("IDBOOTH_STATE", "var"))) / "booth.toml"


def _stop(why: str) -> None:
    typer.echo(f"kiosk dispenser prove: {why}", err=True)
    raise typer.Exit(2)
