# SPDX-License-Identifier: Apache-2.0
"""May this person get this kind of card here? One refusal at most, the first a person would meet.

The booth asks with what the chip says; the counter asks again with what the register knows. The
R codes are the published grounds for not accepting (不予受理), N01 to N05 the booth's own early no.
"""

from dataclasses import dataclass
from datetime import date

from idcard.age import full_years
from idcard.numbers import CitizenNumber, CitizenNumberError, parse_citizen_number
from idcard.records import Ground, Identity, Kind
from idcard.validity import renewal_opens

# GA/T 2000.10 reason codes as publicly seen; the details are still to be confirmed with a site.
REASON_CODES = {Kind.EXPIRY: "22", Kind.DAMAGED: "24", Kind.LOST: "41"}


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What a place may set."""

    kinds: frozenset[Kind] = frozenset(Kind)
    booth_min_age: int = 16
    renew_before_months: int = 3


DEFAULTS = RuleSettings()


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What the household register and the counter's own cases say about the person.

    `running` is the number (acceptance number, else booth number) of an application under way.
    """

    known: bool = True
    no_card_yet: bool = False
    differs: bool = False
    number_disputed: bool = False
    portrait: bool = True
    forgery_record: bool = False
    bad_credit: bool = False
    running: str = ""


def judge(
    kind: Kind,
    identity: Identity,
    today: date,
    *,
    settings: RuleSettings = DEFAULTS,
    facts: RegisterFacts | None = None,
) -> Ground | None:
    """The ground of refusal, or None when the application may begin.

    `today` is the station's date. `facts` None: the booth's own early look, without the register.
    """
    try:
        number = parse_citizen_number(identity.citizen_no, today)
    except CitizenNumberError:
        return refusal("N01")
    return (
        _by_person(identity, number, today, settings)
        or (facts and _by_register(facts))
        or _by_card(kind, identity, today, settings)
    )


def refusal(
    code: str, why: str = "", *, possible_from: date | None = None, running: str = ""
) -> Ground:
    """A `Ground` whose message keys are ``rule.<why or code>`` and the same with ``.remedy``."""
    key = f"rule.{why or code}"
    return Ground(
        code=code,
        reason=key,
        remedy=f"{key}.remedy",
        possible_from=possible_from,
        running=running,
    )


def as_shown(ground: Ground) -> Ground:
    """The ground as a booth may know it: R04 and R05 stay with officers, the booth says N05."""
    return refusal("N05") if ground.code in ("R04", "R05") else ground


def offsite(household_area: str, station_code: str) -> bool:
    """Whether the household county (6 digits) is another than the accepting station's."""
    return household_area[:6] != station_code[:6]


def _by_person(
    identity: Identity, number: CitizenNumber, today: date, settings: RuleSettings
) -> Ground | None:
    if identity.birth_date != number.birth_date or identity.sex != number.sex:
        return refusal("R02")
    if number.ask_staff(today):
        return refusal("N05", "ask_staff")
    if full_years(identity.birth_date, today) < settings.booth_min_age:
        return refusal("N02")
    return None


def _by_register(facts: RegisterFacts) -> Ground | None:
    checks = (
        (not facts.known, "R02"),
        (facts.no_card_yet, "R01"),
        (facts.number_disputed, "R06"),
        (facts.differs, "R02"),
        (not facts.portrait, "R07"),
        (facts.forgery_record, "R04"),
        (facts.bad_credit, "R05"),
    )
    code = next((code for wrong, code in checks if wrong), None)
    if code is not None:
        return refusal(code)
    return refusal("N05", "running", running=facts.running) if facts.running else None


def _by_card(kind: Kind, identity: Identity, today: date, settings: RuleSettings) -> Ground | None:
    if kind not in settings.kinds:
        return refusal("N05", "kind_off")
    if kind is not Kind.EXPIRY:
        return None
    if identity.old_card_end is None:
        return refusal("N05", "long_term")
    opens = renewal_opens(identity.old_card_end, settings.renew_before_months)
    return refusal("N03", possible_from=opens) if today < opens else None
