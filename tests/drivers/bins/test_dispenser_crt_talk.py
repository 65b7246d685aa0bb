# SPDX-License-Identifier: Apache-2.0
"""What only the CRT machines do: answer a movement, want to be reset, and differ between builds."""

import contextlib
from dataclasses import replace

import pytest

from bench.campaign.virtual import BEGIN_S
from drivers.bins_books import Kind, Standing, Where
from drivers.errors import AskStaffError, BoothError, CancelledError, OutOfServiceError
from drivers.health import State
from firmware_io.codecs.dispenser_crt_tables import Act, Code

CARD = "A17"
MAKES = ("crt571", "crt591")
RESET = bytes.fromhex("F2 00 00 03 43 30 33 03 B2")
CLEAR = b"\x04"


@pytest.fixture(params=MAKES)
def booth(new_dispenser, request):
    booth = new_dispenser(request.param)
    booth.desk({"stock": [CARD, "B", "C", "D"]})
    return booth


def said_by(booth) -> list[bytes]:
    """Everything the booth says from here on."""
    said, carry = [], booth.line.host_says

    def host_says(data: bytes, rate: int) -> None:
        said.append(data)
        carry(data, rate)

    booth.line.host_says = host_says
    return said


def frames(said: list[bytes]) -> list[str]:
    """Command and parameter of each frame."""
    return [data[5:7].decode() for data in said if data[0] == 0xF2]


def moves(booth) -> list[str]:
    return [name for _, name in booth.desk({"check": True})["moves"]]


def at_reader(booth):
    driver = booth.switch_on()
    driver.start()
    driver.feed()
    driver.bind(CARD)
    return driver


def test_it_is_reset_once_so_that_a_card_stays_where_it_is_and_never_again(booth):
    said = said_by(booth)
    driver = at_reader(booth)
    driver.present(CARD)
    booth.desk({"take_card": True})
    driver.await_taken(10.0)
    assert frames(said)[:3] == [frames(said)[0], Act.RESET_LEAVING_THE_CARD, frames(said)[0]]
    assert said.count(RESET) == 1
    assert said.index(CLEAR) < said.index(RESET)
    assert said.count(CLEAR) == 1
    booth.check()


def test_while_it_is_reset_health_is_busy_and_does_not_wait(booth):
    driver = booth.switch_on()
    driver.start()
    booth.line.pass_time(20.0)
    booth.line.control({"power": "cycle"})
    before = booth.line.now
    assert driver.health().state is State.BUSY
    assert booth.line.now - before < 2.0
    booth.line.pass_time(10.0)
    assert driver.health().state is State.READY


def test_one_that_wants_to_be_reset_again_and_again_is_ill_and_reset_seldom(booth):
    said, end = said_by(booth), booth.device._end_reset

    def forgets(act: str, now: float) -> None:
        end(act, now)
        booth.device._reset = False

    booth.device._end_reset = forgets
    driver = booth.switch_on()
    for _ in range(20):
        with pytest.raises(AskStaffError, match=r"dispenser\.restarted"):
            driver.feed()
        assert driver.health().reason == "dispenser.restarted"
        booth.line.pass_time(2.0)
    assert 1 <= said.count(RESET) <= 1 + (booth.line.now - BEGIN_S) / 12.0
    assert moves(booth) == []


def test_a_movement_that_met_a_machine_without_its_reset_is_not_made_and_not_repeated(booth):
    driver = at_reader(booth)
    said = said_by(booth)
    execute = driver._talk.execute

    def after_a_cut() -> None:
        booth.line.control({"power": "cycle"})
        execute()

    driver._talk.execute = after_a_cut
    with pytest.raises(OutOfServiceError, match=r"dispenser\.restarted"):
        driver.present(CARD)
    assert frames(said)[-1] == Act.PRESENT
    assert RESET not in said
    assert driver.slot().standing is Standing.DOUBT
    assert moves(booth) == [Act.TO_CHIP]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (Code.CONTACT_HELD, "jam"),
        (Code.JAM, "jam"),
        (Code.SENSOR, "sensor"),
        (Code.TOO_LONG, "jam"),
        (Code.TOO_SHORT, "jam"),
        (Code.MOVED_BY_HAND, "by_hand"),
        (Code.NOT_COLLECTED, "jam"),
        (Code.NOT_TO_CHIP, "jam"),
        (Code.TAKEN_BY_HAND, "by_hand"),
        (Code.MOTOR, "motor"),
    ],
)
def test_after_an_error_on_the_way_nothing_moves_before_staff_have_looked(booth, code, reason):
    driver = at_reader(booth)
    booth.line.control({"fault": {"code": code}})
    with pytest.raises(AskStaffError, match=rf"dispenser\.{reason}$"):
        driver.present(CARD)
    assert driver.slot().standing is Standing.DOUBT
    before = moves(booth)
    said = said_by(booth)
    for verb in (driver.feed, driver.retract, lambda: driver.present(CARD)):
        with pytest.raises(AskStaffError, match=rf"dispenser\.({reason}|doubt)$"):
            verb()
    assert RESET not in said
    booth.desk({"clear": True})
    driver.settle(Where.STAFF)
    driver.feed()
    assert moves(booth) == [*before, Act.TO_CHIP]
    booth.check()


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (Code.EMPTY, AskStaffError, "empty"),
        (Code.BIN_FULL, AskStaffError, "box_full"),
        (Code.COUNTER_FULL, AskStaffError, "box_full"),
        (Code.UNDEFINED, OutOfServiceError, "refused"),
        (Code.UNSUPPORTED, OutOfServiceError, "refused"),
    ],
)
def test_a_movement_that_is_refused_leaves_the_card_and_the_books_as_they_were(
    booth, code, kind, reason
):
    driver = at_reader(booth)
    booth.line.control({"fault": {"code": code}})
    with pytest.raises(kind, match=rf"dispenser\.{reason}$"):
        driver.present(CARD)
    assert (driver.slot().card, driver.slot().standing) == (CARD, Standing.REST)
    driver.present(CARD)
    booth.check()


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize(
    "wire",
    [{"silent": True}, {"replace": "15"}, {"corrupt": "any"}, {"truncate": 3}, {"noise": 9}],
)
def test_no_lost_or_damaged_word_on_a_movement_makes_it_happen_twice(booth, wire, skip):
    driver = at_reader(booth)
    said = said_by(booth)
    execute = driver._talk.execute

    def on_a_bad_line() -> None:
        booth.line.control({"fault": {**wire, "times": 1, "skip": skip}})
        execute()

    driver._talk.execute = on_a_bad_line
    driver.present(CARD)
    assert frames(said).count(Act.PRESENT) == 1
    assert driver.slot().standing is Standing.REACH
    booth.check()


def test_when_no_word_of_it_arrives_the_sensors_say_where_a_shown_card_is(booth):
    driver = at_reader(booth)
    mute(booth, driver)
    driver.present(CARD)
    assert driver.slot().standing is Standing.REACH
    booth.check()


def test_when_no_word_of_it_arrives_a_card_that_is_gone_is_a_doubt_and_not_in_the_box(booth):
    driver = at_reader(booth)
    driver.present(CARD)
    mute(booth, driver)
    with pytest.raises(OutOfServiceError, match=r"dispenser\.stalled"):
        driver.retract()
    assert driver.slot().standing is Standing.DOUBT
    assert driver.gone() == {}
    assert moves(booth) == list(booth.settings.commands.values())
    booth.check()


def mute(booth, driver) -> None:
    """Of the next movement's acknowledgement, answer and its repetitions none arrives."""
    execute = driver._talk.execute

    def into_silence() -> None:
        booth.line.control({"fault": {"silent": True, "times": 5}})
        execute()
        driver._talk.execute = execute

    driver._talk.execute = into_silence


def test_a_driver_that_repeats_a_movement_after_a_time_out_is_caught(booth):
    """The maker's document has the host repeat what was not acknowledged within 0.3 s."""
    driver = at_reader(booth)
    mute(booth, driver)
    watch = driver._talk.watch

    def repeats():
        status = watch()
        if booth.line.now >= driver._talk._done_by.at - 1.0:
            driver._talk.execute()
        return status

    driver._talk.watch = repeats
    with contextlib.suppress(BoothError):
        driver.present(CARD)
    with pytest.raises(AssertionError, match="without asking"):
        booth.check()


def test_a_new_process_waits_for_the_end_of_a_movement_and_then_decides(booth):
    driver = at_reader(booth)
    execute = driver._talk.execute

    def called_off() -> None:
        execute()
        driver.cancel()

    driver._talk.execute = called_off
    with pytest.raises(CancelledError):
        driver.present(CARD)
    booth.line.pass_time(0.5)
    assert booth.device.machine.movement is not None
    driver = booth.switch_on()
    driver.start()
    assert driver.slot().standing is Standing.REACH
    assert booth.entries()[-1].kind is Kind.REACH
    booth.check()


def test_an_answer_that_came_before_its_acknowledgement_is_of_an_earlier_question(booth):
    """The mouth is empty by now; what is still on its way says that a card is there."""
    driver = at_reader(booth)
    driver.present(CARD)
    booth.line.pass_time(1.0)
    address, full = booth.device._address, booth.device._build.sensors if is_591(booth) else 0
    text = b"P" + (b"11" if full else b"10") + b"020" + b"0" * full
    stale = bytes((0xF2, address)) + len(text).to_bytes(2, "big") + text + b"\x03"
    check = 0
    for byte in stale:
        check ^= byte
    booth.line._carry(stale + bytes((check,)), booth.line.now)
    assert driver.look().at_mouth


def is_591(booth) -> bool:
    return booth.settings.make == "crt591"


def test_a_bin_of_which_the_status_says_something_unknown_counts_as_full(new_dispenser):
    booth = new_dispenser("crt571")
    booth.device._build = replace(booth.device._build, full=b"7")
    booth.desk({"stock": [CARD]})
    booth.line.control({"fault": {"box_full": True}})
    with pytest.raises(AskStaffError, match=r"dispenser\.box_full"):
        booth.switch_on().feed()
    assert moves(booth) == []


def test_a_damaged_answer_is_asked_for_again_and_a_whole_one_acknowledged(booth):
    driver = at_reader(booth)
    said = said_by(booth)
    execute = driver._talk.execute

    def damaged() -> None:
        booth.line.control({"fault": {"corrupt": -1, "times": 1, "skip": 1}})
        execute()

    driver._talk.execute = damaged
    driver.present(CARD)
    booth.line.pass_time(0.1)
    after = said[said.index(next(one for one in said if one[5:7] == b"20")) + 1 :]
    assert after[:2] == [b"\x15", b"\x06"]
    assert booth.device._answer == b""


def test_a_machine_is_given_the_maker_s_time_to_acknowledge_however_short_the_site_s_is(booth):
    booth.settings = replace(booth.settings, reply_s=0.05, tries=1)
    booth.line.control({"fault": {"slow": 0.2, "times": 0}})
    driver = at_reader(booth)
    driver.present(CARD)
    booth.check()


def test_a_card_moved_by_hand_at_rest_is_a_doubt_that_staff_end_and_with_it_the_error(booth):
    driver = booth.switch_on()
    driver.start()
    booth.device._latched = Code.TAKEN_BY_HAND
    booth.line.pass_time(6.0)
    assert driver.health().reason == "dispenser.by_hand"
    assert driver.slot().standing is Standing.DOUBT
    with pytest.raises(AskStaffError, match=r"dispenser\.by_hand"):
        driver.feed()
    driver.settle(Where.STAFF)
    driver.feed()
    assert driver.slot().standing is Standing.REST
    booth.check()


def test_a_machine_in_error_does_not_let_a_shown_card_pass_for_taken(booth):
    driver = at_reader(booth)
    driver.present(CARD)
    booth.device._latched = Code.SENSOR
    with pytest.raises(AskStaffError, match=r"dispenser\.sensor"):
        driver.await_taken(10.0)
    assert driver.slot().standing is Standing.DOUBT
    assert driver.gone() == {}


@pytest.mark.parametrize("times", [1, 0])
def test_a_place_that_no_document_knows_is_not_taken_for_an_empty_channel(new_dispenser, times):
    booth = new_dispenser("crt571")
    booth.desk({"stock": [CARD, "B", "C", "D"]})
    driver = at_reader(booth)
    execute = driver._talk.execute

    def unknown() -> None:
        wire = "F2 00 00 06 50 32 33 39 32 30 03 9D"  # done, the card is at "9"
        booth.line.control({"fault": {"replace": wire, "times": times, "skip": 1}})
        execute()

    driver._talk.execute = unknown
    with contextlib.suppress(OutOfServiceError):
        driver.retract()
    told = driver.gone()
    assert told == ({CARD: Where.BOX} if times else {})
    assert (driver.slot().standing is Standing.DOUBT) is not bool(times)
    booth.agrees(driver, CARD)


def test_staff_s_word_of_yesterday_resets_no_jam_of_today(booth):
    at_reader(booth)
    booth.desk({"clear": True})
    driver = booth.switch_on()
    driver.start()
    driver.settle(Where.STAFF)  # of a machine that complains of nothing
    driver.feed()
    driver.bind("B")
    booth.line.control({"fault": {"jam": True}})
    said = said_by(booth)
    with pytest.raises(AskStaffError, match=r"dispenser\.jam"):
        driver.present("B")
    for _ in range(5):
        booth.line.pass_time(15.0)
        assert driver.health().reason in ("dispenser.jam", "dispenser.doubt")
    assert RESET not in said
