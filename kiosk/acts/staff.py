# SPDX-License-Identifier: Apache-2.0
"""Lets staff in by their card: looks at it, and lets it sign a fresh challenge after its PIN."""

import secrets
import threading

import structlog

from drivers.staffcard import StaffCard, WrongPinError
from kiosk.commands import AdmitStaff, LookAtStaffCard
from kiosk.facts import StaffStanding
from kiosk.lane import Tell

NONCE_BYTES = 32

_log = structlog.get_logger()


class StaffCardAct:
    """Answers `LookAtStaffCard` and `AdmitStaff`."""

    takes = (LookAtStaffCard, AdmitStaff)

    def __init__(self, reader: StaffCard) -> None:
        self._reader = reader

    def run(
        self, command: LookAtStaffCard | AdmitStaff, tell: Tell, off: threading.Event
    ) -> StaffStanding:
        """How the card stands. Raises what the driver raises, but for a wrong PIN."""
        if isinstance(command, LookAtStaffCard):
            return StaffStanding(tries_left=self._reader.look())
        try:
            self._reader.challenge(command.pin, secrets.token_bytes(NONCE_BYTES))
        except WrongPinError as wrong:
            _log.info("staff not admitted", code=wrong.code)
            return StaffStanding(tries_left=wrong.tries_left)
        _log.info("staff admitted")
        return StaffStanding(admitted=True)

    def cancel(self) -> None:
        """Nothing to do: the card's own deadline ends a talk, and its answer is dropped."""
