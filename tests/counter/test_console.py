# SPDX-License-Identifier: Apache-2.0
import hashlib
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from counter.acceptance import LAST_SEQUENCE
from counter.office import Office
from counter.staff import add_account
from counter.tables import Event, StationDay
from idcard.age import station_date
from idcard.records import Fee, FeeState

PASSWORD = "right-and-long"


class Desk:
    """An officer with a browser without script."""

    def __init__(self, client: TestClient, office: Office, name: str, role: str, unit: str) -> None:
        add_account(office, name, role, unit, PASSWORD)
        self.client, self.office = client, office
        client.post("/login", data={"name": name, "password": PASSWORD})

    def see(self, made: Any, **options: Any) -> Any:
        return self.client.get(f"/applications/{made.id}", **options)

    def press(self, made: Any, action: str = "move", **fields: str) -> Any:
        page = self.see(made).text
        given = {
            "csrf": found(page, "csrf"),
            "version": found(page, "version", "1"),
            **fields,
        }
        return self.client.post(f"/applications/{made.id}/{action}", data=given)


def found(page: str, name: str, otherwise: str = "") -> str:
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    return match.group(1) if match else otherwise


@pytest.fixture
def desk(browser_client: TestClient, office: Office) -> Desk:
    return Desk(browser_client, office, "officer1", "accepting", "320402001")


def what_happened(office: Office, made: Any) -> list[tuple[str, str, str]]:
    from sqlalchemy import select

    with office.database.read() as session:
        events = session.scalars(
            select(Event).where(Event.application_id == str(made.id)).order_by(Event.id)
        )
        return [(event.what, event.actor, event.to_state) for event in events]


def test_nobody_sees_anything_before_logging_in(browser_client: TestClient, booth: Any) -> None:
    made = booth.make()
    for path in ("", f"/{made.id}", f"/{made.id}/portrait.jpg", f"/{made.id}/signature.png"):
        answer = browser_client.get(f"/applications{path}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_a_wrong_password_shows_the_form_again(browser_client: TestClient) -> None:
    answer = browser_client.post("/login", data={"name": "officer1", "password": "x"})
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.text


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    browser_client: TestClient, office: Office
) -> None:
    add_account(office, "officer1", "accepting", "320402001", PASSWORD)
    answer = browser_client.post(
        "/login", data={"name": "officer1", "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


def test_pages_allow_no_foreign_script_and_are_not_kept(desk: Desk) -> None:
    answer = desk.client.get("/applications")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=| style=", answer.text)


def test_the_vendored_script_is_the_published_file(desk: Desk) -> None:
    # htmx.org 4.0.1 from its npm package, dist/htmx.min.js; licence beside it.
    published = "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130"
    served = desk.client.get("/static/htmx-4.0.1.min.js").content
    assert hashlib.sha256(served).hexdigest() == published
    assert published in desk.client.get("/static/SHA256SUMS").text


def test_the_list_shows_masked_names_newest_first_and_finds_by_number(
    desk: Desk, api: TestClient, booth: Any
) -> None:
    first = booth.make()
    first.send(api)
    booth.clock.pass_time(minutes=5)
    booth.make(booth.identity("110101199003070011", "何伟")).send(api)
    page = desk.client.get("/applications").text
    assert page.index("何*") < page.index("张*")
    assert "张静" not in page
    number = first.manifest.envelope.booth_number
    one = desk.client.get("/applications", params={"q": number.lower()}).text
    assert "张*" in one
    assert "何*" not in one
    none = desk.client.get("/applications", params={"state": "REFUSED"}).text
    assert "没有符合条件的申请" in none


def test_a_refresh_brings_only_the_rows(desk: Desk, api: TestClient, booth: Any) -> None:
    booth.make().send(api)
    part = desk.client.get("/applications", headers={"HX-Request": "true"})
    assert "张*" in part.text
    assert "<html" not in part.text
    assert "HX-Request" in part.headers["vary"]


def test_a_refresh_after_the_login_ended_leads_to_the_login(desk: Desk, clock: Any) -> None:
    clock.pass_time(minutes=20)
    answer = desk.client.get("/applications", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/login"


def test_an_application_is_masked_until_asked_and_the_look_is_logged(
    desk: Desk, api: TestClient, booth: Any, office: Office
) -> None:
    made = booth.make()
    made.send(api)
    page = desk.see(made).text
    desk.see(made)
    assert "341522**********25" in page
    for secret in ("张静", "341522199811070025", "范桥乡"):
        assert secret not in page
    shown = desk.press(made, "reveal").text
    for secret in ("张静", "341522199811070025", "范桥乡"):
        assert secret in shown
    assert [entry[:2] for entry in what_happened(office, made)][2:] == [
        ("opened", "officer1"),
        ("revealed", "officer1"),
    ]


def test_the_portrait_is_the_citizens_and_is_not_kept(
    desk: Desk, api: TestClient, booth: Any
) -> None:
    made = booth.make()
    made.send(api)
    answer = desk.client.get(f"/applications/{made.id}/portrait.jpg")
    assert answer.content == made.jpeg
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"


def test_accepting_an_unpaid_case_first_asks_how_the_fee_was_settled(
    desk: Desk, api: TestClient, booth: Any, office: Office
) -> None:
    made = booth.make()
    made.send(api)
    answer = desk.press(made, to="ACCEPTED")
    assert answer.status_code == 422
    assert "请先选工本费" in answer.text
    answer = desk.press(made, to="ACCEPTED", fee="settled")
    assert "320402 001 20261201 00001" in answer.text
    assert what_happened(office, made)[-1] == ("move", "officer1", "ACCEPTED")
    assert api.get(f"/api/v1/applications/{made.id}/progress").json()["acceptance_no"]


def test_refusing_needs_a_ground_and_gives_the_fee_back(
    desk: Desk, api: TestClient, browser_client: TestClient, booth: Any
) -> None:
    made = booth.paid(api, browser_client, identity=booth.identity("110101199003070011", "何维"))
    made.send(api)
    assert desk.press(made, to="REFUSED").status_code == 422
    page = desk.press(made, to="REFUSED", ground="R02").text
    assert "不予受理" in page
    assert "要退给本人" in page


def test_a_recapture_names_what_to_take_again(desk: Desk, api: TestClient, booth: Any) -> None:
    made = booth.make()
    made.send(api)
    assert desk.press(made, to="RECAPTURE", part="everything").status_code == 422
    assert "待补采" in desk.press(made, to="RECAPTURE", part="portrait").text


def test_of_two_officers_at_once_the_second_is_shown_what_happened(
    desk: Desk, api: TestClient, booth: Any, office: Office
) -> None:
    made = booth.make()
    made.send(api)
    stale = found(desk.see(made).text, "version")
    desk.press(made, to="RECAPTURE", part="portrait")
    answer = desk.press(made, to="REFUSED", ground="R02", version=stale)
    assert answer.status_code == 409
    assert "别人刚办过" in answer.text
    assert what_happened(office, made)[-1][2] == "RECAPTURE"


@pytest.mark.parametrize("to", ["SIGNED", "COLLECTED", "HELD"])
def test_moves_of_other_posts_are_refused(desk: Desk, api: TestClient, booth: Any, to: str) -> None:
    made = booth.make()
    made.send(api)
    assert desk.press(made, to=to).status_code == 409


def test_a_form_without_its_token_or_from_another_place_changes_nothing(
    desk: Desk, api: TestClient, booth: Any, office: Office
) -> None:
    made = booth.make()
    made.send(api)
    assert desk.press(made, to="REFUSED", ground="R02", csrf="").status_code == 403
    page = desk.see(made).text
    answer = desk.client.post(
        f"/applications/{made.id}/move",
        data={"csrf": found(page, "csrf"), "version": "1", "to": "REFUSED", "ground": "R02"},
        headers={"Origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403
    assert not [move for move in what_happened(office, made) if move[2] == "REFUSED"]


def test_an_officer_of_another_station_sees_nothing(
    browser_client: TestClient, office: Office, api: TestClient, booth: Any
) -> None:
    made = booth.make()
    made.send(api)
    far = Desk(browser_client, office, "far", "accepting", "110101001")
    assert far.see(made).status_code == 404
    assert far.client.get(f"/applications/{made.id}/portrait.jpg").status_code == 404
    assert "张*" not in far.client.get("/applications").text


@pytest.mark.parametrize("role", ["statistics", "administrator"])
def test_posts_without_case_data_get_none(
    browser_client: TestClient, office: Office, role: str
) -> None:
    other = Desk(browser_client, office, "other", role, "320402001")
    answer = other.client.get("/applications")
    assert answer.status_code == 403
    assert "您的岗位不能看这里" in answer.text


def test_a_supervisor_looks_but_is_offered_no_acceptance(
    browser_client: TestClient, office: Office, api: TestClient, booth: Any
) -> None:
    made = booth.make()
    made.send(api)
    chief = Desk(browser_client, office, "chief", "supervisor", "320400000")
    page = chief.see(made).text
    assert "您的岗位在这个状态下没有要办的事" in page
    assert chief.press(made, to="ACCEPTED", fee="settled").status_code == 409


def test_when_the_days_numbers_are_used_up_the_officer_is_told(
    desk: Desk, api: TestClient, booth: Any, office: Office
) -> None:
    with office.database.write() as session:
        day = station_date(office.clock.now())
        session.add(StationDay(station_code="320402001", day=day, last=LAST_SEQUENCE))
    made = booth.make(fee=Fee(due_fen=2000, state=FeeState.DUE))
    made.send(api)
    answer = desk.press(made, to="ACCEPTED", fee="settled")
    assert answer.status_code == 409
    assert "今天的受理号已用完" in answer.text
    assert "工本费还没付" in answer.text  # nothing of the decision stayed


def test_an_unknown_application_is_told_with_a_way_back(desk: Desk) -> None:
    answer = desk.client.get("/applications/0193b3a0-0000-7000-8000-000000000009")
    assert answer.status_code == 404
    assert "没有这件申请" in answer.text
    assert 'href="/applications"' in answer.text


def test_an_address_that_cannot_be_is_told_on_a_page_too(desk: Desk) -> None:
    for path in ("/applications/abc", "/applications?page=x", "/nowhere"):
        answer = desk.client.get(path)
        assert answer.status_code == 404
        assert "没有这件申请" in answer.text


def test_one_touch_changes_the_language_and_stays_on_the_page(
    desk: Desk, api: TestClient, booth: Any
) -> None:
    made = booth.make()
    made.send(api)
    link = re.search(r'href="(/language/en[^"]+)"', desk.see(made).text)
    assert link is not None
    answer = desk.client.get(link.group(1))
    assert answer.url.path == f"/applications/{made.id}"
    assert "Citizen number" in answer.text


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_the_language_switch_leads_nowhere_else(browser_client: TestClient, target: str) -> None:
    answer = browser_client.get("/language/en", params={"next": target}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_logging_out_closes_the_door(desk: Desk) -> None:
    csrf = found(desk.client.get("/applications").text, "csrf")
    desk.client.post("/logout", data={"csrf": csrf})
    assert desk.client.get("/applications", follow_redirects=False).status_code == 303


def test_a_fault_of_the_program_shows_a_page_and_logs_no_text_of_it(
    apps: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import structlog.testing

    from counter import staff

    def break_down(*_: object, **__: object) -> None:
        raise ValueError("张静 341522199811070025")

    monkeypatch.setattr(staff, "who", break_down)
    client = TestClient(apps.console, raise_server_exceptions=False)
    with structlog.testing.capture_logs() as logs:
        answer = client.get("/applications")
    assert answer.status_code == 500
    assert "没有丢失什么" in answer.text
    assert logs[0]["code"] == "ValueError"
    assert "张静" not in str(logs)
    assert "341522" not in str(logs) + answer.text
