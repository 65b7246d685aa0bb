# SPDX-License-Identifier: Apache-2.0
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.age import full_years
from idcard.numbers import (
    AcceptanceNumber,
    BoothNumber,
    CitizenNumberError,
    NumberFault,
    check_character,
    parse_acceptance_number,
    parse_booth_number,
    parse_citizen_number,
)

TODAY = date(2026, 12, 1)

# Invented people: number, sex, age on 2026-12-01 counted by hand.
PEOPLE = [
    ("340322202103150035", "1", 5),
    ("220102201602290026", "2", 10),
    ("320402201012020050", "1", 15),
    ("320402201012010071", "1", 16),
    ("320412201011300061", "2", 16),
    ("130102200806200014", "1", 18),
    ("410305200012020043", "2", 25),
    ("410305200012010080", "2", 26),
    ("341522199811070025", "2", 28),
    ("341522199104300098", "1", 35),
    ("32040219930517001X", "1", 33),
    ("110101199003070011", "1", 36),
    ("420106198812120066", "2", 37),
    ("222402198505050016", "1", 41),
    ("654002198307190026", "2", 43),
    ("450102198210100033", "1", 44),
    ("410305198012020019", "1", 45),
    ("410305198012010021", "2", 46),
    ("150102198103030040", "2", 45),
    ("540102197901250054", "1", 47),
    ("370102197502140032", "1", 51),
    ("500103196808080083", "2", 58),
    ("310105196111300012", "1", 65),
    ("610102195506010041", "2", 71),
    ("11010519491231002X", "2", 76),  # GB 11643-1999, example
    ("370202194105200013", "1", 85),
    ("320402193601090025", "2", 90),
    ("440524188001010014", "1", 146),  # GB 11643-1999, example
]


@pytest.mark.parametrize(("number", "sex", "age"), PEOPLE)
def test_a_right_number_gives_sex_and_birth_date(number: str, sex: str, age: int) -> None:
    read = parse_citizen_number(number, TODAY)
    assert (read.text, read.sex, read.area) == (number, sex, number[:6])
    assert f"{read.birth_date:%Y%m%d}" == number[6:14]
    assert full_years(read.birth_date, TODAY) == age


# GB 11643-1999: sums 167 and 195, remainders 2 and 8.
@pytest.mark.parametrize(
    ("first", "check"), [("11010519491231002", "X"), ("44052418800101001", "4")]
)
def test_the_standards_two_examples_get_their_check_characters(first: str, check: str) -> None:
    assert check_character(first) == check


WRONG = [
    ("320412201011300062", NumberFault.CHECK_DIGIT),
    ("320402199302300018", NumberFault.NO_SUCH_DATE),  # 30 February, check digit right
    ("320402202705170013", NumberFault.FUTURE_BIRTH),
    ("000000199305170010", NumberFault.NO_SUCH_AREA),
    ("11010519491231002", NumberFault.LENGTH),
    ("110105491231002", NumberFault.OLD_FORM),
    ("32O402199305170O1X", NumberFault.LETTER_FOR_DIGIT),
    ("32040219930517I01X", NumberFault.LETTER_FOR_DIGIT),
    ("32040219930517001Y", NumberFault.CHARACTER),
    ("X20402199305170010", NumberFault.CHARACTER),
    ("32040219930517001XX", NumberFault.LENGTH),
    ("", NumberFault.LENGTH),
    ("٣٢٠٤٠٢١٩٩٣٠٥١٧٠٠١X", NumberFault.CHARACTER),  # digits of another script
]


@pytest.mark.parametrize(("typed", "fault"), WRONG)
def test_a_wrong_number_is_refused_with_the_one_thing_to_mend(typed: str, fault: object) -> None:
    with pytest.raises(CitizenNumberError) as refused:
        parse_citizen_number(typed, TODAY)
    assert refused.value.fault is fault
    assert not typed or typed not in str(refused.value)


@pytest.mark.parametrize(
    "typed",
    [
        "32040219930517001x",
        "３２０４０２１９９３０５１７００１Ｘ",
        " 320402 19930517 001X ",
        "３２０４０２１９９３０５１７００１ｘ",
    ],
)
def test_a_number_typed_in_another_form_is_made_normal(typed: str) -> None:
    assert parse_citizen_number(typed, TODAY).text == "32040219930517001X"


def test_a_person_of_146_is_valid_in_form_but_staff_should_look() -> None:
    assert parse_citizen_number("440524188001010014", TODAY).ask_staff(TODAY)
    assert not parse_citizen_number("320402193601090025", TODAY).ask_staff(TODAY)


@given(st.text(max_size=24))
def test_any_typing_is_read_or_refused_and_never_crashes(typed: str) -> None:
    try:
        parse_citizen_number(typed, TODAY)
    except CitizenNumberError:
        return


@given(st.sampled_from([number for number, _, _ in PEOPLE]), st.integers(0, 16), st.integers(1, 9))
@settings(max_examples=100)
def test_one_wrong_digit_never_passes(number: str, at: int, shift: int) -> None:
    digit = (int(number[at]) + shift) % 10
    with pytest.raises(CitizenNumberError):
        parse_citizen_number(number[:at] + str(digit) + number[at + 1 :], TODAY)


def test_the_acceptance_number_is_composed_and_grouped_as_the_standard_shows() -> None:
    # GA 214.4-2004: area 6, station 3, date 8, sequence 5.
    number = AcceptanceNumber("320402001", date(2026, 12, 1), 7)
    assert str(number) == "3204020012026120100007"
    assert number.grouped() == "320402 001 20261201 00007"
    assert parse_acceptance_number(number.grouped()) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "320402001202612010007",
        "3204020012026130100007",
        "3204020012026120100000",
        "B03-261201-0007-K",
    ],
)
def test_what_is_no_acceptance_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_acceptance_number(typed)


def test_the_sequence_ends_at_99999() -> None:
    assert str(AcceptanceNumber("320402001", TODAY, 99_999)).endswith("99999")
    with pytest.raises(ValueError):  # noqa: PT011
        AcceptanceNumber("320402001", TODAY, 100_000)


booth_numbers = st.builds(
    BoothNumber,
    st.from_regex(r"[A-Z][A-Z0-9]{1,7}", fullmatch=True).filter(str.isascii),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 9999),
)


def test_a_booth_number_looks_like_this() -> None:
    assert str(BoothNumber("B03", TODAY, 7)) == "B03-261201-0007-K"
    assert parse_booth_number("b03-261201-0007-k") == BoothNumber("B03", TODAY, 7)


@given(booth_numbers, st.data())
@settings(max_examples=150)
def test_one_wrong_digit_or_a_swap_in_a_booth_number_is_noticed(
    number: BoothNumber, data: st.DataObject
) -> None:
    text = str(number)
    assert parse_booth_number(text) == number
    digits = [i for i, one in enumerate(text) if one.isdigit()]
    at = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != text[at]]))
    with pytest.raises(ValueError):  # noqa: PT011
        parse_booth_number(text[:at] + other + text[at + 1 :])
    a, b = data.draw(st.sampled_from([(i, i + 1) for i in digits if i + 1 in digits]))
    if text[a] != text[b]:
        with pytest.raises(ValueError):  # noqa: PT011
            parse_booth_number(text[:a] + text[b] + text[a] + text[b + 1 :])


def test_a_booth_number_can_never_be_taken_for_an_acceptance_number() -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_acceptance_number("B03-261201-0007-K")
    with pytest.raises(ValueError):  # noqa: PT011
        parse_booth_number("3204020012026120100007")
