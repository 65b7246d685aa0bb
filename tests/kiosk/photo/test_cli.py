# SPDX-License-Identifier: Apache-2.0
import io
import json
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

from kiosk.photo.cli import app

DONE, NO_PORTRAIT, USAGE, NO_PICTURE, NOT_WRITTEN = 0, 1, 2, 3, 4


@pytest.fixture(scope="module")
def run(model_folder):
    return lambda *arguments, **more: CliRunner().invoke(app, [str(a) for a in arguments], **more)


@pytest.fixture(scope="module")
def good(pictures):
    """The sitter as RGB, to be saved in any form."""
    return PillowImage.fromarray(cv2.cvtColor(pictures("neutral")[0], cv2.COLOR_BGR2RGB))


@pytest.fixture(scope="module")
def small(good):
    """The same at a quarter, where nobody looks at what it shows."""
    return good.resize((320, 180))


@pytest.fixture
def file(tmp_path, pictures):
    def write(look):
        path = tmp_path / f"{look}.png"
        cv2.imwrite(str(path), pictures(look)[0])
        return path

    return write


@pytest.fixture
def saved(tmp_path, good):
    def save(name, picture=None, **options):
        path = tmp_path / name
        (picture or good).save(path, **options)
        return path

    return save


def test_judge_tells_verdict_reason_and_every_figure(run, file):
    done = run("judge", file("neutral"), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["ok"], told["reason"]) == (DONE, True, "photo.ok")
    assert (told["engine"], told["reduced"], told["faces"]) == ("nets", False, 1)
    assert told["standard"]["LuminanceMean"]["score"] == told["scores"]["luminance"] > 90
    assert len(told["standard"]) == 20
    assert "UnifiedQualityScore" in told["not_assessed"]
    assert len(told["standard"]) + len(told["not_assessed"]) == 28
    assert {"openness", "sharpness", "eye_shade", "yaw", "wall_light"} <= set(told["values"])


def test_judge_names_what_is_to_be_changed_and_calls_it_advice(run, tmp_path, astronaut):
    """The photograph itself smiles, far away, before a wall that is not white."""
    path = tmp_path / "smile.png"
    near = cv2.resize(astronaut[:300, 80:370], None, fx=2.6, fy=2.6, interpolation=cv2.INTER_CUBIC)
    cv2.imwrite(str(path), near)
    told = json.loads(run("judge", path, "--json").stdout)
    assert "photo.mouth" in told["reasons"]
    assert told["standard"]["MouthClosed"]["score"] < 90


def test_several_pictures_are_judged_in_turn_and_a_bad_one_stops_none(run, file, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    done = run("judge", file("neutral"), bad, file("two"), "--json")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["ok"] for one in told] == [True, False, False]
    assert told[1]["error"] == "is empty"
    assert told[2]["reason"] == "photo.several_faces"
    assert done.exit_code == NO_PICTURE


def test_judge_fails_where_no_portrait_is_possible(run, file):
    for look, reason in (("two", "photo.several_faces"), ("empty", "photo.no_face")):
        done = run("judge", file(look), "--json")
        assert (done.exit_code, json.loads(done.stdout)["reason"]) == (NO_PORTRAIT, reason)


def test_without_json_it_speaks_to_a_person(run, file):
    done = run("judge", file("sunglasses"))
    assert "Take off the dark glasses" in done.stdout
    assert "LuminanceMean" in done.stdout


def test_without_models_the_checks_are_reduced_and_it_says_so(run, file, tmp_path):
    done = run("judge", file("neutral"), "--json", env={"IDBOOTH_MODELS": str(tmp_path / "none")})
    told = json.loads(done.stdout)
    assert (told["engine"], told["reduced"]) == ("haar", True)
    assert told["reduced_reason"] == "photo.models_missing"
    assert "MouthClosed" in told["not_assessed"]
    assert "openness" not in told["values"]
    assert "reduced checks" in done.stderr


def test_crop_writes_the_portrait_and_nothing_else(run, file, tmp_path):
    source, folder = file("neutral"), tmp_path / "to"
    folder.mkdir()
    out = folder / "portrait.jpg"
    done = run("crop", source, out, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == DONE
    with PillowImage.open(out) as made:
        assert (made.size, made.info["dpi"]) == ((358, 441), (350, 350))
    assert told["bytes"] == out.stat().st_size
    assert told["eyes_to_bottom_px"] >= 207
    assert list(folder.iterdir()) == [out]


@pytest.mark.parametrize(
    ("look", "word"), [("far", "far"), ("empty", "face"), ("two", "one person")]
)
def test_crop_says_why_not_in_one_line_and_leaves_what_was_there(run, file, tmp_path, look, word):
    source, out = file(look), tmp_path / "portrait.jpg"
    out.write_bytes(b"the portrait of before")
    done = run("crop", source, out)
    assert done.exit_code == NO_PORTRAIT
    assert word in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "photo." not in done.stderr
    assert out.read_bytes() == b"the portrait of before"
    assert sorted(tmp_path.iterdir()) == sorted([source, out])


def png_header(width, height):
    """A PNG that says how large it is and holds nearly nothing."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")


def cut(data):
    return data[: len(data) // 2]


def bytes_of(picture, kind, **options):
    held = io.BytesIO()
    picture.save(held, kind, **options)
    return held.getvalue()


BAD = {
    "empty": (lambda good: b"", "is empty"),
    "text": (lambda good: b"no picture at all", "not a picture"),
    "huge": (lambda good: png_header(50_000, 50_000), "too large"),
    "large": (lambda good: png_header(9_000, 9_000), "too large"),
    "tiny": (lambda good: bytes_of(good.resize((40, 30)), "PNG"), "too small"),
    "cut jpeg": (lambda good: cut(bytes_of(good, "JPEG")), "damaged or cut off"),
    "cut png": (lambda good: cut(bytes_of(good, "PNG")), "damaged or cut off"),
    "cut header": (lambda good: bytes_of(good, "PNG")[:20], "damaged or cut off"),
    "cmyk": (lambda good: bytes_of(good.convert("CMYK"), "JPEG"), "print colours"),
    "gif": (
        lambda good: bytes_of(good, "GIF", save_all=True, append_images=[good.rotate(5)]),
        "moves",
    ),
    "apng": (
        lambda good: bytes_of(good, "PNG", save_all=True, append_images=[good.rotate(5)]),
        "moves",
    ),
    "webp": (
        lambda good: bytes_of(good, "WEBP", save_all=True, append_images=[good.rotate(5)]),
        "moves",
    ),
    "transparent": (lambda good: bytes_of(see_through(good), "PNG"), "transparent"),
    "float": (lambda good: bytes_of(good.convert("F"), "TIFF"), "of a kind"),
}


def see_through(picture):
    picture = picture.convert("RGBA")
    picture.putalpha(128)
    return picture


@pytest.mark.parametrize("kind", BAD)
def test_an_unusable_file_is_refused_in_one_line_without_a_trace(run, tmp_path, small, kind):
    made, word = BAD[kind]
    path, out = tmp_path / "x", tmp_path / "out.jpg"
    path.write_bytes(made(small))
    for done in (run("judge", path), run("crop", path, out)):
        assert done.exit_code == NO_PICTURE
        assert word in done.stderr
        assert str(path) in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert done.stdout == ""
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_and_a_folder_are_told_apart(run, tmp_path):
    assert "does not exist" in run("judge", tmp_path / "none.jpg").stderr
    done = run("crop", tmp_path, tmp_path / "out.jpg")
    assert (done.exit_code, "is a folder" in done.stderr) == (NO_PICTURE, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["judge", "crop"])
def test_an_endless_device_is_not_read(run, tmp_path, command):
    done = run(command, "/dev/zero", *([tmp_path / "x.jpg"] if command == "crop" else []))
    assert (done.exit_code, "ordinary file" in done.stderr) == (NO_PICTURE, True)


def test_a_grey_picture_is_judged_unnatural_and_gives_no_portrait(run, saved, good, tmp_path):
    path = saved("grey.png", good.convert("L"))
    told = json.loads(run("judge", path, "--json").stdout)
    assert told["reasons"] == ["photo.colour"]
    done = run("crop", path, tmp_path / "out.jpg")
    assert (done.exit_code, "colour" in done.stderr) == (NO_PICTURE, True)
    assert not (tmp_path / "out.jpg").exists()


def test_sixteen_bits_are_read_as_eight(run, tmp_path, pictures):
    deep = pictures("neutral")[0].astype(np.uint16) * 257
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    cv2.imwrite(str(tmp_path / "grey.png"), deep[:, :, 1])
    colour, grey = (
        json.loads(run("judge", tmp_path / f"{name}.png", "--json").stdout)
        for name in ("deep", "grey")
    )
    assert colour["reason"] == "photo.ok"
    assert grey["reason"] == "photo.colour"
    assert grey["scores"]["luminance"] > 80
    assert grey["standard"]["NaturalColour"]["score"] == 100  # the reference's own answer


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_picture_turned_by_its_exif_note_is_turned_upright(run, saved, good, orientation):
    turned = good.rotate({3: 180, 6: 90, 8: -90}[orientation], expand=True)
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    path = saved("turned.jpg", turned, exif=exif, quality=95)
    told = json.loads(run("judge", path, "--json").stdout)
    assert (told["size"], told["reason"]) == ([1280, 720], "photo.ok")


def test_a_portrait_that_cannot_be_written_leaves_nothing(run, file, tmp_path):
    source = file("neutral")
    for out, word in (
        (tmp_path / "none" / "p.jpg", "cannot be written"),
        (tmp_path, "ordinary file"),
        (source, "is the picture itself"),
        (tmp_path / ("a" * 300), "cannot be written: File name too long"),
    ):
        before = source.read_bytes()
        done = run("crop", source, out)
        assert (done.exit_code, word in done.stderr) == (NOT_WRITTEN, True)
        assert source.read_bytes() == before
    assert list(tmp_path.iterdir()) == [source]


def test_links_in_a_circle_are_no_place_for_a_portrait(run, file, tmp_path):
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    one.symlink_to(other)
    other.symlink_to(one)
    done = run("crop", file("neutral"), one)
    assert (done.exit_code, "leads nowhere" in done.stderr) == (NOT_WRITTEN, True)


def test_a_file_s_name_steers_no_terminal_and_breaks_no_line(run, tmp_path):
    done = run("judge", tmp_path / "a\x1b[31m\nb.jpg")
    assert done.exit_code == NO_PICTURE
    told = [line for line in done.stderr.splitlines() if "does not exist" in line]
    assert len(told) == 1
    assert "\x1b" not in done.stderr


def test_a_rename_that_fails_leaves_no_half_file(run, file, tmp_path, monkeypatch):
    source, out = file("neutral"), tmp_path / "portrait.jpg"
    out.write_bytes(b"before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    done = run("crop", source, out)
    assert (done.exit_code, "No space left" in done.stderr) == (NOT_WRITTEN, True)
    assert out.read_bytes() == b"before"
    assert sorted(tmp_path.iterdir()) == sorted([source, out])


def test_an_unknown_profile_is_named(run, file, tmp_path):
    done = run("crop", file("neutral"), tmp_path / "x.jpg", "--profile", "visa")
    assert done.exit_code == USAGE
    assert "ga461_2004" in done.stderr


def test_a_profile_of_ones_own_is_a_file(run, file, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("width = 295\nheight = 413\ndpi = 300\nface_width = 180\neyes_to_bottom = 190\n")
    done = run("crop", file("neutral"), tmp_path / "x.jpg", "--profile", own, "--json")
    assert json.loads(done.stdout)["profile"] == "own"
    with PillowImage.open(tmp_path / "x.jpg") as made:
        assert (made.size, made.info["dpi"]) == ((295, 413), (300, 300))


def test_map_prints_a_score_a_line(run):
    lines = "LuminanceMean 0.296285\n\n# a remark\nHeadPosePitch\t8.573003\n"
    done = run("map", input=lines)
    assert (done.exit_code, done.stdout) == (DONE, "LuminanceMean 87\nHeadPosePitch 98\n")
    told = [json.loads(line) for line in run("map", "--json", input=lines).stdout.splitlines()]
    assert told[0] == {"measure": "LuminanceMean", "value": 0.296285, "score": 87}


def test_map_tells_bad_lines_by_number_and_prints_the_others(run, tmp_path):
    path = tmp_path / "lines"
    bad = ["Luminance 1", "HeadSize", "HeadSize x", "HeadSize nan", "HeadSize 1 2", "HeadSize 1_0"]
    bad += ["OverExposurePrevention -1", "HeadSize " + "1" * 5000, "HeadSize \ud800"]
    text = "\n".join([*bad, "HeadSize 0.45"])
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    done = run("map", path, tmp_path / "none")
    assert (done.exit_code, done.stdout) == (1, "HeadSize 100\n")
    told = done.stderr.splitlines()
    assert [line.split(":")[0] for line in told[:-1]] == [
        f"{path}, line {number}" for number in range(1, len(bad) + 1)
    ]
    assert "LuminanceMean" in told[0]
    assert told[-1] == f"{tmp_path / 'none'}: No such file or directory"
