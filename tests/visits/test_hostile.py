# SPDX-License-Identifier: Apache-2.0
"""What bad input gets: a clear word and one remedy, nothing lost, nothing twice, the next one in.

The words are waited for by the scripts (`tests/playbook`); README.md beside lists every bad input.
"""

import hashlib
import resource
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from idcard.keys import RecipientKey
from idcard.records import (
    Delivery,
    Finger,
    FingerprintsPart,
    FingerResult,
    Identity,
    Part,
    PortraitPart,
)
from kiosk.acts.post import Consents, HandOverAct
from kiosk.commands import HandOver
from kiosk.config import load
from kiosk.facts import Facts, HandedOver
from kiosk.front import shanghai_now
from kiosk.post.mailbox import Mailbox
from kiosk.post.messages import PostState
from kiosk.sealer import Sealer
from kiosk.visit.script import Kill, Script, Wait, read_script

PLAYBOOK = Path(__file__).parent.parent / "playbook"

pytestmark = [pytest.mark.visit, pytest.mark.timeout(900), pytest.mark.xdist_group("hostile")]

# Made up, over the example number of GB 11643: no real person is meant.
MADE_UP = Identity(
    citizen_no="11010519491231002X",
    name="林桂兰",
    sex="2",
    ethnicity="01",
    birth_date=date(1949, 12, 31),
    address="北京市朝阳区（测试）",
    issuer="北京市公安局朝阳分局",
    old_card_start=date(2006, 12, 11),
    old_card_end=date(2026, 12, 11),
)


@pytest.fixture(autouse=True)
def mended(hall: Any) -> Iterator[None]:
    """The next test finds a whole booth, also after a test that failed."""
    yield
    hall.mend()


def test_noise_a_wrong_card_and_a_pulled_card_each_have_their_word_and_then_it_is_read(
    hall: Any,
) -> None:
    before = hall.applications()
    assert hall.play("muddled")["outcome"] == "abandoned"
    assert hall.applications() == before


def test_a_reader_pulled_out_ends_the_visit_and_back_it_serves_the_next(hall: Any) -> None:
    result = hall.play("reader_gone")
    assert (result["outcome"], result["refusal"]["code"]) == ("refused", "M01")
    assert hall.welcomes(lambda view: view["reason_key"] == "idreader.unplugged")
    assert "start" not in hall.welcome()["buttons"]
    hall.stack.control("idreader", {"replug": True})
    assert hall.welcomes(lambda view: "start" in view["buttons"])


def test_no_camera_no_face_two_faces_and_a_module_pulled_out_mid_capture(hall: Any) -> None:
    result = hall.play("camera_gone")
    assert (result["outcome"], result["takes"]) == ("refused", 2)
    assert result["refusal"]["reason"] == "fingerprint.unplugged"
    assert hall.welcomes(lambda view: view["reason_key"] == "fingerprint.unplugged")
    hall.stack.control("fingerprint", {"replug": True})
    assert hall.welcomes(lambda view: "start" in view["buttons"])


def test_a_module_that_falls_silent_keeps_no_finger_of_the_citizen(hall: Any) -> None:
    before = hall.applications()
    result = hall.play("module_silent")
    assert result["refusal"]["reason"] == "fingerprint.silent"
    assert hall.applications() == before
    hall.stack.control("fingerprint", {"fault": {}})
    assert hall.until(lambda: hall.finger_traces()["flash"] == 0)
    assert hall.welcomes(lambda view: "start" in view["buttons"])


def test_an_open_cover_and_paper_that_ends_mid_slip_are_printed_again_when_asked(
    hall: Any,
) -> None:
    before = hall.applications()
    result = hall.play("paper_ends")
    assert result["outcome"] == "received"
    assert hall.slip_proof(result["application_id"]) == "process_id"
    assert hall.at_counter(result["application_id"])["booth_number"] == result["booth_number"]
    assert hall.applications() == before + 1


def test_a_disk_that_takes_nothing_is_told_and_the_same_case_is_stored_once_it_does(
    hall: Any,
) -> None:
    before = hall.applications()

    def fill() -> None:
        limit = resource.prlimit(hall.stack.processes["uplink"].pid, resource.RLIMIT_FSIZE)
        resource.prlimit(
            hall.stack.processes["uplink"].pid, resource.RLIMIT_FSIZE, (4096, limit[1])
        )

    result = hall.play("disk_full", at_silence=fill)
    assert result["outcome"] in ("received", "stored")
    hall.at_counter(result["application_id"])
    assert hall.applications() == before + 1


def test_answers_lost_and_an_uplink_fallen_over_them_still_arrive_exactly_once(hall: Any) -> None:
    before = hall.applications()
    result = hall.play("answers_lost")
    assert (result["outcome"], result["acceptance_number"]) == ("stored", None)
    hall.stack.control("line", {"fault": {}})
    held = hall.at_counter(result["application_id"])
    assert held["booth_number"] == result["booth_number"]
    assert hall.applications() == before + 1


STEPS = ("identify", "details", "photo", "fingers", "fee", "review")


def test_a_front_that_falls_at_any_step_sends_nothing_and_the_next_finds_it_ready(
    hall: Any,
) -> None:
    before = hall.applications()
    whole = read_script(PLAYBOOK / "front_falls.toml")
    for step in STEPS:
        hall.falls(cut_at(whole, step), f"falls-{step}")
        assert hall.welcomes(lambda view: "start" in view["buttons"])
        assert hall.until(lambda: hall.finger_traces()["flash"] == 0)
    assert hall.applications() == before
    assert Mailbox(hall.stack.folder.run / "mailbox.sock").state().unsent == 0
    assert hall.traces("秦秀英", "610102195506010041", fingers=("citizen/right-thumb",)) == []


def test_a_front_that_falls_while_it_sends_has_sent_once_or_not_at_all(hall: Any) -> None:
    before = hall.applications()
    hall.falls(cut_at(read_script(PLAYBOOK / "front_falls.toml"), "submit"), "falls-submit")
    assert hall.until(lambda: post_state(hall).unsent == 0)
    assert hall.applications() in (before, before + 1)
    assert hall.welcomes(lambda view: "start" in view["buttons"])
    assert hall.until(lambda: hall.finger_traces()["flash"] == 0)


def cut_at(whole: Script, step: str) -> Script:
    """The citizen's way until `step` is shown, then a power cut.

    `fingers`: until one is taken; `submit`: until the signature is given.
    """
    ways = {
        "identify": ("touch", "yes"),
        "details": ("wait", "details"),
        "photo": ("touch", "pick"),
        "fingers": ("finger", "right-thumb"),
        "fee": ("wait", "fee"),
        "review": ("wait", "review"),
        "submit": ("touch", "sign"),
    }
    for number, one in enumerate(whole.step, start=1):
        given = one.model_dump()
        if given["do"] == ways[step][0] and ways[step][1] in given.values():
            there = () if step == "submit" else (Wait(do="wait", step=step),)
            fall = Kill(do="kill", process="front")
            return whole.model_copy(update={"step": (*whole.step[:number], *there, fall)})
    raise AssertionError(f"the script never comes to {step}")


def test_a_counter_that_refuses_leaves_the_case_parked_in_the_booth_and_the_slip_says_so(
    hall: Any,
) -> None:
    # A right one is received: the booth's first number is taken, whoever was here before.
    assert hand_over(hall).received
    # 422: in the same way, but fingerprints that the counter could open.
    with_counter_key = hand_over(hall, centre="counter-seal.pub")
    assert not with_counter_key.received
    assert post_state(hall).parked == 1
    # 409: an uplink that has lost its memory gives numbers that the counter has seen before.
    before = hall.applications()
    kept = hall.other_outbox("forgetful")
    result = hall.play("counter_says_no")
    assert (result["outcome"], result["acceptance_number"]) == ("stored", None)
    assert hall.applications() == before
    assert (post_state(hall).parked, post_state(hall).unsent) == (1, 0)
    assert hall.welcomes(lambda view: "start" in view["buttons"])
    hall.other_outbox("parked", kept)


def post_state(hall: Any) -> PostState:
    return Mailbox(hall.stack.folder.run / "mailbox.sock").state()


def hand_over(hall: Any, centre: str = "centre-seal.pub") -> HandedOver:
    """A made-up citizen's application from this process, through the hall's real uplink."""
    stack = hall.stack
    settings = load(stack.folder.booth_toml)
    keys = settings.post.keys_dir
    counter = RecipientKey.from_pem((keys / "counter-seal.pub").read_bytes())
    to_centre = RecipientKey.from_pem((keys / centre).read_bytes())
    sealer = Sealer(settings.booth.id, uuid7(), counter, to_centre)
    hand = Finger(slot=1, position="right-thumb", result=FingerResult.NONE, tries=0)
    sealer.seal(Part.FINGERPRINTS, FingerprintsPart(fingers=(hand,)))
    jpeg = b"\xff\xd8 made up \xff\xd9"
    portrait = PortraitPart(
        jpeg=jpeg,
        sha256=hashlib.sha256(jpeg).hexdigest(),
        jpeg_quality=90,
        take_no=1,
        takes=1,
        face_width_px=200.0,
        top_px=20.0,
        eye_line_px=200.0,
        verdict="photo.ok",
        engine="none",
    )
    sealer.seal(Part.PORTRAIT, portrait)
    mailbox = Mailbox(settings.post.socket)
    act = HandOverAct(
        mailbox, sealer, settings, Consents(shanghai_now), shanghai_now, "id-booth test", tuple
    )
    strokes = (tuple((x / 20, 0.5) for x in range(20)),)
    facts = Facts(identity=MADE_UP, delivery=Delivery(pickup="station"))
    return act.run(HandOver(facts, strokes), lambda what, value: None, threading.Event())
