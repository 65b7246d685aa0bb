# SPDX-License-Identifier: Apache-2.0
import json

import cv2
import pytest
from typer.testing import CliRunner

from kiosk.photo.cli import app


@pytest.fixture(scope="module")
def run(model_folder):
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def file(tmp_path, pictures):
    def write(look):
        path = tmp_path / f"{look}.png"
        cv2.imwrite(str(path), pictures(look)[0])
        return path

    return write


def test_judge_tells_reason_and_figures(run, file):
    done = run("judge", file("good"))
    told = json.loads(done.stdout)
    assert (done.exit_code, told["reason"], told["blocks"]) == (0, "photo.mouth", False)
    assert (told["engine"], told["faces"]) == ("nets", 1)
    assert told["scores"]["luminance"] > 90


def test_judge_fails_where_no_portrait_is_possible(run, file):
    done = run("judge", file("two"))
    assert (done.exit_code, json.loads(done.stdout)["reason"]) == (1, "photo.several_faces")
    done = run("judge", file("empty"))
    assert (done.exit_code, json.loads(done.stdout)["reason"]) == (1, "photo.no_face")


def test_crop_writes_the_portrait(run, file, tmp_path):
    out = tmp_path / "portrait.jpg"
    done = run("crop", file("good"), "--out", out)
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert cv2.imread(str(out)).shape == (441, 358, 3)
    assert told["bytes"] == out.stat().st_size
    assert told["eyes_to_bottom_px"] >= 207


def test_crop_says_why_not_and_writes_nothing(run, file, tmp_path):
    out = tmp_path / "portrait.jpg"
    done = run("crop", file("far"), "--out", out)
    assert (done.exit_code, json.loads(done.stdout)["reason"]) == (1, "photo.too_far")
    assert not out.exists()


@pytest.mark.parametrize("content", [b"", b"no picture at all"])
def test_a_file_that_is_no_picture_gets_a_plain_word(run, tmp_path, content):
    path = tmp_path / "x.jpg"
    path.write_bytes(content)
    done = run("judge", path)
    assert done.exit_code == 2
    assert "not a picture" in " ".join(done.output.replace("│", " ").split())


def test_an_unknown_profile_is_named(run, file, tmp_path):
    done = run("crop", file("good"), "--out", tmp_path / "x.jpg", "--profile", "visa")
    assert done.exit_code == 2
    assert "ga461_2004" in done.output
