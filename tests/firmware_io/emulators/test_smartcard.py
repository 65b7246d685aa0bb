# SPDX-License-Identifier: Apache-2.0
"""The emulated staff card: its applet, its manners at the virtual reader, a stranger's client."""

import hashlib
import json
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from firmware_io.emulators.pcscd import PcscService
from firmware_io.emulators.smartcard import ATR, PORT, SmartCard
from firmware_io.emulators.smartcard_piv import Identity, PivApplet, keep_identity, make_identity

# One worker after the other: the machine has one service.
pytestmark = pytest.mark.xdist_group("pcscd")

ROOT = Path(__file__).parents[3]
SELECT = "00a404000ba00000030800001000010000"
VERIFY, WRONG_PIN = "0020008008313233343536ffff", "0020008008303030303030ffff"
GET_CERTIFICATE = "00cb3fff055c035fc10500"
SIGN = "0087119a267c2482008120" + "11" * 32 + "00"


@pytest.fixture(scope="module")
def identity() -> Identity:
    return make_identity()


@pytest.fixture
def applet(identity: Identity) -> PivApplet:
    return PivApplet(identity)


def _ask(applet: PivApplet, apdu: str) -> tuple[bytes, str]:
    answer = applet.execute(bytes.fromhex(apdu))
    return answer[:-2], answer[-2:].hex()


# -- the applet, by NIST SP 800-73-4 part 2 ----------------------------------------------------


def test_the_applet_is_selected_by_its_whole_or_its_shortened_name(applet: PivApplet) -> None:
    data, status = _ask(applet, SELECT)
    assert status == "9000"
    assert data[0] == 0x61
    assert _ask(applet, "00a4040009a0000003080000100000")[1] == "9000"
    assert _ask(applet, "00a4040006d2760001240100")[1] == "6a82"


def test_nothing_is_answered_before_the_applet_is_selected(applet: PivApplet) -> None:
    assert _ask(applet, VERIFY)[1] == "6d00"
    assert _ask(applet, GET_CERTIFICATE)[1] == "6d00"


def test_the_certificate_comes_in_parts_of_256_bytes(applet: PivApplet, identity: Identity) -> None:
    _ask(applet, SELECT)
    data, status = _ask(applet, GET_CERTIFICATE)
    assert len(data) == 256
    while status.startswith("61"):
        part, status = _ask(applet, f"00c00000{status[2:]}")
        data += part
    assert status == "9000"
    assert identity.certificate in data
    assert data[0] == 0x53
    assert data.endswith(bytes.fromhex("710100fe00"))


def test_the_key_signs_only_after_the_pin(applet: PivApplet, identity: Identity) -> None:
    _ask(applet, SELECT)
    assert _ask(applet, SIGN)[1] == "6982"
    assert _ask(applet, VERIFY)[1] == "9000"
    data, status = _ask(applet, SIGN)
    assert status == "9000"
    assert (data[0], data[2]) == (0x7C, 0x82)
    key = identity.key.public_key()
    key.verify(data[4:], bytes.fromhex("11" * 32), ec.ECDSA(utils.Prehashed(SHA256())))
    applet.reset()
    _ask(applet, SELECT)
    assert _ask(applet, SIGN)[1] == "6982"


def test_three_wrong_pins_block_the_card_for_good(applet: PivApplet) -> None:
    _ask(applet, SELECT)
    assert _ask(applet, "00200080")[1] == "63c3"
    assert [_ask(applet, WRONG_PIN)[1] for _ in range(3)] == ["63c2", "63c1", "6983"]
    applet.reset()
    _ask(applet, SELECT)
    assert _ask(applet, VERIFY)[1] == "6983"
    assert _ask(applet, "00200080")[1] == "6983"


def test_a_right_pin_gives_the_tries_back(applet: PivApplet) -> None:
    _ask(applet, SELECT)
    assert [_ask(applet, pin)[1] for pin in (WRONG_PIN, VERIFY, WRONG_PIN)] == [
        "63c2",
        "9000",
        "63c2",
    ]


@pytest.mark.parametrize(
    ("apdu", "status"),
    [("0020008108313233343536ffff", "6a88"),  # another PIN than the card's own
     ("002000800431323334", "6a80"),  # not padded to eight
     ("00cb3fff055c035fc10200", "6a82"),  # an object it does not hold
     ("00cb0000055c035fc10500", "6a86"),
     ("0087119c267c2482008120" + "11" * 32 + "00", "6a86"),  # another key
     ("0087119a0400000000", "6a80"),
     ("00ff000000", "6d00"),
     ("80a4040000", "6e00"),
     ("0020008009313233343536ffff", "6700")],
)  # fmt: skip
def test_what_it_cannot_do_it_refuses_by_name(applet: PivApplet, apdu: str, status: str) -> None:
    _ask(applet, SELECT)
    assert _ask(applet, apdu)[1] == status


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "staff.pem"
    first = keep_identity(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keep_identity(path).certificate == first.certificate
    path.write_text("not a key")
    with pytest.raises(ValueError, match=r".+"):
        keep_identity(path)


# -- at the virtual reader ---------------------------------------------------------------------


class Reader:
    """The reader's side of vpcd's protocol, for one card."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(10)
        self.port = self.server.getsockname()[1]
        self.card = self.server

    def accept(self) -> None:
        self.card, _ = self.server.accept()
        self.card.settimeout(10)

    def send(self, message: bytes, step: int = 0) -> None:
        raw = len(message).to_bytes(2, "big") + message
        for at in range(0, len(raw), step or len(raw)):
            self.card.sendall(raw[at : at + (step or len(raw))])

    def hear(self) -> bytes:
        return self._exactly(int.from_bytes(self._exactly(2), "big"))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = self.card.recv(size - len(data))
            assert part, "the card has gone"
            data += part
        return data

    def gone(self) -> bool:
        return self.card.recv(1) == b""


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.card.close()
    reader.server.close()


def test_the_card_keeps_the_readers_protocol_in_any_split(
    reader: Reader, identity: Identity
) -> None:
    with SmartCard(identity=identity, port=reader.port) as card:
        card.control({"insert": True})
        reader.accept()
        for step in (0, 1):
            reader.send(b"\x04", step)
            assert reader.hear() == ATR
        for silent in (b"\x01", b"\x02", b"\x00"):
            reader.send(silent)  # power and reset are not answered: the next answer is the ATR
        reader.send(b"\x04")
        assert reader.hear() == ATR
        reader.send(bytes.fromhex(SELECT), 1)
        assert reader.hear().endswith(b"\x90\x00")
        card.control({"remove": True})
        assert reader.gone()


def test_a_reset_forgets_the_pin(reader: Reader, identity: Identity) -> None:
    with SmartCard(identity=identity, port=reader.port) as card:
        card.control({"insert": True})
        reader.accept()
        for apdu in (SELECT, VERIFY):
            reader.send(bytes.fromhex(apdu))
            reader.hear()
        reader.send(b"\x02")
        for apdu, status in ((SELECT, "9000"), (SIGN, "6982")):
            reader.send(bytes.fromhex(apdu))
            assert reader.hear()[-2:].hex() == status


def test_an_inserted_card_waits_for_a_reader_that_comes_later(identity: Identity) -> None:
    reader = Reader()
    port = reader.port
    reader.server.close()
    with SmartCard(identity=identity, port=port) as card:
        card.control({"insert": True})
        assert not card.control({"status": True})["in_reader"]
        with socket.create_server(("127.0.0.1", port)) as late:
            late.settimeout(10)
            late.accept()[0].close()


def test_the_desk_refuses_what_cannot_be(identity: Identity) -> None:
    with SmartCard(identity=identity, port=9) as card:
        for request in (
            {"dance": True},
            {"fault": {"no_such": 1}},
            {"fault": {"answer": "90"}},
            {"fault": {"answer": "zz"}},
        ):
            answer = card.control(request)
            assert not answer["ok"]
            assert answer["reason"]


def test_a_strangers_client_reads_the_card_through_the_machines_service(
    identity: Identity,
) -> None:
    from smartcard.Exceptions import NoCardException
    from smartcard.System import readers

    with PcscService(alone=True), SmartCard(identity=identity, port=PORT + 1) as card:
        card.control({"insert": True})
        end = time.monotonic() + 10
        while True:
            try:
                (reader,) = (r for r in readers() if str(r) == "Virtual PCD 00 01")
                connection = reader.createConnection()
                connection.connect()
                break
            except (NoCardException, ValueError):
                assert time.monotonic() < end, "the card never came"
                time.sleep(0.02)
        assert bytes(connection.getATR()) == ATR

        def ask(apdu: str) -> tuple[bytes, int, int]:
            data, sw1, sw2 = connection.transmit(list(bytes.fromhex(apdu)))
            return bytes(data), sw1, sw2

        assert ask(SELECT)[1:] == (0x90, 0)
        data, sw1, sw2 = ask(GET_CERTIFICATE)
        while sw1 == 0x61:
            part, sw1, sw2 = ask(f"00c00000{sw2:02x}")
            data += part
        length = int.from_bytes(data[6:8], "big")  # 53 82 .. .. 70 82 LL LL
        certificate = x509.load_der_x509_certificate(data[8 : 8 + length])
        assert ask(VERIFY)[1:] == (0x90, 0)
        digest = hashlib.sha256(b"a stranger's challenge").hexdigest()
        signed, sw1, _ = ask("0087119a267c2482008120" + digest + "00")
        assert sw1 == 0x90
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        key.verify(signed[4:], b"a stranger's challenge", ec.ECDSA(SHA256()))
        connection.disconnect()
        connection.release()


def _line(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 20)
    assert ready, "the emulator says nothing"
    return json.loads(process.stdout.readline())


def test_the_command_runs_alone_until_it_is_ended(reader: Reader, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "firmware_io.emulators.smartcard", "--inserted"]
    command += ["--port", str(reader.port), "--key", str(tmp_path / "staff.pem")]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert _line(process) == {"device": "smartcard", "path": f"127.0.0.1:{reader.port}"}
        reader.accept()
        assert process.stdin is not None
        process.stdin.write(b'{"status": true}\nnonsense\n')
        assert _line(process)["in_reader"]
        assert not _line(process)["ok"]
        process.stdin.close()  # it goes on without a desk
        reader.send(b"\x04")
        assert reader.hear() == ATR
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
