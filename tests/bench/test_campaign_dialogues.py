# SPDX-License-Identifier: Apache-2.0
"""The hostile dialogues of the fingerprint driver: sound on a small scale, and not blind."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from bench.campaign import ef01_dialogues as campaign
from bench.campaign.ef01_citizens import Citizen, is_of
from bench.campaign.ef01_dialogues import Dialogues, Scene
from bench.campaign.punctual import Punctuality, punctuality
from bench.campaign.subject import Tally
from drivers.errors import OutOfServiceError
from drivers.fingerprint_types import FingerEvent
from firmware_io.emulators.ef01 import fingers
from firmware_io.emulators.ef01.fingers import Press
from firmware_io.emulators.ef01.module import Module


def judged(change: Callable[[Scene], None], dialogues: int = 40, seed: int = 4) -> Tally:
    """What is seen of a driver or module that `change` has spoiled, in virtual time."""
    tally = Tally()
    with campaign.virtual(random.Random(seed), tally, "") as scene:
        change(scene)
        scene.next_citizen()
        for scene.at in range(dialogues):
            scene.dialogue()
    return tally


def kinds(tally: Tally) -> set[str]:
    return {flaw.kind for flaw in tally.flaws}


def test_a_round_is_sound_and_has_something_of_everything() -> None:
    tally = judged(lambda scene: None, 150)
    assert tally.flaws == []
    assert tally.counts["capture: done"] > 40
    assert tally.counts["verify: done"] > 4
    assert sum(times for name, times in tally.counts.items() if "fingerprint." in name) > 4


def test_the_same_seed_has_the_same_dialogues() -> None:
    assert judged(lambda scene: None).counts == judged(lambda scene: None).counts
    assert judged(lambda scene: None).counts != judged(lambda scene: None, seed=5).counts


def test_a_slice_has_its_share_over_a_real_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "ON_PTY", 0.05)
    tally = Dialogues().run(3, 40, "")
    assert tally.done == 40
    assert tally.counts["dialogues on_pty"] == 2
    # What a slow machine can make late is not judged here.
    assert not kinds(tally) & {"wrong acceptance", "exception", "unbounded"}


def test_a_driver_without_checksums_is_caught() -> None:
    assert "wrong acceptance" in kinds(Dialogues().run(1, 400, "checksum"))


def spoil_template(scene: Scene) -> None:
    plain = scene.driver.capture

    def capture(*given: Any, **more: Any) -> Any:
        got = plain(*given, **more)
        object.__setattr__(got, "template", got.template[:-1] + bytes([got.template[-1] ^ 1]))
        return got

    scene.driver.capture = capture


def spoil_wipe(scene: Scene) -> None:
    for act in ("wipe", "start"):
        setattr(scene.driver, act, lambda **_: None)


def spoil_deadline(scene: Scene) -> None:
    plain = scene.driver._module._link.read

    def read(deadline: Any) -> bytes:
        scene.rest()
        return plain(deadline)

    scene.driver._module._link.read = read


def spoil_recovery(scene: Scene) -> None:
    def start() -> None:
        raise OutOfServiceError("fingerprint.silent")

    scene.driver.start = start


def spoil_manners(scene: Scene) -> None:
    def wipe() -> None:
        raise KeyError("page")

    setattr(scene.driver, "wipe", wipe)  # noqa: B010


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (spoil_template, "wrong acceptance"),
        (spoil_wipe, "wrong acceptance"),
        (spoil_deadline, "overrun"),
        (spoil_recovery, "missed"),
        (spoil_manners, "exception"),
    ],
)
def test_each_way_of_being_wrong_is_told_by_its_name(
    spoil: Callable[[Scene], None], kind: str
) -> None:
    assert kind in kinds(judged(spoil))


def test_what_a_late_machine_explains_is_counted_and_not_blamed_on_the_driver() -> None:
    tally = Tally()
    with campaign.virtual(random.Random(1), tally, "") as scene:
        scene.late = Punctuality()
        scene.late._worst_s = 1.0
        for kind in ("missed", "overrun", "wrong acceptance"):
            scene.flaw(kind, "as planted")
    assert kinds(tally) == {"wrong acceptance"}
    assert tally.counts == {"not judged: the machine was late": 2}


def test_a_process_notices_that_it_was_kept_waiting() -> None:
    with punctuality() as late:
        end = time.monotonic() + 60.0
        while late.worst_s() == 0.0 and time.monotonic() < end:
            time.sleep(0.01)
    assert 0.0 < late.worst_s() < 60.0


def test_a_template_is_known_by_the_finger_it_was_made_of() -> None:
    module = Module(seed=9)
    press = Press("somebody", "left-ring", "fair", 3)
    template = fingers.features(press, module.profile.char_bytes, module.seed)
    assert is_of(template, "somebody", "left-ring", module)
    assert not is_of(template, "somebody", "left-thumb", module)
    assert not is_of(template, "somebody else", "left-ring", module)
    assert not is_of(template[:256], "somebody", "left-ring", module)


def test_a_citizen_who_swaps_fingers_does_so_at_the_second_press() -> None:
    said: list[dict[str, Any]] = []
    citizen = Citizen(random.Random(1), said.append, "p", "right-thumb", "swaps")
    for kind in ("waiting", "pressed", "lift", "again"):
        citizen.on_event(FingerEvent(kind))
    assert [one.get("place") for one in said if "place" in one] == ["right-thumb", "right-ring"]
