# SPDX-License-Identifier: Apache-2.0
"""The emulated ID-card reader, met by a stranger who knows nothing but the byte tables.

`Stranger` is written from the SAM_V protocol sheets and uses none of the project's code.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import serial

from firmware_io.emulators.idreader import IdReaderDevice, Repeat
from firmware_io.emulators.idreader_card import CardFileError, build, people, resolve
from firmware_io.emulators.stage import Stage

ROOT = Path(__file__).parents[3]
ZHANG = "341522199811070025"
TODAY = date(2026, 12, 1)

RESET, STATUS, NUMBER = "0003 10ff ec", "0003 11ff ed", "0003 12ff ee"
FIND, SELECT = "0003 2001 22", "0003 2002 21"
READ, READ_FINGERS = "0003 3001 32", "0003 3010 23"
ADDRESSES, BODY = "0003 3003 30", "0003 3005 36"


class Stranger:
    """A client of the module: sends hex, reads one whole frame, checks its XOR, tells SW3."""

    def __init__(self, path: str, speed: int = 115200) -> None:
        self.port = serial.Serial(path, speed, timeout=3.0)

    def ask(self, request: str) -> tuple[int, bytes]:
        self.port.write(bytes.fromhex("aaaaaa9669" + request))
        return self.answer()

    def choose(self) -> None:
        assert self.ask(FIND)[0] == 0x9F
        assert self.ask(SELECT)[0] == 0x90

    def answer(self) -> tuple[int, bytes]:
        head = self.port.read(7)
        assert head[:5] == b"\xaa\xaa\xaa\x96\x69", f"{len(head)} bytes of no frame"
        body = self.port.read(head[5] * 256 + head[6])
        xor = 0
        for byte in head[5:] + body:
            xor ^= byte
        assert xor == 0
        return body[2], body[3:-1]

    def silent(self) -> bool:
        self.port.timeout = 0.15
        try:
            return self.port.read(1) == b""
        finally:
            self.port.timeout = 3.0


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(IdReaderDevice(factor=0.0, today=TODAY), link=tmp_path / "reader") as stage:
        yield stage


@pytest.fixture
def stranger(stage: Stage) -> Iterator[Stranger]:
    stranger = Stranger(stage.path)
    yield stranger
    stranger.port.close()


def _tell(stage: Stage, **request: Any) -> dict[str, Any]:
    answer = stage.control(request)
    assert answer["ok"], answer
    return answer


def test_a_strangers_client_finds_selects_and_reads(stage: Stage, stranger: Stranger) -> None:
    assert stranger.ask(STATUS) == (0x90, b"")
    assert stranger.ask(FIND) == (0x80, b"")
    _tell(stage, place_card=ZHANG)
    assert stranger.ask(FIND) == (0x9F, bytes(4))
    assert stranger.ask(SELECT) == (0x90, bytes(8))
    status, data = stranger.ask(READ)
    assert (status, len(data), data[:4]) == (0x90, 1284, bytes.fromhex("01000400"))
    text = data[4:260].decode("utf-16-le")
    assert text[0:15].rstrip() == "张静"
    assert (text[15], text[16:18], text[18:26]) == ("2", "01", "19981107")
    assert text[26:61].rstrip() == "安徽省六安市霍邱县城关镇光明大道21号"
    assert text[61:79] == ZHANG
    assert text[79:94].rstrip() == "霍邱县公安局"
    assert (text[94:102], text[102:110]) == ("20161211", "20261211")
    assert text[110:128] == " " * 18
    assert data[260:].startswith(b"WL")


def test_whole_answers_have_the_sizes_of_the_sheet(stage: Stage, stranger: Stranger) -> None:
    for number, size in ((ZHANG, 6 + 1280 + 1024), ("310105196111300012", 6 + 1280)):
        _tell(stage, place_card=number)
        stranger.choose()
        assert len(stranger.ask(READ_FINGERS)[1]) == size
        _tell(stage, remove_card=True)
    assert len(stranger.ask(NUMBER)[1]) == 16


def test_nothing_is_read_out_of_order(stage: Stage, stranger: Stranger) -> None:
    _tell(stage, place_card=ZHANG)
    assert stranger.ask(READ)[0] == 0x41
    assert stranger.ask(SELECT)[0] == 0x81
    assert stranger.ask(ADDRESSES)[0] == 0x41
    stranger.choose()
    assert stranger.ask(READ)[0] == 0x90
    assert stranger.ask(ADDRESSES)[0] == 0x91
    assert len(stranger.ask(BODY)[1]) == 28


def test_the_chips_numbers_asked_too_early_spoil_the_reading(
    stage: Stage, stranger: Stranger
) -> None:
    _tell(stage, place_card=ZHANG)
    stranger.choose()
    assert stranger.ask(BODY)[0] == 0x90
    assert stranger.ask(READ)[0] == 0x41


@pytest.mark.parametrize(
    ("repeat", "finds"),
    [(Repeat.ONCE, [0x80, 0x80]), (Repeat.AGAIN, [0x9F, 0x9F]), (Repeat.FLAKY, [0x80, 0x9F])],
)
def test_a_selected_card_is_found_again_as_the_module_pleases(
    stage: Stage, stranger: Stranger, repeat: Repeat, finds: list[int]
) -> None:
    _tell(stage, repeat=str(repeat))
    _tell(stage, place_card=ZHANG)
    while stranger.ask(FIND)[0] != 0x9F:
        pass
    assert stranger.ask(SELECT)[0] == 0x90
    assert [stranger.ask(FIND)[0] for _ in finds] == finds
    _tell(stage, remove_card=True)
    assert [stranger.ask(FIND)[0] for _ in finds] == [0x80, 0x80]


def test_lifting_the_card_shows_at_the_next_step(stage: Stage, stranger: Stranger) -> None:
    for steps, request, status in (
        ([FIND], SELECT, 0x81),
        ([FIND, SELECT], READ, 0x41),
        ([FIND, SELECT, READ], ADDRESSES, 0x41),
    ):
        _tell(stage, place_card=ZHANG)
        for step in steps:
            stranger.ask(step)
        _tell(stage, remove_card=True)
        assert stranger.ask(request)[0] == status


def test_wrong_requests_are_told_apart(stranger: Stranger) -> None:
    assert stranger.ask("0003 2001 23")[0] == 0x10  # check byte
    assert stranger.ask("0003 7777 03")[0] == 0x21  # no such command
    assert stranger.ask("0002 20 22")[0] == 0x11  # a length below the shortest
    assert stranger.ask("0009 2001 28")[0] == 0x11  # a length beyond what comes
    assert stranger.ask(STATUS) == (0x90, b"")


def test_a_request_in_pieces_and_behind_junk_is_understood(stranger: Stranger) -> None:
    raw = bytes.fromhex("00ffaaaa" + "aaaaaa9669" + STATUS)
    for at in range(len(raw)):
        stranger.port.write(raw[at : at + 1])
    assert stranger.answer() == (0x90, b"")


def test_two_requests_in_one_breath_are_answered_one_after_the_other(stranger: Stranger) -> None:
    stranger.port.write(bytes.fromhex("aaaaaa9669" + STATUS + "aaaaaa9669" + FIND))
    assert (stranger.answer()[0], stranger.answer()[0]) == (0x90, 0x80)


def test_the_speed_change_is_answered_at_the_old_speed_and_kept_over_power_cycles(
    stage: Stage, stranger: Stranger
) -> None:
    assert stranger.ask("0003 6004 67") == (0x90, b"")
    end = time.monotonic() + 5
    while _tell(stage, status=True)["rate"] != 9600:
        assert time.monotonic() < end
    stranger.port.write(bytes.fromhex("aaaaaa9669" + STATUS))
    assert stranger.silent()
    _tell(stage, power="cycle")
    stranger.port.baudrate = 9600
    assert stranger.ask(STATUS) == (0x90, b"")


def test_after_a_reset_the_module_is_deaf_for_a_while(tmp_path: Path) -> None:
    with Stage(IdReaderDevice(factor=0.3, seed=3), link=tmp_path / "reader") as stage:
        stranger = Stranger(stage.path)
        stranger.port.write(bytes.fromhex("aaaaaa9669" + STATUS))
        assert stranger.silent()
        end = time.monotonic() + 5
        while stranger.silent():
            assert time.monotonic() < end
            stranger.port.write(bytes.fromhex("aaaaaa9669" + STATUS))
        stranger.port.close()


def test_faults_on_demand_are_those_asked_for(stage: Stage, stranger: Stranger) -> None:
    _tell(stage, fault={"answer": "47", "answer_on": "find", "answer_times": 2})
    assert [stranger.ask(r)[0] for r in (STATUS, FIND, FIND, FIND)] == [0x90, 0x47, 0x47, 0x80]
    _tell(stage, fault={"unauthorised": True})
    assert [stranger.ask(r)[0] for r in (STATUS, FIND)] == [0x66, 0x66]
    _tell(stage, fault={})
    _tell(stage, fault={"self_test": True})
    assert [stranger.ask(r)[0] for r in (STATUS, FIND, RESET)] == [0x60, 0x60, 0x90]
    assert stranger.ask(STATUS)[0] == 0x90
    assert not stage.control({"fault": {"no_such": 1}})["ok"]
    assert not stage.control({"fault": {"answer": "41", "answer_on": "lunch"}})["ok"]


def test_the_desk_refuses_what_cannot_be(stage: Stage) -> None:
    for request in (
        {"place_card": "341522199811070026"},
        {"place_card": ZHANG, "with": {"name": "长" * 16}},
        {"place_card": ZHANG, "with": {"shoe_size": "43"}},
        {"repeat": "sometimes"},
        {"dance": True},
    ):
        answer = stage.control(request)
        assert not answer["ok"]
        assert answer["reason"]
    _tell(stage, place_card=ZHANG)
    assert not stage.control({"place_card": ZHANG})["ok"]


def test_the_status_holds_nothing_of_the_person(stage: Stage) -> None:
    _tell(stage, place_card=ZHANG)
    shown = json.dumps(_tell(stage, status=True), ensure_ascii=False)
    assert "in_field" in shown
    assert ZHANG not in shown
    assert "张静" not in shown


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2026, 12, 1), date(2028, 2, 29)])
def test_every_made_up_person_has_a_sound_card_on_any_day(today: date) -> None:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number, person in people().items():
        total = sum(int(d) * w for d, w in zip(number, weights, strict=False))
        assert number[17] == "10X98765432"[total % 11]
        assert int(number[16]) % 2 == int(person["sex_code"]) % 2
        chip = build(person, today)
        text = chip.text.decode("utf-16-le")
        assert (len(chip.text), len(chip.photo)) == (256, 1024)
        assert chip.photo == build(person, date(2020, 1, 1)).photo
        # The name with a character beyond the basic plane takes one more UTF-16 unit.
        assert text.count(number) == 1


@pytest.mark.parametrize(
    ("when", "end", "day"),
    [("+10d", "", "20261211"), ("-3y", "", "20231201"), ("+2m", "", "20270201"),
     ("to-10y", "20261211", "20161211"), ("长期", "", "长期"), ("20991331", "", "20991331"),
     ("to-1y", "20240229", "20230228")],
)  # fmt: skip
def test_validity_counts_from_the_day_the_card_is_placed(when: str, end: str, day: str) -> None:
    assert resolve(when, TODAY, end) == day


def test_a_start_that_hangs_on_no_end_is_refused() -> None:
    with pytest.raises(CardFileError):
        resolve("to-10y", TODAY, "长期")


def _line(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 20)
    assert ready, "the emulator says nothing"
    return json.loads(process.stdout.readline())


def test_the_command_runs_alone_until_it_is_ended(tmp_path: Path) -> None:
    link = tmp_path / "idreader"
    command = [sys.executable, "-m", "firmware_io.emulators.idreader", "--factor", "0"]
    command += ["--link", str(link), "--today", "2026-12-01"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert _line(process) == {"device": "idreader", "path": str(link)}
        assert process.stdin is not None
        process.stdin.write(json.dumps({"place_card": ZHANG}).encode() + b"\n")
        assert _line(process)["ok"]
        process.stdin.close()  # it goes on without a desk
        stranger = Stranger(os.path.realpath(link))
        assert stranger.ask(FIND)[0] == 0x9F
        stranger.port.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not link.is_symlink()
