# SPDX-License-Identifier: Apache-2.0
"""The module itself, on a clock that the test moves: no port, no thread."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Decoder, Packet, encode
from firmware_io.codecs.ef01_messages import ProductInfo, Reply, SystemParameters
from firmware_io.codecs.ef01_tables import Code, Op, Parameter, Pid
from firmware_io.emulators.ef01.memory import Flash
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.emulators.stage import ControlError

NewBench = Callable[..., Any]


@pytest.fixture(params=sorted(PROFILES))
def bench(request: pytest.FixtureRequest, new_bench: NewBench) -> Any:
    return new_bench(request.param)


# Seconds an answer may take: R503 manual page 1 (image < 0.2, features < 0.5); log in FPM issue 18
# for an optical module (0.59 and 0.39).
LATENCIES = [("optical", 0.35, 0.6, 0.3, 0.4), ("r503", 0.12, 0.2, 0.25, 0.45)]


@pytest.mark.parametrize(("profile", "image", "image_to", "feature", "feature_to"), LATENCIES)
def test_images_and_features_take_the_time_of_the_kind_of_module(
    profile: str,
    image: float,
    image_to: float,
    feature: float,
    feature_to: float,
    new_bench: NewBench,
) -> None:
    bench = new_bench(profile)
    assert bench.time_of(say.plain(Op.GEN_IMG)) == pytest.approx(0.003)
    bench.module.control({"place": "right-thumb"}, bench.now)
    for _ in range(10):
        assert image <= bench.time_of(say.plain(Op.GEN_IMG)) <= image_to
        assert feature <= bench.time_of(say.img2tz(1)) <= feature_to


def test_a_starting_module_is_deaf_and_then_greets(bench: Any) -> None:
    assert bench.greeting == b"\x55"
    bench.module.power_cycle(bench.now)
    assert bench.packets(say.vfy_pwd(0), within=0.01) == []
    assert bench.run(1.0) == b"\x55"
    assert bench.code(say.vfy_pwd(0)) == Code.OK


def test_two_presses_of_a_finger_match_and_merge_and_are_found(bench: Any) -> None:
    bench.enrol("right-thumb", 0)
    bench.enrol("left-thumb", 1)
    for finger, page in (("right-thumb", 0), ("left-thumb", 1)):
        assert bench.press(finger, 1) == Code.OK
        hit = say.parse_hit(bench.ask(say.search(1, 0, 2)).values)
        assert hit is not None
        assert hit.page == page
        assert 60 <= hit.score <= 250
    assert bench.code(say.search(1, 0, 1)) == Code.NOT_FOUND  # the left thumb is not on page 0


def test_other_fingers_and_other_people_never_match(bench: Any) -> None:
    bench.press("right-thumb", 1)
    for finger, person in (("right-index", "citizen"), ("right-thumb", "somebody else")):
        bench.press(finger, 2, person=person)
        assert bench.ask(say.plain(Op.MATCH)) == Reply(Code.NO_MATCH, b"\0\0")
        assert bench.code(say.plain(Op.REG_MODEL)) == Code.NOT_MERGED


def test_a_better_press_scores_higher_and_two_presses_differ(bench: Any) -> None:
    scores = {}
    for quality in ("good", "fair"):
        bench.press("right-thumb", 1, quality=quality)
        bench.press("right-thumb", 2, quality=quality)
        scores[quality] = say.parse_number(bench.ask(say.plain(Op.MATCH)).values) or 0
        assert bench.upload(say.up_char(1)) != bench.upload(say.up_char(2))
    assert 60 <= scores["fair"] < scores["good"] <= 250


REFUSALS = [
    ("poor", Code.TOO_MESSY, Code.TOO_MESSY),
    ("dry", Code.TOO_DRY, Code.TOO_FEW_FEATURES),
    ("wet", Code.TOO_WET, Code.TOO_MESSY),
    ("small", Code.TOO_FEW_FEATURES, Code.TOO_FEW_FEATURES),
    ("residual", Code.RESIDUAL_PRINT, Code.TOO_MESSY),
    ("fails", Code.CAPTURE_FAILED, Code.CAPTURE_FAILED),
    ("ghost", Code.TOO_MESSY, Code.TOO_MESSY),
]


@pytest.mark.parametrize(("quality", "synochip", "zfm"), REFUSALS)
def test_a_bad_press_is_refused_in_the_words_its_kind_of_module_has(
    quality: str, synochip: int, zfm: int, new_bench: NewBench
) -> None:
    assert new_bench("as608").press("right-thumb", 1, quality=quality) == synochip
    assert new_bench("optical").press("right-thumb", 1, quality=quality) == zfm


def test_a_finger_that_leaves_during_the_image_fails_and_later_makes_no_difference(
    new_bench: NewBench,
) -> None:
    bench = new_bench()
    bench.module.control({"place": "right-thumb"}, bench.now)
    bench.hear(encode(Packet(Pid.COMMAND, say.plain(Op.GEN_IMG))))
    bench.run(0.1)
    bench.module.control({"lift": True}, bench.now)
    assert Decoder().feed(bench.run(1.0)) == [Packet(Pid.ACK, bytes([Code.CAPTURE_FAILED]))]
    assert bench.press("right-thumb", 1) == Code.OK  # lifted between image and features


def test_a_command_to_a_busy_module_is_lost(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.module.control({"place": "right-thumb"}, bench.now)
    bench.hear(encode(Packet(Pid.COMMAND, say.plain(Op.GEN_IMG))))
    bench.run(0.1)
    assert bench.packets(say.plain(Op.READ_SYS_PARA), 5.0) == [Packet(Pid.ACK, b"\0")]


SEQUENCE = [
    (say.img2tz(1), Code.NO_IMAGE),
    (say.plain(Op.MATCH), Code.NO_MATCH),
    (say.plain(Op.REG_MODEL), Code.NOT_MERGED),
    (say.up_char(1), Code.UPLOAD_FAILED),
    (say.plain(Op.UP_IMAGE), Code.IMAGE_UPLOAD_FAILED),
    (say.load_char(1, 0), Code.TEMPLATE_UNREADABLE),
    (say.load_char(1, 5000), Code.PAGE_OUT_OF_RANGE),
    (say.store(1, 5000), Code.PAGE_OUT_OF_RANGE),
    (say.delet_char(0, 5000), Code.DELETE_FAILED),
    (say.set_sys_para(Parameter.SECURITY, 6), Code.BAD_VALUE),
    (bytes([Op.SET_SYS_PARA, 9, 1]), Code.BAD_REGISTER),
    (say.read_notepad(16), Code.BAD_NOTEPAD_PAGE),
    (b"\x7e", Code.BAD_PACKET),
    (b"\x02", Code.BAD_PACKET),
    (say.vfy_pwd(1), Code.WRONG_PASSWORD),
]


@pytest.mark.parametrize(
    ("payload", "code"), SEQUENCE, ids=lambda v: v.hex() if isinstance(v, bytes) else ""
)
def test_what_cannot_be_done_is_refused(bench: Any, payload: bytes, code: int) -> None:
    assert bench.code(payload) == code


def test_a_broken_packet_is_answered_so_and_one_for_another_address_is_not(
    new_bench: NewBench,
) -> None:
    bench = new_bench()
    wire = bytearray(encode(Packet(Pid.COMMAND, say.vfy_pwd(0))))
    wire[-1] ^= 1
    bench.hear(bytes(wire))
    assert Decoder().feed(bench.run(1.0)) == [Packet(Pid.ACK, bytes([Code.BAD_PACKET]))]
    bench.hear(encode(Packet(Pid.COMMAND, say.vfy_pwd(0), address=1)))
    assert bench.run(1.0) == b""


def test_half_a_command_is_forgotten_after_a_pause(new_bench: NewBench) -> None:
    bench = new_bench()
    wire = encode(Packet(Pid.COMMAND, say.vfy_pwd(0)))
    bench.hear(wire[:7])
    bench.run(0.5)
    bench.hear(wire)
    assert Decoder().feed(bench.run(1.0)) == [Packet(Pid.ACK, b"\0")]


def test_a_password_closes_the_module_until_it_is_shown_and_after_each_start(
    new_bench: NewBench,
) -> None:
    bench = new_bench()
    assert bench.code(say.set_pwd(0x12345678)) == Code.OK
    assert bench.code(say.plain(Op.TEMPLATE_NUM)) == Code.OK
    bench.module.power_cycle(bench.now)
    bench.run(1.0)
    assert bench.code(say.plain(Op.TEMPLATE_NUM)) == Code.NOT_VERIFIED
    assert bench.code(say.vfy_pwd(0)) == Code.WRONG_PASSWORD
    assert bench.code(say.vfy_pwd(0x12345678)) == Code.OK
    assert bench.code(say.plain(Op.TEMPLATE_NUM)) == Code.OK


def test_flash_outlives_the_supply_and_the_process_and_ram_does_not(
    tmp_path: Path, new_bench: NewBench
) -> None:
    file = tmp_path / "flash.json"
    bench = new_bench(flash=Flash.load(file))
    bench.enrol("right-thumb", 3)
    assert bench.module.control({"status": True}, bench.now)["traces"] == {"flash": 1, "ram": 3}
    again = new_bench(flash=Flash.load(file))
    assert again.module.control({"status": True}, again.now)["traces"] == {"flash": 1, "ram": 0}
    assert say.parse_index_table(again.ask(say.read_index_table(0)).values) == {3}
    assert again.press("right-thumb", 1) == Code.OK
    hit = say.parse_hit(again.ask(say.search(1, 0, 200)).values)
    assert hit is not None
    assert hit.page == 3


def test_emptying_erases_every_byte_of_a_finger_from_flash(
    tmp_path: Path, new_bench: NewBench
) -> None:
    file = tmp_path / "flash.json"
    bench = new_bench(flash=Flash.load(file))
    bench.enrol("right-thumb", 0)
    bench.enrol("left-thumb", 1)
    template = bench.upload(say.up_char(1)).hex()
    assert template in file.read_text()
    assert bench.code(say.delet_char(0, 1)) == Code.OK
    assert bench.ask(say.plain(Op.TEMPLATE_NUM)).values == b"\0\x01"
    assert bench.code(say.plain(Op.EMPTY)) == Code.OK
    assert bench.ask(say.plain(Op.TEMPLATE_NUM)).values == b"\0\0"
    assert template not in file.read_text()


def test_a_file_that_is_no_flash_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "flash.json"
    file.write_text("[1]")
    with pytest.raises(ValueError, match="not the flash"):
        Flash.load(file)


SIZES = [
    ("optical", 512, 512, 36864),
    ("r503", 512, 1536, 18432),
]  # manuals: buffers, template, image


@pytest.mark.parametrize(("profile", "char", "template", "image"), SIZES)
def test_uploads_have_the_manuals_sizes(
    profile: str, char: int, template: int, image: int, new_bench: NewBench
) -> None:
    bench = new_bench(profile)
    bench.press("right-thumb", 1)
    assert len(bench.upload(say.up_char(1))) == char
    bench.press("right-thumb", 2)
    assert bench.code(say.plain(Op.REG_MODEL)) == Code.OK
    assert len(bench.upload(say.up_char(2))) == template
    picture = bench.upload(say.plain(Op.UP_IMAGE))
    assert len(picture) == image
    assert len(set(picture)) > 10  # ridges, not a fill


def test_a_template_that_went_to_the_host_and_back_still_matches(bench: Any) -> None:
    bench.enrol("right-thumb", 0)
    template = bench.upload(say.up_char(1))
    bench.press("right-thumb", 1)
    bench.download(say.down_char(2), template)
    assert bench.code(say.plain(Op.MATCH)) == Code.OK
    bench.download(say.down_char(2), bytes(512))
    assert bench.code(say.plain(Op.MATCH)) == Code.NO_MATCH


def test_a_fill_from_the_host_leaves_no_trace_of_a_finger(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.press("right-thumb", 1)
    bench.press("right-thumb", 2)
    for request, size in ((say.down_char(1), 512), (say.down_char(2), 512)):
        bench.download(request, bytes(size))
    assert bench.module.ram.traces() == 1  # the image
    bench.download(say.plain(Op.DOWN_IMAGE), bytes(36864))
    assert bench.module.ram.traces() == 0


def test_parameters_are_told_as_set_and_survive_the_supply(new_bench: NewBench) -> None:
    bench = new_bench("optical")
    for number, value in (
        (Parameter.PACKET_SIZE, 3),
        (Parameter.SECURITY, 5),
        (Parameter.BAUD, 12),
    ):
        assert bench.code(say.set_sys_para(number, value)) == Code.OK
    bench.module.power_cycle(bench.now)
    bench.run(1.0)
    told = SystemParameters.parse(bench.ask(say.plain(Op.READ_SYS_PARA)).values)
    assert told == SystemParameters(0, 9, 200, 5, 0xFFFFFFFF, 256, 115200)
    assert bench.module.line_rate == 115200


def test_the_answer_to_a_change_of_speed_still_comes_at_the_old_one(new_bench: NewBench) -> None:
    bench = new_bench("r503")
    assert bench.code(say.set_sys_para(Parameter.BAUD, 3)) == Code.BAD_VALUE  # R503: 1, 2, 4, 6, 12
    bench.hear(encode(Packet(Pid.COMMAND, say.set_sys_para(Parameter.BAUD, 12))))
    assert bench.run(0.031) != b""
    assert bench.module.line_rate == 57600
    bench.run(0.05)
    assert bench.module.line_rate == 115200


def test_only_an_r503_has_its_own_instructions(new_bench: NewBench) -> None:
    bench = new_bench("r503")
    info = ProductInfo.parse(bench.ask(say.plain(Op.READ_PROD_INFO)).values)
    assert info is not None
    assert (info.model, info.width_px, info.template_bytes) == ("R503", 192, 1536)
    assert bench.code(say.aura_led(1, 100, 2, 0)) == Code.OK
    assert bench.code(say.plain(Op.CHECK_SENSOR)) == Code.OK
    assert new_bench("optical").code(say.plain(Op.READ_PROD_INFO)) == Code.BAD_PACKET
    assert new_bench("optical").code(say.plain(Op.GET_ECHO)) == Code.ECHO


def test_a_soft_reset_answers_then_greets_and_forgets_ram(new_bench: NewBench) -> None:
    bench = new_bench("r503")
    bench.press("right-thumb", 1)
    bench.hear(encode(Packet(Pid.COMMAND, say.plain(Op.SOFT_RST))))
    assert bench.run(1.0) == encode(Packet(Pid.ACK, b"\0")) + b"\x55"
    assert bench.module.ram.traces() == 0


def test_a_script_follows_what_the_host_does(new_bench: NewBench) -> None:
    bench = new_bench()
    steps = [
        {"until": "asked", "times": 2},
        {"place": "right-thumb"},
        {"until": "taken"},
        {"wait_ms": 300},
        {"lift": True},
    ]
    bench.module.control({"script": steps}, bench.now)
    look = say.plain(Op.GEN_IMG)
    assert [bench.code(look) for _ in range(3)] == [Code.NO_FINGER, Code.NO_FINGER, Code.OK]
    bench.hear(encode(Packet(Pid.COMMAND, say.img2tz(1))))
    bench.run(0.45)
    assert bench.module.window.press is not None
    bench.run(0.4)
    assert bench.module.window.press is None
    bench.module.control({"press": "left-thumb", "ms": 100}, bench.now)
    assert bench.module.window.press is not None
    bench.run(0.2)
    assert bench.module.window.press is None


BAD_REQUESTS = [
    {"place": "nose"},
    {"place": "right-thumb", "quality": "fine"},
    {"script": [{"dance": 1}]},
    {"script": [{"until": "bored"}]},
    {"script": [{"place": "nose"}]},
    {"juggle": True},
]


@pytest.mark.parametrize("request_", BAD_REQUESTS, ids=str)
def test_a_request_that_makes_no_sense_is_refused_and_changes_nothing(
    request_: dict, new_bench: NewBench
) -> None:
    bench = new_bench()
    with pytest.raises(ControlError):
        bench.module.control(request_, bench.now)
    assert bench.code(say.plain(Op.GEN_IMG)) == Code.NO_FINGER


def test_faults_of_the_module_touch_as_many_answers_as_asked(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.module.fault({"code": 0x18, "op": "STORE", "times": 2}, bench.now)
    assert bench.code(say.vfy_pwd(0)) == Code.OK
    bench.press("right-thumb", 1)
    codes = [bench.code(say.store(1, 0)) for _ in range(3)]
    assert codes == [Code.FLASH_FAULT, Code.FLASH_FAULT, Code.OK]
    bench.module.fault({"length": 0xFFFF}, bench.now)
    assert bench.packets(say.vfy_pwd(0)) == []
    bench.module.fault({"address": "12345678"}, bench.now)
    assert bench.packets(say.vfy_pwd(0)) == []
    bench.module.fault({"pid": 3}, bench.now)
    assert bench.packets(say.vfy_pwd(0)) == []
    assert bench.code(say.vfy_pwd(0)) == Code.OK
    with pytest.raises(ControlError):
        bench.module.fault({"op": "JUMP", "code": 1}, bench.now)


def test_a_module_that_dies_after_some_images_comes_back_with_its_supply(
    new_bench: NewBench,
) -> None:
    bench = new_bench()
    bench.module.fault({"dead_after": 1}, bench.now)
    bench.module.control({"place": "right-thumb"}, bench.now)
    assert bench.code(say.plain(Op.GEN_IMG)) == Code.OK
    assert bench.packets(say.vfy_pwd(0)) == []
    bench.module.fault({}, bench.now)
    assert bench.packets(say.vfy_pwd(0)) == []
    bench.module.power_cycle(bench.now)
    bench.run(1.0)
    assert bench.code(say.vfy_pwd(0)) == Code.OK


def test_a_dip_of_the_supply_greets_and_forgets(new_bench: NewBench) -> None:
    bench = new_bench()
    bench.press("right-thumb", 1)
    bench.module.fault({"brown_out": True}, bench.now)
    assert bench.run(1.0) == b"\x55"
    assert bench.module.ram.traces() == 0
