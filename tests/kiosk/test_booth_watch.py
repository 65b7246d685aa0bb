# SPDX-License-Identifier: Apache-2.0
"""The watching thread tells what changes, once, and lets nobody wait for the uplink."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.health import Health
from idcard.booth_health import BoothReport
from kiosk.booth_watch import BoothWatch
from kiosk.events import Event, HealthChanged, PresenceLost, VoiceFitted
from kiosk.health_watch import HealthWatch
from kiosk.post.errors import MailboxDownError
from kiosk.post.messages import PostState
from kiosk.post_watch import PostWatch
from kiosk.watch import SeatWatch

NOON = datetime.fromisoformat("2026-12-01T12:00:00+08:00")
WELL = PostState(line="", full="", unsent=0, parked=0, oldest_unsent_s=None)
SOON_S = 40.0


class Uplink:
    """A mailbox whose answers a test holds back."""

    def __init__(self) -> None:
        self.goes, self.down = threading.Event(), False
        self.goes.set()
        self.told: list[BoothReport] = []
        self.asked = 0

    def state(self) -> PostState:
        self.asked += 1
        self.goes.wait(SOON_S)
        if self.down:
            raise MailboxDownError("OSError")
        return WELL

    def tell_health(self, report: BoothReport) -> None:
        self.goes.wait(SOON_S)
        if self.down:
            raise MailboxDownError("OSError")
        self.told.append(report)


class Booth:
    """Devices of plain words under the real watch."""

    def __init__(self) -> None:
        self.words = {one: Health.ready(one) for one in ("idreader", "camera", "fingerprint")}
        self.listener: Callable[[], None] = lambda: None
        self.fingerprint = SimpleNamespace(
            look=lambda: None, health=lambda: self.words["fingerprint"]
        )
        self.speaker = SimpleNamespace(health=lambda: Health.ready("speaker"))
        self.fans: list[bool] = []
        self.panel = SimpleNamespace(
            key_open=False, present=True, says=lambda _name: False, fan=self.fans.append
        )
        self.uplink = Uplink()
        self.sent: list[Event] = []
        held: Any = self
        uplink: Any = self.uplink
        self.post = PostWatch(uplink, "test 1")
        health = HealthWatch(held, self.post, lambda: NOON)
        self.watch = BoothWatch(
            held, health, self.post, SeatWatch(0.0), self.sent.append, lambda: True
        )

    def on_change(self, listener: Callable[[], None]) -> None:
        self.listener = listener

    def health(self) -> tuple[Health, ...]:
        return tuple(self.words.values())

    def notes(self) -> tuple[str, ...]:
        return ()

    def cabinet(self) -> None:
        return None

    def becomes(self, word: Health) -> None:
        self.words[word.device] = word
        self.listener()

    def closing(self) -> tuple[str, ...]:
        """What the newest word on the booth's health says."""
        words = [one for one in self.sent if isinstance(one, HealthChanged)]
        return words[-1].closing if words else ("nothing said yet",)


@pytest.fixture
def booth() -> Iterator[Booth]:
    made = Booth()
    yield made
    made.uplink.goes.set()
    made.watch.close()


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + SOON_S
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_each_change_is_sent_once_and_told_to_the_uplink(booth: Booth) -> None:
    booth.watch.start()
    until(lambda: booth.closing() == ())
    booth.becomes(Health.ill("camera", "camera.silent"))
    until(lambda: booth.closing() == ("camera.silent",))
    until(lambda: booth.uplink.told and booth.uplink.told[-1].condition.closing)
    booth.becomes(Health.ready("camera"))
    until(lambda: booth.closing() == ())
    until(lambda: not booth.uplink.told[-1].condition.closing)
    words = [one for one in booth.sent if isinstance(one, HealthChanged)]
    assert len(words) == len({id(one) for one in words})
    assert booth.sent.count(VoiceFitted(True)) == 1
    assert booth.uplink.told[-1].software == "test 1"


def test_an_uplink_that_hangs_holds_up_no_word_on_a_device(booth: Booth) -> None:
    booth.watch.start()
    until(lambda: booth.uplink.told)
    booth.uplink.goes.clear()
    asked = booth.uplink.asked
    until(lambda: booth.uplink.asked > asked)  # a question hangs now
    for reason in ("camera.silent", "camera.absent"):
        booth.becomes(Health.ill("camera", reason))
        until(lambda reason=reason: booth.closing() == (reason,))
    assert booth.uplink.told[-1].condition.closing == ()
    booth.uplink.goes.set()
    until(lambda: booth.uplink.told[-1].condition.closing == ("camera.absent",))


def test_what_a_fallen_uplink_missed_is_told_when_it_is_back(booth: Booth) -> None:
    booth.watch.start()
    until(lambda: booth.uplink.told)
    booth.uplink.down = True
    until(lambda: booth.closing() == ("post.mailbox_down",))
    booth.becomes(Health.ill("camera", "camera.frozen"))
    until(lambda: "camera.frozen" in booth.closing())
    booth.uplink.down = False
    until(lambda: booth.uplink.told[-1].condition.closing == ("camera.frozen",))


def test_the_first_word_waits_for_the_devices_that_start_and_for_the_post(booth: Booth) -> None:
    go_on = threading.Event()
    starting = threading.Thread(target=go_on.wait, args=(SOON_S,))
    starting.start()
    booth.uplink.goes.clear()
    booth.watch.start([starting])
    until(lambda: booth.uplink.asked)
    assert booth.sent == []
    go_on.set()
    booth.uplink.goes.set()
    until(lambda: booth.closing() == ())
    words = [one for one in booth.sent if isinstance(one, HealthChanged)]
    assert "post" in [one.device for one in words[0].devices]


def test_an_empty_seat_and_the_fan_are_seen_to(booth: Booth) -> None:
    booth.watch.start()
    until(lambda: booth.fans)
    booth.panel.present = False
    until(lambda: PresenceLost() in booth.sent)
    assert booth.sent.count(PresenceLost()) == 1
