# SPDX-License-Identifier: Apache-2.0
"""The booth's condition as a report to the counter, with the booth's own words for every key."""

from collections.abc import Iterable

from idcard.booth_health import BoothReport, Condition, UnprintedSlip, Wording
from kiosk.texts import MissingWordsError, words
from kiosk.view import text


def report_of(
    condition: Condition, software: str, slips: tuple[UnprintedSlip, ...] = ()
) -> BoothReport:
    """What the counter is to hear and show: the condition and the words of all its keys."""
    reasons = {
        *condition.closing,
        *condition.limiting,
        *condition.notes,
        *(one.reason for one in condition.devices if one.reason),
        *(one.reason for one in slips if one.reason),
    }
    named = [f"device.{one.device}" for one in condition.devices]
    keys = [*sorted(reasons), *(f"{one}.remedy" for one in sorted(reasons)), *named]
    return BoothReport(condition=condition, words=wordings(keys), software=software, slips=slips)


def wordings(keys: Iterable[str]) -> dict[str, Wording]:
    """The words of `keys` in both languages; a key without words is left out."""
    found = {}
    for key in keys:
        try:
            found[key] = Wording(zh=words(text(key), "zh"), en=words(text(key), "en"))
        except MissingWordsError:
            continue
    return found
