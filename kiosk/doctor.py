# SPDX-License-Identifier: Apache-2.0
"""What the technician asks first: how is each device, and what is to be done."""

import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from drivers.health import Health, State
from kiosk.config import load
from kiosk.devices import open_devices
from kiosk.front import SHANGHAI
from kiosk.health import clock_health, post_health
from kiosk.post.mailbox import Mailbox
from kiosk.texts import words
from kiosk.view import text

SETTLE_S = 5.0


def examine(config: Path) -> list[dict[str, Any]]:
    """Every device's health with words. Raises ConfigError.

    Devices are opened for the look; a device that a running front holds is told as in use.
    """
    settings = load(config)
    devices = open_devices(settings)
    try:
        for thread in devices.start():
            thread.join(SETTLE_S)
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end and any(one.state is State.BUSY for one in devices.health()):
            time.sleep(0.05)
        healths = [
            *devices.health(),
            *post_health(Mailbox(settings.post.socket)),
            clock_health(datetime.now(SHANGHAI)),
        ]
    finally:
        devices.close()
    return [spoken(one) for one in healths]


def spoken(health: Health) -> dict[str, Any]:
    """A health with its reason and remedy in words, Chinese and English."""
    told = asdict(health)
    told["state"] = str(health.state)
    for language in ("zh", "en"):
        told[f"reason_{language}"] = words(text(health.reason), language) if health.reason else ""
        told[f"remedy_{language}"] = words(text(health.remedy), language) if health.remedy else ""
    return told


def table(found: list[dict[str, Any]]) -> None:
    """A readable table on stdout."""
    rows = Table("device", "state", "reason", "remedy", "detail")
    colours = {"ready": "green", "busy": "cyan", "ill": "red", "absent": "dim"}
    for one in found:
        colour = colours[one["state"]]
        reason = f"{one['reason_zh']} {one['reason_en']}".strip()
        remedy = f"{one['remedy_zh']} {one['remedy_en']}".strip()
        state = f"[{colour}]{one['state']}[/]"
        rows.add_row(one["device"], state, reason, remedy, one["detail"])
    Console().print(rows)
