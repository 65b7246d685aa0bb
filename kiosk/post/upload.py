# SPDX-License-Identifier: Apache-2.0
"""Brings one application to the counter: parts first, manifest last, done only on a receipt."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import ValidationError

from idcard.keys import VerifyKey
from idcard.records import Arrival, Part
from idcard.signing import SignatureError
from kiosk.post.counter_line import Answer, CounterLine
from kiosk.post.errors import LineDownError
from kiosk.post.outbox import DamagedPartError, Outbox, Outgoing
from kiosk.post.retry import Verdict

_ROUNDS = 2  # the counter lists what it lacks; after that has been sent it lists nothing more


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended. `reason` is a short word; `retry_after_s` the counter's wish."""

    verdict: Verdict
    reason: str = ""
    retry_after_s: float = 0.0


class Uploader:
    """Sends applications of one outbox. Remembers, while it runs, which parts were taken."""

    def __init__(self, outbox: Outbox, line: CounterLine, counter_key: VerifyKey) -> None:
        self._outbox, self._line, self._counter_key = outbox, line, counter_key
        self._taken: dict[UUID, set[Part]] = {}

    def send(self, application_id: UUID) -> Result:
        """One attempt. GOOD: the outbox holds the proved receipt; PARK: a person must look."""
        try:
            outgoing = self._outbox.outgoing(application_id)
        except KeyError:
            return Result(Verdict.GOOD)
        except DamagedPartError:
            return Result(Verdict.PARK, "part_damaged")
        try:
            result = self._send(application_id, outgoing)
        except LineDownError as down:
            return Result(Verdict.STOP if down.why == "not_admitted" else Verdict.RETRY, down.why)
        if result.verdict in (Verdict.GOOD, Verdict.PARK):
            self._taken.pop(application_id, None)
        return result

    def _send(self, application_id: UUID, outgoing: Outgoing) -> Result:
        taken = self._taken.setdefault(application_id, set())
        for _round in range(_ROUNDS):
            for part, sealed in outgoing.parts.items():
                if part in taken:
                    continue
                answer = self._line.put_part(application_id, part, sealed)
                if answer.verdict is not Verdict.GOOD:
                    return _of(answer)
                taken.add(part)
            answer = self._line.put_manifest(outgoing.manifest)
            if answer.verdict is Verdict.GOOD:
                return self._received(application_id, answer)
            if not answer.missing:
                return _of(answer)
            taken.difference_update(answer.missing)
        return Result(Verdict.RETRY, "missing_parts")

    def _received(self, application_id: UUID, answer: Answer) -> Result:
        """A 2xx is worth exactly what its receipt proves."""
        try:
            arrival = Arrival.model_validate_json(answer.body)
            self._outbox.receive(application_id, arrival, self._counter_key)
        except (ValidationError, SignatureError):
            return Result(Verdict.RETRY, "no_valid_receipt")
        return Result(Verdict.GOOD)


def _of(answer: Answer) -> Result:
    return Result(answer.verdict, answer.detail, answer.retry_after_s)
