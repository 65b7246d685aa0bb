# SPDX-License-Identifier: Apache-2.0
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import serial
from escpos.printer import Dummy, Serial
from PIL import Image, ImageChops, ImageDraw
from pyzbar.pyzbar import decode

from firmware_io.emulators.printer import BUFFER, Printer
from firmware_io.emulators.stage import Stage


class Host:
    """A plain host: a serial port and nothing of the booth."""

    def __init__(self, stage: Stage, device: Printer) -> None:
        self.stage, self.device = stage, device
        self.port = serial.Serial(stage.path, 115200, timeout=2, write_timeout=2)

    def send(self, data: bytes) -> None:
        self.port.write(data)

    def ask(self, data: bytes, length: int) -> bytes:
        self.port.write(data)
        return self.port.read(length)

    def asleep(self) -> bool:
        """Whether nothing at all comes for a moment."""
        return not select.select([self.port.fileno()], [], [], 0.1)[0]

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer

    def page(self, tmp_path) -> Image.Image:
        self.control(render=str(tmp_path / "page.png"))
        return Image.open(tmp_path / "page.png").convert("L")


@pytest.fixture
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    device = Printer(factor=0.0, **getattr(request, "param", {}))
    with Stage(device) as stage:
        far = Host(stage, device)
        yield far
        far.port.close()


def strip(rows: int, across: int = 72, dots: bytes = b"\xff") -> bytes:
    return b"\x1dv0\0" + bytes((across, 0, rows, 0)) + dots * across * rows


SPEC = "Epson TM-T88III, TM-U220 and SRP-350 manuals, DLE EOT tables"
CONDITIONS = [  # what is done, n=1..4
    ({}, "16 12 12 12"),
    ({"paper": "near_end"}, "16 12 12 1e"),
    ({"paper": "out"}, "1e 32 12 7e"),
    ({"cover": "open"}, "1e 16 12 12"),
    ({"fault": {"hot": True}}, "1e 52 52 12"),
    ({"fault": {"broken": True}}, "1e 52 32 12"),
]


@pytest.mark.parametrize(("done", "status"), CONDITIONS)
def test_each_condition_has_the_status_bytes_of_the_manuals(host, done, status) -> None:
    if done:
        host.control(**done)
    got = b"".join(host.ask(bytes((16, 4, n)), 1) for n in (1, 2, 3, 4))
    assert got.hex(" ") == status, SPEC


def test_a_cutter_jam_stays_until_its_cause_is_gone_and_the_host_says_so(host) -> None:
    host.control(fault={"jam": True})
    host.send(b"\x1dV\x01")
    assert host.ask(b"\x10\x04\x03", 1) == b"\x1a"
    host.send(b"\x10\x05\x02")
    assert host.ask(b"\x10\x04\x03", 1) == b"\x1a", "the paper is still stuck"
    host.control(cover="open")
    host.control(cover="closed")
    assert host.ask(b"\x10\x04\x03", 1) == b"\x1a", "the host has to ask for it"
    host.send(b"\x10\x05\x02")
    assert host.ask(b"\x10\x04\x03", 1) == b"\x12"


def test_automatic_status_comes_once_a_change(host) -> None:
    assert host.ask(b"\x1da\xff", 4) == bytes.fromhex("1400000f")
    host.control(cover="open")
    assert host.port.read(4) == bytes.fromhex("3c00000f")
    host.control(cover="closed")
    assert host.port.read(4) == bytes.fromhex("1400000f")
    assert host.asleep()
    assert host.ask(b"\x1b@\x1dr\x01", 1) == b"\0"
    host.control(paper="near_end")
    assert host.asleep(), "initialising switched it off"


def test_a_process_id_comes_back_when_its_rows_are_on_paper(host) -> None:
    assert host.ask(strip(10) + b"\x1d(H\x06\x0000AAAA", 7) == b"\x37\x22AAAA\0"
    assert host.control(status=True)["rows_printed"] == 10


def test_without_paper_a_process_id_waits_for_paper(host) -> None:
    host.control(paper="out", after_mm=1)
    host.send(strip(10) + b"\x1d(H\x06\x0000AAAA")
    assert host.ask(b"\x10\x04\x02", 1) == b"\x32", "asked while offline, answered at once"
    assert host.asleep()
    assert host.control(status=True)["rows_printed"] == 8, "stopped inside the image"
    host.control(paper="ok")
    assert host.port.read(7) == b"\x37\x22AAAA\0"
    assert host.control(status=True)["rows_printed"] == 10, "went on by itself"


@pytest.mark.parametrize("host", [{"profile": "80-plain"}], indirect=True)
def test_a_plain_model_knows_no_process_ids_but_answers_when_it_got_there(host) -> None:
    assert host.ask(strip(4) + b"\x1d(H\x06\x0000AAAA\x1dr\x01", 1) == b"\0"
    assert host.asleep()


def test_an_opened_cover_stops_the_head_in_the_middle(host) -> None:
    host.control(cover="open")
    host.send(strip(20))
    assert host.ask(b"\x10\x04\x01", 1) == b"\x1e"
    assert host.control(status=True)["rows_printed"] == 0
    host.control(cover="closed")
    assert host.ask(b"\x1dr\x01", 1) == b"\0"
    assert host.control(status=True)["rows_printed"] == 20


def test_clearing_forgets_what_was_queued_and_answers(host) -> None:
    host.control(cover="open")
    host.send(strip(20) + b"\x1d(H\x06\x0000AAAA")
    assert host.ask(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", 3) == b"\x37\x25\x00"
    host.control(cover="closed")
    assert host.asleep(), "the id belonged to what was cleared"
    assert host.control(status=True)["rows_printed"] == 0


def test_a_real_time_command_inside_an_image_is_obeyed_and_counted(host) -> None:
    assert host.ask(b"\x1dv0\0\x03\0\x01\0\x10\x04\x01", 1) == b"\x16"
    assert host.control(status=True)["realtime_in_image"] == 1


def test_an_image_cut_short_swallows_what_follows_until_zeros_fill_it(host) -> None:
    host.send(strip(20)[:500])
    host.send(b"\x1d(H\x06\x0000AAAA")
    assert host.asleep()
    host.send(bytes(72 * 20) + b"\x1b@\x1d(H\x06\x0000BBBB")
    assert host.port.read(7) == b"\x37\x22BBBB\0"


@pytest.mark.parametrize("flow", ["busy", "xonxoff"])
def test_a_full_buffer_holds_the_host_and_loses_nothing(host, flow: str) -> None:
    host.control(flow=flow)
    host.control(cover="open")
    host.port.close()
    host.port = serial.Serial(
        host.stage.path, 115200, timeout=2, write_timeout=0.3, xonxoff=flow == "xonxoff"
    )
    with pytest.raises(serial.SerialTimeoutException):
        host.port.write(bytes(200_000))
    host.control(cover="closed")
    assert host.control(status=True)["bytes_lost"] == 0


def test_without_flow_control_a_full_buffer_loses_bytes_and_says_how_many(host) -> None:
    host.control(flow="none")
    host.control(cover="open")
    host.send(bytes(BUFFER + 500))
    deadline = time.monotonic() + 5
    while host.control(status=True)["bytes_lost"] < 500 and time.monotonic() < deadline:
        select.select([], [], [], 0.01)
    assert host.control(status=True)["bytes_lost"] == 500


def test_power_loses_the_queue_but_not_the_paper(host) -> None:
    host.send(strip(8))
    assert host.ask(b"\x1dr\x01", 1) == b"\0"
    host.control(cover="open")
    host.send(strip(8))
    host.control(power="cycle")
    host.control(cover="closed")
    assert host.ask(b"\x1dr\x01", 1) == b"\0"
    assert host.control(status=True)["rows_printed"] == 8


def test_what_is_no_command_is_noted_and_seen_on_paper(host, tmp_path) -> None:
    assert host.ask(b"\x1b\x01AB\n\x1dr\x01", 1) == b"\0"
    assert host.control(status=True)["violations"][0] == "1b 01"
    assert ImageChops.invert(host.page(tmp_path)).getbbox() is not None


def test_paper_is_cut_behind_the_head_and_taken_slip_by_slip(host, tmp_path) -> None:
    host.send(strip(40) + b"\x1dV\x42\x00" + b"\x1dr\x01")
    assert host.port.read(1) == b"\0"
    assert host.control(render=str(tmp_path / "a.png"))["cuts"] == [40]
    assert host.control(tear=True)["rows"] == 40
    assert ImageChops.invert(host.page(tmp_path)).getbbox() is None


def test_the_speed_is_the_machines_own() -> None:
    # In virtual time: 1200 rows at 150 mm/s and 8 rows a mm take a second, and half one the cut.
    device = Printer(factor=1.0)
    device.power_cycle(0.0)
    job = b"\x1bJ\xf0" * 5 + b"\x1d(H\x06\x0000AAAA" + b"\x1dV\x01" + b"\x1d(H\x06\x0000BBBB"
    device.feed(job, 10.0)
    now, sent = 10.0, []
    while (wake := device.wake_at()) is not None:
        now = wake
        sent += device.poll(now)
    assert [part.data[2:6] for part in sent] == [b"AAAA", b"BBBB"]
    assert 11.0 <= sent[0].due <= 11.02
    assert 11.5 <= sent[1].due <= 11.52


# -- a stranger's program ---------------------------------------------------------------------


@pytest.fixture
def stranger(host: Host) -> Iterator[Serial]:
    host.port.close()
    program = Serial(devfile=host.stage.path, baudrate=115200, timeout=0.2, profile="TM-T88III")
    yield program
    program.close()


def test_python_escpos_prints_text_image_qr_and_bars(host, stranger, tmp_path) -> None:
    picture = Image.new("1", (200, 60), 1)
    ImageDraw.Draw(picture).ellipse((10, 5, 190, 55), fill=0)
    stranger.text("Receipt 42\n")
    stranger.image(picture, impl="bitImageRaster", center=False)
    stranger.qr("https://example.test/r/4405241880010100142601", native=True, size=6, ec=1)
    stranger.text("\n\n")
    stranger.barcode("{BR4405241880010", "CODE128", height=80, width=2, function_type="B")
    stranger.image(picture, impl="graphics", center=False)
    stranger.cut()
    stranger.close()
    host.port = serial.Serial(host.stage.path, 115200, timeout=2)
    assert host.ask(b"\x1dr\x01", 1) == b"\0"
    status = host.control(status=True)
    assert status["violations"] == []
    assert status["cuts"] == 1
    page = host.page(tmp_path)
    found = {code.type: code.data.decode() for code in decode(page)}
    assert found == {
        "QRCODE": "https://example.test/r/4405241880010100142601",
        "CODE128": "R4405241880010",
    }
    raster = page.crop((0, 30, 200, 90)).point([0] * 128 + [255] * 128, "1")
    assert ImageChops.logical_xor(raster, picture).getbbox() is None, "dot for dot"


def test_python_escpos_reads_the_paper_status(host, stranger) -> None:
    assert stranger.paper_status() == 2
    host.control(paper="near_end")
    assert stranger.paper_status() == 1
    host.control(paper="out")
    assert stranger.paper_status() == 0
    assert stranger.is_online() is False
    host.control(paper="ok")
    assert stranger.is_online() is True


def test_every_image_way_of_python_escpos_draws_the_same_dots(host, tmp_path) -> None:
    picture = Image.new("1", (64, 48), 1)
    ImageDraw.Draw(picture).line((0, 0, 63, 47), fill=0, width=3)
    pages = []
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        dummy = Dummy()
        dummy.image(picture, impl=way, center=False)
        host.control(tear=True)
        host.control(feed=50)
        host.control(tear=True)
        assert host.ask(dummy.output + b"\x1bJ\x78\x1dr\x01", 1) == b"\0"
        page = host.page(tmp_path)
        pages.append(page.crop(ImageChops.invert(page).getbbox()))
    assert all(ImageChops.difference(pages[0], page).getbbox() is None for page in pages[1:])


def test_chinese_text_needs_its_mode_and_then_shows(host, tmp_path) -> None:
    assert host.ask(b"\x1c&" + "居民身份证\n".encode("gb18030") + b"\x1c.\x1dr\x01", 1) == b"\0"
    box = ImageChops.invert(host.page(tmp_path)).getbbox()
    assert box is not None
    assert 100 <= box[2] <= 120, "five full-width cells"


def test_the_command_runs_alone_until_it_is_told_to_end(tmp_path) -> None:
    link = tmp_path / "printer"
    command = [sys.executable, "-m", "firmware_io.emulators.printer", "--link", str(link)]
    with subprocess.Popen(
        [*command, "--factor", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        ready = json.loads(process.stdout.readline())
        assert ready == {"device": "printer", "path": str(link)}
        process.stdin.write('{"paper": "near_end"}\n{"gift": 1}\n')
        process.stdin.close()
        assert json.loads(process.stdout.readline())["paper"] == "near_end"
        assert json.loads(process.stdout.readline())["ok"] is False
        with serial.Serial(str(link), 115200, timeout=2) as port:
            port.write(b"\x10\x04\x04")
            assert port.read(1) == b"\x1e", "it goes on when its stdin has ended"
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
    assert not link.is_symlink()
