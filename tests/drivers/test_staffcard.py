# SPDX-License-Identifier: Apache-2.0
"""The staff card through the machine's real PC/SC service, with the emulated card in its reader."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from drivers.errors import AskAgainError, BoothError, OutOfServiceError, RefusedError
from drivers.health import State
from drivers.staffcard import CONTEXT, StaffCard, StaffCardSettings, WrongPinError
from drivers.staffcard_trust import StaffTrust, key_id
from firmware_io.emulators.pcscd import PcscService
from firmware_io.emulators.smartcard import PORT, SmartCard
from firmware_io.emulators.smartcard_piv import Identity, make_identity
from firmware_io.links.pcsc import PcscLink

# One worker after the other: the machine has one service.
pytestmark = pytest.mark.xdist_group("pcscd")

# The second reader, so that a booth running on this machine keeps the first.
READER, READER_PORT = "Virtual PCD 00 01", PORT + 1
QUICK = StaffCardSettings(reader=READER, exchange_s=1.0, heartbeat_s=0.0)
PIN, NONCE = "123456", bytes(range(32))
FIRST, SECOND = make_identity("STAFF 0001"), make_identity("STAFF 0002")


def key_of(identity: Identity) -> str:
    return key_id(x509.load_der_x509_certificate(identity.certificate))


TRUST = StaffTrust.of(keys=(key_of(FIRST), key_of(SECOND)))


@pytest.fixture(scope="module")
def service() -> Iterator[PcscService]:
    with PcscService(alone=True) as service:
        yield service


@pytest.fixture
def card(service: PcscService) -> Iterator[SmartCard]:
    with SmartCard(port=READER_PORT, identity=FIRST) as card:
        yield card


@pytest.fixture
def staff() -> Iterator[StaffCard]:
    staff = StaffCard(trust=TRUST, settings=QUICK)
    _until(lambda: not staff.poll().card)  # the service sees a removal up to 0.4 s late
    yield staff
    staff.close()


def _until(true: Callable[[], bool], limit_s: float = 40.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def _insert(card: SmartCard, staff: StaffCard) -> None:
    assert card.control({"insert": True})["ok"]
    _until(lambda: staff.poll().card)


def _fails(act: Callable[[], object], kind: type[BoothError]) -> str:
    with pytest.raises(kind) as told:
        act()
    return told.value.code


def test_the_card_proves_its_key_on_a_fresh_challenge(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    nonce = secrets.token_bytes(32)
    proof = staff.challenge(PIN, nonce)
    certificate = x509.load_der_x509_certificate(card.identity.certificate)
    assert proof.certificate == card.identity.certificate
    assert proof.serial == f"{certificate.serial_number:x}"
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(proof.signature, CONTEXT + nonce, ec.ECDSA(SHA256()))
    assert len(proof.key_id) == len(hashlib.sha256().hexdigest())
    assert staff.health().state is State.READY


def test_two_cards_have_two_names_and_one_card_keeps_its_own(
    card: SmartCard, staff: StaffCard
) -> None:
    _insert(card, staff)
    first = staff.challenge(PIN, NONCE).key_id
    assert staff.challenge(PIN, secrets.token_bytes(16)).key_id == first
    card.control({"remove": True})
    _until(lambda: not staff.poll().card)
    with SmartCard(port=READER_PORT, identity=SECOND) as other:
        _insert(other, staff)
        assert staff.challenge(PIN, NONCE).key_id != first


def test_putting_a_card_in_and_out_is_seen_even_when_quick(
    card: SmartCard, staff: StaffCard
) -> None:
    before = staff.poll().insertions
    _insert(card, staff)
    card.control({"remove": True})
    _until(lambda: not staff.poll().card)
    assert staff.poll().insertions == before + 2


def test_no_card_is_told(card: SmartCard, staff: StaffCard) -> None:
    assert _fails(lambda: staff.challenge(PIN, NONCE), AskAgainError) == "staffcard.none"


def test_a_wrong_pin_counts_down_and_the_last_try_is_never_spent(
    card: SmartCard, staff: StaffCard
) -> None:
    _insert(card, staff)
    for left in (2, 1):
        with pytest.raises(WrongPinError) as told:
            staff.challenge("000000", NONCE)
        assert told.value.tries_left == left
    assert _fails(lambda: staff.challenge("000000", NONCE), RefusedError) == "staffcard.last_try"
    assert _fails(lambda: staff.challenge(PIN, NONCE), RefusedError) == "staffcard.last_try"
    assert card.control({"status": True})["tries_left"] == 1
    # A power cycle gives no tries back.
    card.control({"power": "cycle"})
    assert card.control({"status": True})["tries_left"] == 1


def test_a_right_pin_gives_the_tries_back(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    with pytest.raises(WrongPinError):
        staff.challenge("000000", NONCE)
    staff.challenge(PIN, NONCE)
    assert card.control({"status": True})["tries_left"] == 3


def test_a_pin_of_the_wrong_shape_never_reaches_the_card(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    for pin in ("", "12345", "123456789", "12345a", "１２３４５６"):
        assert _fails(lambda pin=pin: staff.challenge(pin, NONCE), AskAgainError) == (
            "staffcard.wrong_pin"
        )
    assert card.control({"status": True})["tries_left"] == 3


def test_a_look_tells_the_tries_and_asks_for_no_pin(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    assert staff.look() == 3
    with pytest.raises(WrongPinError):
        staff.challenge("000000", NONCE)
    assert staff.look() == 2


def test_the_chips_serial_comes_where_the_reader_tells_one(
    card: SmartCard, staff: StaffCard
) -> None:
    _insert(card, staff)
    assert card.control({"serial": "04A2B3C4D5E6F7"})["ok"]
    assert staff.chip_serial() == bytes.fromhex("04A2B3C4D5E6F7")
    card.control({"serial": ""})
    assert staff.chip_serial() is None
    card.control({"remove": True})
    _until(lambda: not staff.poll().card)
    assert _fails(staff.chip_serial, AskAgainError) == "staffcard.none"


def test_a_card_of_a_stranger_is_refused_before_any_pin_is_sent_to_it(
    service: PcscService, staff: StaffCard
) -> None:
    with SmartCard(port=READER_PORT, identity=make_identity("STAFF 0001")) as strange:
        _insert(strange, staff)
        for act in (staff.look, lambda: staff.challenge("000000", NONCE)):
            assert _fails(act, RefusedError) == "staffcard.unknown"
        assert strange.control({"status": True})["tries_left"] == 3


def test_a_booth_that_trusts_nobody_says_so(card: SmartCard, staff: StaffCard) -> None:
    nobody = StaffCard(trust=StaffTrust(), settings=QUICK)
    _insert(card, staff)
    assert nobody.health().reason == "staffcard.no_trust"
    assert _fails(nobody.look, RefusedError) == "staffcard.unknown"
    nobody.close()


def test_a_copied_certificate_without_its_key_admits_nobody(staff: StaffCard) -> None:
    copied = Identity(SECOND.key, FIRST.certificate)
    with SmartCard(port=READER_PORT, identity=copied) as forged:
        _insert(forged, staff)
        assert staff.look() == 3  # what it says of itself is the known card's
        assert _fails(lambda: staff.challenge(PIN, NONCE), AskAgainError) == "staffcard.not_staff"


def test_the_pin_is_forgotten_after_each_challenge(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    staff.challenge(PIN, NONCE)
    with pytest.raises(WrongPinError):
        staff.challenge("000000", NONCE)


def test_a_card_without_the_applet_is_not_a_staff_card(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    card.control({"fault": {"answer": "6a82"}})
    assert _fails(lambda: staff.challenge(PIN, NONCE), AskAgainError) == "staffcard.not_staff"


@pytest.mark.parametrize("answer", ["9000", "53820fff9000", "530370010090 00".replace(" ", "")])
def test_a_card_that_answers_nonsense_is_not_a_staff_card(
    card: SmartCard, staff: StaffCard, answer: str
) -> None:
    _insert(card, staff)
    card.control({"fault": {"answer": answer, "times": 0}})
    assert _fails(lambda: staff.challenge(PIN, NONCE), BoothError) in (
        "staffcard.not_staff",
        "staffcard.blocked",
    )


def test_a_card_pulled_in_the_middle_is_asked_for_again(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    card.control({"fault": {"vanish": True}})
    assert _fails(lambda: staff.challenge(PIN, NONCE), AskAgainError) == "staffcard.removed"
    _until(lambda: not staff.poll().card)
    _insert(card, staff)
    staff.challenge(PIN, NONCE)


def test_a_card_that_gives_no_answer_costs_its_deadline_and_not_the_booth(
    card: SmartCard, staff: StaffCard
) -> None:
    _insert(card, staff)
    card.control({"fault": {"silent": True}})
    assert _fails(lambda: staff.challenge(PIN, NONCE), OutOfServiceError) == "staffcard.stuck"
    card.control({"power": "cycle"})
    _until(lambda: staff.poll().card)
    staff.challenge(PIN, NONCE)
    assert staff.health().state is State.READY


def test_the_services_restart_is_survived(
    service: PcscService, card: SmartCard, staff: StaffCard
) -> None:
    if not service.owned:
        pytest.skip("another program runs this machine's pcscd, which must not be stopped")
    _insert(card, staff)
    staff.challenge(PIN, NONCE)
    service.stop()
    _until(lambda: not staff.poll().ready)
    assert staff.health().reason == "staffcard.no_service"
    assert _fails(lambda: staff.challenge(PIN, NONCE), OutOfServiceError) == (
        "staffcard.no_service"
    )
    service.start()
    _until(lambda: staff.poll().card)
    staff.challenge(PIN, NONCE)
    assert staff.health().state is State.READY


def test_a_reader_that_is_pulled_and_plugged_in_again_is_simply_there(
    service: PcscService, card: SmartCard, staff: StaffCard
) -> None:
    if not service.owned:
        pytest.skip("another program runs this machine's pcscd, which must not be stopped")
    _insert(card, staff)
    service.unplug()
    _until(lambda: not staff.poll().ready)
    _until(lambda: staff.health().reason == "staffcard.no_reader")
    assert _fails(staff.look, OutOfServiceError) == "staffcard.no_reader"
    service.stop()
    service.start()
    _until(lambda: staff.poll().card)
    staff.challenge(PIN, NONCE)


def test_a_machine_without_the_service_is_told() -> None:
    link = PcscLink(environment={"PCSCLITE_CSOCK_NAME": "/nonexistent/pcscd.comm"})
    staff = StaffCard(trust=TRUST, settings=QUICK, link=link)
    assert _fails(staff.start, OutOfServiceError) == "staffcard.no_service"
    health = staff.health()
    assert (health.state, health.remedy) == (State.ILL, "staffcard.no_service.remedy")
    staff.close()


def test_a_reader_that_is_not_there_is_told(service: PcscService) -> None:
    staff = StaffCard(trust=TRUST, settings=StaffCardSettings(reader="No Such Reader"))
    assert _fails(staff.start, OutOfServiceError) == "staffcard.no_reader"
    staff.close()


def test_health_while_the_card_signs_is_busy(card: SmartCard, staff: StaffCard) -> None:
    _insert(card, staff)
    card.control({"fault": {"slow": 0.5}})
    thread = threading.Thread(target=lambda: staff.challenge(PIN, NONCE))
    thread.start()
    _until(lambda: staff.health().state is State.BUSY)
    thread.join()


def test_a_nonce_too_short_to_be_fresh_is_a_mistake_of_the_program(staff: StaffCard) -> None:
    with pytest.raises(ValueError, match="nonce"):
        staff.challenge(PIN, b"short")
