# SPDX-License-Identifier: Apache-2.0
"""A booth's word on itself, as the officers see it: its state, its age, its slips."""

import html
import re
from typing import Any, get_args
from uuid import UUID

import pytest
import uuid6
from starlette.testclient import TestClient

from counter.booths import SILENT_AFTER, open_slips, standings
from counter.office import Office
from counter.staff import add_account
from counter.words import LANGUAGES, Words
from drivers.health import Health
from idcard.booth_health import (
    BoothReport,
    Cabinet,
    Condition,
    DeviceWord,
    PrintProof,
    UnprintedSlip,
    Wording,
)
from kiosk.facts import Facts
from kiosk.health import condition_of, fitness
from kiosk.health_report import report_of
from kiosk.steps.staff import StaffDevicesStep
from kiosk.steps.welcome import WelcomeStep
from kiosk.texts import words
from kiosk.view import Rows, Text, Tone, text

PASSWORD = "right-and-long"
PAPER = "printer.paper_out"
WORDS = {
    PAPER: Wording(zh="纸用完了", en="Out of paper"),
    f"{PAPER}.remedy": Wording(zh="请换纸卷", en="Put in a new roll"),
    "device.printer": Wording(zh="打印机", en="Printer"),
    "printer.near_end": Wording(zh="纸快用完了", en="Paper runs low"),
    "printer.near_end.remedy": Wording(zh="请备好纸卷", en="Have a roll ready"),
}


def report(*slips: UnprintedSlip, **condition: Any) -> BoothReport:
    return BoothReport(condition=Condition(**condition), words=WORDS, slips=slips)


def tell(api: TestClient, told: BoothReport) -> Any:
    return api.put(
        "/api/v1/health",
        content=told.model_dump_json(),
        headers={"Content-Type": "application/json"},
    )


def slip(application_id: UUID, clock: Any, reason: str = PAPER) -> UnprintedSlip:
    return UnprintedSlip(application_id=application_id, reason=reason, at=clock.now())


@pytest.fixture
def officer(browser_client: TestClient, office: Office) -> TestClient:
    add_account(office, "officer1", "accepting", "320402001", PASSWORD)
    browser_client.post("/login", data={"name": "officer1", "password": PASSWORD})
    browser_client.get("/language/en")
    return browser_client


def test_the_page_says_reason_and_remedy_in_the_booth_s_own_words(api: Any, officer: Any) -> None:
    ill = DeviceWord(device="printer", state="ill", reason=PAPER)
    tell(api, report(devices=(ill,), limiting=(PAPER,), notes=("printer.near_end",)))
    page = officer.get("/booths").text
    for told in ("Open, something is missing", "Printer", "Needs help", "Out of paper",
                 "Put in a new roll", "Paper runs low", "Have a roll ready"):  # fmt: skip
        assert told in page
    officer.get("/language/zh")
    page = officer.get("/booths").text
    for told in ("可以办理，缺一些条件", "打印机", "纸用完了", "请换纸卷"):
        assert told in page


def test_a_booth_is_shown_with_its_age_and_as_silent_after_four_missed_reports(
    api: Any, officer: Any, clock: Any, office: Office
) -> None:
    assert "Never heard of" in officer.get("/booths").text
    tell(api, report())
    clock.pass_time(seconds=SILENT_AFTER.total_seconds())
    assert [one.state for one in standings(office, None)] == ["open"]
    clock.pass_time(seconds=125)
    page = officer.get("/booths").text
    assert "Last heard 3 min ago" in page
    assert 'data-state="silent"' in page
    assert "Check power and network" in page
    tell(api, report())
    assert 'data-state="open"' in officer.get("/booths").text


def test_words_of_a_booth_are_text_and_never_markup(api: Any, officer: Any) -> None:
    evil = Wording(zh="<script>1</script>", en="<script>1</script>")
    told = BoothReport(condition=Condition(closing=("x.y",)), words={"x.y": evil})
    tell(api, told)
    page = officer.get("/booths").text
    assert "<script>1" not in page
    assert "&lt;script&gt;1" in page
    assert "Ask the technician." in page, "a key without words says whom to ask, not the key"


def test_the_page_counts_the_cards_in_the_bins_and_names_those_to_look_into(
    api: Any, officer: Any
) -> None:
    tell(api, report(cabinet=Cabinet(places=24, cards=5)))
    page = officer.get("/booths").text
    assert "Cards in bins: 5 of 24" in page
    assert "to look into" not in page
    odd = Cabinet(places=24, cards=5, look_into=("1/3", "1/17"))
    tell(api, report(cabinet=odd))
    assert "Cards in bins: 5 of 24; 2 to look into (1/3, 1/17)" in officer.get("/booths").text
    officer.get("/language/zh")
    assert "取证柜：24 格，存 5 张；2 格待查看（1/3、1/17）" in officer.get("/booths").text


def test_a_dispenser_that_runs_low_is_among_what_is_soon_to_be_seen_to(
    api: Any, officer: Any
) -> None:
    now = fitness([Health.ready("dispenser", "hopper nearly empty")], notes=("dispenser.low",))
    tell(api, report_of(condition_of(now), "test"))
    page = officer.get("/booths").text
    assert 'data-state="open"' in page
    assert 'data-key="dispenser.low"' in page
    assert "The card dispenser runs low" in page


def test_a_booth_of_before_there_were_bins_is_heard_as_it_was(
    api: Any, officer: Any, office: Office
) -> None:
    """The very JSON that a booth sent before a report could hold counts of cards."""
    older = (
        '{"condition":{"devices":[{"device":"printer","state":"ready","reason":""}],"closing":[],'
        '"limiting":[],"notes":[],"journeys":["renew"]},"words":{},"software":"id-booth 0.1.0",'
        '"slips":[]}'
    )
    kind = {"Content-Type": "application/json"}
    assert api.put("/api/v1/health", content=older, headers=kind).status_code == 200
    kept = standings(office, None)[0].report
    assert kept is not None
    assert kept.condition.cabinet is None
    assert "Cards in bins" not in officer.get("/booths").text


@pytest.mark.parametrize("place", ["3", "1/3/4", "310105196111300012", "<b>"])
def test_a_place_is_board_and_lock_and_nothing_else(api: Any, place: str, office: Office) -> None:
    told = report(cabinet=Cabinet(places=24, cards=5, look_into=("1/3",))).model_dump_json()
    kind = {"Content-Type": "application/json"}
    answer = api.put("/api/v1/health", content=told.replace("1/3", place), headers=kind)
    assert answer.status_code == 422
    assert standings(office, None)[0].report is None


def test_a_slip_that_was_not_printed_is_listed_until_it_is_handed_out(
    api: Any, officer: Any, booth: Any, office: Office, clock: Any
) -> None:
    made = booth.make()
    answer = tell(api, report(slip(made.id, clock)))
    assert answer.json()["slips"] == [str(made.id)]
    assert "Not yet arrived here" in officer.get("/booths").text
    made.send(api)
    page = officer.get("/booths").text
    assert f'href="/applications/{made.id}"' in page
    assert "Out of paper" in page
    csrf = re.search(r'name="csrf" value="([^"]*)"', page)
    assert csrf is not None
    path = f"/booths/slips/{made.id}/settle"
    assert officer.post(path, data={"csrf": "x"}).status_code == 403
    assert len(open_slips(office, None)) == 1
    officer.post(path, data={"csrf": csrf.group(1)})
    assert open_slips(office, None) == []
    tell(api, report(slip(made.id, clock)))  # the booth asks again: its first answer was lost
    assert open_slips(office, None) == [], "what an officer has settled stays settled"


UNPROVEN = "receipt.unproven"


@pytest.mark.parametrize(
    ("told", "says", "listed"),
    [
        ([], "the booth has not said yet", 0),
        ([("", "")], "the booth has not said yet", 0),  # a booth of an older version
        ([("", "process_id")], "printed, confirmed by the printer", 0),
        ([("", "presenter")], "printed, seen at the mouth of the printer", 0),
        ([(PAPER, "")], "not printed, to be handed out at the window", 1),
        ([(UNPROVEN, "processed")], "the printer has worked it off, but cannot confirm paper", 1),
        ([(UNPROVEN, "nothing")], "only known to have been sent", 1),
        ([(PAPER, ""), ("", "process_id")], "printed, confirmed by the printer", 0),
        ([(PAPER, ""), ("", "")], "printed", 0),
    ],
)
def test_the_case_says_what_became_of_its_slip_and_by_what_that_is_known(
    api: Any,
    officer: Any,
    booth: Any,
    office: Office,
    clock: Any,
    told: Any,
    says: str,
    listed: int,
) -> None:
    made = booth.make()
    made.send(api)
    for reason, by in told:
        tell(api, report(slip(made.id, clock, reason).model_copy(update={"by": by})))
    page = officer.get(f"/applications/{made.id}").text
    assert f'<dd id="slip">{says}</dd>' in page
    assert len(open_slips(office, None)) == listed
    if listed and told[-1][1]:
        assert says in officer.get("/booths").text


def test_a_slip_handed_out_at_the_window_says_so(
    api: Any, officer: Any, booth: Any, office: Office, clock: Any
) -> None:
    made = booth.make()
    made.send(api)
    tell(api, report(slip(made.id, clock)))
    csrf = re.search(r'name="csrf" value="([^"]*)"', officer.get("/booths").text)
    assert csrf is not None
    officer.post(f"/booths/slips/{made.id}/settle", data={"csrf": csrf.group(1)})
    page = officer.get(f"/applications/{made.id}").text
    assert '<dd id="slip">handed out at the window</dd>' in page


@pytest.mark.parametrize("proof", get_args(PrintProof))
def test_every_proof_has_words_on_the_console(proof: str) -> None:
    for language in LANGUAGES:
        say = Words(language)
        assert say(f"slip.{proof or 'printed'}")
        assert say(f"slip.unproven_{proof}" if proof else "slip.missing")


def test_a_slip_that_was_printed_after_all_leaves_the_list(
    api: Any, office: Office, clock: Any
) -> None:
    one = uuid6.uuid7()
    tell(api, report(slip(one, clock)))
    tell(api, report(slip(one, clock)))
    assert len(open_slips(office, "320402001")) == 1
    assert open_slips(office, "320402002") == [], "another station's officers do not see it"
    tell(api, report(slip(one, clock, reason="")))
    assert open_slips(office, None) == []


def test_a_booth_cannot_speak_of_another_booth_s_application(
    api: Any, booth: Any, office: Office, clock: Any
) -> None:
    from counter.tables import Application, Booth

    made = booth.make()
    made.send(api)
    with office.database.write() as session:
        mine = session.get_one(Booth, "B03")
        session.add(
            Booth(
                id="B09",
                station_code=mine.station_code,
                device_key=bytes(32),
                active=True,
                enrolled_at=clock.now(),
            )
        )
        session.flush()
        session.get_one(Application, str(made.id)).booth_id = "B09"
    tell(api, report(slip(made.id, clock)))
    assert open_slips(office, None) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"condition":{},"name":"x"}',
        b'{"condition":{"closing":["Zhang San 320402"]}}',
        b'{"condition":{"devices":[{"device":"printer","state":"odd"}]}}',
        b'{"condition":{"closing":[' + b",".join([b'"a.b"'] * 33) + b"]}}",
    ],
)
def test_what_is_no_report_is_refused_with_one_word(api: Any, office: Office, body: bytes) -> None:
    answer = api.put("/api/v1/health", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (422, "not_a_booth_report")
    assert standings(office, None)[0].report is None


def test_statistics_see_booths_but_no_cases(api: Any, browser_client: Any, office: Office) -> None:
    add_account(office, "counter1", "statistics", "320402001", PASSWORD)
    browser_client.post("/login", data={"name": "counter1", "password": PASSWORD})
    tell(api, report(slip(uuid6.uuid7(), office.clock)))
    page = browser_client.get("/booths").text
    assert 'id="booth-B03"' in page
    assert 'id="slips"' not in page
    assert browser_client.post("/logout").status_code in (403, 303)


def test_nobody_sees_booths_before_logging_in(browser_client: Any) -> None:
    assert browser_client.get("/booths", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("ill", "wanted_state"),
    [
        ({"idreader": "idreader.unplugged", "printer": PAPER}, "closed"),
        ({"printer": PAPER, "line": "post.line_down", "speaker": "speaker.absent"}, "limited"),
        ({"fingerprint": "fingerprint.silent", "camera": "camera.silent"}, "closed"),
        ({"bins": "bins.two_boards", "dispenser": "dispenser.jam"}, "open"),
    ],
)
def test_welcome_screen_staff_page_and_counter_say_the_same(
    api: Any, officer: Any, ill: dict[str, str], wanted_state: str, language: str
) -> None:
    """One condition, three places: the same keys, and for each key the same words."""
    names = ("idreader", "camera", "fingerprint", "printer", "speaker", "post", "line", "clock",
             "bins", "dispenser")  # fmt: skip
    closed = wanted_state == "closed"
    now = fitness(Health.ill(one, ill[one]) if one in ill else Health.ready(one) for one in names)
    facts = Facts(
        closing=now.closing,
        limiting=now.limiting,
        notes=now.notes,
        shut=now.shut,
        devices=now.devices,
    )
    # The welcome screen: closed or not, and when closed the first reason.
    welcome = WelcomeStep().view(facts)
    assert welcome.advice is not None
    assert (welcome.advice.tone is Tone.GOOD) is (wanted_state == "open")
    assert all(button.enabled is not closed for button in welcome.buttons)
    # The staff page: one row a reason with its remedy, then the well devices.
    staff_page = StaffDevicesStep(in_visit=False).view(facts).content
    assert isinstance(staff_page, Rows)
    told = [
        (row.label.key, row.value.key) for row in staff_page.rows if isinstance(row.value, Text)
    ]
    reasons = [key for key, _ in told if not key.startswith("device.")]
    assert sorted(reasons) == sorted(ill.values())
    if closed:
        assert welcome.advice.reason is not None
        assert welcome.advice.reason.key == reasons[0]
    # The counter: the same reasons in the same order, each in the booth's words.
    tell(api, report_of(condition_of(now), "test"))
    officer.get(f"/language/{language}")
    page = html.unescape(officer.get("/booths").text)
    assert re.findall(r'data-key="([^"]+)"', page) == reasons
    assert f'data-state="{wanted_state}"' in page
    devices = re.findall(r'data-device="(\w+)" data-state="(\w+)" data-reason="([^"]*)"', page)
    assert devices == [(one, "ill" if one in ill else "ready", ill.get(one, "")) for one in names]
    for key in (*reasons, *(f"{one}.remedy" for one in reasons), "device.printer"):
        assert words(text(key), language) in page
