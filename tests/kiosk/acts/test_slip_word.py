# SPDX-License-Identifier: Apache-2.0
"""The counter hears of every slip that is not on paper, and when it came out after all."""

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from drivers.errors import AskStaffError, CancelledError
from idcard.booth_health import UnprintedSlip
from kiosk.acts.slip_word import UNPROVEN, SlipWordAct
from kiosk.commands import PrintSlip
from kiosk.facts import Facts
from kiosk.post.errors import MailboxDownError
from kiosk.texts import words
from kiosk.view import text

ONE = UUID("01a20257-a98b-723c-9c72-af97010be6db")
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


class Printing:
    """A printing act that ends as told, one answer a call."""

    def __init__(self, *ends: Any) -> None:
        self.ends = list(ends)
        self.by = ""

    def run(self, command: Any, tell: Any, off: Any) -> bool:
        end, self.by = self.ends.pop(0), ""
        if isinstance(end, Exception):
            raise end
        self.by = "process_id" if end else "processed"
        return end

    def cancel(self) -> None:
        """Nothing to call off."""


class Post:
    """A mailbox that notes what it is told, or is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.told: list[UnprintedSlip] = []
        self.down = down

    def tell_slip(self, slip: UnprintedSlip) -> None:
        if self.down:
            raise MailboxDownError
        self.told.append(slip)


def said(post: Post, *ends: Any) -> list[str]:
    act = SlipWordAct(Printing(*ends), post, ONE, lambda: NOW)  # type: ignore[arg-type]
    for end in ends:
        if isinstance(end, Exception):
            with pytest.raises(type(end)):
                act.run(PrintSlip(Facts()), lambda *_: None, threading.Event())
        else:
            assert act.run(PrintSlip(Facts()), lambda *_: None, threading.Event()) is end
    assert {one.application_id for one in post.told} <= {ONE}
    return [one.reason for one in post.told]


OUT = AskStaffError("printer.paper_out")


@pytest.mark.parametrize(
    ("ends", "reasons"),
    [
        ((True,), [""]),
        ((OUT,), ["printer.paper_out"]),
        ((False,), [UNPROVEN]),
        ((OUT, True), ["printer.paper_out", ""]),
        ((OUT, False), ["printer.paper_out", UNPROVEN]),
        ((CancelledError(),), []),
    ],
)
def test_the_counter_hears_what_became_of_the_slip(ends: Any, reasons: list[str]) -> None:
    assert said(Post(), *ends) == reasons


def test_what_the_print_rests_on_goes_with_the_word() -> None:
    post = Post()
    said(post, True, False, OUT)
    assert [(one.reason, one.by) for one in post.told] == [
        ("", "process_id"),
        (UNPROVEN, "processed"),
        ("printer.paper_out", ""),
    ]


def test_the_screen_hears_how_it_ended_before_the_post_is_asked() -> None:
    order: list[Any] = []

    class Slow(Post):
        def tell_slip(self, slip: UnprintedSlip) -> None:
            order.append(slip.reason)

    act = SlipWordAct(Printing(OUT, True), Slow(), ONE, lambda: NOW)  # type: ignore[arg-type]

    def tell(what: str, value: Any = None) -> None:
        order.append((what, value))

    with pytest.raises(AskStaffError):
        act.run(PrintSlip(Facts()), tell, threading.Event())
    assert act.run(PrintSlip(Facts()), tell, threading.Event())
    assert order == [("ended", OUT.code), OUT.code, ("ended", True), ""]


def test_a_word_of_a_booth_that_says_no_more_than_before_is_still_read() -> None:
    old = {"application_id": str(ONE), "reason": "", "at": NOW.isoformat()}
    assert UnprintedSlip.model_validate(old).by == ""


def test_a_post_that_is_down_changes_nothing_for_the_citizen() -> None:
    assert said(Post(down=True), OUT, True) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_unproven_slip_has_words(language: str) -> None:
    assert words(text(UNPROVEN), language)
