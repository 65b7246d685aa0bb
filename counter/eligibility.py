# SPDX-License-Identifier: Apache-2.0
"""The early answer: may this person apply here today, what does it cost, by when."""

from pydantic import ValidationError

from counter.judgement import judge_person
from counter.office import Office
from counter.refusals import RefusedError
from counter.tables import Booth
from idcard.age import station_date
from idcard.canonical import record_bytes
from idcard.deadlines import deadlines
from idcard.keys import KeyFormatError, RecipientKey
from idcard.records import EligibilityAnswer, EligibilityQuestion
from idcard.rules import as_shown
from idcard.sealing import SealContext, SealError, open_sealed, seal


def answer(office: Office, booth_id: str, sealed: bytes) -> bytes:
    """The sealed answer to a sealed question of this booth.

    It opens only with the front's own key and only as the answer to exactly this question. Nothing
    of the question is kept. Raises RefusedError: 422 does_not_open or not_a_question, 403
    other_booth.
    """
    question, to = _open(office, booth_id, sealed)
    now = office.clock.now()
    day = station_date(now)
    with office.database.read() as session:
        station_code = session.get_one(Booth, booth_id).station_code
        judged = judge_person(office, session, question.kind, question.identity, station_code, day)
    dates = deadlines(day, office.calendar, remote=office.settings.station_for(station_code).remote)
    said = EligibilityAnswer(
        ground=as_shown(judged.ground) if judged.ground else None,
        fee_fen=judged.fee_fen,
        promise_date=dates.promise,
        legal_date=dates.legal,
        offsite=judged.offsite,
        checked_at=now,
    )
    return seal(record_bytes(said), to, context=SealContext.of_answer(booth_id, sealed))


def _open(office: Office, booth_id: str, sealed: bytes) -> tuple[EligibilityQuestion, RecipientKey]:
    context = SealContext.of_question(booth_id)
    try:
        raw = open_sealed(sealed, office.keys.seal, context=context)
    except SealError:
        raise RefusedError(422, "does_not_open") from None
    try:
        question = EligibilityQuestion.model_validate_json(raw, strict=True)
        to = RecipientKey.from_raw(question.answer_to)
    except (ValidationError, KeyFormatError):
        raise RefusedError(422, "not_a_question") from None
    if question.booth_id != booth_id:
        raise RefusedError(403, "other_booth")
    return question, to
