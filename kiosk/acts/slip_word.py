# SPDX-License-Identifier: Apache-2.0
"""Tells the counter what became of each slip and what that rests on.

A window hands out those that did not reach paper.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from drivers.errors import BoothError, CancelledError
from idcard.booth_health import UnprintedSlip
from kiosk.acts.slip import PrintSlipAct
from kiosk.commands import PrintSlip
from kiosk.lane import Tell
from kiosk.post.errors import MailboxDownError, OutboxIllError
from kiosk.post.mailbox import Mailbox

UNPROVEN = "receipt.unproven"


class SlipWordAct:
    """Answers `PrintSlip` as `PrintSlipAct` does, and tells the post how it ended."""

    takes = (PrintSlip,)

    def __init__(
        self,
        act: PrintSlipAct,
        mailbox: Mailbox,
        application_id: UUID,
        now: Callable[[], datetime],
    ) -> None:
        self._act, self._mailbox, self._id, self._now = act, mailbox, application_id, now

    def run(self, command: PrintSlip, tell: Tell, off: threading.Event) -> bool:
        """What `PrintSlipAct.run` returns or raises.

        Told before the post is: ended (True, False or the reason's key), so that the citizen's
        screen never waits on it. A slip that cannot be proved counts as not printed: handing it
        out twice harms nobody.
        """
        try:
            proven = self._act.run(command, tell, off)
        except CancelledError:
            raise
        except BoothError as stopped:
            tell("ended", stopped.code)
            self._say(stopped.code)
            raise
        tell("ended", proven)
        self._say("" if proven else UNPROVEN)
        return proven

    def cancel(self) -> None:
        """As the printing act."""
        self._act.cancel()

    def _say(self, reason: str) -> None:
        slip = UnprintedSlip(
            application_id=self._id, reason=reason, at=self._now(), by=self._act.by
        )
        # The number is on the screen all the same; without the post nothing more can be done.
        with suppress(MailboxDownError, OutboxIllError, ValueError):
            self._mailbox.tell_slip(slip)
