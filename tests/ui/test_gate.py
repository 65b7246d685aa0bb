# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from kiosk.view import Booth, Button, Role, Screen, View, text
from ui.gate import PATIENCE_S, QUIET_S, Gate

FIRST = View(Screen.CONSENT, text("a"), text("s"), question=1)


def tap(gate: Gate, now: float) -> bool:
    """A tap of 30 ms that would answer; whether it did."""
    accepted = gate.down(now, answers=True)
    gate.up(now + 0.03)
    if accepted:
        gate.answered(now + 0.03)
    return accepted


@given(st.lists(st.floats(0.02, QUIET_S - 0.04), min_size=5, max_size=60))
def test_hasty_taps_never_pass_more_than_one_screen(pauses: list[float]) -> None:
    gate, now, question = Gate(), 10.0, 1
    gate.shown(FIRST)
    answers = 0
    for pause in pauses:
        if tap(gate, now):
            answers += 1
            question += 1
            gate.shown(replace(FIRST, question=question))  # the flow answers at once
        now += 0.03 + pause
    assert answers == 1


def test_after_a_quiet_moment_the_next_screen_takes_a_tap() -> None:
    gate = Gate()
    gate.shown(FIRST)
    assert tap(gate, 1.0)
    gate.shown(replace(FIRST, question=2))
    assert not tap(gate, 1.3)
    assert not tap(gate, 1.3 + QUIET_S)  # the swallowed tap ended 30 ms later
    assert tap(gate, 3.0)


def test_one_question_takes_one_answer_until_the_screen_changes() -> None:
    gate = Gate()
    gate.shown(FIRST)
    assert tap(gate, 1.0)
    assert not tap(gate, 1.6)
    gate.shown(replace(FIRST, buttons=(Button("b", text("b"), Role.BACK),)))
    assert tap(gate, 1.7)


def test_guidance_alone_does_not_open_the_gate_again_but_a_new_take_does() -> None:
    gate, booth = Gate(), replace(FIRST, screen=Screen.PHOTO, content=Booth())
    gate.shown(booth)
    assert tap(gate, 1.0)
    gate.shown(replace(booth, lines=(text("closer"),), leaving_s=20))
    assert not tap(gate, 1.5)
    gate.shown(replace(booth, content=Booth(pause=True)))
    assert tap(gate, 1.6)


def test_an_answer_that_changed_nothing_may_be_given_again_later() -> None:
    gate = Gate()
    gate.shown(FIRST)
    assert tap(gate, 1.0)
    assert gate.quiet_in(1.1, answers=True) > 1
    assert tap(gate, 1.04 + PATIENCE_S)


def test_the_keypad_is_as_quick_as_the_finger() -> None:
    gate = Gate()
    gate.shown(FIRST)
    assert all(gate.down(1 + n * 0.09, answers=False) for n in range(20))
