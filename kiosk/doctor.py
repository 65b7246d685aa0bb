# SPDX-License-Identifier: Apache-2.0
"""What the technician asks first: how is each device, and what is to be done."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from drivers.health import Health, State
from kiosk.config import load
from kiosk.devices import Device, open_devices
from kiosk.front import SHANGHAI
from kiosk.health import calendar_health, clock_health, post_health
from kiosk.photo import models
from kiosk.post.mailbox import Mailbox
from kiosk.texts import words
from kiosk.view import text

SETTLE_S = 5.0  # for all devices together
HELD_S = 1.0  # a port that another program holds says so at once
IN_USE = "in use by the running booth"
COLUMNS = ("device", "state", "reason", "remedy", "detail")
HELD = frozenset({"idreader.busy", "fingerprint.port_busy", "printer.port_busy", "staffcard.busy"})
"""Reasons that mean: another program has this port."""


def examine(config: Path) -> list[dict[str, Any]]:
    """Every device's health with words, in at most about `SETTLE_S`. Raises ConfigError.

    Devices are opened for the look. Where a running booth holds the serial ports, they are told as
    in use, and so are camera, panel and speaker, which are not opened then: a second reader would
    take the citizen's pictures away, and a second hand the pins.
    """
    settings = load(config)
    devices = open_devices(settings)
    end = time.monotonic() + SETTLE_S
    try:
        ports = (devices.idreader, devices.fingerprint, devices.printer)
        threads = devices.start(only=ports)
        _until(lambda: _held(ports) or _over(threads), min(end, time.monotonic() + HELD_S))
        held = _held(ports)
        if not held:
            threads += devices.start(only=(devices.panel, devices.camera, devices.speaker))
        staff = devices.staff_health()
        _until(lambda: _over(threads) and (held or _seen(devices.camera.health())), end)
        healths = [
            *(_health(one, held=held, opened=not held or one in ports) for one in devices.all()),
            _in_use(staff),
            models.health(),
            *post_health(Mailbox(settings.post.socket)),
            clock_health(datetime.now(SHANGHAI)),
            calendar_health(datetime.now(SHANGHAI)),
        ]
    finally:
        devices.close()
    return [spoken(one) for one in healths]


def _until(there: Callable[[], bool], end: float) -> None:
    while not there() and time.monotonic() < end:
        time.sleep(0.05)


def _over(threads: Sequence[threading.Thread]) -> bool:
    return not any(thread.is_alive() for thread in threads)


def _held(ports: Iterable[Device]) -> bool:
    return any(port.health().reason in HELD for port in ports)


def _seen(camera: Health) -> bool:
    """A camera that is there needs a moment for its first picture."""
    return camera.state is State.READY or camera.reason == "camera.absent"


def _health(device: Device, *, held: bool, opened: bool) -> Health:
    found = device.health()
    if held and not opened and found.state is not State.ABSENT:
        return Health(found.device, State.BUSY, detail=IN_USE)
    return _in_use(found)


def _in_use(health: Health) -> Health:
    if health.reason in HELD:
        return Health(health.device, State.BUSY, detail=IN_USE)
    return health


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
    rows = Table(*(Column(name, overflow="fold") for name in COLUMNS))
    colours = {"ready": "green", "busy": "cyan", "ill": "red", "absent": "dim"}
    for one in found:
        colour = colours[one["state"]]
        reason = f"{one['reason_zh']} {one['reason_en']}".strip()
        remedy = f"{one['remedy_zh']} {one['remedy_en']}".strip()
        state = f"[{colour}]{one['state']}[/]"
        rows.add_row(one["device"], state, reason, remedy, one["detail"])
    Console().print(rows)
