# SPDX-License-Identifier: Apache-2.0
import shutil
import subprocess
import sys

import pytest

from drivers.health import State
from kiosk.doctor import spoken
from kiosk.health import fitness
from kiosk.photo import models
from kiosk.photo.engine import open_engine
from kiosk.photo.faces import Source


def test_a_missing_file_is_named_with_a_reason(tmp_path):
    assert models.locate(tmp_path) == models.Missing("photo.models_missing", models.Net.DETECTOR)


def test_one_changed_byte_is_noticed(tmp_path, model_folder):
    for net in models.Net:
        shutil.copy(model_folder / net.value, tmp_path)
    assert isinstance(models.locate(tmp_path), models.Located)
    path = tmp_path / models.Net.IRIS
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    assert models.locate(tmp_path) == models.Missing("photo.models_altered", models.Net.IRIS)


def test_without_models_the_booth_still_has_an_engine_and_says_why(tmp_path):
    opened = open_engine(tmp_path)
    assert opened.engine.source is Source.HAAR
    assert opened.reduced == "photo.models_missing"


def test_with_models_nothing_is_reduced(model_folder):
    opened = open_engine(model_folder)
    assert (opened.engine.source, opened.reduced) == (Source.NETS, "")


def test_fetching_again_downloads_nothing(model_folder):
    told: list[str] = []
    models.fetch(model_folder, told.append)
    assert told == []


def test_the_licence_and_a_notice_lie_beside_the_files(model_folder):
    assert "Apache License" in (model_folder / "LICENSE").read_text()
    assert "MediaPipe" in (model_folder / "NOTICE").read_text()


def test_a_failed_download_says_what_to_do_and_leaves_no_half_file(tmp_path, monkeypatch):
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    where = tmp_path / "models"
    with pytest.raises(models.FetchError, match="run again"):
        models.fetch(where)
    assert list(where.iterdir()) == []
    assert list(tmp_path.iterdir()) == [where]


def test_the_command_is_quick_to_say_that_all_is_there(model_folder):
    command = [sys.executable, "-X", "importtime", "-m", "kiosk.photo.models", "fetch"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "already" in done.stdout
    assert "cv2" not in done.stderr
    assert "rich" not in done.stderr


def test_the_technician_reads_what_is_missing_and_no_citizen_is_sent_away(tmp_path):
    found = models.health(tmp_path)
    assert (found.state, found.reason) == (State.ILL, "photo.models_missing")
    assert found.detail == models.Net.DETECTOR
    assert spoken(found)["remedy_zh"]
    told, well = fitness([found]), fitness([])
    assert told.notes == ("photo.models_missing",)
    assert (told.closing, told.limiting, told.shut) == (well.closing, well.limiting, well.shut)


def test_with_models_the_face_engine_is_well(model_folder):
    assert models.health(model_folder).state is State.READY


@pytest.mark.parametrize("net", models.Net)
def test_an_altered_net_never_fails_the_start_and_the_fallback_looks(
    tmp_path, model_folder, pictures, net
):
    for one in models.Net:
        shutil.copy(model_folder / one.value, tmp_path)
    (tmp_path / net).write_bytes(b"something else")
    opened = open_engine(tmp_path)
    assert (opened.engine.source, opened.reduced) == (Source.HAAR, "photo.models_altered")
    assert opened.engine.look(pictures("good")[0], None).face is not None
