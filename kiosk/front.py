# SPDX-License-Identifier: Apache-2.0
"""Puts one visit together: settings, devices, post, conductor."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
import uuid6

from drivers.idreader_photo import ExecutableDecoder, PhotoDecoder
from idcard.keys import RecipientKey
from kiosk.acts.bins_crew import mover_acts
from kiosk.acts.calibrate import CalibrateAct
from kiosk.acts.card import ReadCardAct
from kiosk.acts.fingers import FingersAct
from kiosk.acts.note import PrintNoteAct
from kiosk.acts.photo import KeepTakeAct, PhotoRoom, PreviewAct, ShootAct
from kiosk.acts.post import Consents, EligibilityAct, HandOverAct, PaymentAct
from kiosk.acts.slip import PrintSlipAct
from kiosk.acts.slip_word import SlipWordAct
from kiosk.acts.staff import Admissions, StaffCardAct
from kiosk.acts.voice import Voice
from kiosk.acts.wipe import WipeAct
from kiosk.booth_watch import BoothWatch
from kiosk.conductor import Conductor, Crew
from kiosk.config import CameraTable, Settings
from kiosk.controls import connect
from kiosk.devices import Devices, open_devices
from kiosk.events import VoiceChosen
from kiosk.facts import FingerOutcome
from kiosk.flow import Limits
from kiosk.health_watch import HealthWatch
from kiosk.journeys import RENEW
from kiosk.lane import Lane
from kiosk.photo.calibration import Calibration, CalibrationError
from kiosk.post.mailbox import KeptMailbox, Mailbox
from kiosk.post_watch import PostWatch
from kiosk.receipts.offices import Office, OfficesError, read_offices
from kiosk.sealer import Sealer
from kiosk.vault import Vault
from kiosk.voice_prompts import Prompts
from kiosk.watch import SeatWatch, StaffWatch

SHANGHAI = ZoneInfo("Asia/Shanghai")
STAFF_LOOK_S = 0.5  # between two looks into the staff-card reader, while staff are called
STAFF_FIRST_S = 2.0  # the screen and the visit's own devices come up first
SOFTWARE = "id-booth 0.1.0"


def shanghai_now() -> datetime:
    """The station's time."""
    return datetime.now(SHANGHAI)


def _open_engine() -> Any:
    # OpenCV's networks take a moment to import and load; the screen is there first.
    from kiosk.photo.engine import open_engine

    return open_engine().engine


@dataclass
class Front:
    """One visit with its devices. `close` after the visit has ended."""

    conductor: Conductor
    devices: Devices
    room: PhotoRoom
    mailbox: Mailbox
    voice: Voice
    health: HealthWatch
    watch: BoothWatch
    staff: StaffWatch | None = None
    _off: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begins the visit, starts devices beside it, and watches their health."""
        self.conductor.start()
        starting = self.devices.start(only=self.devices.visit())
        self.devices.start(only=self.devices.beside())  # no visit waits for a sound card
        threading.Thread(target=self.room.warm, name="photo-warm", daemon=True).start()
        self.watch.start(starting)
        if self.staff is not None:
            threading.Thread(
                target=self._watch_staff, args=(self.staff,), name="staff-watch", daemon=True
            ).start()

    def _watch_staff(self, staff: StaffWatch) -> None:
        self._off.wait(STAFF_FIRST_S)
        while not self._off.wait(STAFF_LOOK_S):
            idle = _waits(self.conductor)
            if staff.wanted(idle=idle) and (said := staff.look(idle=idle)):
                self.conductor.send(said)
            if idle and (word := self.devices.staff_health()) != self.health.staff_word:
                self.health.staff_word = word
                self.health.wake()

    def close(self) -> None:
        """Lets everything go."""
        self._off.set()
        self.watch.close()
        self.conductor.stop()
        self.voice.close()
        self.devices.close()

    def report(self, path: Path) -> None:
        """Writes how the visit ended as JSON: ids, codes and counts, nothing of the person."""
        path.write_text(json.dumps(visit_report(self.conductor), ensure_ascii=False), "utf-8")


def _waits(conductor: Conductor) -> bool:
    """Whether the booth waits for a citizen."""
    return conductor.view().step_name == "welcome"


def _decoder(settings: Settings) -> PhotoDecoder | None:
    program = settings.devices.idreader.photo_decoder
    return ExecutableDecoder(program) if program is not None else None


def _offices(settings: Settings) -> Mapping[str, Office]:
    """The station's own list; a slip names the authority alone where it cannot be read."""
    try:
        return read_offices(settings.booth.offices)
    except OfficesError:
        structlog.get_logger().warning("offices_not_read")
        return {}


def calibration_of(camera: CameraTable) -> Calibration:
    """What was kept for this camera at this size; the default when nothing usable was."""
    upright = camera.turn in (0, 180)
    size = (camera.width, camera.height) if upright else (camera.height, camera.width)
    try:
        kept = Calibration.load(camera.calibration)
    except CalibrationError:
        return Calibration.default()  # staff see it on the calibration pages
    return kept if kept.fits(camera.source, *size) else Calibration.default()


def open_front(settings: Settings) -> Front:
    """Everything of one visit, not started yet. Raises OSError when a key file is missing."""
    vault = Vault()
    devices = open_devices(settings)
    mailbox = Mailbox(settings.post.socket)
    keys = settings.post.keys_dir
    sealer = Sealer(
        settings.booth.id,
        uuid6.uuid7(),
        RecipientKey.from_pem((keys / "counter-seal.pub").read_bytes()),
        RecipientKey.from_pem((keys / "centre-seal.pub").read_bytes()),
    )
    fitted = settings.devices.panel.factory != "none"
    dim = partial(devices.panel.lamp, "photo") if fitted else None
    found = calibration_of(settings.devices.camera)
    room = PhotoRoom(
        devices.camera,
        _open_engine,
        vault,
        lamp=dim,
        dims=settings.devices.panel.dims,
        lamp_level=1.0 if found.lamp is None else found.lamp,
        sharpness=found.sharpness,
    )
    fingers = FingersAct(devices.fingerprint, sealer)
    keep = KeepTakeAct(room, sealer)
    camera = settings.devices.camera
    calibrate = CalibrateAct(room, camera.calibration, camera.source, shanghai_now)
    payment = PaymentAct(mailbox, sealer)
    consents = Consents(shanghai_now)
    hand_over = HandOverAct(
        mailbox, sealer, settings, consents, shanghai_now, SOFTWARE, devices.health
    )

    slip = SlipWordAct(
        PrintSlipAct(devices.printer, vault, settings, shanghai_now),
        mailbox,
        sealer.application_id,
        shanghai_now,
    )
    note = PrintNoteAct(devices.printer, settings, _offices(settings), shanghai_now)
    admissions = Admissions()
    movers = mover_acts(devices, settings, sealer, shanghai_now, SHANGHAI, admissions)
    staff = StaffWatch(devices.staffcard.poll) if devices.staffcard is not None else None

    def call_staff(on: bool) -> None:
        devices.panel.lamp("status", 1.0 if on else 0.0)
        if on:
            devices.panel.beep()
        if staff is not None:
            staff.called(on)

    def lanes(send: Any) -> tuple[Lane, ...]:
        reader = devices.staffcard
        reading = ReadCardAct(devices.idreader, vault, _decoder(settings))
        staff_acts = (StaffCardAct(reader, admissions),) if reader is not None else ()
        staff_lane = (Lane("staff", staff_acts, send),) if staff_acts else ()
        return (
            *staff_lane,
            Lane("reader", tuple(filter(None, (reading, movers.get("reader")))), send),
            *(Lane(name, (act,), send) for name, act in movers.items() if name != "reader"),
            Lane("preview", (PreviewAct(room), calibrate), send),
            Lane("shutter", (ShootAct(room), keep), send),
            Lane("fingers", (fingers, WipeAct(vault, sealer, room, fingers)), send),
            Lane(
                "post", (EligibilityAct(mailbox, sealer, settings, shanghai_now), hand_over), send
            ),
            Lane("payment", (payment,), send),
            Lane("printer", (slip, note), send),
        )

    wanted = settings.devices.speaker
    voice = Voice(devices.speaker, Prompts(recorded=wanted.recorded))
    crew = Crew(
        application_id=sealer.application_id,
        vault=vault,
        lanes=lanes,
        room=room,
        keep=keep,
        payment=payment,
        consents=consents.note,
        lamp=devices.panel.lamp,
        call_staff=call_staff,
        voice=voice,
    )
    limits = Limits(settings.visit.idle_warn_s, settings.visit.idle_end_s)
    conductor = Conductor(RENEW.timed(settings.visit.photo_s), limits, crew)
    if not wanted.on:
        conductor.send(VoiceChosen(False))
    connect(devices.panel, conductor, voice)
    post = PostWatch(KeptMailbox(settings.post.socket), SOFTWARE)
    health = HealthWatch(devices, post, shanghai_now)
    seat = SeatWatch(settings.visit.away_s)
    watch = BoothWatch(devices, health, post, seat, conductor.send, partial(_waits, conductor))
    return Front(conductor, devices, room, mailbox, voice, health, watch, staff)


def visit_report(conductor: Conductor) -> dict[str, Any]:
    """How the visit ended: ids, codes and counts."""
    facts = conductor.visit.facts
    ground, handed = facts.ground, facts.handed
    refused = conductor.outcome == "refused"
    return {
        "outcome": str(conductor.outcome or "abandoned"),
        "application_id": str(conductor.application_id) if handed else None,
        "booth_number": handed.booth_number if handed else None,
        "acceptance_number": (handed.acceptance_no or None) if handed else None,
        "refusal": None
        if ground is None or not refused
        else {"code": ground.code, "reason": ground.reason, "remedy": ground.remedy},
        "takes": facts.takes,
        "chosen": facts.chosen.id if facts.chosen else None,
        "fingers": [finger_of(one) for one in facts.fingers],
    }


def finger_of(one: FingerOutcome) -> dict[str, Any]:
    """A finger's line in the report."""
    return {
        "position": one.position,
        "result": str(one.result),
        "tries": one.tries,
        "quality": one.quality,
    }
