# SPDX-License-Identifier: Apache-2.0
"""The `kiosk` command. Starts the processes by command line and imports none of them."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="kiosk",
    help="ID Booth: the booth's own command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

EMULATORS = (
    "fingerprint",
    "idreader",
    "printer",
    "lockboard",
    "dispenser",
    "camera",
    "speaker",
    "smartcard",
    "line",
)
StateOption = Annotated[
    Path, typer.Option("--state", help="Folder of the development booth (keys, outbox, logs).")
]
ConfigOption = Annotated[Path, typer.Option("--config", help="booth.toml")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


def default_state() -> Path:
    """Where a development booth lives unless told otherwise."""
    return Path(os.environ.get("IDBOOTH_STATE", "var"))


def say(line: str) -> None:
    """A line of progress, beside the result."""
    print(f"  {line}", file=sys.stderr, flush=True)


def stop(command: str, why: object) -> None:
    """One sentence and exit status 2."""
    print(f"kiosk {command}: {why}", file=sys.stderr)
    raise typer.Exit(2)


@app.command()
def run(
    state: StateOption = default_state(),
    headless: Annotated[bool, typer.Option(help="Even with a display.")] = False,
    port: Annotated[int, typer.Option(help="The counter's console.")] = 8080,
    bench_port: Annotated[int, typer.Option(help="The workbench's page.")] = 8081,
) -> None:
    """The whole booth on this machine: a window and a workbench, or a scripted visit."""
    from kiosk.stack.run import run_scripted, run_window

    if os.environ.get("DISPLAY") and not headless:
        raise typer.Exit(run_window(state, port, bench_port))
    raise typer.Exit(run_scripted(state, port))


@app.command()
def visit(
    citizen: Annotated[Path, typer.Option(help="The citizen's script (TOML).")],
    out: Annotated[Path, typer.Option(help="Folder for screenshots, receipt and portrait.")],
    journey: Annotated[str, typer.Option(help="renew")] = "renew",
    factor: Annotated[float, typer.Option(help="Scales the devices' own delays.")] = 1.0,
    state: StateOption = default_state(),
    keep: Annotated[
        bool, typer.Option(help="Go on with the counter and outbox of earlier visits.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """A scripted citizen through the real front, wires and counter; starts what is not running."""
    from kiosk.stack.attach import open_stack
    from kiosk.stack.process import StackError
    from kiosk.visit.play import visit as play
    from kiosk.visit.player import PlayError
    from kiosk.visit.script import ScriptError, read_script

    try:
        script = read_script(citizen)
        if script.journey != journey:
            stop("visit", f"{citizen} is a script for the journey '{script.journey}'")
        out.mkdir(parents=True, exist_ok=True)
        with open_stack(
            state,
            factor=factor,
            booth=script.settings,
            counter=script.counter,
            fresh=not keep,
            staff=script.staff,
            fits=script.fits,
            say=say,
        ) as stack:
            result = play(stack, script, out.resolve(), say)
    except (ScriptError, StackError, PlayError) as wrong:
        stop("visit", wrong)
        return
    waits = result.pop("waits")
    (out / "waits.json").write_text(json.dumps(waits, ensure_ascii=False, indent=1), "utf-8")
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        for name, value in result.items():
            print(f"{name:>20}  {value}")


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],  # the device's own --help lists its controls
    }
)
def emulate(context: typer.Context, device: str) -> None:
    """One emulated device, such as fingerprint, idreader, printer, lockboard or camera."""
    if device not in EMULATORS:
        stop("emulate", f"there is no '{device}'; there are {', '.join(EMULATORS)}")
    module = f"firmware_io.emulators.{device}"
    os.execv(sys.executable, [sys.executable, "-m", module, *context.args])  # noqa: S606


@app.command()
def doctor(
    config: Annotated[Path | None, typer.Option("--config", help="booth.toml")] = None,
    state: StateOption = default_state(),
    as_json: JsonOption = False,
) -> None:
    """Each device's state, reason and remedy. Exit status 1 when one is ill."""
    from kiosk.config import ConfigError
    from kiosk.doctor import examine, table

    chosen = config or state / "booth.toml"
    try:
        found = examine(chosen)
    except ConfigError as wrong:
        stop("doctor", wrong)
        return
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        table(found)
    raise typer.Exit(0 if all(one["state"] != "ill" for one in found) else 1)


def main() -> None:
    """Runs the command."""
    add_groups()
    app()


def add_groups() -> None:
    """Commands that live with their subject."""
    from kiosk.dispenser_cli import app as dispenser
    from kiosk.photo.cli import app as photo
    from kiosk.printer_cli import app as printer
    from kiosk.receipts.cli import app as receipt

    app.add_typer(dispenser, name="dispenser")
    app.add_typer(photo, name="photo")
    app.add_typer(printer, name="printer")
    app.add_typer(receipt, name="receipt")


@app.command()
def outbox(
    config: Annotated[Path | None, typer.Option("--config", help="booth.toml")] = None,
    state: StateOption = default_state(),
    as_json: JsonOption = False,
) -> None:
    """What lies in this booth's outbox: numbers, states and times, nothing of a person."""
    from dataclasses import asdict

    from kiosk.config import ConfigError, load
    from kiosk.post.errors import OutboxIllError
    from kiosk.post.outbox_list import outbox_rows

    try:
        rows = outbox_rows(load(config or state / "booth.toml").post.state_dir)
    except ConfigError as wrong:
        stop("outbox", wrong)
        return
    except FileNotFoundError as wrong:
        stop("outbox", f"there is no outbox at {wrong}; start the uplink once")
        return
    except OutboxIllError as wrong:
        stop("outbox", f"the outbox cannot be read: {wrong}")
        return
    for row in rows:
        told = {name: str(value) for name, value in asdict(row).items() if value is not None}
        print(json.dumps(told, ensure_ascii=False) if as_json else "  ".join(told.values()))


if __name__ == "__main__":
    main()
