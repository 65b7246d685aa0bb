# SPDX-License-Identifier: Apache-2.0
"""Letting staff in, with the machine's real PC/SC service and the emulated card in its reader."""

import threading
import time
from collections.abc import Iterator

import pytest
import structlog
from cryptography import x509

from drivers.errors import BoothError, RefusedError
from drivers.staffcard import StaffCard, StaffCardSettings
from drivers.staffcard_trust import StaffTrust, key_id
from firmware_io.emulators.pcscd import PcscService
from firmware_io.emulators.smartcard import PORT, SmartCard
from kiosk.acts.staff import StaffCardAct
from kiosk.commands import AdmitStaff, LookAtStaffCard
from kiosk.events import Done, Event, Failed
from kiosk.facts import StaffStanding
from kiosk.lane import Lane

# One worker after the other: the machine has one service.
pytestmark = pytest.mark.xdist_group("pcscd")

READER, READER_PORT = "Virtual PCD 00 01", PORT + 1
PIN = "24681357"  # the canary
OFF = threading.Event()


@pytest.fixture(scope="module")
def card() -> Iterator[SmartCard]:
    with PcscService(alone=True), SmartCard(port=READER_PORT, pin=PIN) as card:
        yield card


@pytest.fixture(scope="module")
def act(card: SmartCard) -> Iterator[StaffCardAct]:
    known = key_id(x509.load_der_x509_certificate(card.identity.certificate))
    settings = StaffCardSettings(reader=READER, heartbeat_s=0.0)
    staff = StaffCard(trust=StaffTrust.of(keys=[known]), settings=settings)
    card.control({"insert": True})
    end = time.monotonic() + 30.0
    while not staff.poll().card:
        assert time.monotonic() < end, "the service never saw the card"
        time.sleep(0.05)
    yield StaffCardAct(staff)
    staff.close()


def _tell(what: str, value: object = None) -> None:
    raise AssertionError("nothing is told on the way")


def test_a_look_and_the_right_pin_admit(act: StaffCardAct) -> None:
    assert act.run(LookAtStaffCard(), _tell, OFF) == StaffStanding(tries_left=3)
    assert act._admissions.people() == 0
    assert act.run(AdmitStaff(PIN), _tell, OFF) == StaffStanding(admitted=True)
    assert act.run(AdmitStaff(PIN), _tell, OFF) == StaffStanding(admitted=True)
    assert act._admissions.people() == 1  # the same card is the same person


def test_a_wrong_pin_is_an_answer_with_the_tries_that_are_left(act: StaffCardAct) -> None:
    assert act.run(AdmitStaff("111111"), _tell, OFF) == StaffStanding(tries_left=2)
    assert act.run(AdmitStaff("12"), _tell, OFF) == StaffStanding(tries_left=2)  # costs no try
    assert act.run(AdmitStaff(PIN), _tell, OFF).admitted
    assert act.run(LookAtStaffCard(), _tell, OFF).tries_left == 3


def test_the_pin_is_in_no_log_no_message_and_no_event(
    act: StaffCardAct, card: SmartCard, capfd: pytest.CaptureFixture[str]
) -> None:
    said: list[Event] = []
    with structlog.testing.capture_logs() as logs:
        lane = Lane("staff", (act,), said.append)
        faults = ({}, {"answer": "6a82"}, {"answer": "6983", "times": 0}, {"vanish": True})
        for number, fault in enumerate(faults):
            card.control({"fault": fault})
            lane.submit(number, AdmitStaff(PIN))
            end = time.monotonic() + 40.0
            while len(said) <= number:
                assert time.monotonic() < end, "no answer came"
                time.sleep(0.02)
        lane.close()
    assert isinstance(said[0], Done)
    assert all(isinstance(one, Failed) for one in said[1:])
    out = capfd.readouterr()
    told = f"{said}{logs}{out.out}{out.err}{AdmitStaff(PIN)!r}"
    assert "staff admitted" in told
    assert PIN not in told
    assert PIN.encode().hex() not in told


def test_a_card_with_one_try_left_is_refused_and_keeps_it(
    act: StaffCardAct, card: SmartCard
) -> None:
    card.control({"fault": {}})
    card.control({"insert": True})
    end = time.monotonic() + 30.0
    standing = StaffStanding()
    while standing.tries_left != 1:
        assert time.monotonic() < end
        try:
            standing = act.run(AdmitStaff("000000"), _tell, OFF)
        except BoothError:  # the service has not seen the card come back yet
            time.sleep(0.05)
    for command in (LookAtStaffCard(), AdmitStaff(PIN)):
        with pytest.raises(RefusedError, match="last_try"):
            act.run(command, _tell, OFF)
    assert card.control({"status": True})["tries_left"] == 1
