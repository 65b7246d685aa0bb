# SPDX-License-Identifier: Apache-2.0
"""Is the booth fit to take a citizen: every device's own word, and what follows from it."""

from collections.abc import Iterable
from datetime import datetime

from drivers.health import Health, State
from idcard.deadlines import deadlines
from idcard.workdays import PublishedHolidays, WorkCalendar
from kiosk.events import HealthChanged
from kiosk.post.errors import MailboxDownError
from kiosk.post.mailbox import Mailbox

# Without these no renewal can be finished; the next ones only limit it, and the citizen is told.
NEEDED = frozenset({"idreader", "camera", "fingerprint", "post", "clock"})
LIMITS = frozenset({"printer", "line"})
# Staff must hear of these, and the booth goes on: a damaged store was put aside for a fresh one.
TOLD_ONLY = frozenset({"post.quarantined"})

# No clock of this software is right before it was written (a board without a battery wakes early).
NOT_BEFORE = datetime.fromisoformat("2026-11-01T00:00:00+08:00")


def fitness(
    healths: Iterable[Health],
    *,
    key_open: bool = False,
    power_failing: bool = False,
    door_open: bool = False,
) -> HealthChanged:
    """What closes the booth and what only limits it. A busy device is fit.

    `key_open`: staff have turned the key, and no visit begins until they turn it back; nor does
    one while the mains are gone or the service door stands open.
    """
    ill = [one for one in healths if one.state is State.ILL and one.reason not in TOLD_ONLY]
    stopped = {
        "panel.key_open": key_open,
        "panel.power_failing": power_failing,
        "panel.door_open": door_open,
    }
    closed = (reason for reason, holds in stopped.items() if holds)
    return HealthChanged(
        closing=(*closed, *(one.reason for one in ill if one.device in NEEDED)),
        limiting=tuple(one.reason for one in ill if one.device in LIMITS),
    )


def post_health(mailbox: Mailbox) -> tuple[Health, Health]:
    """The outbox, without which nothing can be kept, and the line, without which it waits here."""
    try:
        state = mailbox.state()
    except MailboxDownError as down:
        return Health.ill("post", down.code), Health.ready("line", "unknown")
    store = Health.ready("post", f"unsent {state.unsent}, parked {state.parked}")
    if state.full:
        store = Health.ill("post", "post.full", state.full)
    if state.alarm and not (state.full and state.alarm in TOLD_ONLY):
        store = Health.ill("post", state.alarm)
    line = Health.ready("line")
    if not state.line_up:
        line = Health.ill("line", "post.line_down", state.line)
    return store, line


def clock_health(now: datetime) -> Health:
    """A clock before this software's own date is wrong; receipts and certificates would be too."""
    if now < NOT_BEFORE:
        return Health.ill("clock", "clock.wrong")
    return Health.ready("clock")


def calendar_health(now: datetime, calendar: WorkCalendar | None = None) -> Health:
    """Whether the promised dates of an application of today rest on published holidays alone."""
    unknown = deadlines(now.date(), calendar or PublishedHolidays()).unknown_years
    years = ", ".join(str(year) for year in unknown)
    detail = f"{years}: holidays not known, counted by weekends" if unknown else ""
    return Health.ready("calendar", detail)
