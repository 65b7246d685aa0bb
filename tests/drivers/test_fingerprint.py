# SPDX-License-Identifier: Apache-2.0
"""The driver on the emulated module, over a real pseudo-terminal."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from babel.messages.pofile import read_po

from drivers import fingerprint_glass
from drivers.errors import AskAgainError, CancelledError, OutOfServiceError
from drivers.fingerprint import FingerEvent, Fingerprint, FingerprintSettings
from drivers.health import State
from firmware_io.emulators.fingerprint import FingerprintEmulator

QUICK: dict[str, Any] = {
    "poll_s": 0.002,
    "wait_s": 40.0,
    "lift_s": 40.0,
    "quiet_s": 0.003,
    "replug_s": 0.0,
    # A slow machine's, too; only a silent module makes anybody wait as long.
    "image_answer_s": 20.0,
    "answer_s": 20.0,
    "work_answer_s": 20.0,
    "match_answer_s": 20.0,
    "empty_answer_s": 20.0,
}
SOON = 40.0  # reached only when something hangs


class Citizen:
    """Does what the screen says: puts the next finger of a list down, lifts it when asked.

    The last one of the list is offered for ever. "-" offers none.
    """

    def __init__(self, module: FingerprintEmulator, *presses: str) -> None:
        self.module = module
        self.presses = [press.split() for press in presses]
        self.events: list[FingerEvent] = []

    def __call__(self, event: FingerEvent) -> None:
        self.events.append(event)
        if event.kind in ("waiting", "again"):
            finger, *quality = self.presses[0]
            if len(self.presses) > 1:
                self.presses.pop(0)
            if finger != "-":
                quality = quality or ["good"]
                self.module.control({"place": finger, "quality": quality[0]})
        elif event.kind == "lift":
            self.module.control({"lift": True})

    def said(self, kind: str) -> list[FingerEvent]:
        return [event for event in self.events if event.kind == kind]


@pytest.fixture
def module(person: Any) -> Iterator[FingerprintEmulator]:
    """The emulator; a person's hand at the real module with ``--device fingerprint=PORT``."""
    if (real := person("fingerprint")) is not None:
        yield cast(FingerprintEmulator, real)
        return
    with FingerprintEmulator("as608", factor=0.0, seed=1) as module:
        yield module


@pytest.fixture
def driver(module: FingerprintEmulator) -> Iterator[Fingerprint]:
    driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    driver.start()
    yield driver
    driver.close()


def impatient(module: FingerprintEmulator, **more: Any) -> Fingerprint:
    """A driver that gives up soon, for tests in which nothing comes."""
    power_cycle = more.pop("power_cycle", None)
    times = dict.fromkeys(("image_answer_s", "answer_s", "work_answer_s", "match_answer_s"), 1.0)
    settings = FingerprintSettings(**{**QUICK, **times, **more})
    driver = Fingerprint(module.path, settings=settings, power_cycle=power_cycle)
    driver.start()
    return driver


def traces(module: FingerprintEmulator) -> dict[str, int]:
    return module.control({"status": True})["traces"]


# -- the good course -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "product", "size"),
    [("as608", "sysid0009", 512), ("optical", "sysid0009", 512), ("r503", "r503", 1536)],
)
def test_two_thumbs_are_taken_in_two_presses_each(profile: str, product: str, size: int) -> None:
    settings = FingerprintSettings(**QUICK)
    with FingerprintEmulator(profile, factor=0.0, seed=1) as module:
        driver = Fingerprint(module.path, settings=settings)
        driver.start()
        right = driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
        module.control({"lift": True})
        taken = [(right.position, right.page)]
        left = driver.capture("left-thumb", taken, Citizen(module, "left-thumb"))
        driver.close()
    for finger, position in ((right, "right-thumb"), (left, "left-thumb")):
        assert (finger.position, finger.tries, finger.presses) == (position, 1, 2)
        assert finger.format == f"ef01/{product}"
        assert len(finger.template) == size
        assert finger.score is not None
        assert 60 <= finger.score <= 250
        assert finger.quality is None  # the protocol has none, and a likeness is none
        assert finger.template.hex() not in repr(finger)
    assert right.template != left.template
    assert (right.page, left.page) == (0, 1)


def test_the_citizen_is_told_each_step_once_and_in_order(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    citizen = Citizen(module, "right-thumb")
    driver.capture("right-thumb", (), citizen)
    told = [(event.kind, event.press) for event in citizen.events]
    assert told == [("waiting", 1), ("pressed", 1), ("lift", 2), ("again", 2), ("pressed", 2)]


def test_a_finger_that_lies_there_before_the_question_must_go_first(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    """The finger before, given up, is never taken for the one that is asked for now."""
    module.control({"place": "right-thumb"})
    citizen = Citizen(module, "right-index")
    assert driver.capture("right-index", (), citizen).presses == 2
    assert [event.kind for event in citizen.events[:3]] == ["lift", "waiting", "pressed"]


# -- presses that fail ---------------------------------------------------------------------------

HINTS = [
    ("dry", "finger.too_dry"),
    ("wet", "finger.too_wet"),
    ("poor", "finger.hold_still"),
    ("small", "finger.off_centre"),
    ("residual", "finger.lift_and_place"),
    ("fails", "finger.place_again"),
    ("ghost", "finger.hold_still"),
]


@pytest.mark.parametrize(("quality", "hint"), HINTS)
def test_a_bad_press_says_what_to_change_and_costs_no_try(
    module: FingerprintEmulator, driver: Fingerprint, quality: str, hint: str
) -> None:
    citizen = Citizen(module, f"right-thumb {quality}", "right-thumb")
    finger = driver.capture("right-thumb", (), citizen)
    assert [event.hint for event in citizen.said("hint")] == [hint]
    after = citizen.events[citizen.events.index(citizen.said("hint")[0]) + 1 :]
    # The hint stays on the screen until the next press.
    assert [(e.kind, e.hint) for e in after[:2]] == [("lift", hint), ("waiting", hint)]
    assert (finger.tries, finger.presses) == (1, 3)


def test_a_bad_second_press_is_repeated_alone(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    citizen = Citizen(module, "right-thumb", "right-thumb dry", "right-thumb")
    finger = driver.capture("right-thumb", (), citizen)
    assert [(event.hint, event.press) for event in citizen.said("hint")] == [("finger.too_dry", 2)]
    assert (finger.tries, finger.presses, len(citizen.said("waiting"))) == (1, 3, 1)


def test_three_bad_presses_use_up_a_try_and_the_last_try_counts_fully(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    citizen = Citizen(module, *["right-thumb poor"] * 12, "right-thumb")
    finger = driver.capture("right-thumb", (), citizen)
    assert finger.tries == 5
    assert [event.tries for event in citizen.said("try_failed")] == [1, 2, 3, 4]


def test_when_every_try_is_used_the_next_finger_is_asked_for(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    citizen = Citizen(module, "right-thumb dry")
    with pytest.raises(AskAgainError) as failed:
        driver.capture("right-thumb", (), citizen)
    assert failed.value.code == "finger.tries_failed"
    assert [event.tries for event in citizen.said("try_failed")] == [1, 2, 3, 4, 5]
    assert driver.health().state is State.READY
    assert driver.capture("right-index", (), Citizen(module, "right-index")).tries == 1


def test_another_finger_at_the_second_press_fails_the_try_and_stores_nothing(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    citizen = Citizen(module, "right-thumb", "right-index", "right-thumb")
    finger = driver.capture("right-thumb", (), citizen)
    assert finger.tries == 2
    assert [e.hint for e in citizen.said("try_failed")] == ["finger.not_the_same"]
    assert module.control({"status": True})["library"] == [0]


def test_a_finger_given_before_is_named_and_costs_no_try(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    right = driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
    citizen = Citizen(module, *["right-thumb"] * 7, "left-thumb")
    left = driver.capture("left-thumb", [("right-thumb", right.page)], citizen)
    assert [e.position for e in citizen.said("same_finger")] == ["right-thumb"] * 7
    assert (left.tries, citizen.said("try_failed")) == (1, [])
    assert left.page == 1


@pytest.mark.parametrize(("score_min", "passes"), [(0, True), (-1, True), (1, False)])
def test_a_likeness_equal_to_the_least_one_passes(
    module: FingerprintEmulator,
    driver: Fingerprint,
    score_min: int,
    passes: bool,
    hardware: Any,
) -> None:
    hardware.emulator_only("fingerprint", "two modules of one seed")
    score = driver.capture("right-thumb", (), Citizen(module, "right-thumb")).score
    assert score is not None
    driver.close()
    with FingerprintEmulator("as608", factor=0.0, seed=1) as same:
        settings = FingerprintSettings(**QUICK, tries=1, score_min=score + score_min)
        judge = Fingerprint(same.path, settings=settings)
        if passes:
            assert judge.capture("right-thumb", (), Citizen(same, "right-thumb")).score == score
        else:
            with pytest.raises(AskAgainError):
                judge.capture("right-thumb", (), Citizen(same, "right-thumb"))
        judge.close()


def test_nobody_comes(module: FingerprintEmulator) -> None:
    driver = impatient(module, wait_s=0.05)
    with pytest.raises(AskAgainError) as failed:
        driver.capture("right-thumb", (), Citizen(module, "-"))
    assert failed.value.code == "finger.none_placed"
    driver.close()


def test_a_finger_that_never_leaves_uses_up_the_tries(module: FingerprintEmulator) -> None:
    driver = impatient(module, lift_s=0.02)
    module.control({"place": "right-thumb"})
    events: list[FingerEvent] = []
    with pytest.raises(AskAgainError) as failed:
        driver.capture("right-thumb", (), events.append)
    assert failed.value.code == "finger.tries_failed"
    assert {e.hint for e in events if e.kind == "try_failed"} == {"finger.lift"}
    driver.close()


def test_five_failed_images_in_a_row_are_the_sensors_fault(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    with pytest.raises(OutOfServiceError) as failed:
        driver.capture("right-thumb", (), Citizen(module, "right-thumb fails"))
    assert failed.value.code == driver.health().reason == "fingerprint.sensor_fault"


# -- cancelling ----------------------------------------------------------------------------------


def in_thread(act: Callable[[], Any]) -> tuple[threading.Thread, list[BaseException]]:
    ended: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except Exception as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


@pytest.mark.parametrize("moment", ["waiting", "pressed", "lift", "again"])
def test_a_cancel_ends_the_capture_at_any_step_and_the_next_one_works(
    module: FingerprintEmulator, driver: Fingerprint, moment: str
) -> None:
    citizen = Citizen(module, "right-thumb")

    def cancel_then(event: FingerEvent) -> None:
        if event.kind == moment:
            other = threading.Thread(target=driver.cancel)
            other.start()
            other.join()
        citizen(event)

    with pytest.raises(CancelledError):
        driver.capture("right-thumb", (), cancel_then)
    module.control({"lift": True})
    assert driver.health().state is State.READY
    assert driver.capture("right-thumb", (), Citizen(module, "right-thumb")).tries == 1


def test_a_cancel_ends_a_wait_for_a_slow_answer(
    module: FingerprintEmulator,
    driver: Fingerprint,
    hardware: Any,
) -> None:
    hardware.emulator_only("fingerprint", "a silent module")
    waiting = threading.Event()

    def fall_silent(event: FingerEvent) -> None:
        module.control({"fault": {"silent": True, "times": 0}})
        waiting.set()

    thread, ended = in_thread(lambda: driver.capture("right-thumb", (), fall_silent))
    assert waiting.wait(SOON)
    driver.cancel()
    thread.join(SOON)
    assert isinstance(ended[0], CancelledError)
    module.control({"fault": {}})
    assert driver.capture("right-thumb", (), Citizen(module, "right-thumb")).tries == 1


def test_a_cancel_without_a_capture_touches_nothing(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    driver.cancel()
    driver.wipe()
    assert driver.capture("right-thumb", (), Citizen(module, "right-thumb")).tries == 1


def test_a_wish_to_stop_from_before_the_call_is_heard(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    with pytest.raises(CancelledError):
        driver.capture("right-thumb", (), Citizen(module, "right-thumb"), stopped=lambda: True)


def test_health_says_busy_while_a_finger_is_awaited(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    seen: list[State] = []
    citizen = Citizen(module, "right-thumb")

    def look(event: FingerEvent) -> None:
        seen.append(driver.health().state)
        citizen(event)

    driver.capture("right-thumb", (), look)
    assert set(seen) == {State.BUSY}
    assert driver.health().state is State.READY


# -- forgetting ----------------------------------------------------------------------------------


def test_a_wipe_leaves_nothing_of_a_finger_in_the_module(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
    assert traces(module) == {"flash": 1, "ram": 3}
    driver.wipe()
    assert traces(module) == {"flash": 0, "ram": 1}  # the image, until the next finger
    driver.wipe(image=True)
    assert traces(module) == {"flash": 0, "ram": 0}


def test_a_start_empties_what_a_crash_left_behind(module: FingerprintEmulator) -> None:
    first = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    first.capture("right-thumb", (), Citizen(module, "right-thumb"))
    first.close()
    assert traces(module)["flash"] == 1
    second = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    second.start()
    assert traces(module)["flash"] == 0
    second.close()


@pytest.mark.parametrize("code", [0x11, 0x18])
def test_a_module_that_will_not_forget_is_taken_out_of_service(
    module: FingerprintEmulator, driver: Fingerprint, code: int
) -> None:
    driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
    module.control({"fault": {"code": code, "op": "EMPTY", "times": 0}})
    with pytest.raises(OutOfServiceError) as failed:
        driver.wipe()
    assert failed.value.code == driver.health().reason == "fingerprint.not_wiped"
    module.control({"fault": {}})
    driver.start()
    assert driver.health().state is State.READY
    assert traces(module)["flash"] == 0


def test_one_refused_wipe_is_repeated(module: FingerprintEmulator, driver: Fingerprint) -> None:
    module.control({"fault": {"code": 0x11, "op": "EMPTY"}})
    driver.wipe()
    assert driver.health().state is State.READY


def test_firmware_that_refuses_a_fill_is_no_fault(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    module.control({"fault": {"code": 0x0E, "op": "DOWN_CHAR", "times": 0}})
    driver.wipe()
    assert driver.health().state is State.READY


def test_a_refusal_that_passes_leaves_nothing_after_the_next_wipe(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
    module.control({"fault": {"code": 0x11, "op": "DOWN_CHAR", "times": 0}})
    driver.wipe()
    assert traces(module)["ram"] == 3
    module.control({"fault": {}})
    driver.wipe()
    assert traces(module) == {"flash": 0, "ram": 1}  # the image, until the next finger


# -- losing the module ---------------------------------------------------------------------------


def test_a_pulled_plug_is_told_and_the_next_call_recovers(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    with FingerprintEmulator("as608", factor=0.0, seed=1, link=link) as module:
        driver = Fingerprint(str(link), settings=FingerprintSettings(**QUICK))
        driver.start()

        def pull(event: FingerEvent) -> None:
            module.control({"unplug": True})

        with pytest.raises(OutOfServiceError) as failed:
            driver.capture("right-thumb", (), pull)
        assert failed.value.code == "fingerprint.unplugged"
        health = driver.health()
        assert (health.state, health.reason) == (State.ILL, "fingerprint.unplugged")
        with pytest.raises(OutOfServiceError):
            driver.start()
        module.control({"replug": True})
        assert driver.capture("right-thumb", (), Citizen(module, "right-thumb")).tries == 1
        assert driver.health().state is State.READY
        driver.close()


def test_a_plug_pulled_between_two_fingers_keeps_the_first_for_comparison(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    with FingerprintEmulator("as608", factor=0.0, seed=1, link=link) as module:
        driver = Fingerprint(str(link), settings=FingerprintSettings(**QUICK))
        right = driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
        taken = [("right-thumb", right.page)]
        module.control({"unplug": True})
        with pytest.raises(OutOfServiceError):
            driver.capture("left-thumb", taken, Citizen(module, "left-thumb"))
        module.control({"replug": True})
        citizen = Citizen(module, "right-thumb", "left-thumb")
        left = driver.capture("left-thumb", taken, citizen)
        assert len(citizen.said("same_finger")) == 1
        assert left.page == 1
        driver.close()


def test_a_plug_that_was_out_while_nobody_asked_is_not_even_noticed(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    with FingerprintEmulator("as608", factor=0.0, seed=1, link=link) as module:
        driver = Fingerprint(str(link), settings=FingerprintSettings(**QUICK))
        driver.start()
        citizen = Citizen(module, "right-thumb")
        for act in (driver.wipe, lambda: driver.capture("right-thumb", (), citizen)):
            module.control({"unplug": True})
            module.control({"replug": True})
            act()
            assert driver.health().state is State.READY
        driver.close()


def test_another_module_in_the_middle_of_a_visit_is_noticed(tmp_path: Path) -> None:
    with FingerprintEmulator("as608", factor=0.0, seed=1) as module:
        driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
        with pytest.raises(OutOfServiceError) as failed:
            driver.capture("left-thumb", [("right-thumb", 0)], Citizen(module, "left-thumb"))
        assert failed.value.code == "fingerprint.changed"
        driver.close()


def test_a_module_that_falls_silent_is_told_and_its_power_switch_helps(
    module: FingerprintEmulator,
    hardware: Any,
) -> None:
    hardware.emulator_only("fingerprint", "a silent module")
    driver = impatient(module)
    module.control({"fault": {"dead_after": 1}})
    with pytest.raises(OutOfServiceError) as failed:
        driver.capture("right-thumb", (), Citizen(module, "right-thumb"))
    assert failed.value.code == driver.health().reason == "fingerprint.silent"
    module.control({"fault": {}})
    module.control({"power": "cycle"})
    assert driver.capture("right-thumb", (), Citizen(module, "right-thumb")).tries == 1
    driver.close()


def test_a_dip_of_the_supply_in_the_middle_costs_a_press_and_no_more(
    module: FingerprintEmulator,
    hardware: Any,
) -> None:
    hardware.emulator_only("fingerprint", "a supply that dips")
    driver = impatient(module)
    citizen = Citizen(module, "right-thumb")

    def dip(event: FingerEvent) -> None:
        if event.kind == "pressed" and len(citizen.said("pressed")) == 0:
            module.control({"fault": {"brown_out": True}})
        citizen(event)

    finger = driver.capture("right-thumb", (), dip)
    assert (finger.tries, finger.presses) == (1, 3)
    driver.close()


def test_a_password_is_shown_again_after_the_module_has_restarted(
    module: FingerprintEmulator,
) -> None:
    module.module.flash.password = 0x12345678
    with pytest.raises(OutOfServiceError) as failed:
        Fingerprint(module.path, settings=FingerprintSettings(**QUICK)).start()
    assert failed.value.code == "fingerprint.wrong_password"
    driver = Fingerprint(module.path, password=0x12345678, settings=FingerprintSettings(**QUICK))
    driver.start()
    module.control({"power": "cycle"})
    driver.wipe()
    assert module.control({"status": True})["verified"]
    driver.close()


@pytest.mark.parametrize("baud_n", [12, 3])  # 115200 is usual, 28800 is not
def test_a_module_at_another_speed_is_found(module: FingerprintEmulator, baud_n: int) -> None:
    module.module.flash.baud_n = baud_n
    module.control({"power": "cycle"})
    driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    end = time.monotonic() + SOON
    while driver.health().state is not State.READY:  # a slow machine may miss its short moment
        with contextlib.suppress(OutOfServiceError):
            driver.start()
        assert time.monotonic() < end
    assert module.control({"status": True})["host_rate"] == 9600 * baud_n
    driver.close()


def test_a_port_held_by_another_program_is_told(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    other = Fingerprint(module.path)
    with pytest.raises(OutOfServiceError) as failed:
        other.start()
    assert failed.value.code == "fingerprint.port_busy"


def test_a_finger_nobody_has_is_a_programs_mistake(driver: Fingerprint) -> None:
    with pytest.raises(ValueError, match="no such finger"):
        driver.capture("right-thumbs", (), lambda event: None)


def test_a_closed_driver_says_so_and_starts_again(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    driver.close()
    driver.close()
    assert driver.health().reason == "fingerprint.not_started"
    driver.start()
    assert driver.health().state is State.READY


# -- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_that_the_driver_can_give_has_words_and_a_remedy(language: str) -> None:
    root = Path(__file__).parents[2]
    with (root / f"kiosk/texts/{language}/fingerprint.po").open("rb") as file:
        words = {message.id: message.string for message in read_po(file)}
    sources = (root / "drivers").glob("fingerprint*.py")
    named = {
        key
        for source in sources
        for key in source.read_text().split('"')
        if key.startswith(("finger.", "fingerprint."))
    }
    assert len(named) > 15
    for key in named:
        assert words.get(key), key
        assert words.get(f"{key}.remedy"), key
    assert set(fingerprint_glass.HINTS.values()) <= named
