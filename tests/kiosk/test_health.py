# SPDX-License-Identifier: Apache-2.0
"""What closes the booth, what only limits it, and that each has words and a remedy."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import drivers
from drivers.bins_faults import CODES
from drivers.health import Health, State
from kiosk.events import Chose
from kiosk.facts import Facts
from kiosk.health import NOT_BEFORE, clock_health, condition_of, fitness, post_health
from kiosk.health_pictures import PICTURES, picture_of
from kiosk.journeys import JOURNEYS, RENEW
from kiosk.post.errors import MailboxDownError
from kiosk.post.mailbox import Mailbox
from kiosk.post.messages import PostState
from kiosk.steps.welcome import MenuStep
from kiosk.texts import LANGUAGES, words
from kiosk.view import Choices, text

DRIVERS = Path(drivers.__file__).parent


class Post(Mailbox):
    """A mailbox whose uplink says this; None: it does not answer."""

    def __init__(self, said: PostState | None) -> None:
        self._said = said

    def state(self, timeout_s: float = 5.0) -> PostState:
        if self._said is None:
            raise MailboxDownError
        return self._said


def state(line: str = "", full: str = "") -> PostState:
    return PostState(line=line, full=full, unsent=2, parked=1, oldest_unsent_s=5.0)


def test_a_healthy_booth_is_open() -> None:
    now = fitness([Health.ready(name) for name in RENEW.needs | RENEW.wants])
    assert (now.closing, now.limiting, now.notes, now.shut) == ((), (), (), ())
    assert condition_of(now).journeys == ("renew",)


def test_a_busy_device_is_fit() -> None:
    now = fitness([Health("idreader", State.BUSY)])
    assert (now.closing, now.shut) == ((), ())


@pytest.mark.parametrize("device", sorted(RENEW.needs))
def test_without_a_device_that_every_renewal_needs_the_booth_is_closed(device: str) -> None:
    now = fitness([Health.ill(device, "x.y")])
    assert (now.closing, now.limiting, now.shut) == (("x.y",), (), (("renew", "x.y"),))
    assert condition_of(now).journeys == ()


@pytest.mark.parametrize("device", sorted(RENEW.wants))
def test_without_paper_or_line_the_booth_is_open_and_says_what_is_missing(device: str) -> None:
    now = fitness([Health.ill(device, "x.y")])
    assert (now.closing, now.limiting, now.shut) == ((), ("x.y",), ())
    assert condition_of(now).journeys == ("renew",)


def test_a_lamp_that_is_out_closes_nothing_and_staff_hear_of_it() -> None:
    now = fitness([Health.ill("panel", "panel.absent")])
    assert (now.closing, now.limiting, now.notes) == ((), (), ("panel.absent",))


def test_only_the_journeys_that_can_be_finished_are_open() -> None:
    """A collection needs the cabinet and no camera: one ill device shuts one journey of two."""
    both = {**JOURNEYS, "collect": replace(RENEW, needs=frozenset({"bins"}), wants=frozenset())}
    now = fitness([Health.ill("camera", "x.y")], journeys=both)
    assert (now.closing, now.limiting, now.shut) == ((), ("x.y",), (("renew", "x.y"),))
    assert condition_of(now, tuple(both)).journeys == ("collect",)
    now = fitness([Health.ill("camera", "x.y"), Health.ill("bins", "b.c")], journeys=both)
    assert (now.closing, now.limiting) == (("x.y", "b.c"), ())
    now = fitness([Health.ill("bins", "b.c")], key_open=True, journeys=both)
    assert now.closing == ("panel.key_open",)
    assert condition_of(now, tuple(both)).journeys == ()


def test_a_journey_that_cannot_be_finished_is_not_offered_and_its_tile_says_why() -> None:
    facts = Facts(shut=(("renew", "camera.silent"),), limiting=("camera.silent",))
    choices = MenuStep().view(facts).content
    assert isinstance(choices, Choices)
    renew = next(one for one in choices.items if one.id == "renew")
    assert (renew.enabled, renew.line) == (False, text("camera.silent"))
    assert MenuStep().on(Chose(1, "renew"), facts, None) is None
    assert MenuStep().on(Chose(1, "renew"), Facts(), None) is not None


def test_every_device_of_a_journey_has_a_picture_a_name_and_a_drawing() -> None:
    from ui.icons import ICONS
    from ui.pictures import PICTURES as DRAWN

    more = {"panel", "speaker", "staffcard", "bins", "dispenser"}
    for device in (RENEW.needs | RENEW.wants) - {"line"} | more:
        assert device in PICTURES
        assert words(text(f"device.{device}"), "zh")
    for name in PICTURES.values():
        assert name in DRAWN or name in ICONS
    assert picture_of("printer.paper_out") == "paper"
    assert picture_of("unheard.of") == "booth"


@pytest.mark.parametrize("device", ["bins", "dispenser"])
def test_whatever_bins_and_dispenser_complain_of_has_words_and_a_drawing(device: str) -> None:
    """Every code that their drivers name, and those that they make of a line's or a journal's."""
    from ui.pictures import PICTURES as DRAWN

    said = "".join(path.read_text("utf-8") for path in DRIVERS.glob("*.py"))
    codes = set(re.findall(rf'"({device}\.[a-z_]+)"', said)) | {f"{device}.power"}
    codes |= {f"{device}.{one}" for one in CODES.values()}
    if device == "dispenser":
        codes -= {"dispenser.two_boards"}
    assert len(codes) > 10
    for code in codes:
        assert picture_of(code) in DRAWN
        for language in LANGUAGES:
            assert words(text(code), language)
            assert words(text(f"{code}.remedy"), language)


def test_a_line_that_is_down_limits_and_an_outbox_that_is_full_closes() -> None:
    assert fitness(post_health(Post(state(line="line")))).limiting == ("post.line_down",)
    assert fitness(post_health(Post(state(line="line")))).closing == ()
    assert fitness(post_health(Post(state(full="space")))).closing == ("post.full",)


def test_an_uplink_that_does_not_answer_closes_the_booth() -> None:
    assert fitness(post_health(Post(None))).closing == ("post.mailbox_down",)


def test_a_clock_from_before_this_software_closes_the_booth() -> None:
    assert fitness([clock_health(NOT_BEFORE - timedelta(days=1))]).closing == ("clock.wrong",)
    assert fitness([clock_health(NOT_BEFORE + timedelta(days=1))]).closing == ()
    assert fitness([clock_health(datetime.fromisoformat("1970-01-01T08:00:00+08:00"))]).closing


@pytest.mark.parametrize(
    "reason", ["post.full", "post.mailbox_down", "post.line_down", "post.disk", "clock.wrong"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_words_and_a_remedy(reason: str, language: str) -> None:
    assert words(text(reason), language).strip()
    assert words(text(f"{reason}.remedy"), language).strip()
