# SPDX-License-Identifier: Apache-2.0
"""``kiosk printer ...``: what a technician does with a printer of a make nobody here has seen."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from drivers.errors import BoothError
from drivers.printer_probe import probe as ask
from drivers.printer_profile import profile_of, save
from kiosk.config import ConfigError, load
from kiosk.texts import words
from kiosk.view import text

app = typer.Typer(help="The receipt printer.", no_args_is_help=True)


@app.callback()
def printer() -> None:
    """The receipt printer."""


@app.command()
def probe(
    path: Annotated[str, typer.Option(help="Its line; else the one of booth.toml.")] = "",
    baudrate: Annotated[int, typer.Option(help="Of a serial line.")] = 0,
    base: Annotated[
        str, typer.Option(help="A profile for what cannot be asked: 80, 58, 80-presenter.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="Where the profile (TOML) goes.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="booth.toml")] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="Folder of the development booth.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Ask the printer what it can do and write its profile; no paper moves.

    The booth must not run: it holds the line. Then set devices.printer.profile to the file.
    """
    try:
        fitted = load(config or _development(state)).devices.printer if not path else None
        line = path or (fitted.path if fitted else "")
        speed = baudrate or (fitted.baudrate if fitted else 115200)
        model = profile_of(base or (fitted.profile if fitted else "80"))
        found = ask(line, baudrate=speed, base=model)
        if out is not None:
            save(found.profile, out)
    except BoothError as wrong:
        said = (words(text(key), "en") for key in (wrong.code, f"{wrong.code}.remedy"))
        _stop(". ".join(said))
    except (ConfigError, ValueError) as wrong:
        _stop(str(wrong))
    except OSError as wrong:
        _stop(f"{out} cannot be written: {wrong.strerror}")
    else:
        if as_json:
            typer.echo(json.dumps({**asdict(found), "file": str(out or "")}, ensure_ascii=False))
            return
        able = asdict(found.profile)
        for name in ("name", "process_ids", "queued_status", "automatic", "clears"):
            typer.echo(f"{name:>14}  {able[name]}")
        typer.echo(f"{'font':>14}  {found.language or 'not told'}")
        if out is not None:
            typer.echo(f"{'profile':>14}  {out}")


def _development(state: Path | None) -> Path:
    return (state or Path(os.environ.get("IDBOOTH_STATE", "var"))) / "booth.toml"


def _stop(why: str) -> None:
    typer.echo(f"kiosk printer probe: {why}", err=True)
    raise typer.Exit(2)
