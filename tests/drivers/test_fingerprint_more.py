# SPDX-License-Identifier: Apache-2.0
"""Checks for collection, image, light ring, password, lost and dead modules, silence."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import (
    AskAgainError,
    BoothError,
    CancelledError,
    OutOfServiceError,
    RefusedError,
)
from drivers.fingerprint import CapturedFinger, FingerEvent, Fingerprint, FingerprintSettings
from drivers.fingerprint_module import RATES, FingerprintModule
from drivers.health import State
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_tables import Op
from firmware_io.emulators.fingerprint import FingerprintEmulator

ANSWER_S = 20.0  # only a silent module makes anybody wait as long
QUICK: dict[str, Any] = {
    "poll_s": 0.002,
    "wait_s": 40.0,
    "lift_s": 40.0,
    "quiet_s": 0.003,
    "image_answer_s": ANSWER_S,
    "answer_s": ANSWER_S,
    "work_answer_s": ANSWER_S,
    "match_answer_s": ANSWER_S,
    "empty_answer_s": ANSWER_S,
}
SHORT: dict[str, Any] = {
    **QUICK,
    "image_answer_s": 1.0,
    "answer_s": 1.0,
    "work_answer_s": 1.0,
    "replug_s": 0.0,
}
SOON = 40.0


def obey(module: FingerprintEmulator, finger: str) -> Callable[[FingerEvent], None]:
    """A citizen with one finger who does what the screen says."""

    def do(event: FingerEvent) -> None:
        if event.kind in ("waiting", "again"):
            module.control({"place": finger})
        elif event.kind == "lift":
            module.control({"lift": True})

    return do


def status(module: FingerprintEmulator) -> dict[str, Any]:
    return module.control({"status": True})


def until(true: Callable[[], bool], why: str) -> None:
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end, why
        time.sleep(0.005)


@pytest.fixture(params=["as608", "r503"])
def module(request: pytest.FixtureRequest) -> Iterator[FingerprintEmulator]:
    with FingerprintEmulator(request.param, factor=0.0, seed=1) as module:
        yield module


@pytest.fixture
def driver(module: FingerprintEmulator) -> Iterator[Fingerprint]:
    driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    driver.start()
    yield driver
    driver.close()


@pytest.fixture
def r503() -> Iterator[FingerprintEmulator]:
    with FingerprintEmulator("r503", factor=0.0, seed=1) as module:
        yield module


# -- a check for collection ----------------------------------------------------------------------


def enrolled(module: FingerprintEmulator, driver: Fingerprint) -> bytes:
    template = driver.capture("right-thumb", (), obey(module, "right-thumb")).template
    driver.wipe(image=True)
    return template


def test_a_living_finger_is_the_one_of_its_template_and_no_other_is(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    template = enrolled(module, driver)
    same = driver.verify(template, obey(module, "right-thumb"))
    assert same.same
    assert same.score is not None
    assert same.score >= 60
    other = driver.verify(template, obey(module, "left-thumb"))
    assert (other.score, other.same, other.presses) == (None, False, 1)
    assert status(module)["library"] == []
    driver.wipe(image=True)
    assert status(module)["traces"] == {"flash": 0, "ram": 0}


def test_a_press_that_cannot_be_read_is_told_and_three_end_the_check(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    template = enrolled(module, driver)
    events: list[FingerEvent] = []

    def smear(event: FingerEvent) -> None:
        events.append(event)
        if event.kind == "waiting":
            module.control({"place": "right-thumb", "quality": "poor"})
        elif event.kind == "lift":
            module.control({"lift": True})

    with pytest.raises(AskAgainError) as failed:
        driver.verify(template, smear)
    assert failed.value.code == "finger.tries_failed"
    assert [event.kind for event in events].count("hint") == 2


@pytest.mark.parametrize("size", [0, 100, 511, 4224])
def test_a_template_of_a_size_that_no_module_makes_is_refused(
    module: FingerprintEmulator, driver: Fingerprint, size: int
) -> None:
    with pytest.raises(RefusedError) as refused:
        driver.verify(bytes(size), lambda event: None)
    assert refused.value.code == "finger.template_size"
    assert driver.health().state is State.READY


def test_a_template_that_the_module_does_not_take_is_refused(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    template = enrolled(module, driver)
    module.control({"fault": {"code": 0x0E, "op": "DOWN_CHAR", "times": 0}})
    with pytest.raises(RefusedError) as refused:
        driver.verify(template, lambda event: None)
    assert refused.value.code == "finger.template_refused"


def test_a_cancel_ends_a_check(module: FingerprintEmulator, driver: Fingerprint) -> None:
    template = enrolled(module, driver)
    with pytest.raises(CancelledError):
        driver.verify(template, lambda event: driver.cancel())
    assert driver.verify(template, obey(module, "right-thumb")).same


# -- the image -----------------------------------------------------------------------------------


def test_the_image_of_a_taken_finger_comes_whole_and_only_while_the_module_has_it(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    first = driver.capture("right-thumb", (), obey(module, "right-thumb"))
    image = driver.fetch_image(first)
    assert image is not None
    width = module.module.profile.width_px
    assert len(image.packed) == module.module.profile.image_bytes
    assert image.width_px == (width if module.module.profile.name == "r503" else 0)
    assert image.packed.hex()[:32] not in repr(image)
    driver.capture("left-thumb", [("right-thumb", 0)], obey(module, "left-thumb"))
    assert driver.fetch_image(first) is None


def test_an_image_of_a_size_that_nobody_told_must_come_twice_alike() -> None:
    with FingerprintEmulator("soc", factor=0.0, seed=1) as module:
        driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
        finger = driver.capture("right-thumb", (), obey(module, "right-thumb"))
        image = driver.fetch_image(finger)
        assert image is not None
        assert len(image.packed) == module.module.profile.image_bytes
        assert status(module)["spent"]["up_image"]["times"] == 2
        driver.close()


def test_an_image_that_never_comes_whole_costs_no_module(module: FingerprintEmulator) -> None:
    driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    finger = driver.capture("right-thumb", (), obey(module, "right-thumb"))
    module.control({"fault": {"corrupt": -3, "skip": 1, "times": 0}})
    assert driver.fetch_image(finger) is None
    module.control({"fault": {}})
    assert driver.health().state is State.READY
    assert driver.capture("right-index", (), obey(module, "right-index")).tries == 1
    driver.close()


def test_an_image_with_rows_that_are_alike_is_an_image(module: FingerprintEmulator) -> None:
    driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    finger = driver.capture("right-thumb", (), obey(module, "right-thumb"))
    profile = module.module.profile
    row = bytes([0xEF]) + b"\xff" * (profile.width_px // 2 - 1)  # an edge that is a shade darker
    half = profile.height_px // 2
    module.module.ram.image = row * half + bytes(
        (at * 7 + at // 128) % 256 for at in range(len(row) * half)
    )
    image = driver.fetch_image(finger)
    assert image is not None
    assert image.packed == module.module.ram.image
    driver.close()


@pytest.mark.parametrize("profile", ["as608", "r503", "soc"])
def test_an_image_of_which_every_packet_comes_twice_is_none(profile: str) -> None:
    with FingerprintEmulator(profile, factor=0.0, seed=1) as module:
        driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
        finger = driver.capture("right-thumb", (), obey(module, "right-thumb"))
        module.control({"fault": {"duplicate": True, "times": 0}})
        assert driver.fetch_image(finger) is None
        driver.close()


def test_a_fetch_called_off_leaves_a_module_that_takes_the_next_finger() -> None:
    with FingerprintEmulator("r503", factor=0.3, seed=1) as module:  # an image takes a second
        driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
        first = driver.capture("right-thumb", (), obey(module, "right-thumb"))
        for _ in range(20):  # a slow machine may get the whole image first
            if called_off(module, driver, first):
                break
        else:
            pytest.fail("no fetch was ever called off")
        taken = [("right-thumb", first.page)]
        second = driver.capture("left-thumb", taken, obey(module, "left-thumb"))
        assert second.template == module.module.flash.pages[1]
        driver.close()


def called_off(module: FingerprintEmulator, driver: Fingerprint, finger: CapturedFinger) -> bool:
    """Whether a cancel came while the image did."""
    ended: list[BaseException] = []

    def fetch() -> None:
        try:
            driver.fetch_image(finger)
        except BoothError as error:
            ended.append(error)

    def asked() -> int:
        return status(module)["spent"].get("up_image", {}).get("times", 0)

    before = asked()
    fetching = threading.Thread(target=fetch)
    fetching.start()
    until(lambda: asked() > before, "the image was never asked for")
    driver.cancel()
    fetching.join(SOON)
    assert all(isinstance(error, CancelledError) for error in ended)
    return bool(ended)


def test_an_overwriting_that_is_called_off_is_ended_and_the_next_question_answered(
    r503: FingerprintEmulator,
) -> None:
    wire = FingerprintModule(r503.path, 57600, 0, FingerprintSettings(**QUICK))
    wire.open()
    wire._link.cancel()
    wire._unfinished, wire._in_step = True, False  # as a cancel in the middle of DownImage
    wire.rearm()
    assert wire.parameters().packet_size == 128
    wire.close()


# -- the light ring, who it is, its password -----------------------------------------------------


def test_the_ring_says_come_taken_not_taken_and_is_dark_when_all_is_wiped(
    r503: FingerprintEmulator,
) -> None:
    driver = Fingerprint(r503.path, settings=FingerprintSettings(**QUICK))
    seen: list[tuple[int, ...]] = []
    hand = obey(r503, "right-thumb")

    def look(event: FingerEvent) -> None:
        seen.append(tuple(status(r503)["led"]))
        hand(event)

    finger = driver.capture("right-thumb", (), look)
    assert set(seen) == {(1, 0x64, 2, 0)}  # breathes blue, and nothing changes between presses
    assert status(r503)["led"][:3:2] == [3, 4]  # steady green
    module_says = obey(r503, "right-thumb")
    with pytest.raises(AskAgainError):
        driver.capture("left-thumb", (), lambda event: module_says(bad(event, r503)))
    assert status(r503)["led"] == [2, 0x64, 1, 3]  # three red flashes
    driver.wipe()
    assert status(r503)["led"][0] == 4
    assert finger.format == "ef01/r503"
    driver.close()


def bad(event: FingerEvent, module: FingerprintEmulator) -> FingerEvent:
    """Puts a smeared finger down instead; the event it makes of it moves nothing else."""
    if event.kind in ("waiting", "again"):
        module.control({"place": "left-thumb", "quality": "poor"})
        return FingerEvent("pressed")
    return event


def test_a_module_that_does_not_know_the_ring_takes_fingers_all_the_same(
    r503: FingerprintEmulator,
) -> None:
    driver = Fingerprint(r503.path, settings=FingerprintSettings(**QUICK))
    r503.control({"fault": {"code": 0x01, "op": "AURA_LED", "times": 0}})
    assert driver.capture("right-thumb", (), obey(r503, "right-thumb")).tries == 1
    driver.close()


def test_a_broken_sensor_is_told_at_the_start(r503: FingerprintEmulator) -> None:
    driver = Fingerprint(r503.path, settings=FingerprintSettings(**QUICK))
    r503.control({"fault": {"code": 0x29, "op": "CHECK_SENSOR", "times": 0}})
    with pytest.raises(OutOfServiceError) as failed:
        driver.start()
    assert failed.value.code == driver.health().reason == "fingerprint.sensor_fault"


def test_a_module_without_a_password_is_given_the_booths(module: FingerprintEmulator) -> None:
    driver = Fingerprint(module.path, password=0xB00B5, settings=FingerprintSettings(**QUICK))
    driver.start()
    assert module.module.flash.password == 0xB00B5
    module.control({"power": "cycle"})
    driver.wipe()
    stranger = FingerprintSettings(**QUICK)
    driver.close()
    with pytest.raises(OutOfServiceError) as failed:
        Fingerprint(module.path, password=0x1234, settings=stranger).start()
    assert failed.value.code == "fingerprint.wrong_password"


@pytest.mark.parametrize(("system_id", "asked"), [(0, 1), (9, 1), (512, 0), (7262, 0)])
def test_only_modules_whose_branch_allows_it_are_asked_for_their_product(
    system_id: int, asked: int
) -> None:
    with FingerprintEmulator("r503", factor=0.0, seed=1) as module:
        module.module.profile = replace(module.module.profile, system_id=system_id)
        driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
        format_ = driver.capture("right-thumb", (), obey(module, "right-thumb")).format
        spent = status(module)["spent"]
        assert spent.get("read_prod_info", {}).get("times", 0) == asked
        assert ("aura_led" in spent) == bool(asked)  # its code is something else there
        assert format_ == ("ef01/r503" if asked else f"ef01/sysid{system_id:04x}")
        driver.close()


def test_every_speed_of_the_manuals_is_searched_the_usual_ones_first() -> None:
    assert RATES[:5] == (57600, 115200, 9600, 19200, 38400)
    assert sorted(RATES) == [9600 * n for n in range(1, 13)]


# -- lost, dead, silent --------------------------------------------------------------------------


def test_a_plug_that_comes_back_in_time_costs_a_press_and_no_visit(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    with FingerprintEmulator("as608", factor=0.0, seed=1, link=link) as module:
        settings = FingerprintSettings(**QUICK, replug_s=SOON)
        driver = Fingerprint(str(link), settings=settings)
        right = driver.capture("right-thumb", (), obey(module, "right-thumb"))
        hand = obey(module, "left-thumb")
        pulled: list[FingerEvent] = []

        def pull(event: FingerEvent) -> None:
            if event.kind == "pressed" and not pulled:
                pulled.append(event)
                module.control({"unplug": True})
                threading.Timer(0.3, module.control, ({"replug": True},)).start()
            hand(event)

        left = driver.capture("left-thumb", [("right-thumb", right.page)], pull)
        assert (left.tries, left.page) == (1, 1)
        assert driver.health().state is State.READY
        driver.close()


def test_a_cancel_ends_the_wait_for_a_plug(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    with FingerprintEmulator("as608", factor=0.0, seed=1, link=link) as module:
        driver = Fingerprint(str(link), settings=FingerprintSettings(**QUICK, replug_s=3600.0))
        driver.start()

        def give_up() -> None:
            until(lambda: driver.health().reason == "fingerprint.unplugged", "never noticed")
            driver.cancel()

        def pull(event: FingerEvent) -> None:
            module.control({"unplug": True})
            threading.Thread(target=give_up).start()

        with pytest.raises(CancelledError):
            driver.capture("right-thumb", (), pull)
        assert driver.health().reason == "fingerprint.unplugged"
        driver.close()


def test_a_finger_stored_without_its_answer_is_taken_out_again(tmp_path: Path) -> None:
    link = tmp_path / "finger"
    with FingerprintEmulator("as608", factor=0.0, seed=1, link=link) as module:
        driver = Fingerprint(str(link), settings=FingerprintSettings(**QUICK))
        right = driver.capture("right-thumb", (), obey(module, "right-thumb"))
        module.module.flash.pages[1] = module.module.flash.pages[0]
        module.control({"unplug": True})
        module.control({"replug": True})
        left = driver.capture(
            "left-thumb", [("right-thumb", right.page)], obey(module, "left-thumb")
        )
        assert (left.page, status(module)["library"]) == (1, [0, 1])
        assert left.template == module.module.flash.pages[1]
        driver.close()


def test_a_dead_module_is_given_new_power_once_and_the_finger_is_taken(
    r503: FingerprintEmulator,
) -> None:
    module = r503
    switched: list[float] = []

    def power() -> None:
        switched.append(1.0)
        module.control({"power": "cycle"})

    driver = Fingerprint(module.path, settings=FingerprintSettings(**SHORT), power_cycle=power)
    driver.start()
    hand = obey(module, "right-thumb")

    def die(event: FingerEvent) -> None:
        if event.kind == "pressed" and not switched:
            module.control({"fault": {"dead": True}})
        hand(event)

    finger = driver.capture("right-thumb", (), die)
    assert finger.tries == 1
    assert switched == [1.0]
    driver.close()


def test_a_module_that_stays_dead_is_ill_after_one_try_with_new_power(
    r503: FingerprintEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = r503
    monkeypatch.setattr("drivers.fingerprint_module.RATES", RATES[:1])
    switched: list[float] = []
    settings = FingerprintSettings(**SHORT)
    driver = Fingerprint(module.path, settings=settings, power_cycle=lambda: switched.append(1.0))
    driver.start()
    module.control({"fault": {"silent": True, "times": 0}})
    with pytest.raises(OutOfServiceError) as failed:
        driver.capture("right-thumb", (), obey(module, "right-thumb"))
    assert failed.value.code == driver.health().reason == "fingerprint.silent"
    assert driver.health().remedy == "fingerprint.silent.remedy"
    assert switched == [1.0]
    driver.close()


class Clock:
    """Virtual time for a wire on which nothing ever arrives."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("time.monotonic", lambda: self.now)


class Mute:
    """A link to a module that says nothing; waiting moves the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.baudrate = 57600
        self.written = 0

    def read(self, deadline: Any) -> bytes:
        from firmware_io.links.errors import LinkTimeoutError

        self._clock.now = max(self._clock.now, deadline.at)
        raise LinkTimeoutError("nothing")

    def write(self, data: bytes, deadline: Any) -> None:
        self.written += 1

    def drain(self, quiet_s: float = 0.0, limit_s: float = 0.0) -> int:
        self._clock.now += quiet_s
        return 0


@pytest.mark.parametrize("resends", [0, 1, 2, 5])
@pytest.mark.parametrize("answer_s", [0.5, 2.0])
def test_silence_is_told_when_the_questions_deadline_passes_repetitions_included(
    monkeypatch: pytest.MonkeyPatch, resends: int, answer_s: float
) -> None:
    settings = FingerprintSettings(resends=resends, answer_s=answer_s)
    wire = FingerprintModule("nowhere", 57600, 0, settings)
    clock = Clock(monkeypatch)
    link = Mute(clock)
    wire._link = link  # type: ignore[assignment]
    for ask in (
        lambda: wire.ask(say.plain(Op.GEN_IMG), answer_s),
        lambda: wire.upload_template(1),
    ):
        begun = clock.now
        with pytest.raises(OutOfServiceError) as failed:
            ask()
        assert failed.value.code == "fingerprint.silent"
        assert clock.now - begun <= answer_s + 0.05 + 0.1  # 0.1: a broken transfer runs out first
        wire._busy_line = type(wire._busy_line)(0.0)


# -- nothing of a finger anywhere else -----------------------------------------------------------


def broken_on_purpose(module: FingerprintEmulator) -> tuple[str, list[bytes]]:
    """All that the driver says while everything goes wrong, and what it must not say."""
    driver = Fingerprint(module.path, settings=FingerprintSettings(**QUICK))
    template = enrolled(module, driver)
    finger = driver.capture("right-thumb", (), obey(module, "right-thumb"))
    image = driver.fetch_image(finger)
    assert image is not None
    said = [repr(finger), repr(image), repr(driver.verify(template, obey(module, "right-thumb")))]
    driver.close()
    faults: list[dict[str, Any]] = [
        {"corrupt": -3, "times": 0},
        {"truncate": 9, "times": 0},
        {"code": 0x0D, "op": "UP_CHAR", "times": 0},
        {"code": 0x18, "op": "STORE", "times": 0},
    ]
    for fault in faults:
        said += spoilt(module, fault)
    return "\n".join(said), [template, finger.template, image.packed]


def spoilt(module: FingerprintEmulator, fault: dict[str, Any]) -> list[str]:
    """What a driver says of a capture that meets `fault` at its second press."""
    driver = Fingerprint(module.path, settings=FingerprintSettings(**{**SHORT, "tries": 1}))
    driver.start()
    module.control({"lift": True})
    hand = obey(module, "right-thumb")

    def spoil(event: FingerEvent) -> None:
        hand(event)
        if event.kind == "again":
            module.control({"fault": fault})

    with pytest.raises(BoothError) as failed:
        driver.capture("right-thumb", (), spoil)
    said = [repr(driver.health())]
    error: BaseException | None = failed.value
    while error is not None:
        said += [repr(error), str(error)]
        error = error.__cause__ or error.__context__
    module.control({"fault": {}})
    driver.close()
    return said


def test_no_log_message_error_health_or_repr_holds_a_piece_of_a_template(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with FingerprintEmulator("as608", factor=0.0, seed=1) as module:
        said, secrets = broken_on_purpose(module)
    out = capfd.readouterr()
    everything = said + out.out + out.err + caplog.text
    assert not told(everything, secrets)
    for secret in secrets:  # the search itself finds a piece that is there
        assert told(everything + repr(secret), secrets)
        assert told(everything + secret.hex(" "), secrets)


def told(text: str, secrets: list[bytes]) -> bool:
    """Whether eight bytes in a row of a secret stand in `text`, as hex or as Python shows bytes."""
    bare = text.replace(" ", "").lower()
    pieces = [secret[at : at + 8] for secret in secrets for at in range(0, len(secret) - 8, 97)]
    return any(
        piece.hex() in bare or repr(piece)[2:-1] in text for piece in pieces if len(set(piece)) > 3
    )


# -- a resting module ----------------------------------------------------------------------------


def test_a_resting_module_that_lost_its_power_is_ill_after_one_look_and_well_after_a_start(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    driver.look(ANSWER_S)
    assert driver.health().state is State.READY
    module.control({"power": "off"})
    driver.look()
    assert driver.health().reason == "fingerprint.silent"
    driver.look()  # a lost one is left to the next start
    module.control({"power": "on"})
    driver.start()
    driver.look(ANSWER_S)
    assert driver.health().state is State.READY


def test_a_look_leaves_an_act_alone_and_changes_nothing_in_the_module(
    module: FingerprintEmulator, driver: Fingerprint
) -> None:
    def look_too(event: FingerEvent) -> None:
        looks = threading.Thread(target=driver.look)
        looks.start()
        looks.join(SOON)
        assert not looks.is_alive(), "a look waits for no act"
        obey(module, "right-thumb")(event)

    first = driver.capture("right-thumb", (), look_too)
    driver.look(ANSWER_S)
    told: list[str] = []

    def note(event: FingerEvent) -> None:
        told.append(event.kind)
        if event.kind == "same_finger":
            raise AskAgainError("finger.same")
        obey(module, "right-thumb")(event)

    with pytest.raises(AskAgainError):  # the module still holds the first: it is noticed
        driver.capture("left-thumb", (("right-thumb", first.page),), note)
    assert told[-1] == "same_finger"
