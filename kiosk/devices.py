# SPDX-License-Identifier: Apache-2.0
"""The booth's devices, opened by the settings and started ahead of need."""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from drivers.bins import Bins
from drivers.camera import Camera
from drivers.dispenser import Dispenser
from drivers.errors import BoothError
from drivers.fingerprint import Fingerprint, FingerprintSettings
from drivers.health import Health, State
from drivers.idreader import IdReader, IdReaderSettings
from drivers.panel import Panel, PanelPins, PanelSettings
from drivers.printer import ReceiptPrinter
from drivers.speaker import Speaker
from drivers.staffcard import StaffCard, StaffCardSettings
from drivers.staffcard_trust import StaffTrust
from idcard.booth_health import Cabinet
from kiosk.config import BinsTable, DispenserTable, Settings, StaffCardTable
from kiosk.health_cabinet import cabinet_of, store_notes
from kiosk.heartbeat import Heartbeat
from kiosk.lane import note_fault
from kiosk.voice_prompts import can_speak

# A portrait of 358 x 441 pixels (GA 461) must not be enlarged: no smaller upright picture serves.
_LEAST_PICTURE = (358, 441)
# A resting printer answers within 30 ms. One look's wait and two questions unanswered leave room in
# a second for a busy machine.
_PRINTER_POLL_S, _RESTING_S = 0.6, 0.15
_HEARTBEAT_S = 0.2  # an idle card reader is asked at every look of the health watch


class Device(Protocol):
    """What every driver offers."""

    def start(self) -> None:
        """Brings the device up. Raises BoothError."""
        ...

    def health(self) -> Health:
        """How fit it is; cheap."""
        ...

    def close(self) -> None:
        """Lets the device go."""
        ...


@dataclass(frozen=True)
class Devices:
    """All fitted devices. `staffcard` is the hall staff's; no visit needs it, bins or dispenser.

    `beats` start, watch and close `bins` and `dispenser`, whose own questions may take a while.
    """

    idreader: IdReader
    fingerprint: Fingerprint
    printer: ReceiptPrinter
    camera: Camera
    panel: Panel
    speaker: Speaker
    staffcard: StaffCard | None = None
    bins: Bins | None = None
    dispenser: Dispenser | None = None
    beats: tuple[Heartbeat, ...] = ()

    def all(self) -> tuple[Device, ...]:
        """Those of a visit, in the order in which it needs them; then the others."""
        return (*self.visit(), *self.beside())

    def beside(self) -> tuple[Device, ...]:
        """Those that no visit waits for."""
        return (self.speaker, *self.beats)

    def visit(self) -> tuple[Device, ...]:
        """Those whose start the first word on the booth's health waits for."""
        return (self.panel, self.camera, self.idreader, self.fingerprint, self.printer)

    def health(self) -> tuple[Health, ...]:
        """Every device's own word; bins and dispenser that are not fitted are ABSENT."""
        absent = (
            Health(name, State.ABSENT)
            for name, one in (("bins", self.bins), ("dispenser", self.dispenser))
            if one is None
        )
        return (*(one.health() for one in self.all()), *absent)

    def cabinet(self) -> Cabinet | None:
        """What the bins hold by their books; None without bins and while that is not known."""
        for one in self.beats:
            if self.bins is not None and one.device is self.bins:
                return cabinet_of(self.bins.slots(), one.health(), started=one.started)
        return None

    def notes(self) -> tuple[str, ...]:
        """Keys of what staff should see to although all works. Never waits."""
        stores = (one.health() for one in self.beats)
        return (*self.printer.notes(), *store_notes(self.cabinet(), stores))

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls `listener`, from any thread, when a device that watches itself says another word.

        Card reader and fingerprint module do not: what has become of them is known when asked.
        """
        for one in (self.camera, self.printer, *self.beats):
            one.on_change = listener
        for contact in ("key", "power", "door"):
            self.panel.on_change(contact, lambda _on: listener())

    def staff_health(self) -> Health:
        """The staff-card reader's word. It needs no start, and may take a second or two."""
        if self.staffcard is None:
            return Health("staffcard", State.ABSENT)
        return self.staffcard.health()

    def start(
        self, ready: Callable[[], None] | None = None, *, only: Sequence[Device] | None = None
    ) -> list[threading.Thread]:
        """Starts all (or `only` some) side by side; what cannot start says so in its health."""

        def begin(device: Device) -> None:
            try:
                device.start()
            except BoothError:
                pass  # its health tells; the next use or the health watch tries again
            except Exception as wrong:
                note_fault(wrong, type(device).__name__)
            if ready is not None:
                ready()

        threads = [
            threading.Thread(target=begin, args=(one,), name="device-start", daemon=True)
            for one in (self.all() if only is None else only)
        ]
        for thread in threads:
            thread.start()
        return threads

    def close(self) -> None:
        """Lets all devices go; a device that fails to close does not keep the others."""
        for one in (*self.all(), self.staffcard):
            if one is not None:
                with contextlib.suppress(Exception):
                    one.close()


def open_camera(settings: Settings) -> Camera:
    """The camera alone, not started yet."""
    fitted = settings.devices.camera
    return Camera(
        fitted.source,
        width=fitted.width,
        height=fitted.height,
        fps=fitted.fps,
        turn=fitted.turn,
        least=_LEAST_PICTURE,
    )


def open_devices(settings: Settings) -> Devices:
    """The fitted devices, not started yet."""
    fitted = settings.devices
    panel = Panel(
        factory=fitted.panel.factory,
        mock_socket=fitted.panel.mock_socket,
        chip=fitted.panel.chip,
        settings=PanelSettings(
            pins=PanelPins(**fitted.panel.pins.model_dump()), photo_pwm=fitted.panel.photo_pwm
        ),
    )
    bins = _bins(fitted.bins, panel) if fitted.bins.fitted else None
    dispenser = _dispenser(fitted.dispenser, panel) if fitted.dispenser.fitted else None
    beats = (
        *([Heartbeat("bins", bins, fitted.bins.heartbeat_s)] if bins else ()),
        *([Heartbeat("dispenser", dispenser, fitted.dispenser.beat_s)] if dispenser else ()),
    )
    return Devices(
        idreader=IdReader(
            fitted.idreader.path,
            baudrate=fitted.idreader.baudrate,
            settings=IdReaderSettings(heartbeat_s=_HEARTBEAT_S),
        ),
        fingerprint=Fingerprint(
            fitted.fingerprint.path,
            baudrate=fitted.fingerprint.baudrate,
            password=fitted.fingerprint.password,
            settings=FingerprintSettings(
                tries=fitted.fingerprint.tries,
                wait_s=fitted.fingerprint.wait_s,
                score_min=fitted.fingerprint.score_min,
                product=fitted.fingerprint.product,
                images=fitted.fingerprint.images,
            ),
            power_cycle=lambda: panel.cycle("fingerprint"),
        ),
        printer=ReceiptPrinter(
            fitted.printer.path,
            profile=fitted.printer.profile,
            baudrate=fitted.printer.baudrate,
            journal=fitted.printer.journal,
            poll_s=_PRINTER_POLL_S,
            resting_s=_RESTING_S,
        ),
        camera=open_camera(settings),
        panel=panel,
        speaker=Speaker(fitted.speaker.device, fitted=fitted.speaker.fitted, can_speak=can_speak),
        staffcard=_staffcard(fitted.staffcard) if fitted.staffcard.fitted else None,
        bins=bins,
        dispenser=dispenser,
        beats=beats,
    )


def _bins(fitted: BinsTable, panel: Panel) -> Bins:
    return Bins(fitted.path, fitted.journal, settings=fitted.settings(), may_move=_on_mains(panel))


def _dispenser(fitted: DispenserTable, panel: Panel) -> Dispenser:
    return Dispenser(
        fitted.path, fitted.journal, settings=fitted.settings(), may_move=_on_mains(panel)
    )


def _on_mains(panel: Panel) -> Callable[[], bool]:
    """Nothing is moved on the last of a battery; a booth without that contact is taken as fed."""
    return lambda: not panel.says("power")


def _staffcard(fitted: StaffCardTable) -> StaffCard:
    settings = StaffCardSettings(reader=fitted.reader)
    return StaffCard(trust=trust_of(fitted), settings=settings)


def trust_of(fitted: StaffCardTable) -> StaffTrust:
    """Whose cards the settings trust. A file of issuers that cannot be read names nobody."""
    issuers = b""
    with contextlib.suppress(OSError):
        issuers = fitted.issuers.read_bytes() if fitted.issuers is not None else b""
    try:
        return StaffTrust.of(issuers, fitted.keys, fitted.withdrawn)
    except ValueError:
        return StaffTrust.of(b"", fitted.keys, fitted.withdrawn)
