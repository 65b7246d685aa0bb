# SPDX-License-Identifier: Apache-2.0
"""Each reason for not storing arrives as its own word: another person must act on each."""

from collections.abc import Callable
from typing import Any

from kiosk.post.desk import Desk
from kiosk.post.messages import HandOver
from kiosk.post.outbox import Limits, Outbox


class Resting:
    """A carrier with nothing to do."""

    line = None
    why_down = ""

    def wake(self) -> None:
        """Nobody carries anything here."""


def test_a_disk_that_is_not_trusted_is_not_called_full(
    open_outbox: Callable[..., Outbox], application: Callable[..., Any]
) -> None:
    box, one = open_outbox(), application()
    box.ill = "post.disk"
    desk = Desk(box, Resting())  # type: ignore[arg-type]
    reply = desk.answer(HandOver(draft=one.draft, parts=one.parts))
    assert (reply.error, reply.stored) == ("disk", None)


def test_an_outbox_with_its_fill_is_called_full_and_says_of_what(
    open_outbox: Callable[..., Outbox], application: Callable[..., Any]
) -> None:
    box, one = open_outbox(limits=Limits(records=0, free_bytes=0)), application()
    desk = Desk(box, Resting())  # type: ignore[arg-type]
    reply = desk.answer(HandOver(draft=one.draft, parts=one.parts))
    assert (reply.error, reply.detail) == ("full", "records")
