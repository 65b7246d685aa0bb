# SPDX-License-Identifier: Apache-2.0
"""What the register says of a person. Here a table of invented people stands in for the state's.

The people are synthetic, their numbers carry right check digits and belong to nobody meant. Two of
the numbers are the published examples of GB 11643-1999.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from counter.tables import Person
from idcard.records import Identity
from idcard.rules import RegisterFacts


@dataclass(frozen=True, slots=True)
class Finding:
    """`known`: the register has the number. `household_area`: six digits of GB/T 2260."""

    known: bool
    facts: RegisterFacts
    household_area: str
    differs: tuple[str, ...] = ()


def look_up(session: Session, identity: Identity, *, refuse_unknown: bool) -> Finding:
    """Compares what the card says with the register.

    Name, sex, ethnicity and birth date must agree; `Finding.differs` names those that do not. The
    address may differ: moves inside a province do not change the card. Somebody the register does
    not know is refused only with `refuse_unknown`; else an officer must look.
    """
    person = session.get(Person, identity.citizen_no)
    if person is None:
        facts = RegisterFacts(known=not refuse_unknown)
        return Finding(False, facts, identity.citizen_no[:6])
    flags = person.flags.split()
    differs = tuple(
        field
        for field in ("name", "sex", "ethnicity", "birth_date")
        if getattr(person, field) != getattr(identity, field)
    )
    facts = RegisterFacts(
        no_card_yet="R01" in flags,
        differs=bool(differs),
        number_disputed="R06" in flags,
        portrait="R07" not in flags,
        forgery_record="R04" in flags,
        bad_credit="R05" in flags,
    )
    return Finding(True, facts, person.household_area, differs)


# Number, name, sex, ethnicity (GB/T 3304), flags. Ages fit a clock at 2026-12-01.
SYNTHETIC_PEOPLE: tuple[tuple[str, str, str, str, str], ...] = (
    ("340322202103150035", "陈小禾", "1", "01", ""),
    ("220102201602290026", "李朵朵", "2", "10", ""),
    ("320402201012020050", "王一凡", "1", "01", ""),
    ("320402201012010071", "赵明远", "1", "01", ""),
    ("320412201011300061", "孙雨桐", "2", "01", "R01"),
    ("130102200806200014", "周子航", "1", "01", ""),
    ("410305200012020043", "郑佳怡", "2", "01", ""),
    ("410305200012010080", "冯诗雨", "2", "01", ""),
    ("341522199811070025", "张静", "2", "01", ""),
    ("341522199104300098", "霍建军", "1", "01", ""),
    ("32040219930517001X", "吴晓峰", "1", "01", ""),
    ("110101199003070011", "何伟", "1", "01", ""),
    ("420106198812120066", "杨柳", "2", "01", ""),
    ("222402198505050016", "金哲龙", "1", "10", ""),
    ("654002198307190026", "阿依古丽·买买提", "2", "05", ""),
    ("450102198210100033", "韦国栋", "1", "08", ""),
    ("410305198012020019", "马强", "1", "03", ""),
    ("410305198012010021", "高岚", "2", "01", ""),
    ("150102198103030040", "乌云其木格", "2", "02", ""),
    ("540102197901250054", "扎西多吉", "1", "04", ""),
    ("370102197502140032", "𬭛建国", "1", "01", ""),
    ("500103196808080083", "谭芳", "2", "15", ""),
    ("310105196111300012", "顾大海", "1", "01", ""),
    ("610102195506010041", "秦秀英", "2", "01", ""),
    ("11010519491231002X", "林桂兰", "2", "01", ""),
    ("370202194105200013", "吴盘根", "1", "01", ""),
    ("320402193601090025", "钱素珍", "2", "01", ""),
    # No person has this one: the standard's example of a man born in 1880.
    ("440524188001010014", "许寿年", "1", "01", ""),
)


def seed_people(session: Session) -> int:
    """Adds the synthetic people that are missing, marked synthetic; gives how many were added."""
    held = set(session.scalars(select(Person.citizen_no)))
    new = [row for row in SYNTHETIC_PEOPLE if row[0] not in held]
    for number, name, sex, ethnicity, flags in new:
        session.add(
            Person(
                citizen_no=number,
                name=name,
                sex=sex,
                ethnicity=ethnicity,
                birth_date=date(int(number[6:10]), int(number[10:12]), int(number[12:14])),
                household_area=number[:6],
                flags=flags,
                synthetic=True,
            )
        )
    return len(new)
