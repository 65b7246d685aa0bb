# SPDX-License-Identifier: Apache-2.0
"""`make run`: with a display the booth's window and the workbench, without one a whole visit."""

import json
import secrets
import signal
import subprocess
import sys
import time
import webbrowser
from datetime import datetime
from pathlib import Path

from rich.console import Console

from kiosk.stack.attach import offered
from kiosk.stack.files import STORES
from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack
from kiosk.stack.workbench import Workbench
from kiosk.visit.play import show, visit
from kiosk.visit.player import PlayError
from kiosk.visit.script import ScriptError, read_script

SCRIPT = Path("tests/playbook/renew.toml")
OFFICER = "officer1"
_console = Console(stderr=True)


def _say(line: str) -> None:
    _console.print(f"  {line}", highlight=False)


def officer(stack: Stack) -> str:
    """The first officer's password, made at first run and kept readable by this user only."""
    held = stack.folder.root / "officer1.password"
    if not held.exists():
        held.touch(mode=0o600)
        held.write_text(secrets.token_urlsafe(12) + "\n", "utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "counter", "user", "add", "--name", OFFICER),
            *("--role", "accepting", "--password-file", str(held)),
            *("--config", str(stack.folder.counter_toml)),
        ],
        capture_output=True,
        check=False,
    )
    return held.read_text("utf-8").strip()


def run_scripted(state: Path, port: int) -> int:
    """No display: plays the renewal and says where everything is. 0 only if the counter has it."""
    out = (state / "visits" / f"{datetime.now():%Y%m%d-%H%M%S}").resolve()  # noqa: DTZ005
    try:
        script = read_script(SCRIPT)
        # A booth of its own for every run: a person with a running application is refused.
        with (
            Stack(out / "booth", console_port=port, fits=STORES, say=_say) as stack,
            offered(stack),
        ):
            password = officer(stack)
            result = visit(stack, script, out, _say)
            held = show(stack, result["application_id"]) if result["application_id"] else None
            stored = out / "application.json"
            stored.write_text(json.dumps(held, ensure_ascii=False, indent=2), "utf-8")
    except (StackError, PlayError, ScriptError) as wrong:
        _console.print(f"[red]The visit did not end well:[/] {wrong}")
        return 1
    for name, value in (
        ("outcome", result["outcome"]),
        ("booth number", result["booth_number"]),
        ("acceptance number", result["acceptance_number"]),
        ("seconds", f"{result['seconds']['total']} (machine {result['seconds']['machine']})"),
        ("the visit as a page", out / "index.html"),
        ("screenshots", f"{len(result['screenshots'])} in {out}"),
        ("receipt", result["receipt"]),
        ("portrait", result["portrait"]),
        ("application at the counter", stored),
        ("to open the console", f"counter serve --config {out / 'booth' / 'counter.toml'}"),
        ("officer's login", f"{OFFICER} / {password}"),
    ):
        Console().print(f"[bold]{name:>27}[/]  {value}", highlight=False, soft_wrap=True)
    at_counter = held is not None and result["outcome"] == "received"
    return 0 if at_counter else 1


def run_window(state: Path, port: int, bench_port: int) -> int:
    """A display: the booth's window and the workbench, until Ctrl+C."""
    # A plain list: a handler that runs inside Event.wait could wait for the event's own lock.
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, _frame: told.append(signum))
    try:
        with (
            Stack(
                state, console_port=port, window=True, staff=True, fits=STORES, say=_say
            ) as stack,
            offered(stack),
        ):
            password = officer(stack)
            with Workbench(stack, bench_port, OFFICER, password) as bench:
                _console.print(f"  workbench  {bench.url}")
                _console.print(f"  console    {stack.console_url}  ({OFFICER} / {password})")
                _console.print("  Ctrl+C ends everything")
                webbrowser.open(bench.url)
                while not told:
                    time.sleep(0.2)
    except StackError as wrong:
        _console.print(f"[red]The booth did not start:[/] {wrong}")
        return 1
    return 0
