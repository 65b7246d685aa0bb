# SPDX-License-Identifier: Apache-2.0
"""What the counter hears of the booth: every change soon, silence by itself, no slip forgotten."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from uuid6 import uuid7

from idcard.booth_health import (
    FRONT_SILENT,
    STARTING,
    BoothReport,
    Condition,
    ReportTaken,
    UnprintedSlip,
)
from kiosk.health_report import report_of
from kiosk.post.carrier import Carrier, Destination
from kiosk.post.desk import Desk
from kiosk.post.health_post import EVERY_S, FRONT_SILENT_S, MOST_KEPT, SOONEST_S, HealthPost
from kiosk.post.mailbox import Mailbox
from kiosk.post.mailbox_server import MailboxServer

PAPER = "printer.paper_out"
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


class Clock:
    """Seconds turned by hand."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def post(tmp_path: Path) -> tuple[HealthPost, Clock]:
    clock = Clock()
    return HealthPost(tmp_path / "slips.json", clock), clock


def slip(one: UUID, reason: str = PAPER) -> UnprintedSlip:
    return UnprintedSlip(application_id=one, reason=reason, at=NOW)


def deliver(health: HealthPost) -> BoothReport:
    letter = health.letter()
    health.tried()
    noted = tuple(one.application_id for one in letter.slips)
    health.taken(letter, ReportTaken(at=NOW, slips=noted))
    return letter


def test_a_change_is_due_within_seconds_and_no_change_every_quarter_minute(tmp_path: Path) -> None:
    health, clock = post(tmp_path)
    health.told(report_of(Condition(), "x"))
    assert health.due_at() <= clock.s
    deliver(health)
    assert health.due_at() == clock.s + EVERY_S
    assert health.told(report_of(Condition(), "x")) is False
    assert health.told(report_of(Condition(limiting=(PAPER,)), "x")) is True
    assert health.due_at() == clock.s + SOONEST_S
    assert deliver(health).condition.limiting == (PAPER,)


def test_a_line_that_is_down_is_not_tried_more_often_for_news(tmp_path: Path) -> None:
    health, clock = post(tmp_path)
    health.told(report_of(Condition(limiting=(PAPER,)), "x"))
    health.tried()
    assert health.due_at() == clock.s + EVERY_S


def test_a_booth_that_just_woke_is_starting_and_a_front_that_falls_silent_closes_it(
    tmp_path: Path,
) -> None:
    health, clock = post(tmp_path)
    assert health.letter().condition.closing == (STARTING,)
    health.told(report_of(Condition(), "x"))
    clock.s += FRONT_SILENT_S
    assert health.letter().condition == Condition()
    clock.s += 0.1
    letter = health.letter()
    assert letter.condition.closing == (FRONT_SILENT,)
    assert {FRONT_SILENT, f"{FRONT_SILENT}.remedy"} <= letter.words.keys()
    health.told(report_of(Condition(), "x"))
    assert health.letter().condition == Condition()


def test_a_slip_survives_the_uplink_s_end_until_the_counter_has_noted_it(tmp_path: Path) -> None:
    health, _ = post(tmp_path)
    one = uuid7()
    health.slip(slip(one))
    health, _ = post(tmp_path)
    letter = health.letter()
    assert letter.slips == (slip(one),)
    assert letter.words[PAPER].zh, "the list at the counter says why in the booth's words"
    health.taken(letter, ReportTaken(at=NOW, slips=()))
    assert health.letter().slips == (slip(one),), "not noted: told again"
    deliver(health)
    assert post(tmp_path)[0].letter().slips == ()


def test_a_slip_told_anew_while_the_letter_travels_is_told_again(tmp_path: Path) -> None:
    health, _ = post(tmp_path)
    one = uuid7()
    health.slip(slip(one))
    letter = health.letter()
    health.slip(slip(one, reason=""))
    health.taken(letter, ReportTaken(at=NOW, slips=(one,)))
    assert health.letter().slips == (slip(one, reason=""),)


def test_a_torn_file_and_a_year_of_slips_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "slips.json").write_bytes(b'[{"application')
    health, _ = post(tmp_path)
    assert health.letter().slips == ()
    many = [slip(uuid7()) for _ in range(MOST_KEPT)]
    health._slips = {one.application_id: one for one in many}
    health.slip(slip(uuid7()))
    assert len(health._slips) == MOST_KEPT
    assert many[0].application_id not in health._slips


def test_a_slip_that_did_not_come_out_is_told_before_and_kept_longer_than_one_that_did(
    tmp_path: Path,
) -> None:
    health, _ = post(tmp_path)
    printed = [slip(uuid7(), reason="") for _ in range(MOST_KEPT - 1)]
    health._slips = {one.application_id: one for one in printed}
    missing = slip(uuid7())
    health.slip(missing)
    health.slip(slip(uuid7(), reason=""))
    assert health.letter().slips[0] == missing
    assert printed[0].application_id not in health._slips
    assert missing.application_id in health._slips


def test_what_the_front_tells_reaches_the_counter_and_slips_only_until_noted(
    tmp_path: Path,
    open_outbox: Callable[..., Any],
    counter_key: Any,
    serve_far: Any,
    until: Any,
) -> None:
    heard: list[BoothReport] = []

    class Far:
        """A counter that takes reports."""

        def app(self) -> FastAPI:
            app = FastAPI()

            @app.put("/api/v1/health")
            async def health(request: Request) -> JSONResponse:
                heard.append(BoothReport.model_validate_json(await request.body()))
                noted = [str(one.application_id) for one in heard[-1].slips]
                return JSONResponse({"at": NOW.isoformat(), "slips": noted})

            return app

    box = open_outbox()
    health = HealthPost(tmp_path / "slips.json")
    url = serve_far(Far(), tls=False).url
    carrier = Carrier(box, Destination(url, None, counter_key), health=health)
    path = tmp_path / "m.sock"
    server = MailboxServer(path, frozenset(), Desk(box, carrier, health).answer)
    carrier.start()
    server.start()
    try:
        mailbox, one = Mailbox(path), uuid7()
        mailbox.tell_health(report_of(Condition(limiting=(PAPER,)), "x"))
        mailbox.tell_slip(slip(one))
        until(lambda: heard and heard[-1].condition.limiting == (PAPER,), 40)
        until(lambda: any(slip(one) in letter.slips for letter in heard), 40)
        until(lambda: not health.letter().slips, 40)
        assert carrier.why_down == ""
    finally:
        server.stop()
        carrier.stop()
    assert not any(thread.name in ("carrier", "mailbox") for thread in threading.enumerate())
