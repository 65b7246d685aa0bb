# SPDX-License-Identifier: Apache-2.0
"""Instructions that enrol and search by themselves, and the less common ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder, Packet, encode
from firmware_io.codecs.ef01_tables import Code, Colour, Op, Parameter, Pid, Ring, Wait
from firmware_io.emulators.ef01.instructions import ARGUMENTS
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.emulators.stage import ControlError

NewBench = Callable[..., Any]


def answers(bench: Any, payload: bytes, within: float = 60.0) -> list[tuple[int, bytes]]:
    """Confirmation codes and values of all acknowledge packets, in order."""
    return [(packet.payload[0], packet.payload[1:]) for packet in bench.packets(payload, within)]


def presses(times: int, finger: str = "right-thumb", **more: str) -> list[dict[str, Any]]:
    """A citizen who puts the finger down and lifts it again, so often."""
    one = [{"wait_ms": 300}, {"place": finger, **more}, {"wait_ms": 1500}, {"lift": True}]
    return one * times


AUTO_ENROLL = bytes([Op.AUTO_ENROLL, 7, 0, 0, 1, 1])  # page 7; reports, and wants lifts between


def test_an_r503_enrols_by_itself_and_reports_its_fifteen_steps(new_bench: NewBench) -> None:
    bench = new_bench("r503")
    bench.desk({"script": presses(6)})
    # R503 manual V1.2.2, pages 29 and 30: twelve steps of six presses, check, merge, store.
    told = answers(bench, AUTO_ENROLL)
    assert told == [(0, bytes([step, 0])) for step in range(1, 15)] + [(0, b"\x0f\x07")]
    assert bench.desk({"status": True})["library"] == [7]
    assert bench.module.led[:3] == (Ring.ON, 0x50, Colour.GREEN)
    bench.desk({"script": presses(1)})
    code, values = answers(bench, bytes([Op.AUTO_IDENTIFY, 3, 0, 200, 0, 1]))[-1]
    assert (code, values[0], values[1:3]) == (0, 3, b"\0\x07")
    assert 60 <= int.from_bytes(values[3:], "big") <= 250


def test_without_reports_only_the_last_step_is_told(new_bench: NewBench) -> None:
    bench = new_bench("r503")
    bench.desk({"place": "right-thumb"})  # and it stays: no lifting is asked for
    assert answers(bench, bytes([Op.AUTO_ENROLL, 0xC8, 0, 1, 0, 0])) == [(0, b"\x0f\x00")]


@pytest.mark.parametrize(
    ("script", "code", "step"),
    [
        ([], Code.MODULE_TIMEOUT, 1),
        (presses(1) + presses(1, "left-thumb") + presses(4), Code.NOT_MERGED, 14),
        (presses(1, quality="small"), Code.TOO_FEW_FEATURES, 2),
        ([{"place": "right-thumb"}], Code.MODULE_TIMEOUT, 3),  # never lifted
    ],
    ids=["nobody", "two fingers", "too small", "never lifted"],
)
def test_an_automatic_enrolment_that_fails_says_at_which_step_and_stores_nothing(
    new_bench: NewBench, script: list[dict[str, Any]], code: int, step: int
) -> None:
    bench = new_bench("r503")
    bench.desk({"script": script})
    assert answers(bench, AUTO_ENROLL)[-1] == (code, bytes([step, 0]))
    assert bench.desk({"status": True})["library"] == []


def test_a_finger_that_is_stored_already_and_a_page_in_use_are_refused(
    new_bench: NewBench,
) -> None:
    bench = new_bench("r503")
    bench.enrol("right-thumb", 7)
    assert answers(bench, AUTO_ENROLL) == [(Code.TEMPLATE_EMPTY, b"\0\0")]  # 22: in use
    bench.desk({"script": presses(6)})
    assert answers(bench, bytes([Op.AUTO_ENROLL, 8, 0, 0, 0, 1])) == [(0x27, b"\x0d\x00")]


def test_cancel_ends_an_automatic_enrolment_and_no_other_command_does(
    new_bench: NewBench,
) -> None:
    bench = new_bench("r503")
    bench.hear(encode(Packet(Pid.COMMAND, AUTO_ENROLL)))
    bench.run(1.0)
    assert bench.packets(say.plain(Op.READ_SYS_PARA), 1.0) == []
    assert bench.code(say.plain(Op.CANCEL)) == Code.OK
    assert bench.run(30.0) == b""
    assert bench.code(say.plain(Op.GEN_IMG)) == Code.NO_FINGER


def test_an_identification_tries_as_often_as_asked_and_knows_an_empty_library(
    new_bench: NewBench,
) -> None:
    bench = new_bench("r503")
    identify = bytes([Op.AUTO_IDENTIFY, 3, 0, 200, 1, 2])
    assert answers(bench, identify) == [(Code.LIBRARY_EMPTY, b"\x03" + bytes(4))]
    bench.enrol("right-thumb", 0)
    bench.desk({"script": presses(1, "left-thumb") + presses(1)})
    steps = [(code, values[0]) for code, values in answers(bench, identify)]
    assert steps == [(0, 1), (0, 2), (0, 1), (0, 2), (0, 3)]
    bench.desk({"script": presses(2, "left-thumb")})
    assert answers(bench, identify)[-1] == (Code.NOT_FOUND, b"\x03" + bytes(4))


def test_a_synochip_module_enrols_and_identifies_in_one_instruction(new_bench: NewBench) -> None:
    bench = new_bench("as608")
    assert answers(bench, say.plain(Op.ENROLL)) == [(Code.ENROLL_FAILED, b"\0\0")]
    bench.desk({"place": "left-index"})
    assert answers(bench, say.plain(Op.ENROLL)) == [(0, b"\0\0")]
    assert answers(bench, say.plain(Op.ENROLL)) == [(0, b"\0\x01")]
    code, values = answers(bench, say.plain(Op.IDENTIFY))[0]
    assert (code, values[:2]) == (0, b"\0\0")
    bench.desk({"place": "left-little"})
    assert answers(bench, say.plain(Op.IDENTIFY)) == [(Code.NOT_FOUND, bytes(4))]
    bench.module.flash.pages |= dict.fromkeys(range(300), b"")
    assert answers(bench, say.plain(Op.ENROLL)) == [(Code.LIBRARY_FULL, b"\0\0")]


def test_a_zfm_module_logs_in_with_a_reply_for_each_press(new_bench: NewBench) -> None:
    bench = new_bench("optical")
    login = bytes([Op.AUTO_LOGIN, Wait.S_5_5, 3, 0, 9, 0])
    bench.desk({"script": presses(3)})
    assert [code for code, _ in answers(bench, login)] == [0x56, 0x57, Code.OK]
    assert bench.desk({"status": True})["library"] == [9]
    bench.desk({"script": presses(1)})
    assert [code for code, _ in answers(bench, login)] == [0x24]  # stored already
    assert answers(bench, bytes([Op.AUTO_LOGIN, Wait.S_2, 4, 0, 9, 0])) == [(0x25, b"")]
    bench.desk({"script": []})
    search = bytes([Op.AUTO_SEARCH, Wait.S_2, 0, 0, 0, 200])
    assert answers(bench, search) == [(Code.NO_FINGER, bytes(4))]
    bench.desk({"script": presses(1)})
    assert answers(bench, search)[0][1][:2] == b"\0\x09"
    bench.desk({"script": presses(1)})
    assert answers(bench, bytes([Op.AUTO_SEARCH, Wait.S_2, 0, 0, 0, 9]))[0][0] == 0x23
    bench.desk({"script": presses(1, quality="residual")})
    assert answers(bench, search)[0][0] == 0x22


def test_the_wait_byte_is_kept(new_bench: NewBench) -> None:
    # ZFM-70 manual, page 30: 1F is 2 s, 36 is 3.5 s, 55 is 5.5 s.
    for byte, seconds in ((0x1F, 2.0), (0x36, 3.5), (0x55, 5.5)):
        bench = new_bench("optical")
        search = encode(Packet(Pid.COMMAND, bytes([Op.AUTO_SEARCH, byte, 0, 0, 0, 200])))
        bench.hear(search)
        assert bench.run(0.97 * seconds) == b""
        assert bench.run(0.1 * seconds) != b""


def test_a_search_with_residual_judgement_tells_an_empty_library(new_bench: NewBench) -> None:
    bench = new_bench("optical")
    bench.press("right-thumb", 1)
    residual = say.search(1, 0, 200, Op.RESIDUAL_SEARCH)
    assert bench.code(residual) == Code.NO_VALID_TEMPLATE
    bench.enrol("right-thumb", 4)
    assert bench.ask(residual).values[:2] == b"\0\x04"


ONLY = {
    "as608": {Op.ENROLL, Op.IDENTIFY, Op.GEN_BIN_IMAGE, Op.USER_GPIO},
    "optical": {op for op in Op if op >= Op.LIGHT_ON},
    "r503": {op for op in Op if Op.GET_IMAGE_EX <= op <= Op.HAND_SHAKE} - {Op.GET_ENROLL_IMAGE},
    "soc": {Op.GET_ENROLL_IMAGE},
}
SHARED = {Op.CANCEL, Op.CHECK_SENSOR}  # by the last two


def test_one_code_is_the_ring_of_one_branch_and_the_handshake_of_the_other(
    new_bench: NewBench,
) -> None:
    # m5stack/M5Unit-Fingerprint2: 35 HandShake, 3C LED; R503 manual: 35 AuraLedConfig, 3C product.
    soc, r503 = new_bench("soc"), new_bench("r503")
    assert soc.code(bytes([0x35])) == Code.OK
    assert soc.code(bytes([0x3C])) == Code.BAD_PACKET
    assert soc.code(bytes([0x3C, 1, 4, 4, 0])) == Code.OK
    assert soc.desk({"status": True})["led"] == [1, 4, 4, 0]
    assert r503.code(bytes([0x35])) == Code.BAD_PACKET
    assert len(r503.ask(bytes([0x3C])).values) == 46
    parameters = soc.ask(say.plain(Op.READ_SYS_PARA)).values
    assert int.from_bytes(parameters[2:4], "big") == 768  # the template's size
    soc.press("right-thumb", 1)
    soc.press("right-thumb", 2)
    soc.code(say.plain(Op.REG_MODEL))
    assert len(soc.upload(say.up_char(1))) == 768


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_each_kind_of_module_has_its_own_instructions_and_answers_01_to_the_others(
    new_bench: NewBench, profile: str
) -> None:
    for name, ops in ONLY.items():
        for op in ops - SHARED:
            arguments = b"\x01" * ARGUMENTS.get(op, 0)
            told = answers(new_bench(profile), bytes([op]) + arguments, within=30.0)
            assert (told[0][0] != Code.BAD_PACKET) == (name == profile), op
    assert new_bench(profile).code(bytes([Op.BURN_CODE, 0])) == Code.BAD_PACKET


def test_a_stricter_level_refuses_a_press_that_a_loose_one_takes(new_bench: NewBench) -> None:
    bench = new_bench("optical")
    scores = []
    for level in range(1, 6):
        assert bench.code(say.set_sys_para(Parameter.SECURITY, level)) == Code.OK
        bench.press("right-thumb", 1, quality="fair")
        bench.press("right-thumb", 2, quality="fair")
        scores.append(say.parse_number(bench.ask(say.plain(Op.MATCH)).values))
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


def test_the_image_buffer_can_be_looked_at(new_bench: NewBench, tmp_path: Path) -> None:
    bench = new_bench("r503")
    with pytest.raises(ControlError, match="empty"):
        bench.desk({"dump": str(tmp_path / "none.png")})
    bench.press("right-thumb", 1)
    for name in ("print.png", "print.bmp"):
        bench.desk({"dump": str(tmp_path / name)})
        with Image.open(tmp_path / name) as shown:
            assert shown.size == (192, 192 + 16)
            ridges = shown.crop((0, 0, 192, 192))
            label = shown.crop((0, 192, 192, 208))
        assert len(set(ridges.tobytes())) > 10
        assert min(label.tobytes()) == 0  # something is written there
    with Image.open(tmp_path / "print.png") as shown:
        assert shown.info["Comment"] == "SYNTHETIC right-thumb, good"
    # The picture is what UpImage sends: 4 bits a pixel, the left one high, 17 shades apart.
    sent = bench.upload(say.plain(Op.UP_IMAGE))
    assert ridges.getpixel((0, 0)) == 17 * (sent[0] >> 4)
    assert ridges.getpixel((191, 191)) == 17 * (sent[-1] & 15)
    with pytest.raises(ValueError, match=r"\.png"):
        bench.desk({"dump": str(tmp_path / "print.gif")})


def test_a_picture_from_the_host_can_be_fetched_and_made_black_and_white(
    new_bench: NewBench,
) -> None:
    bench = new_bench("as608")
    content = bytes(range(256)) * 144
    bench.download(say.plain(Op.DOWN_IMAGE), content)
    assert bench.upload(say.plain(Op.UP_IMAGE)) == content
    assert bench.code(bytes([Op.GEN_BIN_IMAGE, 0])) == Code.OK
    assert set(bench.upload(say.plain(Op.UP_IMAGE))) == {0x00, 0x0F, 0xF0, 0xFF}
    assert bench.code(say.img2tz(1)) == Code.TOO_MESSY  # no ridges in it


def test_a_refusal_may_come_in_its_short_form(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.module.fault({"short": True, "times": 2}, bench.now)
    assert bench.ask(say.plain(Op.MATCH)).values == b""
    assert bench.ask(say.plain(Op.TEMPLATE_NUM)).values == b"\0\0"  # no refusal
    assert bench.ask(say.plain(Op.MATCH)).values == b"\0\0"


def test_an_upload_can_stop_before_its_last_packet(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.press("right-thumb", 1)
    bench.module.fault({"stop_data": 2, "op": "UP_CHAR"}, bench.now)
    kinds = [packet.pid for packet in bench.packets(say.up_char(1))]
    assert kinds == [Pid.ACK, Pid.DATA, Pid.DATA]
    assert len(bench.upload(say.up_char(1))) == 512


def test_a_failed_sensor_says_so_and_a_start_may_begin_with_a_stray_zero(
    new_bench: NewBench,
) -> None:
    bench = new_bench("r503")
    bench.module.fault({"blind": True, "edge": True}, bench.now)
    assert bench.code(say.plain(Op.CHECK_SENSOR)) == Code.SENSOR_FAULT
    assert bench.code(say.plain(Op.GEN_IMG)) == Code.CAPTURE_FAILED
    bench.module.power_cycle(bench.now)
    assert bench.run(1.0) == b"\x00\x55"
    bench.module.fault({}, bench.now)
    assert bench.code(say.plain(Op.CHECK_SENSOR)) == Code.OK


def test_a_dead_module_is_silent_until_its_supply_is_switched(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.module.fault({"dead": True}, bench.now)
    bench.module.fault({}, bench.now)
    assert bench.packets(say.vfy_pwd(0)) == []
    bench.module.power_cycle(bench.now)
    bench.run(1.0)
    assert bench.code(say.vfy_pwd(0)) == Code.OK


def test_a_fault_that_is_unknown_is_refused_and_the_known_ones_are_named(
    new_bench: NewBench,
) -> None:
    bench = new_bench()
    with pytest.raises(ControlError, match=r"gremlins; known: .*stop_data.*truncate"):
        bench.module.fault({"gremlins": 1, "edge": True}, bench.now)
    assert bench.module.faults.edge is False


def test_the_index_table_of_another_page_and_beyond_the_last(new_bench: NewBench) -> None:
    bench = new_bench("as608")  # 300 pages
    bench.enrol("right-thumb", 299)
    assert say.parse_index_table(bench.ask(say.read_index_table(0)).values) == frozenset()
    assert say.parse_index_table(bench.ask(say.read_index_table(1)).values, 1) == {299}
    assert bench.code(say.read_index_table(4)) == Code.BAD_PACKET


def test_unasked_bytes_do_not_reach_a_module_that_starts(new_bench: NewBench) -> None:
    bench = new_bench("r503")
    bench.hear(encode(Packet(Pid.COMMAND, say.plain(Op.SOFT_RST))))
    said = bench.run(0.01)
    bench.hear(encode(Packet(Pid.COMMAND, say.vfy_pwd(0))))
    assert Decoder().feed(said + bench.run(1.0))[0] == Packet(Pid.ACK, b"\0")
    assert bench.module.spent.get("vfy_pwd") is None
