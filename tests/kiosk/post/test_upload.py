# SPDX-License-Identifier: Apache-2.0
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from idcard.keys import VerifyKey
from idcard.records import Part
from kiosk.post.counter_line import CounterLine
from kiosk.post.outbox import Outbox
from kiosk.post.retry import Verdict
from kiosk.post.upload import Uploader


@pytest.fixture
def uploader(
    serve_far: Any, far_side: Any, open_outbox: Callable[[], Outbox], counter_key: VerifyKey
) -> tuple[Uploader, Outbox]:
    box = open_outbox()
    line = CounterLine(serve_far(far_side, tls=False).url, None)
    return Uploader(box, line, counter_key), box


def test_an_application_arrives_whole_and_its_parts_leave_the_booth(
    uploader: tuple[Uploader, Outbox], far_side: Any, application: Any
) -> None:
    sender, box = uploader
    one = application()
    stored = box.store(one.draft, one.parts)
    assert sender.send(one.id).verdict is Verdict.GOOD
    assert far_side.hashes(one.id) == one.hashes
    assert far_side.applications[one.id][0] == stored.booth_number
    arrival = box.arrival(one.id)
    assert arrival is not None
    assert arrival.progress.acceptance_no == "3204020012026120100001"
    assert sender.send(one.id).verdict is Verdict.GOOD  # nothing left to send
    assert far_side.part_puts == 4


def test_exactly_the_parts_that_the_counter_misses_are_sent_again(
    uploader: tuple[Uploader, Outbox], far_side: Any, application: Any
) -> None:
    sender, box = uploader
    one = application()
    box.store(one.draft, one.parts)
    far_side.plan = lambda method, path: (
        Response(status_code=503) if not path.rpartition("/")[0].endswith("/parts") else None
    )
    assert sender.send(one.id).verdict is Verdict.RETRY
    assert far_side.part_puts == 4
    del far_side.parts[one.id, Part.EVIDENCE], far_side.parts[one.id, Part.PORTRAIT]
    far_side.plan = lambda _m, _p: None
    assert sender.send(one.id).verdict is Verdict.GOOD
    assert far_side.part_puts == 6
    assert far_side.hashes(one.id) == one.hashes


def test_a_counter_that_misses_parts_for_ever_is_tried_again_later(
    uploader: tuple[Uploader, Outbox], far_side: Any, application: Any
) -> None:
    sender, box = uploader
    one = application()
    box.store(one.draft, one.parts)
    lacking = JSONResponse({"detail": "missing_parts", "missing": ["portrait"]}, 422)
    far_side.after = lambda _m, path: None if "/parts/" in path else lacking
    result = sender.send(one.id)
    assert (result.verdict, result.reason) == (Verdict.RETRY, "missing_parts")
    assert box.unsent() == (one.id,)


@pytest.mark.parametrize(
    ("status", "detail", "verdict"),
    [
        (409, "other_content", Verdict.PARK),
        (413, "too_large", Verdict.PARK),
        (415, "wrong_content_type", Verdict.PARK),
        (422, "wrong_recipient", Verdict.PARK),
        (400, "content_hash_differs", Verdict.RETRY),
        (401, "bad_signature", Verdict.STOP),
        (403, "unknown_booth", Verdict.STOP),
        (503, "", Verdict.RETRY),
        (429, "", Verdict.RETRY),
    ],
)
@pytest.mark.parametrize("where", ["part", "manifest"])
def test_each_no_has_its_own_consequence_and_nothing_is_deleted(
    uploader: tuple[Uploader, Outbox],
    far_side: Any,
    application: Any,
    status: int,
    detail: str,
    verdict: Verdict,
    where: str,
) -> None:
    sender, box = uploader
    one = application()
    box.store(one.draft, one.parts)
    no = JSONResponse({"detail": detail}, status, headers={"Retry-After": "9"})
    far_side.plan = lambda _m, path: no if ("/parts/" in path) == (where == "part") else None
    result = sender.send(one.id)
    assert result.verdict is verdict
    assert result.retry_after_s == 9
    if verdict is Verdict.PARK:
        assert result.reason == detail
    assert box.outgoing(one.id).parts == one.parts


@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=200),
        Response(status_code=204),
        JSONResponse({"ok": True}),
        JSONResponse({"receipt": {}, "progress": {}}),
    ],
)
def test_a_yes_without_a_receipt_is_no_yes(
    uploader: tuple[Uploader, Outbox], far_side: Any, application: Any, answer: Response
) -> None:
    sender, box = uploader
    one = application()
    box.store(one.draft, one.parts)
    far_side.after = lambda _m, path: None if "/parts/" in path else answer
    result = sender.send(one.id)
    assert (result.verdict, result.reason) == (Verdict.RETRY, "no_valid_receipt")
    assert box.unsent() == (one.id,)


def test_the_receipt_of_another_application_is_no_receipt(
    uploader: tuple[Uploader, Outbox], far_side: Any, application: Any
) -> None:
    sender, box = uploader
    one, two = application(), application()
    for each in (one, two):
        box.store(each.draft, each.parts)
    assert sender.send(one.id).verdict is Verdict.GOOD
    other = far_side.applications[one.id][1]
    far_side.after = lambda _m, path: None if "/parts/" in path else Response(other)
    assert sender.send(two.id).reason == "no_valid_receipt"
    assert box.unsent() == (two.id,)


def test_a_part_damaged_on_the_disk_is_parked_and_never_sent(
    uploader: tuple[Uploader, Outbox], far_side: Any, application: Any, tmp_path: Path
) -> None:
    sender, box = uploader
    one = application()
    box.store(one.draft, one.parts)
    with sqlite3.connect(tmp_path / "outbox/outbox.db") as beside:
        beside.execute("UPDATE parts SET bytes = x'00' WHERE part = 'identity'")
    beside.close()
    result = sender.send(one.id)
    assert (result.verdict, result.reason) == (Verdict.PARK, "part_damaged")
    assert far_side.part_puts == 0
