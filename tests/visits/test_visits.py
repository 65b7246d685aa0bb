# SPDX-License-Identifier: Apache-2.0
"""Citizens of the playbook, from the first touch to the counter."""

import base64
import io
from typing import Any

import pytest
import structlog
from PIL import Image

from firmware_io.emulators.ef01.fingers import Press, features, merge

pytestmark = [pytest.mark.visit, pytest.mark.timeout(900), pytest.mark.xdist_group("visits")]


def test_the_glad_path_is_received_with_portrait_slip_and_nothing_left_behind(hall: Any) -> None:
    result = hall.play("renew")
    assert result["outcome"] == "received"
    assert len(result["acceptance_number"]) == 22
    held = hall.at_counter(result["application_id"])
    assert held["state"] == "ACCEPTED"
    assert held["acceptance_no"] == result["acceptance_number"]
    assert [one["position"] for one in result["fingers"]] == ["right-thumb", "left-thumb"]
    with Image.open(result["portrait"]) as portrait:
        assert portrait.size == (358, 441)
        assert [round(dpi) for dpi in portrait.info["dpi"]] == [350, 350]
    with Image.open(result["receipt"]) as slip:
        assert slip.height > 400
    assert len(result["screenshots"]) >= 15
    fingers = ("citizen/right-thumb", "citizen/left-thumb")
    assert hall.traces("张静", "341522199811070025", "光明大道", fingers=fingers) == []
    assert hall.finger_traces()["flash"] == 0


def test_the_search_for_traces_finds_what_a_careless_line_would_leave(
    hall: Any,
) -> None:
    template = merge(
        [features(Press("citizen", "right-thumb", "good", n), 512, 0) for n in (3, 4)], 512, 512
    )
    assert template is not None
    careless = io.StringIO()
    log = structlog.wrap_logger(
        structlog.PrintLogger(careless), processors=[structlog.processors.JSONRenderer()]
    )
    log.info("card read", name="张静")
    planted = {
        "json.log": careless.getvalue().encode(),
        "utf-16": "姓名：张静".encode("utf-16-le"),
        "raw": b"\0" * 7 + template,
        "base64": b'{"template": "' + base64.b64encode(template) + b'"}',
        "hex": template.hex().encode(),
    }
    for name, raw in planted.items():
        path = hall.stack.folder.logs / name
        path.write_bytes(raw)
        try:
            found = hall.traces("张静", fingers=("citizen/right-thumb",))
            assert found == [f"logs/{name}"]
            assert hall.traces("𬭛建国", fingers=("citizen/left-thumb",)) == []
        finally:
            path.unlink()


def test_the_front_ends_with_the_visit_and_a_fresh_one_takes_its_place(hall: Any) -> None:
    before = hall.stack.fronts
    assert hall.play("refused")["outcome"] == "refused"
    assert hall.play("card_pulled")["outcome"] == "abandoned"
    assert hall.fronts(before + 2)


def test_an_early_no_names_reason_and_remedy_and_sends_nothing(hall: Any) -> None:
    before = hall.applications()
    result = hall.play("refused")
    assert result["refusal"]["code"] == "N03"
    assert result["refusal"]["reason"] == "rule.N03"
    assert result["refusal"]["remedy"] == "rule.N03.remedy"
    assert result["application_id"] is None
    assert hall.applications() == before


def test_three_takes_stand_side_by_side_and_the_citizen_s_own_pick_is_sent(hall: Any) -> None:
    result = hall.play("three_takes")
    assert (result["outcome"], result["takes"], result["chosen"]) == ("received", 3, "take-1")


def test_a_citizen_who_deletes_a_take_and_heeds_the_warning_sends_the_good_one(hall: Any) -> None:
    result = hall.play("choosy")
    assert (result["outcome"], result["takes"], result["chosen"]) == ("received", 2, "take-1")


def test_paper_that_is_out_costs_no_application(hall: Any) -> None:
    result = hall.play("paper_out")
    assert result["outcome"] == "received"
    assert result["acceptance_number"] is None  # the fee is still to be paid at the window
    held = hall.at_counter(result["application_id"])
    assert (held["state"], held["fee"]["state"]) == ("RECEIVED", "due")
    assert held["booth_number"] == result["booth_number"]
    assert hall.unprinted(result["application_id"]) == "printer.paper_out"
    hall.stack.control("printer", {"paper": "ok"})


def test_a_declined_payment_is_asked_again_and_paid_once(hall: Any) -> None:
    result = hall.play("declined")
    assert result["outcome"] == "received"
    fee = hall.at_counter(result["application_id"])["fee"]
    assert fee["state"] == "paid"


def test_english_post_and_no_usable_finger(hall: Any) -> None:
    result = hall.play("english_post")
    assert result["outcome"] == "received"
    assert {one["result"] for one in result["fingers"]} == {"none"}


def test_twenty_touches_in_two_seconds_skip_no_screen(hall: Any) -> None:
    result = hall.play("impatient", think_s=0.5)
    assert result["outcome"] == "received"
    seen = [path.rpartition("-")[2].removesuffix(".png") for path in result["screenshots"]]
    for step in ("menu", "consent", "identify", "details", "photo", "fingers", "delivery", "fee"):
        assert step in seen, f"{step} was skipped"


def test_an_uplink_that_falls_while_handing_over_sends_exactly_once(hall: Any) -> None:
    before = hall.applications()
    result = hall.play("uplink_killed")
    assert result["outcome"] in ("received", "stored")
    hall.at_counter(result["application_id"])
    assert hall.applications() == before + 1
