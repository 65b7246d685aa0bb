# SPDX-License-Identifier: Apache-2.0
"""The mappings against the reference implementation's published table (data/ofiq-1.0.3.csv)."""

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.photo import mapping

TABLE = Path(__file__).parent / "data" / "ofiq-1.0.3.csv"


def published():
    with TABLE.open(encoding="ascii") as file:
        rows = csv.DictReader((line for line in file if line[0] != "#"), delimiter=";")
        for row in rows:
            for measure in mapping.MAPPINGS:
                yield row["Filename"], measure, float(row[measure]), int(row[f"{measure}.scalar"])


def test_all_784_published_scores_come_out_exactly():
    cases = list(published())
    assert len(cases) == 784
    wrong = [
        (picture, measure, value, score, mapping.mapped(measure, value))
        for picture, measure, value, score in cases
        if mapping.mapped(measure, value) != score
    ]
    assert wrong == []


def test_every_measure_of_the_table_has_a_mapping_and_none_is_made_up():
    with TABLE.open(encoding="ascii") as file:
        names = next(line for line in file if line[0] != "#").strip().split(";")[1:]
    assert list(mapping.MAPPINGS) == [name for name in names if not name.endswith(".scalar")]


@pytest.mark.parametrize("measure", mapping.MAPPINGS)
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_score_is_a_whole_number_from_0_to_100_whatever_the_value(measure, value):
    try:
        found = mapping.mapped(measure, value)
    except ValueError:
        assert value < 0  # only a power or a share may refuse
        return
    assert isinstance(found, int)
    assert 0 <= found <= 100


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        mapping.mapped("HeadSize", value)


def test_halves_are_rounded_away_from_zero():
    """As std::round does; Python's own round would give 0 and 2."""
    assert [mapping.score(value) for value in (0.5, 1.5, 2.5, 99.5)] == [1, 2, 3, 100]


@pytest.mark.parametrize(
    ("measure", "better", "worse"),
    [
        ("LuminanceMean", 0.5, 0.15),
        ("LuminanceMean", 0.5, 0.85),
        ("MouthClosed", 0.01, 0.2),
        ("EyesOpen", 0.05, 0.01),
        ("HeadPoseYaw", 0, -30),
        ("NaturalColour", 0, 8),
        ("OverExposurePrevention", 0, 0.1),
        ("HeadSize", 0.45, 0.3),
        ("NoHeadCoverings", 0, 0.2),
        ("SingleFacePresent", 0, 0.5),
    ],
)
def test_the_better_picture_has_the_higher_score(measure, better, worse):
    assert mapping.mapped(measure, better) > mapping.mapped(measure, worse)
