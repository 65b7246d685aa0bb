# SPDX-License-Identifier: Apache-2.0
import pytest

from kiosk.photo.profile import PROFILES, Profile, ProfileError, find, read


def test_the_shipped_profile_holds_the_figures_of_the_notices():
    """GA 461-2004 as public notices quote it."""
    one = PROFILES["ga461_2004"]
    assert (one.width, one.height, one.dpi) == (358, 441, 350)
    assert (one.face_width, one.face_width_tolerance) == (207, 14)
    assert (one.top_least, one.top_most, one.eyes_to_bottom) == (7, 21, 207)
    assert (one.quality, one.bytes_least, one.bytes_most) == (70, 14_000, 20_000)
    assert list(PROFILES) == ["ga461_2004"]


def test_every_shipped_profile_can_be_used_and_says_where_it_is_from():
    assert all(find(name) == PROFILES[name] for name in PROFILES)


def test_an_unknown_name_is_a_key_error_and_a_sentence():
    with pytest.raises(KeyError):
        PROFILES["../ga461_2004"]
    with pytest.raises(ProfileError, match="known are ga461_2004"):
        find("visa")


def test_a_file_takes_the_rest_from_the_standard(tmp_path):
    (tmp_path / "wide.toml").write_text("face_width_factor = 1.2\n")
    assert read(tmp_path / "wide.toml") == Profile("wide", face_width_factor=1.2)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("width = ", "not TOML"),
        ("width = 358.5", "width is not a number of its kind"),
        ("width = true", "not a number"),
        ("name = 'x'", "name is not known"),
        ("widht = 358", "widht is not known"),
        ("width = 100000", "width and height"),
        ("face_width_factor = nan", "face_width_factor"),
        ("face_width = 400", "within the width"),
        ("top = 30", "top_most"),
        ("quality = 20", "quality"),
        ("bytes_least = 30000", "bytes_least"),
        ("eyes_to_bottom = 441", "within the height"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_with_its_line(tmp_path, text, word):
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(ProfileError, match=word):
        read(tmp_path / "x.toml")


def test_a_missing_or_binary_file_is_a_sentence(tmp_path):
    with pytest.raises(ProfileError, match="No such file"):
        find(str(tmp_path / "none.toml"))
    (tmp_path / "x.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="not TOML"):
        read(tmp_path / "x.toml")
