# SPDX-License-Identifier: Apache-2.0
"""The watch asks each thing as often as it is worth, and never a module in a citizen's hands."""

import threading
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from drivers.health import Health, State
from idcard.booth_health import Cabinet
from kiosk.health import NOT_BEFORE, condition_of
from kiosk.health_watch import ASK_S, LOOK_S, STORES_S, HealthWatch

NOON = datetime.fromisoformat("2026-12-01T12:00:00+08:00")


class Booth:
    """Devices and a post whose words a test writes."""

    def __init__(self) -> None:
        self.words = {one: Health.ready(one) for one in ("idreader", "camera", "fingerprint")}
        self.printer_notes: tuple[str, ...] = ()
        self.held: Cabinet | None = None
        self.post = SimpleNamespace(health=lambda: (Health.ready("post"),), on_change=None)
        self.looks = 0
        self.fingerprint = SimpleNamespace(look=self._look)
        self.panel = SimpleNamespace(key_open=False, says=lambda _name: False)
        self.now = NOON
        self.listener: Callable[[], None] = lambda: None
        held: Any = self
        post: Any = self.post
        self.watch = HealthWatch(held, post, lambda: self.now)

    def on_change(self, listener: Callable[[], None]) -> None:
        self.listener = listener

    def says_so(self) -> None:
        """A device has said another word; the watch's rest ends."""
        self.listener()
        self.watch.rest(0.0)

    def _look(self) -> None:
        self.looks += 1

    def health(self) -> tuple[Health, ...]:
        return tuple(self.words.values())

    def notes(self) -> tuple[str, ...]:
        return self.printer_notes

    def cabinet(self) -> Cabinet | None:
        return self.held


def test_a_module_is_asked_only_while_nobody_is_here_and_not_at_every_look() -> None:
    booth = Booth()
    for n in range(40):
        booth.watch.look(n * LOOK_S)
    assert booth.looks == 0
    for n in range(40):
        booth.watch.look(100 + n * LOOK_S, idle=True)
    assert 40 * LOOK_S / (ASK_S + LOOK_S) <= booth.looks <= 40 * LOOK_S / ASK_S + 1


def test_a_rest_ends_when_a_device_or_the_post_says_another_word() -> None:
    """Each of these rests would outlast the suite if nobody could end it."""
    booth = Booth()
    for wakes in (booth.listener, booth.post.on_change, booth.watch.wake):
        waker = threading.Timer(0.01, wakes)
        waker.start()
        booth.watch.rest(3600.0)
        waker.join()
    booth.listener()  # said while nobody rested: not lost
    booth.watch.rest(3600.0)
    booth.watch.rest(0.0)


def test_cards_that_were_counted_anew_are_told_within_a_second() -> None:
    """Acts change the books, and no device says another word for that."""
    booth = Booth()
    booth.watch.look(0.0)
    booth.held = Cabinet(places=24, cards=5)
    assert condition_of(booth.watch.look(STORES_S)).cabinet == booth.held
    booth.held = Cabinet(places=24, cards=4)
    booth.says_so()
    assert condition_of(booth.watch.look(STORES_S + 0.1)).cabinet == booth.held


def test_every_change_is_told_at_the_next_look() -> None:
    booth = Booth()
    well = booth.watch.look(0.0)
    assert booth.watch.look(0.1) is well
    booth.words["camera"] = Health.ill("camera", "camera.silent")
    assert booth.watch.look(0.2).closing == ("camera.silent",)
    booth.words["camera"] = Health.ready("camera")
    booth.printer_notes = ("printer.near_end",)
    booth.says_so()
    assert booth.watch.look(0.3).notes == ("printer.near_end",)
    booth.printer_notes = ()
    booth.says_so()
    booth.panel.key_open = True
    closed = booth.watch.look(0.4)
    assert closed.closing == ("panel.key_open",)
    assert condition_of(closed).journeys == ()
    booth.panel.key_open = False
    booth.now = datetime.fromtimestamp(0, NOT_BEFORE.tzinfo)
    assert booth.watch.look(0.5).closing == ("clock.wrong",)
    booth.now = NOON
    booth.watch.staff_word = Health.ill("staffcard", "staffcard.unplugged")
    told = booth.watch.look(0.6)
    assert (told.closing, told.notes) == ((), ("staffcard.unplugged",))
    assert [one.state for one in told.devices if one.device == "staffcard"] == ["ill"]
    booth.watch.staff_word = Health("staffcard", State.BUSY)
    assert booth.watch.look(0.7).notes == ()
