# SPDX-License-Identifier: Apache-2.0
"""The plug for a photo decoder, with programs in its place that do right and every wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.idreader_photo import LONGEST_PICTURE, ExecutableDecoder, PhotoDecoderError

WLT = bytes.fromhex("574C66007E00320000FF85") + bytes(range(256)) * 3
Make = Callable[[str], ExecutableDecoder]


@pytest.fixture
def program(tmp_path: Path) -> Make:
    def make(script: str) -> ExecutableDecoder:
        path = tmp_path / "decoder"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return ExecutableDecoder(path, limit_s=30.0)

    return make


def test_it_gets_the_chips_bytes_and_its_output_is_the_picture(program: Make) -> None:
    assert program("printf 'PIC'; exec /bin/cat").decode(WLT) == b"PIC" + WLT


def test_it_gets_no_environment_and_no_file_of_ours(
    program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_BOOTH", "shown")
    told = program("/usr/bin/env; pwd").decode(WLT)
    assert b"SECRET_OF_THE_BOOTH" not in told
    assert told.splitlines()[-1] == b"/"


def test_one_that_reads_nothing_may_still_answer(program: Make) -> None:
    assert program("exec /bin/echo picture").decode(WLT) == b"picture\n"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "status 3"),
        ("/bin/cat >/dev/null; exit 0", "nothing"),
        ("kill -SEGV $$", "status -11"),
        ("exec /bin/cat /dev/zero", "more than any photo"),
    ],
)
def test_what_goes_wrong_is_told_without_a_byte_of_the_photo(
    program: Make, script: str, why: str
) -> None:
    with pytest.raises(PhotoDecoderError, match=why) as told:
        program(script).decode(WLT)
    assert "WL" not in str(told.value).replace("WLT", "")
    assert LONGEST_PICTURE < 1 << 20


def test_one_that_hangs_is_ended_at_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "decoder"
    path.write_text("#!/bin/sh\nexec /bin/sleep 600\n")
    path.chmod(0o755)
    with pytest.raises(PhotoDecoderError, match=r"no picture within 0\.2 s"):
        ExecutableDecoder(path, limit_s=0.2).decode(WLT)


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PhotoDecoderError, match="cannot be started"):
        ExecutableDecoder(tmp_path / "absent").decode(WLT)
