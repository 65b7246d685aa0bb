# SPDX-License-Identifier: Apache-2.0
"""The `counter` command: serve, migrate, accounts, test people, and what the counter holds."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from counter.cases import case_json, find_application, portrait_of, summaries
from counter.database import Database, DatabaseError
from counter.events import verify_chain
from counter.office import KeysError, Office
from counter.register import seed_people
from counter.settings import Settings, SettingsError, load
from counter.staff import StaffError, add_account

app = typer.Typer(
    name="counter",
    help="The counter of ID Booth: takes applications in and shows them to officers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user_app = typer.Typer(help="Accounts of the console.", no_args_is_help=True)
app.add_typer(user_app, name="user")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="counter.toml; without it that of a development booth here, else the defaults.",
    ),
]
StateOption = Annotated[
    Path | None, typer.Option("--state-dir", help="Folder of the SQLite database.")
]
KeysOption = Annotated[Path | None, typer.Option("--keys", help="Folder of keys and certificates.")]


def main() -> None:
    """Runs the command; mistakes of the caller end in one sentence and status 2."""
    try:
        app()
    except (SettingsError, KeysError, DatabaseError, StaffError) as why:
        print(f"counter: {why}", file=sys.stderr)
        raise SystemExit(2) from None
    except OSError as why:
        where = f"{why.filename}: " if why.filename else ""
        print(f"counter: {where}{why.strerror or why}", file=sys.stderr)
        raise SystemExit(2) from None


def _settings(config: Path | None, state_dir: Path | None, keys: Path | None) -> Settings:
    """The named file's settings; else those of a development booth here, else defaults."""
    if config is None and state_dir is None and keys is None:
        beside = Path(os.environ.get("IDBOOTH_STATE", "var")) / "counter.toml"
        config = beside if beside.exists() else None
    return load(config, state_dir=state_dir, keys_dir=keys)


@contextmanager
def _office(config: Path | None, state_dir: Path | None, keys: Path | None) -> Iterator[Office]:
    office = Office.open(_settings(config, state_dir, keys))
    try:
        yield office
    finally:
        office.database.close()


@app.command()
def serve(
    config: ConfigOption = None,
    state_dir: StateOption = None,
    keys: KeysOption = None,
    booth_port: Annotated[int | None, typer.Option(help="Port of the booths' API.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
) -> None:
    """Serves booths and officers until SIGTERM; prints one JSON line when ready."""
    from counter.serve import serve as run

    run(
        load(
            config,
            state_dir=state_dir,
            keys_dir=keys,
            booth__port=booth_port,
            console__port=console_port,
        )
    )


@app.command()
def migrate(config: ConfigOption = None, state_dir: StateOption = None) -> None:
    """Brings the database up to date; `serve` does the same at its start."""
    settings = _settings(config, state_dir, None)
    if not settings.database_url:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = Database(settings.database)
    database.migrate()
    database.close()
    print("database is up to date")


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Option(help="Login name.")],
    role: Annotated[str, typer.Option(help="Post, e.g. accepting.")],
    password_file: Annotated[Path, typer.Option(help="File whose first line is the password.")],
    unit: Annotated[str, typer.Option(help="Station code.")] = "",
    config: ConfigOption = None,
    state_dir: StateOption = None,
    keys: KeysOption = None,
) -> None:
    """Adds an account."""
    lines = password_file.read_text("utf-8").splitlines()
    if not lines:
        raise StaffError(f"{password_file} is empty.")
    with _office(config, state_dir, keys) as office:
        station = unit or office.settings.default_station_code
        add_account(office, name, role, station, lines[0])
    print(f"account {name} added ({role})")


@app.command()
def seed(
    people: Annotated[bool, typer.Option("--people", help="Invented people.")] = False,
    config: ConfigOption = None,
    state_dir: StateOption = None,
    keys: KeysOption = None,
) -> None:
    """Fills the stand-in register with invented people, marked synthetic."""
    if not people:
        raise SettingsError("seed: say --people.")
    with _office(config, state_dir, keys) as office, office.database.write() as session:
        added = seed_people(session)
    print(f"{added} synthetic people added")


@app.command()
def show(
    application: Annotated[str, typer.Argument(help="Id, acceptance number or booth number.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    portrait: Annotated[Path | None, typer.Option(help="Write the portrait here.")] = None,
    config: ConfigOption = None,
    state_dir: StateOption = None,
    keys: KeysOption = None,
) -> None:
    """Shows one application as the counter holds it, names and numbers in full."""
    with _office(config, state_dir, keys) as office:
        found = find_application(office, application)
        if found is None:
            print("counter: no such application", file=sys.stderr)
            raise typer.Exit(1)
        held = case_json(office, found)
        if portrait is not None:
            jpeg = portrait_of(office, found)
            if jpeg is None:
                print("counter: its portrait does not open", file=sys.stderr)
                raise typer.Exit(1)
            portrait.write_bytes(jpeg)
    if as_json:
        print(json.dumps(held, ensure_ascii=False, indent=2))
        return
    from counter.plain import as_text

    print(as_text(held))


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list.")] = False,
    state: Annotated[str, typer.Option(help="Only this state.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    config: ConfigOption = None,
    state_dir: StateOption = None,
    keys: KeysOption = None,
) -> None:
    """Lists applications, newest first, without names."""
    with _office(config, state_dir, keys) as office:
        rows = summaries(office, state=state.upper(), limit=limit)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        number = row["acceptance_no"] or row["booth_number"]
        print(f"{row['received_at'][:19]}  {row['state']:<10} {number:<22} {row['id']}")


@app.command()
def verify(
    config: ConfigOption = None, state_dir: StateOption = None, keys: KeysOption = None
) -> None:
    """Checks the chain of events from its first entry; status 1 if it is broken."""
    with _office(config, state_dir, keys) as office, office.database.read() as session:
        checked, broken = verify_chain(session)
    if broken is not None:
        print(f"counter: the chain of events is broken at entry {broken}", file=sys.stderr)
        raise typer.Exit(1)
    print(f"{checked} events, chain whole")


@app.command()
def openapi(
    out: Annotated[Path | None, typer.Option(help="File to write; without it stdout.")] = None,
) -> None:
    """Writes the OpenAPI description of the booths' API."""
    from counter.app import booth_openapi

    text = json.dumps(booth_openapi(), ensure_ascii=False, indent=2) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
