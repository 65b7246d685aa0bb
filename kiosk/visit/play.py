# SPDX-License-Identifier: Apache-2.0
"""One scripted visit as a command: plays it, gathers what happened, prints one JSON object."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.stack.attach import Running
from kiosk.stack.process import StackError
from kiosk.visit.page import write_page
from kiosk.visit.player import Player
from kiosk.visit.script import Script

REPORT_S = 10.0


def visit(
    stack: Running,
    script: Script,
    out: Path,
    say: Callable[[str], None],
    *,
    pictures: bool = True,
    patience: float = 1.0,
) -> dict[str, Any]:
    """Plays `script` on a running stack. Raises PlayError, StackError.

    Without `pictures` no screen is drawn to a file, which costs the front time of its own.
    `patience`: how many times the usual time the machine may take.
    """
    out.mkdir(parents=True, exist_ok=True)
    stack.report.unlink(missing_ok=True)
    player = Player(stack, script, out, say, pictures=pictures, patience=patience)
    try:
        player.prepare()
        player.play()
    finally:
        _goes(stack)
    report = _report(stack.report, REPORT_S * patience)
    receipt = out / "receipt.png"
    stack.control("printer", {"render": str(receipt)})
    portrait = _portrait(stack, report, out / "portrait.jpg")
    result = {
        "journey": script.journey,
        **report,
        "seconds": player.watch.seconds(),
        "receipt": str(receipt) if receipt.exists() else None,
        "portrait": portrait,
        "screenshots": player.screenshots,
        "console": stack.console_url,
        "waits": player.watch.waits,
    }
    write_page(out, script.about, result)
    return result


def _goes(stack: Running) -> None:
    """The citizen takes card and finger along, and staff theirs."""
    for device, said in (
        ("idreader", {"remove_card": True}),
        ("fingerprint", {"lift": True}),
        ("smartcard", {"remove": True}),
    ):
        with contextlib.suppress(StackError):
            stack.control(device, said)


def _report(path: Path, patience_s: float) -> dict[str, Any]:
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            return json.loads(path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            time.sleep(0.05)
    # A front that was killed leaves no report: nothing was finished.
    return {
        "outcome": "abandoned",
        "application_id": None,
        "booth_number": None,
        "acceptance_number": None,
        "refusal": None,
        "takes": 0,
        "chosen": None,
        "fingers": [],
    }


def _portrait(stack: Running, report: dict[str, Any], path: Path) -> str | None:
    """The portrait as the counter holds it; it alone can open the sealed part."""
    if report["outcome"] != "received" or not report["application_id"]:
        return None
    shown = show(stack, report["application_id"], "--portrait", str(path))
    return str(path) if shown is not None and path.exists() else None


def show(stack: Running, application_id: str, *more: str) -> dict[str, Any] | None:
    """What the counter holds of an application; None when it does not know it."""
    config = str(stack.folder.counter_toml)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "counter", "show", application_id, "--json"),
            *("--config", config, *more),
        ],
        capture_output=True,
        check=False,
        timeout=60,
    )
    return json.loads(done.stdout) if done.returncode == 0 else None
