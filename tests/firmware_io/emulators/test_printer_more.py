# SPDX-License-Identifier: Apache-2.0
"""The emulated printer's rarer manners, and strangers' hosts on its network card."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial
from escpos.printer import Network
from PIL import Image, ImageChops, ImageDraw
from pyzbar.pyzbar import decode

from firmware_io.emulators.printer import Printer, main
from firmware_io.emulators.printer_network import NetworkCard
from firmware_io.emulators.stage import Stage

PATIENCE_S = 30.0


class Host:
    """A plain host."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.port = serial.Serial(stage.path, 115200, timeout=PATIENCE_S, write_timeout=PATIENCE_S)

    def ask(self, data: bytes, length: int) -> bytes:
        self.port.write(data)
        return self.port.read(length)

    def statuses(self) -> str:
        return b"".join(self.ask(bytes((16, 4, n)), 1) for n in (1, 2, 3, 4)).hex(" ")

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    with Stage(Printer(factor=0.0, **getattr(request, "param", {}))) as stage:
        far = Host(stage)
        yield far
        far.port.close()


def strip(rows: int, dots: bytes = b"\xff") -> bytes:
    return b"\x1dv0\0" + bytes((72, 0, rows, 0)) + dots * 72 * rows


GUIDE = "Epson guide 10.01, Citizen CT-S2000 and Samsung SRP-350 manuals, DLE EOT tables"


@pytest.mark.parametrize(
    ("done", "status", "automatic"),
    [
        ([{"fault": {"mechanical": True}}], "1e 52 16 12", "1c04000f"),
        ([{"hold_feed": True}], "5e 1a 12 12", "5c00000f"),
        ([{"fault": {"waiting": True}}], "3e 12 12 12", "1c01000f"),
        ([{"cover": "open"}, {"paper": "out"}], "1e 36 12 7e", "3c000f0f"),
        ([{"paper": "near_end"}], "16 12 12 1e", "1400030f"),
    ],
)
def test_rarer_conditions_have_the_status_bytes_of_the_manuals(
    host: Host, done: list[dict], status: str, automatic: str
) -> None:
    for one in done:
        host.control(**one)
    assert host.statuses() == status, GUIDE
    for one in done:
        host.control(**{key: {} if key == "fault" else value for key, value in one.items()})
    host.control(fault={})
    host.control(hold_feed=False)
    host.control(cover="closed")
    host.control(paper="ok")
    assert host.ask(b"\x1da\xff", 4).hex() == "1400000f"
    for one in done:
        host.control(**one)
    got = b""
    while got[-4:].hex() != automatic:
        got += host.port.read(4)
        assert got, "the change was not told"


@pytest.mark.parametrize(
    ("manner", "answers"),
    [("zeros", "00 00 00 00"), ("late_answers", "12 16 12 12"), ("echo", "10 10 10 10")],
)
def test_other_makes_answer_in_their_own_way(host: Host, manner: str, answers: str) -> None:
    host.control(fault={manner: True})
    got = []
    for n in (1, 2, 3, 4):
        got.append(host.ask(bytes((16, 4, n)), 3 if manner == "echo" else 1)[:1])
    assert b"".join(got).hex(" ") == answers


def test_going_offline_is_told_once_when_asked_for(host: Host) -> None:
    assert host.ask(b"\x1d(H\x03\x001\x302" + b"\x1dr\x01", 1) == b"\0"
    host.control(cover="open")
    assert host.port.read(4) == b"\x37\x23\x41\0", "Epson web, GS ( H fn 49, with cause"
    host.control(cover="closed")
    assert host.ask(b"\x1d(H\x03\x001\x300" + b"\x1dr\x01", 1) == b"\0"
    host.control(cover="open")
    assert host.ask(b"\x10\x04\x02", 1) == b"\x16", "nothing before the answer"


@pytest.mark.parametrize("host", [{"profile": "58-china"}], indirect=True)
def test_a_model_can_print_the_row_again_at_which_its_paper_ended(host: Host) -> None:
    host.control(paper="out", after_mm=1)
    host.port.write(b"\x1dv0\0" + bytes((48, 0, 10, 0)) + b"\xff" * 480)
    host.until(lambda: host.control(status=True)["rows_printed"] == 8)
    host.control(paper="ok")
    host.until(lambda: host.control(status=True)["rows_printed"] == 11)
    assert host.control(status=True)["queued_bytes"] == 0


@pytest.mark.parametrize(
    ("host", "boxes"), [({"profile": "80"}, 1), ({"profile": "58-china"}, 2)], indirect=["host"]
)
def test_a_four_byte_character_is_one_only_where_the_font_has_it(host, boxes, tmp_path) -> None:
    """U+36C3 is 82 30 B7 31 in GB 18030: a two-byte printer draws it as two wrong ones."""
    host.port.write(b"\x1c&" + "\u36c3\n".encode("gb18030") + b"\x1bJ\x01")
    deadline = time.monotonic() + PATIENCE_S
    while not host.control(status=True)["rows_to_take"]:
        assert time.monotonic() < deadline
    host.control(render=str(tmp_path / "a.png"))
    box = ImageChops.invert(Image.open(tmp_path / "a.png").convert("L")).getbbox()
    assert box is not None
    assert (box[2] > 24) is (boxes == 2)


@pytest.mark.parametrize("host", [{"profile": "80-presenter"}], indirect=True)
def test_a_presenter_cuts_holds_out_and_takes_back(host: Host) -> None:
    """Custom KPM210 command reference: 1B 69, 1D 65 03 m, 1D 65 02, 10 04 14."""
    assert host.ask(b"\x10\x04\x14", 6).hex(" ") == "10 0f 00 00 00 00"
    assert host.ask(strip(130) + b"\x1bi\x1de\x03\0\x1dr\x01", 1) == b"\0"
    assert host.ask(b"\x10\x04\x14", 6).hex(" ") == "10 0f 20 00 00 00"
    assert host.ask(strip(1) + b"\x1dr\x01", 1) == b"\0"
    assert host.control(status=True)["printed_behind_slip"] == 1
    assert host.ask(b"\x1de\x02\x1dr\x01", 1) == b"\0"
    assert host.ask(b"\x10\x04\x14", 6).hex(" ") == "10 0f 00 00 00 00"
    status = host.control(status=True)
    assert (status["slips_retracted"], status["violations"]) == (1, [])


def test_a_printer_that_stops_can_hold_the_line_at_once(host: Host) -> None:
    host.control(flow="xonxoff")
    host.control(offline_busy=True)
    host.control(cover="open")
    assert host.port.read(1) == b"\x13"
    host.control(cover="closed")
    assert host.port.read(1) == b"\x11"


def test_strictly_a_byte_that_is_no_command_ends_with_status_1(tmp_path, monkeypatch, capsys):
    link = tmp_path / "printer"
    stages: list[Stage] = []
    real = Stage.run

    def run(stage: Stage) -> None:
        stages.append(stage)
        real(stage)

    monkeypatch.setattr(Stage, "run", run)
    monkeypatch.setattr("firmware_io.emulators.command.listen", lambda obey: None)
    monkeypatch.setattr("firmware_io.emulators.command.signal.signal", lambda *_: None)

    def wrong() -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not (stages and link.exists()) and time.monotonic() < deadline:
            time.sleep(0.01)
        with serial.Serial(str(link), 115200, timeout=PATIENCE_S) as port:
            port.write(b"\x1b\x01\x1dr\x01")
            port.read(1)
        stages[0].stop()

    stranger = threading.Thread(target=wrong)
    stranger.start()
    status = main(["--link", str(link), "--factor", "0", "--strict"])
    stranger.join(PATIENCE_S)
    assert status == 1
    assert "1b 01" in capsys.readouterr().err


# -- strangers on the network -----------------------------------------------------------------


@pytest.fixture
def card(host: Host) -> Iterator[NetworkCard]:
    host.port.close()
    with NetworkCard(0, host.stage.path) as made:
        yield made
    host.port = serial.Serial(host.stage.path, 115200)


def test_python_escpos_prints_and_polls_over_the_network(host, card, tmp_path: Path) -> None:
    stranger = Network("127.0.0.1", port=card.port, timeout=PATIENCE_S, profile="TM-T20II")
    picture = Image.new("1", (576, 60), 1)
    ImageDraw.Draw(picture).ellipse((10, 5, 560, 55), fill=0)
    stranger.image(picture, impl="bitImageRaster", center=False)
    stranger.qr("https://example.test/r/1", native=True, size=6, ec=1)
    stranger.text("\n\n")
    stranger.cut()
    assert stranger.paper_status() == 2
    host.control(paper="near_end")
    assert stranger.paper_status() == 1
    assert stranger.is_online() is True
    host.control(paper="out")
    assert stranger.is_online() is False
    host.control(paper="ok")
    host.until(lambda: host.control(status=True)["cuts"] == 1)
    stranger.close()
    host.control(render=str(tmp_path / "a.png"))
    page = Image.open(tmp_path / "a.png").convert("L")
    assert [code.data for code in decode(page)] == [b"https://example.test/r/1"]
    top = page.crop((0, 0, 576, 60)).point([0] * 128 + [255] * 128, "1")
    assert ImageChops.logical_xor(top, picture).getbbox() is None, "dot for dot"
    assert host.control(status=True)["violations"] == []


def test_a_second_host_is_dropped_and_the_first_goes_on(card: NetworkCard) -> None:
    address = ("127.0.0.1", card.port)
    with socket.create_connection(address, PATIENCE_S) as first:
        first.sendall(b"\x10\x04\x01")
        assert first.recv(1) == b"\x16"
        with socket.create_connection(address, PATIENCE_S) as second:
            assert second.recv(1) == b""
        first.sendall(b"\x10\x04\x01")
        assert first.recv(1) == b"\x16"
    with socket.create_connection(address, PATIENCE_S) as third:
        third.sendall(b"\x10\x04\x01")
        assert third.recv(1) == b"\x16", "the place is free again"
