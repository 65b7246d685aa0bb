# SPDX-License-Identifier: Apache-2.0
"""What a card costs (工本费), as dated rows, and who pays less. Whole fen.

Rates: price notice 发改价格〔2003〕2322号. First applications are free since 2018-04-01. Waivers:
four classes pay nothing, two pay half; Resident Identity Card Law, article 20, limits them to first
application and renewal. Postage is paid to the post, never here.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from idcard.records import Kind


class Business(StrEnum):
    """What is charged for; the first three are also `Kind`s of a booth."""

    EXPIRY = "expiry"
    DAMAGED = "damaged"
    LOST = "lost"
    FIRST = "first"
    TEMPORARY = "temporary"


@dataclass(frozen=True, slots=True)
class FeeRule:
    """One row: from `since` to `until` (both included; None: open) in areas starting `region`."""

    region: str
    business: Business
    since: date
    until: date | None
    fen: int
    note: str


_LAW = date(2004, 1, 1)
_NOTICE = "发改价格〔2003〕2322号"
FEES: tuple[FeeRule, ...] = (
    FeeRule("", Business.FIRST, _LAW, date(2018, 3, 31), 2000, _NOTICE),
    FeeRule("", Business.FIRST, date(2018, 4, 1), None, 0, "首次申领停征 2018-04-01"),
    FeeRule("", Business.EXPIRY, _LAW, None, 2000, _NOTICE),
    FeeRule("", Business.DAMAGED, _LAW, None, 4000, _NOTICE),
    FeeRule("", Business.LOST, _LAW, None, 4000, _NOTICE),
    FeeRule("", Business.TEMPORARY, _LAW, None, 1000, _NOTICE),
)


class Waiver(IntEnum):
    """The classes of people who pay less."""

    NONE = 0
    FIVE_GUARANTEE = 1  # 农村五保户
    REGULAR_RELIEF = 2  # 定期定量生活补助的特殊救济对象
    ENTITLED_MINIMUM = 3  # 享受城乡最低生活保障金的优抚对象
    ENTITLED_PENSION = 4  # 享受定期抚恤补助金的优抚对象
    MISFORTUNE = 5  # 因自然灾害、事故、疾病等造成生活困难: half
    HARDSHIP = 6  # 其他生活确有困难: half


WAIVED = frozenset({Business.FIRST, Business.EXPIRY})


def fee_fen(
    business: Business | Kind, day: date, area: str = "", table: tuple[FeeRule, ...] = FEES
) -> int:
    """The full fee of that day in the accepting `area` (GB/T 2260).

    Of several rows the one with the longest matching region counts, then the newest. Raises
    LookupError when the table has no row.
    """
    rows = [
        rule
        for rule in table
        if rule.business == business.value
        and area.startswith(rule.region)
        and rule.since <= day
        and (rule.until is None or day <= rule.until)
    ]
    if not rows:
        raise LookupError("no fee for that day")
    return max(rows, key=lambda rule: (len(rule.region), rule.since)).fen


def reduced_fen(full_fen: int, business: Business | Kind, waiver: Waiver) -> int | None:
    """What is due with a waiver; never rounded up. None: the window decides (damaged, lost)."""
    if waiver is Waiver.NONE:
        return full_fen
    if business.value not in WAIVED:
        return None
    return full_fen // 2 if waiver in (Waiver.MISFORTUNE, Waiver.HARDSHIP) else 0
