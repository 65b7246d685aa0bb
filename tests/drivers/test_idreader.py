# SPDX-License-Identifier: Apache-2.0
"""The ID-card reader's driver on a real pseudo-terminal, with the emulated module behind it.

All people are made up. Times are cut to what a test can wait for; nothing asserts on them.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import serial

from drivers.errors import (
    AskAgainError,
    AskStaffError,
    BoothError,
    CancelledError,
    OutOfServiceError,
)
from drivers.health import State
from drivers.idreader import IdCard, IdReader, IdReaderSettings
from firmware_io.emulators.idreader import IdReaderDevice, Repeat
from firmware_io.emulators.stage import Stage

ZHANG, HE, WU = "341522199811070025", "110101199003070011", "32040219930517001X"
TODAY = date(2026, 12, 1)
QUICK = IdReaderSettings(
    answer_s=0.4,
    read_s=0.4,
    silence_s=0.06,
    poll_s=0.01,
    held_poll_s=0.01,
    settle_s=0.1,
    boot_s=0.4,
    reopen_s=0.3,
    heartbeat_s=0.0,
    probe_speeds=False,
)


class Booth:
    """One emulated module, one driver, and what the driver said while reading."""

    def __init__(self, stage: Stage, settings: IdReaderSettings = QUICK) -> None:
        self.stage = stage
        self.reader = IdReader(stage.path, settings=settings)
        self.events: list[str] = []
        self.hooks: dict[str, Callable[[], object]] = {}

    def tell(self, **request: Any) -> dict[str, Any]:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer

    def hear(self, event: str) -> None:
        self.events.append(event)
        self.hooks.pop(event, lambda: None)()

    def read(self, wait_s: float = 2.0) -> IdCard:
        self.events.clear()
        return self.reader.read_card(wait_s, self.hear)


@pytest.fixture(params=list(Repeat))
def repeat(request: pytest.FixtureRequest) -> Repeat:
    return request.param


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Booth]:
    yield from _booth(tmp_path, Repeat.ONCE)


@pytest.fixture
def any_booth(tmp_path: Path, repeat: Repeat) -> Iterator[Booth]:
    yield from _booth(tmp_path, repeat)


def _booth(tmp_path: Path, repeat: Repeat) -> Iterator[Booth]:
    device = IdReaderDevice(factor=0.0, seed=7, repeat=repeat, today=TODAY)
    with Stage(device, link=tmp_path / "idreader") as stage:
        booth = Booth(stage)
        booth.reader.start()
        yield booth
        booth.reader.close()


def _until(true: Callable[[], bool], limit_s: float = 5.0) -> None:
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


# -- reading -----------------------------------------------------------------------------------


def test_a_card_is_read_as_it_is(any_booth: Booth) -> None:
    any_booth.tell(place_card=ZHANG)
    card = any_booth.read()
    assert (card.kind, card.name, card.sex_code, card.ethnicity_code) == (
        "resident",
        "张静",
        "2",
        "01",
    )
    assert (card.number, card.birth) == (ZHANG, "19981107")
    assert (card.valid_from, card.valid_to) == ("20161211", "20261211")
    assert card.issuer == "霍邱县公安局"
    assert len(card.photo) == 1024
    assert card.module_no == "05.03-20151028-0001234567-3456789012"
    assert any_booth.events == ["waiting", "found", "reading"]
    assert any_booth.reader.health().state is State.READY


def test_a_card_laid_down_later_is_read(booth: Booth) -> None:
    booth.hooks["waiting"] = lambda: threading.Timer(
        0.05, booth.tell, (), {"place_card": HE}
    ).start()
    assert booth.read().name == "何伟"


def test_one_card_is_delivered_once_however_the_module_repeats_itself(any_booth: Booth) -> None:
    any_booth.tell(place_card=HE)
    assert any_booth.read().number == HE
    assert any_booth.reader.card_present()
    assert not any_booth.reader.wait_removed(0.05)
    any_booth.tell(remove_card=True)
    assert any_booth.reader.wait_removed(2.0)
    assert not any_booth.reader.card_present()
    any_booth.tell(place_card=WU)
    assert any_booth.read().number == WU


def test_a_card_left_behind_is_never_read_for_the_next_citizen(any_booth: Booth) -> None:
    any_booth.tell(place_card=HE)
    any_booth.read()
    for _ in range(2):
        with pytest.raises(AskAgainError) as told:
            any_booth.read(0.1)
        assert told.value.code == "card.moved"
        assert any_booth.events == ["waiting", "again"]


def test_a_card_left_behind_is_known_to_the_next_program_too(any_booth: Booth) -> None:
    any_booth.tell(place_card=HE)
    any_booth.read()
    any_booth.reader.close()
    any_booth.reader = IdReader(any_booth.stage.path, settings=QUICK)
    with pytest.raises(AskAgainError) as told:
        any_booth.read(0.1)
    assert told.value.code == "card.moved"
    any_booth.tell(remove_card=True)
    any_booth.tell(place_card=WU)
    assert any_booth.read().number == WU


def test_lifting_the_card_left_behind_makes_way_for_the_next(any_booth: Booth) -> None:
    any_booth.tell(place_card=HE)
    any_booth.read()

    def swap() -> None:
        any_booth.tell(remove_card=True)
        any_booth.tell(place_card=ZHANG)

    any_booth.hooks["again"] = swap
    assert any_booth.read().number == ZHANG


def test_an_empty_reader_says_so(booth: Booth) -> None:
    with pytest.raises(AskAgainError) as told:
        booth.read(0.05)
    assert told.value.code == "card.none"
    assert booth.reader.health().state is State.READY


def test_a_card_that_is_no_id_card_is_told_apart(booth: Booth) -> None:
    booth.tell(place_card="other")
    with pytest.raises(AskAgainError) as told:
        booth.read()
    assert told.value.code == "card.not_id_card"


def test_a_name_beyond_the_basic_plane_and_a_long_one_come_whole(booth: Booth) -> None:
    for number, name in (
        ("370102197502140032", "𬭛建国"),
        ("654002198307190026", "阿依古丽·买买提"),
    ):
        booth.tell(place_card=number)
        assert booth.read().name == name
        booth.tell(remove_card=True)
        assert booth.reader.wait_removed(2.0)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"kind": "hk_mo_tw", "number": "810000199408230021", "permit_number": "H12345678",
          "sex_code": "2", "birth": "19940823"}, "hk_mo_tw"),
        ({"kind": "foreign_2017", "number": "CAN310081080301", "sex_code": "2",
          "foreign_name": "EXAMPLE, ALICE", "birth": "19810803", "nationality": "CAN"}, "foreign"),
        ({"kind": "foreign_2023", "number": "911124198108030024", "sex_code": "2",
          "foreign_name": "EXAMPLE, ALEXANDRA BEATRICE CORNELIA DEBORAH"}, "foreign"),
    ],
)  # fmt: skip
def test_permits_are_read_by_their_own_layout(
    booth: Booth, tmp_path: Path, fields: dict[str, str], kind: str
) -> None:
    file = tmp_path / "permit.toml"
    whole = {"name": "测试戊", "valid_from": "-1y", "valid_to": "+4y", **fields}
    file.write_text("".join(f'{key} = "{value}"\n' for key, value in whole.items()))
    booth.tell(place_card=str(file))
    card = booth.read()
    assert (card.kind, card.number) == (kind, fields["number"])
    assert card.foreign_name == fields.get("foreign_name", "")
    assert card.permit_number == fields.get("permit_number", "")


def test_unknown_codes_are_passed_on_and_told(booth: Booth) -> None:
    booth.tell(place_card=HE, **{"with": {"ethnicity_code": "77", "flag": "Q"}})
    card = booth.read()
    assert card.ethnicity_code == "77"
    assert card.remarks == ("flag.unknown", "ethnicity.unknown")


def test_fingers_and_appended_addresses_come_when_asked_for(booth: Booth) -> None:
    settings = IdReaderSettings(with_fingers=True, with_addresses=True, poll_s=0.01)
    booth.reader.close()
    other = IdReader(booth.stage.path, settings=settings)
    booth.tell(place_card=HE, **{"with": {"addresses": ["北京市西城区测试胡同7号"]}})
    card = other.read_card(2.0, booth.hear)
    assert [(f.usable, f.finger) for f in card.fingers] == [(True, 11), (True, 16)]
    assert card.addresses == ("北京市西城区测试胡同7号",)
    other.close()


def test_a_module_without_finger_reading_still_reads_the_card(booth: Booth) -> None:
    booth.reader.close()
    other = IdReader(booth.stage.path, settings=IdReaderSettings(with_fingers=True, poll_s=0.01))
    booth.tell(finger_reading=False)
    booth.tell(place_card=HE)
    card = other.read_card(2.0, booth.hear)
    assert (card.number, card.fingers) == (HE, ())
    other.close()


# -- cards that move and wires that lie --------------------------------------------------------


@pytest.mark.parametrize("tear", ["answer", "silence"])
def test_a_card_pulled_away_in_mid_read_is_asked_for_again(tmp_path: Path, tear: str) -> None:
    device = IdReaderDevice(factor=0.1, seed=7, today=TODAY)  # a reading takes 60 ms or more
    with Stage(device, link=tmp_path / "idreader") as stage:
        booth = Booth(stage)
        booth.tell(tear=tear)
        booth.tell(place_card=ZHANG)
        booth.hooks["reading"] = threading.Timer(0.02, booth.tell, (), {"remove_card": True}).start
        with pytest.raises(AskAgainError) as told:
            booth.read()
        assert told.value.code == "card.moved"
        assert booth.events[-1] == "again"
        booth.tell(place_card=ZHANG)
        assert booth.read().number == ZHANG
        booth.reader.close()


def test_a_card_put_back_in_time_is_read_in_the_same_act(any_booth: Booth) -> None:
    any_booth.tell(place_card=ZHANG)
    any_booth.tell(fault={"answer": "41", "answer_on": "read"})
    any_booth.hooks["again"] = lambda: (
        any_booth.tell(remove_card=True),
        any_booth.tell(place_card=ZHANG),
    )
    assert any_booth.read().number == ZHANG


@pytest.mark.parametrize("status", ["31", "32", "33", "3f", "24", "7e"])
def test_a_chip_that_never_agrees_is_unreadable(booth: Booth, status: str) -> None:
    booth.tell(repeat="again")
    booth.tell(place_card=ZHANG)
    booth.tell(
        fault={"answer": status, "answer_on": "read", "answer_times": 0, "answer_sw": "6982"}
    )
    with pytest.raises(AskAgainError) as told:
        booth.read()
    assert told.value.code == "card.unreadable"
    assert booth.events.count("reading") == 3
    booth.tell(fault={})
    assert booth.read().number == ZHANG


def test_a_select_that_fails_once_is_tried_again(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)
    booth.tell(fault={"answer": "81", "answer_on": "select"})
    assert booth.read().number == ZHANG


WIRES: list[tuple[str, dict[str, Any]]] = [
    ("noise before", {"noise": 300}),
    ("extra AA before", {"stray": "aaaaaaaa"}),
    ("a late answer first", {"stray": "aaaaaa96690004000080 84".replace(" ", "")}),
    ("twice", {"duplicate": True}),
    ("byte by byte", {"gap": 0.00002}),
    ("one flipped bit", {"corrupt": "any"}),
    ("wrong check byte", {"corrupt": -1}),
    ("noise inside", {"noise_inside": 7}),
    ("cut in the preamble", {"truncate": 3}),
    ("cut behind the preamble", {"truncate": 5}),
    ("cut behind the length", {"truncate": 7}),
    ("cut in the text", {"truncate": 270}),
    ("cut at the last byte", {"truncate": 1294}),
    ("silent", {"silent": True}),
    ("a little late", {"slow": 0.05}),
]


@pytest.mark.parametrize("skip", [0, 1, 2], ids=["find", "select", "read"])
@pytest.mark.parametrize(("what", "fault"), WIRES, ids=[what for what, _ in WIRES])
def test_the_card_is_read_through_one_fault_of_the_wire(
    booth: Booth, what: str, fault: dict[str, Any], skip: int
) -> None:
    booth.tell(place_card=ZHANG)
    booth.tell(fault={**fault, "skip": skip})
    card = booth.read()
    assert (card.number, card.name, card.valid_to) == (ZHANG, "张静", "20261211")


def test_a_late_answer_is_never_taken_for_the_next_one(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)
    # The reading's answer comes after the driver has given up on it.
    booth.tell(fault={"slow": 0.6, "skip": 2})
    assert booth.read().number == ZHANG
    booth.tell(remove_card=True)
    assert booth.reader.wait_removed(2.0)
    booth.tell(place_card=HE)
    assert booth.read().number == HE


def test_three_damaged_readings_are_enough(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)
    booth.tell(fault={"corrupt": 400, "skip": 2, "times": 3})
    with pytest.raises(AskAgainError) as told:
        booth.read()
    assert told.value.code == "card.unreadable"


@pytest.mark.parametrize(
    "fault",
    [{"text_length": 255}, {"photo_length": 1023}, {"photo_length": 65535}, {"text_length": 0},
     {"frame_length": 0}, {"frame_length": 65535}, {"frame_length": 1285},
     {"frame_length": 1200}],
)  # fmt: skip
def test_a_wrong_length_yields_no_person_and_costs_one_reading(
    booth: Booth, fault: dict[str, int]
) -> None:
    booth.tell(place_card=ZHANG)
    booth.tell(fault=fault)
    assert booth.read().number == ZHANG
    assert booth.events.count("reading") == 2


@pytest.mark.parametrize(
    "fields",
    [{"birth": "19981108"}, {"number": "341522199811070024"},
     {"valid_from": "20161211", "valid_to": "20263301"},
     {"name": ""}, {"sex_code": "1"}, {"valid_from": "20300101", "valid_to": "20290101"}],
)  # fmt: skip
def test_a_chip_that_contradicts_itself_is_for_the_staff(
    booth: Booth, fields: dict[str, str]
) -> None:
    booth.tell(place_card=ZHANG, **{"with": fields})
    with pytest.raises(AskStaffError) as told:
        booth.read()
    assert told.value.code == "card.text_odd"


def test_two_flips_that_the_checksum_cannot_see_yield_no_person(
    booth: Booth, tmp_path: Path
) -> None:
    vectors = Path(__file__).parents[1] / "firmware_io/codecs/vectors/samv_read_a.hex"
    raw = bytearray.fromhex(vectors.read_text())
    # The same bit in the birth year's last digit and in the photo: the XOR stays right.
    raw[14 + 36 + 6] ^= 0x01
    raw[600] ^= 0x01
    file = tmp_path / "twice-flipped.bin"
    file.write_bytes(raw)
    booth.tell(place_card=str(file))
    with pytest.raises(AskStaffError) as told:
        booth.read()
    assert told.value.code == "card.text_odd"


def test_a_published_frame_file_is_read(booth: Booth, tmp_path: Path) -> None:
    vectors = Path(__file__).parents[1] / "firmware_io/codecs/vectors/samv_read_a.hex"
    file = tmp_path / "a.bin"
    file.write_bytes(bytes.fromhex(vectors.read_text()))
    booth.tell(place_card=str(file))
    card = booth.read()
    assert (card.name, card.valid_to, card.address[-4:]) == ("测试甲", "长期", "404室")


# -- the reader itself -------------------------------------------------------------------------


def _fails_with(act: Callable[[], object]) -> str:
    with pytest.raises(OutOfServiceError) as told:
        act()
    return told.value.code


def test_a_silent_module_is_told_and_recovers(booth: Booth) -> None:
    booth.tell(fault={"silent": True, "times": 0})
    assert _fails_with(booth.read) == "idreader.silent"
    health = booth.reader.health()
    assert (health.state, health.reason, health.remedy) == (
        State.ILL,
        "idreader.silent",
        "idreader.silent.remedy",
    )
    booth.tell(fault={})
    assert booth.reader.health().state is State.READY
    booth.tell(place_card=HE)
    assert booth.read().number == HE


def test_a_wire_that_only_garbles_is_a_fault_of_the_reader(booth: Booth) -> None:
    booth.tell(fault={"corrupt": -1, "times": 0})
    assert _fails_with(lambda: booth.read(20.0)) == "idreader.faulty"


@pytest.mark.parametrize("event", ["waiting", "found", "reading"])
def test_pulling_the_plug_at_any_step_is_told_and_replugging_mends_it(
    booth: Booth, event: str
) -> None:
    if event != "waiting":
        booth.tell(place_card=ZHANG)
    booth.hooks[event] = lambda: booth.tell(unplug=True)
    assert _fails_with(booth.read) == "idreader.unplugged"
    health = booth.reader.health()
    assert (health.state, health.reason) == (State.ILL, "idreader.unplugged")
    booth.tell(replug=True)
    if event == "waiting":
        booth.tell(place_card=ZHANG)
    assert booth.read().number == ZHANG
    assert booth.reader.health().state is State.READY


def test_a_plug_that_slips_for_a_moment_goes_unnoticed(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)

    def slip() -> None:
        booth.tell(unplug=True)
        booth.tell(replug=True)

    booth.hooks["found"] = slip
    assert booth.read().number == ZHANG


def test_a_power_cut_in_mid_read_costs_nothing_but_time(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)
    booth.hooks["reading"] = lambda: booth.tell(power="cycle")
    assert booth.read().number == ZHANG


def test_a_reader_that_is_not_there_at_start_is_told(tmp_path: Path) -> None:
    reader = IdReader(str(tmp_path / "nothing"), settings=QUICK)
    assert _fails_with(reader.start) == "idreader.unplugged"
    assert reader.health().reason == "idreader.unplugged"
    reader.close()


def test_a_port_held_by_another_program_is_told(booth: Booth) -> None:
    second = IdReader(booth.stage.path, settings=QUICK)
    assert _fails_with(second.start) == "idreader.busy"
    second.close()


def test_a_failed_self_test_is_healed_by_one_reset(booth: Booth) -> None:
    booth.tell(fault={"self_test": True})
    booth.tell(place_card=ZHANG)
    assert booth.read().number == ZHANG


def test_a_self_test_that_keeps_failing_is_a_fault(booth: Booth) -> None:
    booth.tell(fault={"answer": "60", "answer_times": 0})
    assert _fails_with(booth.reader.start) == "idreader.faulty"
    assert booth.reader.health().reason == "idreader.faulty"


def test_a_module_without_its_licence_is_told(booth: Booth) -> None:
    booth.tell(fault={"unauthorised": True})
    assert _fails_with(booth.reader.start) == "idreader.not_authorised"


def test_a_module_left_at_another_speed_is_found(booth: Booth) -> None:
    # 60 03 sets 19200; the answer comes at the old speed.
    booth.reader.close()
    with serial.Serial(booth.stage.path, 115200, timeout=2) as port:
        port.write(bytes.fromhex("aaaaaa96690003600360"))
        assert port.read(11) == bytes.fromhex("aaaaaa9669000400009094")
    _until(lambda: booth.tell(status=True)["rate"] == 19200)
    settings = IdReaderSettings(poll_s=0.01, boot_s=0.3)
    reader = IdReader(booth.stage.path, settings=settings)
    reader.start()
    assert " 19200 " in reader.health().detail
    booth.tell(place_card=ZHANG)
    assert reader.read_card(2.0, booth.hear).number == ZHANG
    # Its replacement comes from the maker, at the usual speed.
    booth.tell(unplug=True)
    with another_module(booth) as fresh:
        fresh.tell(place_card=HE)
        assert reader.read_card(2.0, booth.hear).number == HE
        reader.close()


@contextlib.contextmanager
def another_module(booth: Booth) -> Iterator[Booth]:
    """Another module behind the same name, straight from the maker."""
    device = IdReaderDevice(factor=0.0, seed=8, today=TODAY)
    with Stage(device, link=booth.stage.path) as stage:
        yield Booth(stage)


def test_two_missed_heartbeats_are_no_illness_and_three_are(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = "drivers.idreader_module._HEARTBEAT_ANSWER_S"
    monkeypatch.setattr(limit, 1.5)
    booth.tell(fault={"silent": True, "times": 2})
    assert booth.reader.health().state is State.READY
    monkeypatch.setattr(limit, 0.05)  # nothing comes, however long it waits
    booth.tell(fault={"silent": True, "times": 0})
    assert booth.reader.health().state is State.ILL
    monkeypatch.setattr(limit, 1.5)
    booth.tell(fault={})
    assert booth.reader.health().state is State.READY


def test_cancel_ends_a_wait_at_once_and_the_next_wait_is_free(booth: Booth) -> None:
    booth.hooks["waiting"] = threading.Timer(0.05, booth.reader.cancel).start
    with pytest.raises(CancelledError):
        booth.read(30.0)
    booth.tell(place_card=ZHANG)
    assert booth.read().number == ZHANG


def test_cancel_ends_a_reading_in_progress(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)
    booth.tell(fault={"slow": 30.0, "skip": 2})
    booth.hooks["reading"] = threading.Timer(0.05, booth.reader.cancel).start
    with pytest.raises(CancelledError):
        booth.read(30.0)


def test_cancel_with_nothing_in_progress_harms_nothing(booth: Booth) -> None:
    booth.reader.cancel()
    booth.tell(place_card=ZHANG)
    assert booth.read().number == ZHANG


def test_a_caller_that_was_called_off_before_it_began_ends_at_the_first_event(
    booth: Booth,
) -> None:
    def called_off() -> None:
        raise CancelledError

    booth.hooks["waiting"] = called_off
    with pytest.raises(CancelledError):
        booth.read(30.0)
    booth.tell(place_card=ZHANG)
    assert booth.read().number == ZHANG


def test_health_while_a_citizen_is_served_is_busy(booth: Booth) -> None:
    seen: list[State] = []
    booth.tell(place_card=ZHANG)
    booth.hooks["reading"] = lambda: seen.append(booth.reader.health().state)
    booth.read()
    assert seen == [State.BUSY]


def test_closing_ends_a_wait_of_another_thread(booth: Booth) -> None:
    ended: list[BoothError] = []

    def wait() -> None:
        try:
            booth.reader.read_card(30.0, booth.hear)
        except BoothError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    _until(lambda: "waiting" in booth.events)
    booth.reader.close()
    thread.join(5.0)
    assert [error.code for error in ended] == ["cancelled"]


def test_nothing_of_the_person_is_in_the_cards_repr_or_in_an_error(booth: Booth) -> None:
    booth.tell(place_card=ZHANG)
    shown = repr(booth.read())
    booth.tell(remove_card=True)
    booth.reader.wait_removed(2.0)
    booth.tell(place_card=ZHANG, **{"with": {"birth": "19981108"}})
    with pytest.raises(AskStaffError) as told:
        booth.read()
    for mark in ("张静", ZHANG, "19981107", "霍邱", "光明大道"):
        assert mark not in shown
        assert mark not in str(told.value)
