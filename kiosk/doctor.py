# SPDX-License-Identifier: Apache-2.0
"""What the technician asks first: how is each device, and what is to be done. Nothing is moved."""

import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from drivers.health import Health, State
from drivers.printer import ReceiptPrinter
from kiosk.config import Settings, load
from kiosk.devices import Device, Devices, open_devices
from kiosk.doctor_addresses import elsewhere
from kiosk.doctor_books import Books, read_books
from kiosk.front import SHANGHAI
from kiosk.health import calendar_health, clock_health, post_health
from kiosk.health_cabinet import store_notes
from kiosk.photo import models
from kiosk.photo.calibration import Calibration, CalibrationError
from kiosk.post.mailbox import Mailbox
from kiosk.texts import words
from kiosk.view import text

SETTLE_S = 5.0  # for all devices together
HELD_S = 1.0  # a port that another program holds says so at once
IN_USE = "in use by the running booth"
HANGING = "part of a slip may hang under the cutter; the booth cuts it off when it starts"
COLUMNS = ("device", "state", "reason", "remedy", "detail")
HELD = frozenset(
    {
        "idreader.busy",
        "fingerprint.port_busy",
        "printer.port_busy",
        "bins.port_busy",
        "dispenser.port_busy",
        "staffcard.busy",
    }
)
"""Reasons that mean: another program has this port."""
STORES = ("bins", "dispenser")


@dataclass(frozen=True)
class _Looked:
    """The printer, whose start would put away what an earlier front left in it."""

    printer: ReceiptPrinter

    def start(self) -> None:
        self.printer.look()

    def health(self) -> Health:
        return self.printer.health()

    def close(self) -> None:
        self.printer.close()


def examine(config: Path) -> list[dict[str, Any]]:
    """Every device's health with words, in at most about `SETTLE_S`. Raises ConfigError.

    It takes longer where a cabinet or dispenser is silent: all addresses are asked then.
    Devices are opened for the look; the printer is only asked, and the books of bins and dispenser
    are only read. Where a running booth holds the serial ports, they are told as in use, and so are
    camera, panel and speaker, which are not opened then: a second reader would take the citizen's
    pictures away, and a second hand the pins.
    """
    settings = load(config)
    with tempfile.TemporaryDirectory(prefix="doctor-") as scratch:
        return _examine(settings, open_devices(_with_books_in(Path(scratch), settings)))


def _examine(settings: Settings, devices: Devices) -> list[dict[str, Any]]:
    end = time.monotonic() + SETTLE_S
    printer = _Looked(devices.printer)
    stores = tuple(one for one in (devices.bins, devices.dispenser) if one is not None)
    ports: tuple[Device, ...] = (devices.idreader, devices.fingerprint, printer, *stores)
    others: tuple[Device, ...] = (devices.panel, devices.camera, devices.speaker)
    try:
        threads = devices.start(only=ports)
        _until(lambda: _held(ports) or _over(threads), min(end, time.monotonic() + HELD_S))
        held = _held(ports)
        if not held:
            threads += devices.start(only=others)
        staff = devices.staff_health()
        _until(lambda: _over(threads) and (held or _seen(devices.camera.health())), end)
        found = {
            one.device: one
            for one in (
                *(_in_use(one.health()) for one in ports),
                *(_unopened(one.health()) if held else one.health() for one in others),
            )
        }
        notes: dict[str, tuple[str, ...]] = {"printer": devices.printer.notes()}
        if devices.printer.hanging and found["printer"].state is State.READY:
            found["printer"] = Health.ready("printer", HANGING)
        if devices.bins is not None:
            wanted = ", ".join(map(str, settings.devices.bins.boards))
            found["bins"] = elsewhere(found["bins"], wanted, devices.bins.find_boards)
        if devices.dispenser is not None:
            wanted, find = f"{settings.devices.dispenser.address}", devices.dispenser.find_addresses
            found["dispenser"] = elsewhere(found["dispenser"], wanted, find)
        for name in STORES:
            fitted = getattr(settings.devices, name)
            books = read_books(fitted.journal) if fitted.fitted else None
            asked = found.get(name)
            if asked is not None and books is not None:
                cabinet = books.cabinet() if name == "bins" else None
                notes[name] = store_notes(cabinet, [asked])
            found[name] = _store(name, asked, books)
    finally:
        devices.close()
    calibration, notes["calibration"] = calibration_health(settings)
    now = datetime.now(SHANGHAI)
    shown = (
        *(found.pop(name) for name in ("panel", "camera", "idreader", "fingerprint", "printer")),
        *found.values(),
        _in_use(staff),
        models.health(),
        calibration,
        *post_health(Mailbox(settings.post.socket)),
        clock_health(now),
        calendar_health(now),
    )
    return [spoken(one, notes.get(one.device, ())) for one in shown]


def _with_books_in(folder: Path, settings: Settings) -> Settings:
    """The same booth whose bins and dispenser write into `folder`: the real books stay untouched.

    A driver decides from its sensors what became of the acts in its books, and writes that down;
    that is the front's to do, and under its own user.
    """
    fitted = settings.devices
    apart = {
        name: getattr(fitted, name).model_copy(update={"journal": folder / f"{name}.journal"})
        for name in STORES
    }
    return settings.model_copy(update={"devices": fitted.model_copy(update=apart)})


def _store(name: str, asked: Health | None, books: Books | None) -> Health:
    """What its line says; and when that is well, what its books say."""
    if asked is None or books is None:
        return Health(name, State.ABSENT)
    if asked.state is State.READY and (books.damaged or books.unusable):
        return Health.ill(name, f"{name}.books_{'damaged' if books.damaged else 'full'}")
    detail = "; ".join(one for one in (asked.detail, books.about()) if one)
    return Health(name, asked.state, asked.reason, asked.remedy, detail)


def calibration_health(settings: Settings) -> tuple[Health, tuple[str, ...]]:
    """Whether what staff measured of this booth is whole; a note when it is another camera's."""
    camera = settings.devices.camera
    try:
        kept = Calibration.load(camera.calibration)
    except CalibrationError as wrong:
        return Health.ill("calibration", "calibration.damaged", str(wrong)), ()
    if not kept.made:
        return Health.ready("calibration", "not calibrated yet"), ()
    upright = camera.turn in (0, 180)
    size = (camera.width, camera.height) if upright else (camera.height, camera.width)
    other = () if kept.fits(camera.source, *size) else ("calibration.other_camera",)
    return Health.ready("calibration", kept.made), other


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


def _unopened(health: Health) -> Health:
    if health.state is State.ABSENT:
        return health
    return Health(health.device, State.BUSY, detail=IN_USE)


def _in_use(health: Health) -> Health:
    if health.reason in HELD:
        return Health(health.device, State.BUSY, detail=IN_USE)
    return health


def spoken(health: Health, notes: Iterable[str] = ()) -> dict[str, Any]:
    """A health with its reason and remedy in words, Chinese and English; `notes` likewise."""
    told = asdict(health)
    told["state"] = str(health.state)
    told |= _in_words(health.reason, health.remedy)
    told["notes"] = [_in_words(key, f"{key}.remedy") for key in notes]
    return told


def _in_words(reason: str, remedy: str) -> dict[str, str]:
    told = {"reason": reason, "remedy": remedy}
    for language in ("zh", "en"):
        told[f"reason_{language}"] = words(text(reason), language) if reason else ""
        told[f"remedy_{language}"] = words(text(remedy), language) if remedy else ""
    return told


def table(found: list[dict[str, Any]]) -> None:
    """A readable table on stdout; what is soon to be seen to has a row below its device's."""
    rows = Table(*(Column(name, overflow="fold") for name in COLUMNS))
    colours = {"ready": "green", "busy": "cyan", "ill": "red", "absent": "dim"}
    for one in found:
        colour = colours[one["state"]]
        state = f"[{colour}]{one['state']}[/]"
        rows.add_row(one["device"], state, *_both(one), one["detail"])
        for note in one["notes"]:
            rows.add_row("", "[yellow]note[/]", *_both(note), "")
    Console().print(rows)


def _both(told: Mapping[str, Any]) -> tuple[str, str]:
    return (
        f"{told['reason_zh']} {told['reason_en']}".strip(),
        f"{told['remedy_zh']} {told['remedy_en']}".strip(),
    )
