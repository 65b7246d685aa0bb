# SPDX-License-Identifier: Apache-2.0
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from idcard.canonical import canonical_json, sha256_hex
from idcard.records import Envelope

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=126), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.text(st.characters(max_codepoint=126), max_size=6), plain, max_size=5)


def test_the_rfc_8785_string_example_is_written_byte_for_byte() -> None:
    # RFC 8785, 3.2.2.2 / 3.2.4: the "string" and "literals" members of the example.
    given_text = r"""{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                      "literals":[null,true,false]}"""
    expected = (
        b'{"literals":[null,true,false],"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_json(json.loads(given_text)) == expected


@given(objects)
@settings(max_examples=100)
def test_the_order_of_names_changes_nothing(value: dict[str, object]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical_json(value) == canonical_json(backwards)
    assert json.loads(canonical_json(value)) == value


@pytest.mark.parametrize("value", [{"a": 1.5}, {"a": 2**53}, {"ä": 1}, {"a": "\ud800"}, {"a": {1}}])
def test_what_has_no_single_form_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any ValueError will do
        canonical_json(value)


def test_a_record_keeps_its_canonical_bytes_through_a_journey_as_json(envelope: Envelope) -> None:
    travelled = Envelope.model_validate_json(envelope.model_dump_json())
    assert canonical_json(travelled) == canonical_json(envelope)


def test_the_hash_of_abc_is_the_published_one() -> None:
    # FIPS 180-4 example, SHA-256 of "abc".
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
