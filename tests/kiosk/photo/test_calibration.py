# SPDX-License-Identifier: Apache-2.0
"""What a booth's calibration measures, and the record that is kept of it."""

import contextlib
import inspect
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from drivers import camera
from firmware_io.emulators.camera import CameraEmulator
from kiosk.photo import calibration_checks
from kiosk.photo.calibrate_cli import calibrate_command
from kiosk.photo.calibration import Calibration, CalibrationError, measure_seat, measure_wall
from kiosk.photo.calibration_checks import FOCUS_LEAST
from kiosk.texts.catalogue import LANGUAGES, catalogue

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def wall(level=235, shape=(720, 1280), cast=(0, 0, 0), noise=2.0):
    image = np.full((*shape, 3), level, np.float64) + np.array(cast)
    image += np.random.default_rng(5).normal(0, noise, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def measured(pictures, engine):
    """Of a sharp, well lit, well placed face, and of the white wall."""
    seat = measure_seat(pictures("neutral", count=6, sway=0.0), looker(engine))
    return seat, measure_wall(wall())


def looker(engine):
    return lambda image: engine.look(image, None, sweep=True)


@pytest.mark.parametrize("shape", [(720, 1280), (1280, 720), (480, 640)])
def test_an_even_white_wall_is_good_in_any_frame(shape):
    found = measure_wall(wall(shape=shape))
    assert found.reason == ""
    assert found.light == pytest.approx(93, abs=2)
    assert found.evenness > 0.98


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (wall(60), "dark"),
        (wall(200), "dark"),  # grey: L 80, a citizen's background would be refused
        (wall(254, noise=0.5), "bright"),
        (wall(230, cast=(-40, 0, 20)), "coloured"),
        (wall(200, cast=(40, 0, -60)), "coloured"),
    ],
)
def test_a_wall_that_would_spoil_portraits_is_told_why(picture, reason):
    assert measure_wall(picture).reason == f"calibration.wall.{reason}"


def test_a_wall_lit_from_one_side_is_uneven():
    picture = wall() * np.linspace(1.0, 0.75, 1280)[None, :, None]
    assert measure_wall(picture.astype(np.uint8)).reason == "calibration.wall.uneven"


def test_somebody_before_the_wall_is_seen(pictures):
    assert measure_wall(pictures("neutral")[0]).reason == "calibration.wall.not_empty"


def test_what_lies_beside_and_below_the_portrait_does_not_matter():
    picture = wall()
    picture[:, :100] = 20
    picture[560:] = 40
    assert measure_wall(picture).good


def test_a_face_well_seated_is_good_and_its_figures_are_the_preview_s(measured):
    seat, _wall = measured
    assert seat.reason == ""
    assert seat.face_width == pytest.approx(240, abs=12)
    assert seat.largest_width == pytest.approx(338, abs=1)  # 720 / 441 * 207
    assert 0.03 < seat.sharpness < 0.10


@pytest.mark.parametrize(
    ("look", "changes", "reason"),
    [
        ("empty", {}, "no_face"),
        ("two", {}, "several"),
        ("far", {}, "too_far"),
        ("near", {}, "too_close"),
        ("left", {}, "aside"),
        ("dark", {}, "dark"),
        ("bright", {}, "bright"),
    ],
)
def test_each_thing_wrong_at_the_seat_has_its_own_reason(pictures, engine, look, changes, reason):
    frames = pictures(look, count=5, sway=0.0, **changes)
    assert measure_seat(frames, looker(engine)).reason == f"calibration.seat.{reason}"


def test_a_camera_out_of_focus_is_told_and_the_sharper_the_higher(pictures, engine):
    sharp = pictures("neutral", count=5, sway=0.0)
    focus = []
    for sigma in (1.0, 2.0, 4.0):
        soft = [cv2.GaussianBlur(image, (0, 0), sigma) for image in sharp]
        focus.append(measure_seat(soft, looker(engine)))
    assert focus[0].reason == ""
    assert focus[2].reason == "calibration.seat.blurred"
    assert focus[0].focus > focus[1].focus > focus[2].focus
    assert focus[0].focus > FOCUS_LEAST > focus[2].focus


def test_somebody_who_moves_is_asked_to_sit_still(pictures, engine):
    still = pictures("neutral", count=5, sway=0.0)
    moved = [np.roll(image, 16 * (place % 2), axis=1) for place, image in enumerate(still)]
    assert measure_seat(moved, looker(engine)).reason == "calibration.seat.moves"


def test_too_few_pictures_are_no_measurement(engine):
    with pytest.raises(ValueError, match="at least"):
        measure_seat([wall()], looker(engine))


def made(measured):
    seat, found = measured
    empty = Calibration.default().of("/dev/idbooth/camera", 1280, 720, NOW)
    return empty.with_wall(found, lamp=0.8).with_seat(seat)


def test_a_record_comes_back_as_it_was_kept(measured, tmp_path):
    record = made(measured)
    assert record.complete
    path = tmp_path / "state" / "calibration.toml"
    record.save(path)
    back = Calibration.load(path)
    assert back.made == "2026-11-22T10:00:00+00:00"
    for name, value in ((f, getattr(record, f)) for f in ("sharpness", "wall_light", "lamp")):
        assert getattr(back, name) == pytest.approx(value, abs=1e-6)
    assert back.fits("/dev/idbooth/camera", 1280, 720)
    assert not back.fits("/dev/idbooth/camera", 720, 1280)
    assert [entry.name for entry in path.parent.iterdir()] == ["calibration.toml"]


def test_a_booth_without_a_record_is_simply_not_calibrated(tmp_path):
    record = Calibration.load(tmp_path / "none.toml")
    assert record == Calibration.default()
    assert not record.complete


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version = 2",
        "version = true",
        "not toml",
        "version = 1\nsharpnes = 0.05",
        "version = 1\nsharpness = 50.0",
        "version = 1\nsharpness = nan",
        "version = 1\nsharpness = true",
        'version = 1\nsharpness = "0.05"',
        "version = 1\nwidth = -1",
        "version = 1\nwhite_red = 3",
        'version = 1\nmade = "yesterday"',
        'version = 1\nmade = "2026-11-22"',
        'version = 1\ncamera = "a\\nb"',
    ],
)
def test_a_record_that_cannot_be_is_refused_with_its_name(tmp_path, text):
    path = tmp_path / "calibration.toml"
    path.write_text(text)
    with pytest.raises(CalibrationError, match=r"calibration\.toml"):
        Calibration.load(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_record_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with contextlib.suppress(CalibrationError):
        assert isinstance(Calibration.load(path), Calibration)


def test_a_record_that_cannot_be_written_leaves_the_old_one(measured, tmp_path):
    path = tmp_path / "calibration.toml"
    record = made(measured)
    record.save(path)
    with pytest.raises(CalibrationError):
        replace(record, focus=7.0).save(path)
    assert Calibration.load(path).complete
    (tmp_path / "file").write_text("")
    with pytest.raises(CalibrationError):
        record.save(tmp_path / "file" / "calibration.toml")


def test_another_camera_starts_from_nothing(measured):
    record = made(measured)
    assert record.of("/dev/idbooth/camera", 1280, 720, NOW).complete
    assert not record.of("/dev/video7", 1280, 720, NOW).complete


def test_what_was_not_good_is_not_kept(measured):
    with pytest.raises(ValueError, match=r"calibration\.wall\.dark"):
        Calibration.default().with_wall(measure_wall(wall(40)))
    seat, _wall = measured
    with pytest.raises(ValueError, match="moves"):
        Calibration.default().with_seat(replace(seat, reason="calibration.seat.moves"))


def test_the_wall_s_colour_is_kept_with_the_record():
    found = measure_wall(wall(230, cast=(-8, 0, 4), noise=0.0))
    record = Calibration.default().with_wall(found)
    assert (record.white_blue, record.white_green, record.white_red) == found.white
    assert found.white[0] < found.white[1] < found.white[2]


@pytest.fixture
def clips_of_the_sitter(pictures, tmp_path):
    for look, source in (("good", "neutral"), ("empty", "empty")):
        with zipfile.ZipFile(tmp_path / f"{look}.zip", "w") as archive:
            for number, image in enumerate(pictures(source, count=5, sway=0.0)):
                jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
                archive.writestr(f"{number:04d}.jpg", jpeg.tobytes())
    return tmp_path


@pytest.fixture
def command():
    app = typer.Typer()
    app.command("calibrate")(calibrate_command)
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def test_the_command_measures_the_booth_s_own_camera_and_keeps_it(
    command, tmp_path, clips_of_the_sitter
):
    config, record = tmp_path / "booth.toml", tmp_path / "calibration.toml"
    config.write_text(
        f'[devices.camera]\nsource = "{tmp_path / "video"}"\ncalibration = "{record}"\n'
        '[devices.panel]\nphoto_pwm = "/sys/class/pwm/pwmchip0/pwm0"\n'
    )
    with CameraEmulator(tmp_path / "video", clips_of_the_sitter) as emulator:
        wrong = command("wall", "--config", config, "--json")
        assert (wrong.exit_code, record.exists()) == (1, False)
        assert json.loads(wrong.stdout)["reason"] == "calibration.wall.not_empty"
        assert command("seat", "--config", config).exit_code == 0
        assert not Calibration.load(record).complete
        emulator.control({"look": "empty"})
        empty = command("wall", "--config", config, "--lamp", "0.8", "--json")
        assert json.loads(empty.stdout)["kept"] is True
    assert Calibration.load(record).complete
    shown = command("show", "--config", config, "--json")
    assert json.loads(shown.stdout)["lamp"] == 0.8
    assert "dims" not in json.loads(shown.stdout)
    assert command("wall", "--config", config).exit_code == 5
    assert "not connected" in command("wall", "--config", config).stderr
    assert command("show", "--config", tmp_path / "none.toml").exit_code == 2
    record.write_text("version = 9")
    assert command("show", "--config", config).exit_code == 6


def test_the_command_says_of_a_lamp_without_dimming_that_it_has_none(
    command, tmp_path, clips_of_the_sitter
):
    config, record = tmp_path / "booth.toml", tmp_path / "calibration.toml"
    config.write_text(
        f'[devices.camera]\nsource = "{tmp_path / "video"}"\ncalibration = "{record}"\n'
    )
    refused = command("wall", "--config", config, "--lamp", "0.8")
    assert (refused.exit_code, record.exists()) == (2, False)
    assert "This lamp has no dimming" in refused.stderr
    with CameraEmulator(tmp_path / "video", clips_of_the_sitter) as emulator:
        emulator.control({"look": "empty"})
        kept = command("wall", "--config", config)
    assert kept.exit_code == 0
    assert "This lamp has no dimming." in kept.stdout
    assert Calibration.load(record).lamp == 1.0


KEYS = re.compile(r'"((?:camera|calibration)\.[a-z_.]+)"')


def test_every_reason_of_camera_and_calibration_has_words_in_both_languages():
    sources = [inspect.getsource(module) for module in (camera, calibration_checks)]
    reasons = {key for source in sources for key in KEYS.findall(source)}
    assert len(reasons) > 20
    for language in LANGUAGES:
        words = catalogue(language)
        for reason in reasons:
            assert words[reason]
            assert words[f"{reason}.remedy"]
            assert not re.search("错误|失败|error|invalid|fail", words[reason], re.IGNORECASE)
            if language == "zh":
                said = re.sub(r"[A-Za-z0-9 ]+", "", words[f"{reason}.remedy"])
                assert max(map(len, re.split("[，。]", said))) <= 14
