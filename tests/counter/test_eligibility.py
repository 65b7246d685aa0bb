# SPDX-License-Identifier: Apache-2.0
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from counter.office import Office
from counter.tables import Application, Blob, Event, Person
from idcard.canonical import record_bytes
from idcard.keys import OpeningKey
from idcard.records import EligibilityAnswer, EligibilityQuestion, Identity, Kind
from idcard.sealing import SealBrokenError, SealContext, open_sealed, seal


class Front:
    """The booth's front asking through its uplink."""

    def __init__(self, api: TestClient, booth: Any, key: OpeningKey) -> None:
        self.api, self.booth, self.key = api, booth, key

    def sealed(self, identity: Identity, booth_id: str = "B03", kind: Kind = Kind.EXPIRY) -> bytes:
        question = EligibilityQuestion(
            kind=kind,
            identity=identity,
            booth_id=booth_id,
            answer_to=self.key.recipient.raw(),
        )
        return seal(
            record_bytes(question), self.booth.counter, context=SealContext.of_question("B03")
        )

    def post(self, sealed: bytes) -> Any:
        return self.api.post(
            "/api/v1/eligibility",
            content=sealed,
            headers={"Content-Type": "application/octet-stream"},
        )

    def ask(self, identity: Identity, kind: Kind = Kind.EXPIRY) -> EligibilityAnswer:
        sealed = self.sealed(identity, kind=kind)
        answer = self.post(sealed)
        assert answer.status_code == 200
        context = SealContext.of_answer("B03", sealed)
        return EligibilityAnswer.model_validate_json(
            open_sealed(answer.content, self.key, context=context)
        )


@pytest.fixture
def front(api: TestClient, booth: Any, front_key: OpeningKey) -> Front:
    return Front(api, booth, front_key)


def test_a_renewal_ten_days_before_the_end_costs_20_yuan_and_has_its_dates(front: Front) -> None:
    answer = front.ask(front.booth.identity())
    assert answer.ground is None
    assert answer.fee_fen == 2000
    assert answer.legal_date == date(2027, 1, 30)
    assert answer.offsite


def test_a_damaged_card_costs_40_yuan(front: Front) -> None:
    assert front.ask(front.booth.identity(), Kind.DAMAGED).fee_fen == 4000


@pytest.mark.parametrize(
    ("number", "name", "more", "code"),
    [
        ("320412201011300061", "孙雨桐", {}, "R01"),  # first application
        ("320402201012020050", "王一凡", {}, "N02"),  # 16 tomorrow
        ("32040219930517001X", "吴晓锋", {}, "R02"),  # another name than the register's
        ("11010519491231002X", "林桂兰", {"old_card_end": None}, "N05"),  # long-term card
    ],
)
def test_an_early_no_names_one_ground(
    front: Front, number: str, name: str, more: dict[str, Any], code: str
) -> None:
    ground = front.ask(front.booth.identity(number, name, **more)).ground
    assert ground is not None
    assert ground.code == code


def test_too_early_comes_with_the_first_possible_date(front: Front) -> None:
    ground = front.ask(front.booth.identity(old_card_end=date(2027, 6, 5))).ground
    assert ground is not None
    assert (ground.code, ground.possible_from) == ("N03", date(2027, 3, 5))


def test_a_record_of_forging_is_never_told_to_the_booth(front: Front, office: Office) -> None:
    with office.database.write() as session:
        session.get_one(Person, "341522199811070025").flags = "R04"
    ground = front.ask(front.booth.identity()).ground
    assert ground is not None
    assert ground.code == "N05"


def test_a_second_application_is_refused_with_the_number_of_the_first(
    front: Front, browser_client: TestClient
) -> None:
    front.booth.paid(front.api, browser_client).send(front.api)
    ground = front.ask(front.booth.identity()).ground
    assert ground is not None
    assert ground.running == "3204020012026120100001"


def test_a_person_the_register_does_not_know_may_begin_and_an_officer_looks(
    front: Front, office: Office
) -> None:
    with office.database.write() as session:
        session.delete(session.get_one(Person, "341522199811070025"))
    assert front.ask(front.booth.identity()).ground is None


def test_the_answer_opens_for_the_asking_front_and_its_own_question_only(front: Front) -> None:
    sealed = front.sealed(front.booth.identity())
    answer = front.post(sealed).content
    other_question = front.sealed(front.booth.identity())
    with pytest.raises(SealBrokenError):
        open_sealed(answer, front.key, context=SealContext.of_answer("B03", other_question))


def test_a_question_that_does_not_open_or_is_anothers_is_refused_with_a_fixed_word(
    front: Front,
) -> None:
    assert front.post(b"garbage").json() == {"detail": "does_not_open"}
    moved = front.sealed(front.booth.identity(), booth_id="B04")
    assert front.post(moved).json() == {"detail": "other_booth"}
    nothing = seal(b"{}", front.booth.counter, context=SealContext.of_question("B03"))
    assert front.post(nothing).json() == {"detail": "not_a_question"}
    assert front.post(bytes(20_000)).status_code == 413


def test_asking_leaves_no_trace(front: Front, office: Office) -> None:
    front.ask(front.booth.identity())
    with office.database.read() as session:
        for table in (Application, Blob, Event):
            assert session.scalars(select(table)).all() == []
