# SPDX-License-Identifier: Apache-2.0
"""Every slip in one table: its kind, the facts it is made of, and what it says of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from kiosk.receipts.application import (
    RecaptureFacts,
    SlipFacts,
    application_slip,
    recapture_slip,
)
from kiosk.receipts.blocks import Block, Kind, Slip
from kiosk.receipts.card import (
    CollectedFacts,
    FoundFacts,
    LossFacts,
    WithdrawalFacts,
    collected_slip,
    found_slip,
    loss_slip,
    withdrawal_slip,
)
from kiosk.receipts.errand import (
    PhotoCodeFacts,
    ProgressFacts,
    ReferralFacts,
    TicketFacts,
    photo_code_slip,
    progress_slip,
    referral_slip,
    ticket_slip,
)
from kiosk.receipts.window import WindowFacts, window_slip
from kiosk.receipts.writing import Writer

AnyFacts = (
    SlipFacts
    | RecaptureFacts
    | CollectedFacts
    | LossFacts
    | WithdrawalFacts
    | FoundFacts
    | PhotoCodeFacts
    | TicketFacts
    | ProgressFacts
    | ReferralFacts
    | WindowFacts
)


@dataclass(frozen=True, slots=True)
class _Form:
    """What a kind of slip is made of, and who writes it."""

    facts: type
    write: Callable[[Kind, Any, Writer], tuple[Block, ...]]


_FORMS: Mapping[Kind, _Form] = MappingProxyType(
    {
        Kind.RECEIVED: _Form(SlipFacts, application_slip),
        Kind.STORED: _Form(SlipFacts, application_slip),
        Kind.RECAPTURE: _Form(RecaptureFacts, recapture_slip),
        Kind.COLLECTED: _Form(CollectedFacts, collected_slip),
        Kind.LOSS: _Form(LossFacts, loss_slip),
        Kind.WITHDRAWAL: _Form(WithdrawalFacts, withdrawal_slip),
        Kind.FOUND: _Form(FoundFacts, found_slip),
        Kind.PHOTO_CODE: _Form(PhotoCodeFacts, photo_code_slip),
        Kind.TICKET: _Form(TicketFacts, ticket_slip),
        Kind.PROGRESS: _Form(ProgressFacts, progress_slip),
        Kind.REFERRAL: _Form(ReferralFacts, referral_slip),
        Kind.WINDOW: _Form(WindowFacts, window_slip),
    }
)


def build_slip(kind: Kind | str, facts: AnyFacts, lang: str = "zh") -> Slip:
    """The slip of `kind`, in Chinese and, unless `lang` is ``zh``, that language too.

    Raises ValueError for an unknown kind or a number that is missing or malformed, TypeError for
    the facts of another kind, KeyError for a word of `facts` that no slip knows.
    """
    kind = Kind(kind)
    form = _FORMS[kind]
    if not isinstance(facts, form.facts):
        raise TypeError(f"a slip {kind} is made of {form.facts.__name__}")
    return Slip(kind, lang, form.write(kind, facts, Writer(lang)))
