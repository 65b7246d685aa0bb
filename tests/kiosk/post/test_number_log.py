# SPDX-License-Identifier: Apache-2.0
from datetime import date
from pathlib import Path

import pytest

from kiosk.post.number_log import NAME, Given, append, last_of_day, last_seq, read

ONE = Given(1, "B03-261201-0001-Y", "id-1")
TWO = Given(2, "B03-261202-0001-A", "id-2")


def test_what_was_given_out_is_read_back_in_order(tmp_path: Path) -> None:
    append(tmp_path, ONE)
    append(tmp_path, TWO)
    assert tuple(read(tmp_path)) == (ONE, TWO)
    assert last_seq(read(tmp_path)) == 2
    assert last_of_day(read(tmp_path), "B03", date(2026, 12, 1)) == 1
    assert last_of_day(read(tmp_path), "B04", date(2026, 12, 1)) == 0


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_line_cut_by_a_power_failure_harms_no_other(tmp_path: Path, cut: int) -> None:
    append(tmp_path, ONE)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-cut])
    append(tmp_path, TWO)
    assert TWO in tuple(read(tmp_path))


def test_no_log_means_no_numbers(tmp_path: Path) -> None:
    assert tuple(read(tmp_path)) == ()
    assert last_seq(()) == 0
