# SPDX-License-Identifier: Apache-2.0
"""Is the booth fit to take a citizen: every device's own word, and what follows from it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from drivers.health import Health, State
from idcard.booth_health import Cabinet, Condition, DeviceWord
from idcard.deadlines import deadlines
from idcard.workdays import PublishedHolidays, WorkCalendar
from kiosk.events import HealthChanged
from kiosk.journeys import JOURNEYS, Journey
from kiosk.post.errors import MailboxDownError
from kiosk.post.mailbox import Mailbox

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
    notes: Iterable[str] = (),
    cabinet: Cabinet | None = None,
    journeys: Mapping[str, Journey] = JOURNEYS,
) -> HealthChanged:
    """Which journeys can be finished now, and what closes or limits the booth. Busy is fit.

    A journey whose need is ill is shut, for the first such reason in the order of `healths`; the
    booth is closed when all are. `key_open`: staff have turned the key, and no visit begins until
    they turn it back; nor does one while the mains are gone or the service door stands open.
    `notes`: what staff should see to although all works. `cabinet`: what its bins hold.
    """
    found = tuple(healths)
    ill = {
        one.device: one.reason
        for one in found
        if one.state is State.ILL and one.reason not in TOLD_ONLY
    }
    shut = {
        name: next(reason for device, reason in ill.items() if device in journey.needs)
        for name, journey in journeys.items()
        if journey.needs & ill.keys()
    }
    needed = frozenset[str]().union(*(one.needs for one in journeys.values()))
    wanted = frozenset[str]().union(*(one.wants for one in journeys.values()))
    all_shut = len(shut) == len(journeys)
    stopped = {
        "panel.key_open": key_open,
        "panel.power_failing": power_failing,
        "panel.door_open": door_open,
    }
    closed = (reason for reason, holds in stopped.items() if holds)
    return HealthChanged(
        closing=(*closed, *(ill[one] for one in ill if one in needed and all_shut)),
        limiting=tuple(
            ill[one] for one in ill if one in wanted or (one in needed and not all_shut)
        ),
        notes=(
            *notes,
            *(one.reason for one in found if one.state is State.ILL and one.reason in TOLD_ONLY),
            *(ill[one] for one in ill if one not in needed | wanted),
        ),
        shut=tuple(shut.items()),
        devices=tuple(
            DeviceWord(device=one.device, state=one.state.value, reason=_reason(one))
            for one in found
        ),
        cabinet=cabinet,
    )


def _reason(health: Health) -> str:
    return health.reason if health.state is State.ILL else ""


def condition_of(now: HealthChanged, journeys: Iterable[str] = tuple(JOURNEYS)) -> Condition:
    """The same as the counter hears it. Nothing can be finished while the booth is closed."""
    shut = dict(now.shut)
    return Condition(
        devices=now.devices,
        closing=now.closing,
        limiting=now.limiting,
        notes=now.notes,
        journeys=() if now.closing else tuple(one for one in journeys if one not in shut),
        cabinet=now.cabinet,
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
