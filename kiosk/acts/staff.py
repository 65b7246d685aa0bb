# SPDX-License-Identifier: Apache-2.0
"""Lets staff in by their card: looks at it, and lets it sign a fresh challenge after its PIN."""

import secrets
import threading
import time

import structlog

from drivers.staffcard import StaffCard, WrongPinError
from kiosk.commands import AdmitStaff, LookAtStaffCard
from kiosk.facts import StaffStanding
from kiosk.lane import Tell

NONCE_BYTES = 32
FRESH_S = 180.0  # so long a proven card counts as somebody who stands here

_log = structlog.get_logger()


class Admissions:
    """Which staff cards have signed here lately, by their key. From any thread."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def admit(self, key_id: str) -> None:
        """This card has signed just now."""
        self._at = {**self._at, key_id: time.monotonic()}

    def people(self) -> int:
        """How many different cards have signed within the last `FRESH_S` seconds."""
        now = time.monotonic()
        return sum(now - at <= FRESH_S for at in self._at.values())


class StaffCardAct:
    """Answers `LookAtStaffCard` and `AdmitStaff`; who was admitted is told to `admissions`."""

    takes = (LookAtStaffCard, AdmitStaff)

    def __init__(self, reader: StaffCard, admissions: Admissions | None = None) -> None:
        self._reader = reader
        self._admissions = admissions or Admissions()

    def run(
        self, command: LookAtStaffCard | AdmitStaff, tell: Tell, off: threading.Event
    ) -> StaffStanding:
        """How the card stands. Raises what the driver raises, but for a wrong PIN."""
        if isinstance(command, LookAtStaffCard):
            return StaffStanding(tries_left=self._reader.look())
        try:
            proof = self._reader.challenge(command.pin, secrets.token_bytes(NONCE_BYTES))
        except WrongPinError as wrong:
            _log.info("staff not admitted", code=wrong.code)
            return StaffStanding(tries_left=wrong.tries_left)
        self._admissions.admit(proof.key_id)
        _log.info("staff admitted")
        return StaffStanding(admitted=True)

    def cancel(self) -> None:
        """Nothing to do: the card's own deadline ends a talk, and its answer is dropped."""
