# SPDX-License-Identifier: Apache-2.0
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.keys import OpeningKey
from idcard.records import Part
from idcard.sealing import (
    SealBrokenError,
    SealContext,
    SealError,
    SealKeyError,
    SealSuiteError,
    open_sealed,
    read_header,
    seal,
)

COUNTER, CENTRE = OpeningKey.generate(), OpeningKey.generate()
ID = UUID("0193f000-0000-7000-8000-000000000001")
HERE = SealContext.of_part("B03", ID, Part.IDENTITY)


@given(st.binary(max_size=3000))
@settings(max_examples=60)
def test_only_the_named_key_opens_and_gives_the_same_bytes(plain: bytes) -> None:
    sealed = seal(plain, COUNTER.recipient, context=HERE)
    assert open_sealed(sealed, (CENTRE, COUNTER), context=HERE) == plain
    with pytest.raises(SealKeyError) as refused:
        open_sealed(sealed, CENTRE, context=HERE)
    assert refused.value.key_id == COUNTER.key_id


@pytest.mark.parametrize(
    "elsewhere",
    [
        SealContext.of_part("B04", ID, Part.IDENTITY),
        SealContext.of_part("B03", UUID(int=1), Part.IDENTITY),
        SealContext.of_part("B03", ID, Part.PORTRAIT),
        SealContext("B03", str(ID), "identity", product="other"),
        SealContext("B03", str(ID), "identity", version=2),
    ],
)
def test_an_envelope_moved_to_another_place_does_not_open(elsewhere: SealContext) -> None:
    sealed = seal(b"who", COUNTER.recipient, context=HERE)
    with pytest.raises(SealBrokenError):
        open_sealed(sealed, COUNTER, context=elsewhere)


def test_rewriting_the_readable_context_does_not_help() -> None:
    sealed = seal(b"who", COUNTER.recipient, context=HERE)
    moved = sealed.replace(b'"part":"identity"', b'"part":"portrait"')
    assert len(moved) == len(sealed)
    with pytest.raises(SealBrokenError):
        open_sealed(moved, COUNTER, context=SealContext.of_part("B03", ID, Part.PORTRAIT))


SEALED = seal(b"x" * 40, COUNTER.recipient, context=HERE)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
@settings(max_examples=150)
def test_any_changed_byte_is_noticed(at: int, change: int) -> None:
    damaged = bytearray(SEALED)
    damaged[at] ^= change
    with pytest.raises(SealError):
        open_sealed(bytes(damaged), COUNTER, context=HERE)


@given(st.integers(0, len(SEALED) - 1))
@settings(max_examples=60)
def test_a_cut_envelope_is_broken_and_never_read_past_its_end(length: int) -> None:
    with pytest.raises(SealBrokenError):
        open_sealed(SEALED[:length], COUNTER, context=HERE)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_one_way(noise: bytes) -> None:
    with pytest.raises(SealBrokenError):
        read_header(b"IDBS" + noise)


def test_a_suite_to_come_is_named_as_unknown() -> None:
    other = SEALED[:4] + b"\x02" + SEALED[5:]
    assert read_header(other).suite == 2
    with pytest.raises(SealSuiteError):
        open_sealed(other, COUNTER, context=HERE)


def test_the_head_tells_what_it_is_without_opening() -> None:
    header = read_header(SEALED)
    assert (header.suite, header.key_id, header.context) == (1, COUNTER.key_id, HERE)
    assert header.length == len(SEALED)
    assert b"x" * 8 not in SEALED


def test_an_answer_opens_only_as_the_answer_to_its_own_question() -> None:
    question = seal(b"may I?", COUNTER.recipient, context=SealContext.of_question("B03"))
    front = OpeningKey.generate()
    answer = seal(b"yes", front.recipient, context=SealContext.of_answer("B03", question))
    assert open_sealed(answer, front, context=SealContext.of_answer("B03", question)) == b"yes"
    other = seal(b"may I?", COUNTER.recipient, context=SealContext.of_question("B03"))
    with pytest.raises(SealBrokenError):
        open_sealed(answer, front, context=SealContext.of_answer("B03", other))


def test_two_seals_of_the_same_bytes_have_nothing_in_common_but_the_head() -> None:
    one, two = (seal(b"y" * 32, COUNTER.recipient, context=HERE) for _ in range(2))
    assert one != two
    assert len(one) == len(two)
