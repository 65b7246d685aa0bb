# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from counter.serve import serve
from counter.settings import Settings, SettingsError, load


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "counter.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_whole_file_is_understood(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        state_dir = "/var/lib/c"
        [booth]
        port = 9443
        [payments]
        payment_s = 60
        [stations.320402001]
        name = "天宁派出所"
        auto_accept = false
        [booths.B04]
        station_code = "320402002"
        [register]
        refuse_unknown = true
        """,
    )
    settings = load(path)
    assert settings.booth.port == 9443
    assert not settings.station_for("320402001").auto_accept
    assert settings.station_for("320402009").auto_accept
    assert settings.station_of("B04") == "320402002"
    assert settings.unknown_people.refuse_unknown


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[booth]\nport = 9443\n")
    assert load(path, booth__port=1234, console__port=None).booth.port == 1234


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stat_dir = 'x'", "the key 'stat_dir' is not known"),
        ("[booth]\nprot = 1", "the key 'booth.prot' is not known"),
        ("[booth]\nport = 70000", "'booth.port'"),
        ("[stations.12]\nname = 'x'", "'stations.12"),
        ("a = = 1", "is not TOML"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence_that_names_the_key(
    tmp_path: Path, text: str, told: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as why:
        load(path)
    assert told in str(why.value)
    assert str(path) in str(why.value)
    assert "\n" not in str(why.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_the_environment_changes_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATE_DIR", "/elsewhere")
    assert Settings().state_dir == Path("/var/lib/idbooth-counter")


def test_the_console_is_not_served_in_the_clear_beyond_this_machine() -> None:
    with pytest.raises(SettingsError, match="loopback"):
        serve(load(None, console__host="0.0.0.0"))  # noqa: S104
