# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import pytest

from bench import report
from bench.__main__ import main
from bench.devices import fingers_s, slip_s
from bench.row import NAMES, Course, Row, Subject, Target, row
from bench.rows import subjects

ROOT = Path(__file__).resolve().parents[2]
WHERE = {**report.machine(), "at": "2026-12-01T00:00:00+00:00"}


def test_every_subject_can_be_imported_and_measures_by_a_function():
    found = subjects()
    assert {"visit", "front", "preview", "camera", "post", "slip"} <= set(found)
    assert all(callable(one.measure) and one.about for one in found.values())


def test_a_row_keeps_all_samples_in_its_spread_and_compares_medians():
    made = row("x", "ms", [1.0, 2.0, 90.0], [4.0, 5.0, 6.0], "bare", target=Target("ratio", 0.5))
    assert (made.ours, made.baseline, made.ratio, made.met) == (2.0, 5.0, 0.4, True)
    assert made.spread == (1.0, 90.0)
    assert made.runs == 3


def test_a_missed_target_is_told_as_missed():
    slow = row("x", "ms", [160.0], target=Target("ours", 150))
    assert slow.met is False
    assert "MISSED" in report.verdict({"target": slow.target, "met": slow.met})
    assert row("x", "1/s", [25.0], [30.0], target=Target("ratio", 0.97, least=True)).met is False


def test_a_target_on_a_ratio_without_baseline_is_neither_met_nor_missed():
    assert row("x", "ms", [1.0], target=Target("ratio", 1.25)).met is None


def test_nothing_measured_is_an_error_and_not_a_row():
    with pytest.raises(ValueError, match="nothing was measured"):
        row("x", "ms", [])


def fake(course: Course) -> list[Row]:
    course.step(1, 1)
    return [row("a", "ms", [1.0, 3.0], [1.0], "something bare", target=Target("ratio", 3))]


def broken(course: Course) -> list[Row]:
    raise RuntimeError("no device")


def test_the_command_writes_the_agreed_fields_and_a_page_to_read(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("bench.__main__.subjects", lambda: {"s": Subject("s", "about", fake)})
    monkeypatch.setattr("bench.__main__.SCRATCH", tmp_path / "scratch")
    assert main(["--results", str(tmp_path)]) == 0
    rows = json.loads((tmp_path / "latest.json").read_text())
    assert [one["name"] for one in rows] == ["s: a"]
    assert set(NAMES) <= set(rows[0])
    assert rows[0]["spread"] == [1.0, 3.0]
    assert rows[0]["ratio"] == 2.0
    where = json.loads((tmp_path / "machine.json").read_text())
    assert where["cores"] >= 1
    assert where["python"].startswith("3.")
    page = (tmp_path / "latest.md").read_text()
    assert "| s: a | ms | 2 |" in page
    assert "ratio <= 3: met" in page
    assert not list((tmp_path / "scratch").iterdir())


def test_measuring_one_subject_again_keeps_the_rows_of_the_others(tmp_path, monkeypatch):
    def other(course: Course) -> list[Row]:
        return [row("b", "s", [2.0])]

    known = {"s": Subject("s", "about", fake), "t": Subject("t", "about", other)}
    monkeypatch.setattr("bench.__main__.subjects", lambda: known)
    monkeypatch.setattr("bench.__main__.SCRATCH", tmp_path / "scratch")
    for only in ("s", "t", "s"):
        assert main(["--results", str(tmp_path), "--only", only]) == 0
    assert [one["name"] for one in report.read(tmp_path / "latest.json")] == ["s: a", "t: b"]


def test_a_subject_that_fails_is_named_and_the_others_are_written(tmp_path, monkeypatch, capsys):
    known = {"bad": Subject("bad", "about", broken), "s": Subject("s", "about", fake)}
    monkeypatch.setattr("bench.__main__.subjects", lambda: known)
    monkeypatch.setattr("bench.__main__.SCRATCH", tmp_path / "scratch")
    assert main(["--results", str(tmp_path)]) == 1
    assert "bad could not be measured: RuntimeError: no device" in capsys.readouterr().out
    assert [one["name"] for one in report.read(tmp_path / "latest.json")] == ["s: a"]


def test_the_committed_results_have_the_agreed_fields():
    rows = report.read(ROOT / "bench" / "results" / "latest.json")
    assert rows
    assert all(set(NAMES) <= set(one) for one in rows)
    named = set(subjects())
    assert {one["name"].partition(":")[0] for one in rows} <= named


def test_images_of_a_finger_that_had_not_left_are_not_the_devices_need():
    def spent(times: int, seconds: float) -> dict[str, float]:
        return {"times": times, "seconds": seconds, "bytes_in": 0, "bytes_out": 0}

    acts = {
        "gen_img": spent(7, 3.5),
        "gen_img of nothing": spent(10, 0.03),
        "img2tz": spent(4, 1.4),
        "match": spent(2, 0.06),
    }
    status = {"host_rate": 57600, "spent": acts}
    assert fingers_s(status) == pytest.approx(4 * 0.5 + 3 * 0.003 + 1.4 + 0.06)


def test_a_slip_takes_the_slower_of_wire_and_paper_then_the_cut():
    # 1200 rows are 150 mm, one second at 150 mm/s; 15 mm from head to cutter, half a second's cut.
    assert slip_s(0, 115200, 1200) == pytest.approx(1.5)
    assert slip_s(11520 * 3, 115200, 1200) == pytest.approx(3.0 + 0.1 + 0.5)
