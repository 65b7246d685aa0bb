# SPDX-License-Identifier: Apache-2.0
"""Citizens whose visit needs a booth with settings of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

# No group: these may run beside the others.
pytestmark = [pytest.mark.visit, pytest.mark.timeout(900)]

HallFor = Callable[[str], AbstractContextManager[Any]]


def test_without_a_line_the_case_is_stored_and_arrives_exactly_once_later(
    hall_for: HallFor,
) -> None:
    with hall_for("offline") as hall:
        result = hall.play("offline")
        assert result["outcome"] == "stored"
        assert result["acceptance_number"] is None
        assert result["booth_number"].startswith("B03-")
        assert hall.applications() == 0
        hall.stack.control("line", {"cut": False})
        held = hall.at_counter(result["application_id"])
        assert held["booth_number"] == result["booth_number"]
        assert hall.applications() == 1


def test_poor_fingers_lead_to_the_next_finger_never_to_a_refusal(hall_for: HallFor) -> None:
    with hall_for("poor_fingers") as hall:
        result = hall.play("poor_fingers")
        assert result["outcome"] == "received"
        assert [one["position"] for one in result["fingers"]] == ["right-index", "left-thumb"]


def test_a_citizen_who_walks_away_leaves_nothing(hall_for: HallFor) -> None:
    with hall_for("abandoned") as hall:
        result = hall.play("abandoned")
        assert result["outcome"] == "abandoned"
        assert hall.applications() == 0
        assert hall.traces("建国", "370102197502140032") == []
        # The next one touches the screen and lays no card down.
        assert hall.play("nobody")["outcome"] == "abandoned"
        assert hall.applications() == 0
