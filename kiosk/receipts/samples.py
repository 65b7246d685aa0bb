# SPDX-License-Identifier: Apache-2.0
"""A sample of every slip. The people on them are invented."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from kiosk.receipts.application import RecaptureFacts, SlipFacts
from kiosk.receipts.blocks import Kind
from kiosk.receipts.card import CollectedFacts, FoundFacts, LossFacts, WithdrawalFacts
from kiosk.receipts.errand import PhotoCodeFacts, ProgressFacts, ReferralFacts, TicketFacts
from kiosk.receipts.slip import AnyFacts
from kiosk.receipts.window import WindowFacts
from kiosk.view import text

_NAME, _NUMBER = "张静", "341522199811070025"
_STATION, _BOOTH, _PHONE = "遥观派出所", "B03", "0519-0000 0000"
_AT = datetime(2026, 12, 1, 14, 32)  # noqa: DTZ001 - the booth's local time
_ACCEPTED, _STORED = "3204020012026120100007", "B03-261201-0007-K"

APPLICATION = SlipFacts(
    name=_NAME,
    citizen_number=_NUMBER,
    matter="expiry",
    at=_AT,
    station=_STATION,
    booth=_BOOTH,
    fee_fen=2000,
    fee_state="paid",
    fingers=("right-thumb", "left-thumb"),
    expected=date(2026, 12, 29),
    latest=date(2027, 1, 30),
    collect_at="遥观派出所办证厅",
    phone=_PHONE,
    county_phone="0519-0000 0001",
    record_hash="3f9a1c02",
    acceptance_number=_ACCEPTED,
    booth_number=_STORED,
)

SAMPLES: Mapping[Kind, AnyFacts] = MappingProxyType(
    {
        Kind.RECEIVED: APPLICATION,
        Kind.STORED: APPLICATION,
        Kind.RECAPTURE: RecaptureFacts(
            name=_NAME,
            citizen_number=_NUMBER,
            part="photo",
            received=True,
            reason=text("photo.eyes"),
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            expected=date(2026, 12, 29),
            latest=date(2027, 1, 30),
            record_hash="3f9a1c02",
            phone=_PHONE,
            acceptance_number=_ACCEPTED,
        ),
        Kind.COLLECTED: CollectedFacts(
            name=_NAME,
            citizen_number=_NUMBER,
            acceptance_number=_ACCEPTED,
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            checked_by="right-thumb",
            old_card="returned",
            valid_until=date(2046, 12, 1),
            phone=_PHONE,
        ),
        Kind.LOSS: LossFacts(
            name=_NAME,
            citizen_number=_NUMBER,
            ground="lost",
            loss_number="32040200120261201003",
            seen_on=date(2026, 11, 28),
            seen_at="公交车上",
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            phone=_PHONE,
        ),
        Kind.WITHDRAWAL: WithdrawalFacts(
            name=_NAME,
            citizen_number=_NUMBER,
            loss_number="32040200120261201003",
            received=True,
            reported=date(2026, 11, 29),
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            phone=_PHONE,
        ),
        Kind.FOUND: FoundFacts(
            find_number="32040200120261201002",
            kept_at="遥观派出所办证厅",
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            phone=_PHONE,
        ),
        Kind.PHOTO_CODE: PhotoCodeFacts(
            code="7KQM4P2X",
            at=_AT,
            until=datetime(2026, 12, 2, 14, 32),  # noqa: DTZ001 - the booth's local time
            station=_STATION,
            booth=_BOOTH,
        ),
        Kind.TICKET: TicketFacts(
            number="A023",
            business="expiry",
            ahead=4,
            case="C7M4-K2QX",
            at=_AT,
            hall="一楼办证大厅",
            station=_STATION,
            booth=_BOOTH,
            priority=True,
        ),
        Kind.PROGRESS: ProgressFacts(
            state=text("receipts.received.state"),
            since=date(2026, 12, 1),
            latest=date(2027, 1, 30),
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            holder=_STATION,
            phone=_PHONE,
            acceptance_number=_ACCEPTED,
        ),
        Kind.REFERRAL: ReferralFacts(
            reason=text("rule.N04"),
            office="寿县公安局寿春派出所",
            address="安徽省淮南市寿县寿春镇东街1号",
            phone="0554-000 0000",
            hours="周一至周五 8:30-17:00",
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
        ),
        Kind.WINDOW: WindowFacts(
            todo=text("rule.M01.remedy"),
            reason=text("fingerprint.unplugged"),
            business="expiry",
            at=_AT,
            station=_STATION,
            booth=_BOOTH,
            phone=_PHONE,
            paid_fen=2000,
            payment="3f9a1c02d4e5f60718293a4b5c6d7e8f",
        ),
    }
)
