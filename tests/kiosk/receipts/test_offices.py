# SPDX-License-Identifier: Apache-2.0
"""A station's own list of household authorities."""

from pathlib import Path

import pytest

from kiosk.receipts.offices import Office, OfficesError, office_of, read_offices


def written(folder: Path, text: str) -> Path:
    path = folder / "offices.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_authority_is_found_by_the_name_on_the_card(tmp_path: Path) -> None:
    path = written(tmp_path, '["寿县公安局"]\noffice = "户政大厅"\nphone = "0554-000 0000"\n')
    offices = read_offices(path)
    assert office_of("寿县公安局", offices) == Office("户政大厅", phone="0554-000 0000")
    assert office_of("北京市公安局朝阳分局", offices) == Office("北京市公安局朝阳分局")
    assert read_offices(None) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('["寿县公安局"]\nphone = "1"\n', "3 to 15 digits"),
        ('["寿县公安局"]\nfax = "0554"\n', "unknown fax"),
        ('"寿县公安局" = "0554"\n', "a table of texts"),
        ('["寿县公安局"]\nphone = 554\n', "a table of texts"),
        ("[", "offices.toml"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(OfficesError, match=why):
        read_offices(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OfficesError, match=r"gone\.toml"):
        read_offices(tmp_path / "gone.toml")
