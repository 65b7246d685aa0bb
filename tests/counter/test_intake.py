# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from starlette.testclient import TestClient

from counter import intake
from counter.examination import examine_waiting
from counter.intake import put_manifest, put_part
from counter.office import Office
from counter.payments import Gateway
from counter.refusals import RefusedError
from counter.register import seed_people
from counter.settings import Settings, Station
from counter.tables import Application, Booth, Event, PaymentRow, Person
from idcard.canonical import sha256_hex
from idcard.keys import SigningKey, VerifyKey
from idcard.limits import SEALED_LIMITS
from idcard.records import Arrival, Fee, FeeState, Part, PaymentQuestion, PaymentState
from idcard.signing import check_receipt, sign_manifest


@pytest.fixture
def receipt_key(keys_dir: Path) -> VerifyKey:
    return VerifyKey.from_pem((keys_dir / "booth" / "counter-receipt.pub").read_bytes())


def test_a_paid_renewal_is_accepted_at_once_and_its_receipt_names_every_part(
    api: TestClient, browser_client: TestClient, booth: Any, receipt_key: VerifyKey
) -> None:
    made = booth.paid(api, browser_client)
    answer = made.send(api)
    assert answer.status_code == 201
    arrival = Arrival.model_validate_json(answer.content)
    check_receipt(
        arrival.receipt,
        receipt_key,
        booth_id="B03",
        application_id=made.id,
        parts={ref.part: ref.sha256 for ref in made.manifest.envelope.parts},
    )
    assert arrival.progress.state == "ACCEPTED"
    assert arrival.progress.acceptance_no == "3204020012026120100001"
    assert str(arrival.progress.legal_date) == "2027-01-30"


def test_sending_everything_again_changes_nothing_and_gives_the_same_receipt(
    api: TestClient, booth: Any, office: Office
) -> None:
    made = booth.make()
    first = made.send(api)
    again = made.send(api)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["receipt"] == again.json()["receipt"]
    with office.database.read() as session:
        moves = session.scalars(select(Event).where(Event.what == "move")).all()
    assert len(moves) == 1


def test_eight_uploads_of_one_application_at_once_make_one_case(
    api: TestClient, browser_client: TestClient, booth: Any, office: Office
) -> None:
    made = booth.paid(api, browser_client)
    for part in Part:
        made.put_part(api, part)
    raw = made.manifest.model_dump_json().encode()
    with ThreadPoolExecutor(8) as pool:
        arrivals = list(pool.map(lambda _: put_manifest(office, "B03", made.id, raw), range(8)))
    assert sum(new for _, new in arrivals) == 1
    assert {arrival.progress.acceptance_no for arrival, _ in arrivals} == {"3204020012026120100001"}


def test_a_part_is_new_once_then_known_then_guarded(api: TestClient, booth: Any) -> None:
    made = booth.make()
    assert made.put_part(api, Part.PORTRAIT).status_code == 201
    assert made.put_part(api, Part.PORTRAIT).status_code == 200
    other = booth.make(application_id=made.id)
    answer = other.put_part(api, Part.PORTRAIT)
    assert (answer.status_code, answer.json()) == (409, {"detail": "other_content"})


def test_another_manifest_under_a_known_id_is_refused(api: TestClient, booth: Any) -> None:
    made = booth.make()
    made.send(api)
    other = booth.make(application_id=made.id)
    answer = other.put_manifest(api)
    assert (answer.status_code, answer.json()) == (409, {"detail": "other_content"})


def test_a_manifest_ahead_of_its_parts_is_told_exactly_which_are_missing(
    api: TestClient, booth: Any
) -> None:
    made = booth.make()
    made.put_part(api, Part.IDENTITY)
    made.put_part(api, Part.EVIDENCE)
    answer = made.put_manifest(api)
    assert answer.status_code == 422
    assert answer.json() == {"detail": "missing_parts", "missing": ["portrait", "fingerprints"]}
    made.put_part(api, Part.PORTRAIT)
    made.put_part(api, Part.FINGERPRINTS)
    assert made.put_manifest(api).status_code == 201


def test_a_manifest_naming_other_bytes_than_were_sent_is_refused(
    api: TestClient, booth: Any
) -> None:
    made = booth.make()
    other = booth.make(application_id=made.id)
    for part in Part:
        made.put_part(api, part)
    answer = other.put_manifest(api)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "part_differs"


def test_a_signature_of_another_device_is_refused_and_nothing_is_kept(
    api: TestClient, booth: Any, office: Office
) -> None:
    booth.device = SigningKey.generate()
    answer = booth.make().send(api)
    assert (answer.status_code, answer.json()) == (401, {"detail": "bad_signature"})
    with office.database.read() as session:
        assert session.scalars(select(Application)).all() == []


def test_a_manifest_changed_after_signing_is_refused(api: TestClient, booth: Any) -> None:
    made = booth.make()
    for part in Part:
        made.put_part(api, part)
    envelope = made.manifest.envelope.model_copy(update={"software": "another"})
    made.manifest = made.manifest.model_copy(update={"envelope": envelope})
    assert made.put_manifest(api).json() == {"detail": "bad_signature"}


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"id": UUID(int=7)}, 422, "id_differs"),
        ({"booth_id": "B04"}, 403, "other_booth"),
        ({"station_code": "320402999"}, 403, "wrong_station"),
        ({"parts": ()}, 422, "parts_incomplete"),
    ],
)
def test_an_envelope_that_is_not_this_booths_is_refused(
    api: TestClient, booth: Any, change: dict[str, Any], status: int, word: str
) -> None:
    made = booth.make()
    for part in Part:
        made.put_part(api, part)
    envelope = made.manifest.envelope.model_copy(update=change)
    made.manifest = sign_manifest(envelope, booth.device)
    answer = made.put_manifest(api)
    assert (answer.status_code, answer.json()["detail"]) == (status, word)


def test_a_sequence_number_cannot_serve_two_applications(api: TestClient, booth: Any) -> None:
    booth.make().send(api)
    booth.seq = 0
    answer = booth.make(booth.identity("110101199003070011", "何伟")).send(api)
    assert (answer.status_code, answer.json()) == (409, {"detail": "number_used"})


def test_a_part_sealed_for_another_application_is_not_taken(api: TestClient, booth: Any) -> None:
    made, other = booth.make(), booth.make()
    made.sealed[Part.IDENTITY] = other.sealed[Part.IDENTITY]
    assert made.put_part(api, Part.IDENTITY).json() == {"detail": "not_sealed_for_this"}
    made.sealed[Part.IDENTITY] = b"plain words"
    assert made.put_part(api, Part.IDENTITY).json() == {"detail": "not_sealed_for_this"}


def test_fingerprints_that_the_counter_could_open_are_not_taken(
    api: TestClient, booth: Any
) -> None:
    booth.centre = booth.counter
    answer = booth.make().put_part(api, Part.FINGERPRINTS)
    assert (answer.status_code, answer.json()) == (422, {"detail": "wrong_recipient"})


def test_bytes_that_are_not_what_their_header_says_are_not_taken(
    api: TestClient, booth: Any
) -> None:
    made = booth.make()
    answer = made.put_part(api, Part.PORTRAIT, **{"Content-SHA256": "0" * 64})
    assert (answer.status_code, answer.json()) == (400, {"detail": "content_hash_differs"})


def test_too_large_or_wrongly_labelled_bodies_are_refused_with_the_limit(
    api: TestClient, booth: Any
) -> None:
    made = booth.make()
    most = SEALED_LIMITS[Part.PORTRAIT]
    made.sealed[Part.PORTRAIT] = bytes(most + 1)
    answer = made.put_part(api, Part.PORTRAIT)
    assert (answer.status_code, answer.json()) == (413, {"detail": "too_large", "most": most})
    answer = booth.make().put_part(api, Part.PORTRAIT, **{"Content-Type": "text/plain"})
    assert answer.status_code == 415


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b"\xff", b'{"envelope": {"id": "1"}}'])
def test_what_is_no_manifest_is_refused_without_quoting_it(api: TestClient, raw: bytes) -> None:
    answer = api.put(
        f"/api/v1/applications/{UUID(int=1)}",
        content=raw,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 422
    assert answer.json()["detail"] == "not_a_manifest"
    assert set(answer.json()) == {"detail", "fields"}


def test_an_unpaid_renewal_waits_for_an_officer(api: TestClient, booth: Any) -> None:
    answer = booth.make().send(api).json()
    assert answer["progress"]["state"] == "RECEIVED"
    assert answer["progress"]["acceptance_no"] is None


def test_a_payment_for_another_application_does_not_count(
    api: TestClient, browser_client: TestClient, booth: Any, office: Office
) -> None:
    paid = booth.paid(api, browser_client)
    paid.send(api)
    with office.database.read() as session:
        payment = session.scalars(select(PaymentRow)).one()
    fee = Fee(due_fen=2000, state=FeeState.PAID, payment_id=payment.id)
    thief = booth.make(booth.identity("110101199003070011", "何伟"), fee=fee)
    assert thief.send(api).json()["progress"]["state"] == "RECEIVED"
    assert checks_of(office, thief.id) == ["fee_differs"]


def checks_of(office: Office, application_id: UUID) -> list[str]:
    with office.database.read() as session:
        return session.get_one(Application, str(application_id)).checks.split()


def test_a_second_application_of_one_person_names_the_first_and_waits(
    api: TestClient, browser_client: TestClient, booth: Any, office: Office
) -> None:
    booth.paid(api, browser_client).send(api)
    second = booth.paid(api, browser_client)
    assert second.send(api).json()["progress"]["state"] == "RECEIVED"
    assert checks_of(office, second.id) == ["running:3204020012026120100001"]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"name": "张敬"}, "R02"),
        ({"old_card_end": date(2031, 12, 11)}, "N03"),
        ({"number": "110101198803070016", "name": "无名"}, "N01"),
    ],
)
def test_what_the_rules_find_is_left_to_an_officer_never_refused_by_the_machine(
    api: TestClient,
    browser_client: TestClient,
    booth: Any,
    office: Office,
    changes: dict[str, Any],
    check: str,
) -> None:
    made = booth.paid(api, browser_client, identity=booth.identity(**changes))
    assert made.send(api).json()["progress"]["state"] == "RECEIVED"
    assert check in checks_of(office, made.id)


def test_a_portrait_of_another_size_is_seen(
    api: TestClient, browser_client: TestClient, booth: Any, office: Office, jpeg: bytes
) -> None:
    at = jpeg.index(b"\xff\xc0") + 5  # frame header: height, width
    other = jpeg[:at] + b"\x01\x00" + jpeg[at + 2 :]
    made = booth.paid(api, browser_client, jpeg=other)
    made.send(api)
    assert checks_of(office, made.id) == ["portrait_size"]


def test_someone_without_any_finger_is_taken_in_and_shown_to_an_officer(
    api: TestClient, browser_client: TestClient, booth: Any, office: Office
) -> None:
    made = booth.paid(api, browser_client, fingers=(("right-thumb", "none", 5),))
    assert made.send(api).json()["progress"]["state"] == "RECEIVED"
    assert checks_of(office, made.id) == ["no_finger"]


def test_a_station_may_leave_every_acceptance_to_officers(
    settings: Settings, clock: Any, keys_dir: Path, booth: Any
) -> None:
    slow = settings.model_copy(update={"station": Station(auto_accept=False)})
    office = Office.open(slow, clock)
    with office.database.write() as session:
        seed_people(session)
    gateway = Gateway(office, "")
    made = booth.make()
    payment, _ = gateway.open("B03", PaymentQuestion(application_id=made.id, amount_fen=2000))
    gateway.settle(payment.payment_id, PaymentState.PAID)
    fee = Fee(due_fen=2000, state=FeeState.PAID, payment_id=payment.payment_id)
    made = booth.make(application_id=made.id, fee=fee)
    for part, raw in made.sealed.items():
        put_part(office, "B03", made.id, part, sha256_hex(raw), raw)
    arrival, _ = put_manifest(office, "B03", made.id, made.manifest.model_dump_json().encode())
    office.database.close()
    assert arrival.progress.state == "RECEIVED"


@pytest.mark.parametrize("restarted", [False, True])
def test_an_application_received_just_before_a_crash_is_examined_after_it(
    api: TestClient,
    browser_client: TestClient,
    booth: Any,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    restarted: bool,
) -> None:
    made = booth.paid(api, browser_client)
    for part in Part:
        made.put_part(api, part)
    with monkeypatch.context() as crash:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        crash.setattr(intake, "examine", die)
        with pytest.raises(KeyboardInterrupt):
            put_manifest(office, "B03", made.id, made.manifest.model_dump_json().encode())
    assert intake.progress(office, "B03", made.id).state == "RECEIVED"
    if restarted:
        examine_waiting(office)
        assert intake.progress(office, "B03", made.id).state == "ACCEPTED"
    answer = made.put_manifest(api)
    assert answer.status_code == 200
    assert answer.json()["progress"]["state"] == "ACCEPTED"


def test_deadlines_run_from_the_day_the_citizen_confirmed(api: TestClient, booth: Any) -> None:
    # Worked example of the deadline rules, weekends only: day 0 2026-12-01.
    confirmed = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
    booth.clock.pass_time(days=2)
    progress = booth.make(confirmed_at=confirmed).send(api).json()["progress"]
    assert progress["legal_date"] == "2027-01-30"


@pytest.mark.parametrize("wrong_by", [timedelta(days=-400), timedelta(days=3)])
def test_a_booth_that_lost_its_clock_is_taken_in_with_the_counters_date(
    api: TestClient, booth: Any, office: Office, wrong_by: timedelta
) -> None:
    made = booth.make(confirmed_at=booth.clock.now() + wrong_by)
    progress = made.send(api).json()["progress"]
    assert progress["legal_date"] == "2027-01-30"
    assert "booth_clock" in checks_of(office, made.id)


def test_progress_is_told_to_the_booth_that_sent_it_only(
    api: TestClient, booth: Any, office: Office
) -> None:
    made = booth.make()
    path = f"/api/v1/applications/{made.id}/progress"
    assert api.get(path).status_code == 404
    made.send(api)
    assert api.get(path).json()["state"] == "RECEIVED"
    with pytest.raises(RefusedError):
        intake.progress(office, "B04", made.id)


def test_a_booth_that_was_switched_off_gets_no_answer(
    api: TestClient, booth: Any, office: Office
) -> None:
    with office.database.write() as session:
        session.get_one(Booth, "B03").active = False
    answer = api.get("/api/v1/hello")
    assert (answer.status_code, answer.json()) == (403, {"detail": "unknown_booth"})


def test_the_database_file_holds_no_name_number_or_picture_of_an_applicant(
    api: TestClient, browser_client: TestClient, booth: Any, office: Office
) -> None:
    with office.database.write() as session:
        session.execute(delete(Person))  # the stand-in register is no part of the question
    person = booth.identity()
    made = booth.paid(api, browser_client, identity=person)
    made.send(api)
    held = (office.settings.state_dir / "counter.db").read_bytes()
    assert made.sealed[Part.IDENTITY][-64:] in held  # the sealed bytes themselves are there
    for secret in (person.name, person.citizen_no, person.address, person.citizen_no[6:14]):
        assert secret.encode() not in held
    assert made.jpeg[200:260] not in held
