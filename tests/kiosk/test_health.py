# SPDX-License-Identifier: Apache-2.0
"""What closes the booth, what only limits it, and that each has words and a remedy."""

from datetime import datetime, timedelta

import pytest

from drivers.health import Health, State
from kiosk.events import HealthChanged
from kiosk.health import LIMITS, NEEDED, NOT_BEFORE, clock_health, fitness, post_health
from kiosk.post.errors import MailboxDownError
from kiosk.post.mailbox import Mailbox
from kiosk.post.messages import PostState
from kiosk.texts import words
from kiosk.view import text


class Post(Mailbox):
    """A mailbox whose uplink says this; None: it does not answer."""

    def __init__(self, said: PostState | None) -> None:
        self._said = said

    def state(self) -> PostState:
        if self._said is None:
            raise MailboxDownError
        return self._said


def state(line: str = "", full: str = "") -> PostState:
    return PostState(line=line, full=full, unsent=2, parked=1, oldest_unsent_s=5.0)


def test_a_healthy_booth_is_open() -> None:
    assert fitness([Health.ready(name) for name in NEEDED | LIMITS]) == HealthChanged()


def test_a_busy_device_is_fit() -> None:
    assert fitness([Health("idreader", State.BUSY)]) == HealthChanged()


@pytest.mark.parametrize("device", sorted(NEEDED))
def test_without_a_device_that_every_renewal_needs_the_booth_is_closed(device: str) -> None:
    assert fitness([Health.ill(device, "x.y")]) == HealthChanged(closing=("x.y",))


@pytest.mark.parametrize("device", sorted(LIMITS))
def test_without_paper_or_line_the_booth_is_open_and_says_what_is_missing(device: str) -> None:
    assert fitness([Health.ill(device, "x.y")]) == HealthChanged(limiting=("x.y",))


def test_a_lamp_that_is_out_closes_nothing() -> None:
    assert fitness([Health.ill("panel", "panel.absent")]) == HealthChanged()


def test_a_line_that_is_down_limits_and_an_outbox_that_is_full_closes() -> None:
    assert fitness(post_health(Post(state(line="line")))).limiting == ("post.line_down",)
    assert fitness(post_health(Post(state(line="line")))).closing == ()
    assert fitness(post_health(Post(state(full="space")))).closing == ("post.full",)


def test_an_uplink_that_does_not_answer_closes_the_booth() -> None:
    assert fitness(post_health(Post(None))).closing == ("post.mailbox_down",)


def test_a_clock_from_before_this_software_closes_the_booth() -> None:
    assert fitness([clock_health(NOT_BEFORE - timedelta(days=1))]).closing == ("clock.wrong",)
    assert fitness([clock_health(NOT_BEFORE + timedelta(days=1))]) == HealthChanged()
    assert fitness([clock_health(datetime.fromisoformat("1970-01-01T08:00:00+08:00"))]).closing


@pytest.mark.parametrize(
    "reason", ["post.full", "post.mailbox_down", "post.line_down", "post.disk", "clock.wrong"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_has_words_and_a_remedy(reason: str, language: str) -> None:
    assert words(text(reason), language).strip()
    assert words(text(f"{reason}.remedy"), language).strip()
