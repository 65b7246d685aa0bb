# SPDX-License-Identifier: Apache-2.0
"""Nothing reaches a log that is not on the list."""

import structlog
from structlog.testing import capture_logs

from kiosk.lane import note_fault
from kiosk.log import HELD_BACK, allow


def test_a_field_that_is_not_listed_is_held_back() -> None:
    kept = allow(None, "info", {"event": "act failed", "code": "card.moved", "name": "林桂兰"})
    assert kept == {"event": "act failed", "code": "card.moved", "name": HELD_BACK}


def test_a_listed_field_with_a_whole_record_in_it_is_held_back_too() -> None:
    assert allow(None, "info", {"code": {"citizen_no": "11010519491231002X"}}) == {
        "code": HELD_BACK
    }


def test_a_program_fault_is_logged_by_type_and_place_never_by_its_text() -> None:
    with capture_logs() as logged:
        try:
            raise ValueError("林桂兰 11010519491231002X")
        except ValueError as wrong:
            note_fault(wrong, "ReadCardAct")
    assert structlog is not None
    assert logged[0]["kind"] == "ValueError"
    assert "test_log.py:" in logged[0]["where"]
    assert "林" not in str(logged)
    assert "1949" not in str(logged)
