# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.emulators.wire_faults import WIRES, FaultyWire, Piece


def wire(seed: int = 3, **fault: Any) -> FaultyWire:
    wire = FaultyWire(seed)
    wire.set(fault)
    return wire


def test_without_a_fault_a_message_leaves_as_it_is() -> None:
    assert FaultyWire(1).to_host(b"abc") == [Piece(0.0, b"abc")]
    assert FaultyWire(1).from_host(b"abc") == b"abc"


def test_a_fault_skips_then_touches_its_number_of_messages_and_ends() -> None:
    faulty = wire(silent=True, skip=1, times=2)
    assert [bool(faulty.to_host(b"abc")) for _ in range(5)] == [True, False, False, True, True]


def test_a_fault_of_no_number_lasts_until_cleared() -> None:
    faulty = wire(truncate=1, times=0)
    assert [faulty.to_host(b"abc")[0].data for _ in range(9)] == [b"a"] * 9
    faulty.clear()
    assert faulty.to_host(b"abc")[0].data == b"abc"


def test_a_corrupted_message_differs_in_one_bit_of_the_byte_named() -> None:
    for place in (0, 2, -1, 5):
        (piece,) = wire(corrupt=place).to_host(b"abc")
        changed = [(a ^ b).bit_count() for a, b in zip(piece.data, b"abc", strict=True)]
        assert changed[place % 3] == sum(changed) == 1


def test_noise_stands_in_front_or_inside_and_takes_nothing_away() -> None:
    assert wire(noise=4).to_host(b"abc")[0].data[4:] == b"abc"
    inside = wire(noise_inside=5).to_host(b"abc")[0].data
    assert len(inside) == 8
    left = iter(inside)
    assert all(byte in left for byte in b"abc")


def test_a_slow_message_comes_late_and_a_gapped_one_byte_by_byte() -> None:
    assert wire(slow=0.5).to_host(b"ab") == [Piece(0.5, b"ab")]
    assert wire(slow=0.5, gap=0.25).to_host(b"ab") == [Piece(0.5, b"a"), Piece(0.75, b"b")]


def test_a_lossy_wire_loses_about_its_share_each_way_and_the_same_with_the_same_seed() -> None:
    sent = bytes(4000)
    for carry in (
        lambda w: w.to_host(sent)[0].data,
        lambda w: w.from_host(sent),
    ):
        lost = len(sent) - len(carry(wire(lose=0.25, lose_in=0.25)))
        assert 800 < lost < 1200
        assert carry(wire(lose=0.25, lose_in=0.25)) == carry(wire(lose=0.25, lose_in=0.25))


def test_a_glued_message_leaves_with_the_next_one_or_not_at_all() -> None:
    faulty = wire(glue=True, times=2)
    assert faulty.to_host(b"ab") == []
    assert faulty.to_host(b"cd") == []
    assert faulty.to_host(b"ef") == [Piece(0.0, b"abcdef")]
    assert faulty.to_host(b"gh") == [Piece(0.0, b"gh")]
    held = wire(glue=True)
    held.to_host(b"ab")
    held.clear()
    assert held.to_host(b"cd") == [Piece(0.0, b"cd")]


def carried(name: str) -> tuple[list[Piece], bytes]:
    """What two messages become on the wire of that name, and what of the host's arrives."""
    faulty = FaultyWire(3)
    faulty.set(WIRES[name])
    pieces = [*faulty.to_host(bytes(range(200))), *faulty.to_host(bytes(range(200, 256)))]
    return pieces, faulty.from_host(bytes(4000))


def test_the_wires_of_the_tests_are_what_their_names_say() -> None:
    whole = bytes(range(256))
    seen = {name: b"".join(piece.data for piece in carried(name)[0]) for name in WIRES}
    late = {name: max(piece.after_s for piece in carried(name)[0]) for name in WIRES}
    pieces = {name: len(carried(name)[0]) for name in WIRES}
    harmless = {name for name in WIRES if seen[name] == whole}
    assert harmless - {"lossy"} == {"clean", "byte by byte", "glued", "late"}
    assert {name for name in WIRES if late[name]} == {"byte by byte", "late"}
    assert (pieces["clean"], pieces["byte by byte"], pieces["glued"]) == (2, 256, 1)
    assert len(carried("lossy")[1]) < 4000
    assert len(seen["noisy"]) == 256 + 2 * 7
    assert len(seen["corrupting"]) == 256
    assert len(seen["truncating"]) == 7 + 56
    assert len(seen["duplicating"]) == 512


@pytest.mark.parametrize(
    "fault", [{"gremlins": 1}, {"silent": 1.5}, {"stray": "5"}, {"times": "two"}], ids=str
)
def test_a_fault_that_makes_no_sense_is_refused_and_changes_nothing(fault: dict[str, Any]) -> None:
    faulty = wire(duplicate=True)
    with pytest.raises(ValueError, match=r"fault|hex"):
        faulty.set(fault)
    assert faulty.to_host(b"a")[0].data == b"aa"


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=40),
    st.fixed_dictionaries(
        {},
        optional={
            "corrupt": st.one_of(st.just("any"), st.integers(-50, 50)),
            "truncate": st.integers(0, 50),
            "duplicate": st.booleans(),
            "glue": st.booleans(),
            "noise": st.integers(0, 9),
            "noise_inside": st.integers(0, 9),
            "gap": st.just(0.001),
            "replace": st.just("ef01"),
        },
    ),
)
def test_any_mixture_of_faults_gives_pieces_in_order(message: bytes, fault: dict[str, Any]) -> None:
    pieces = wire(**fault).to_host(message)
    times = [piece.after_s for piece in pieces]
    assert times == sorted(times)
