# SPDX-License-Identifier: Apache-2.0
import pytest
import typer
from PIL import Image, ImageChops
from typer.testing import CliRunner

from kiosk.receipts import Kind, build_slip, render
from kiosk.receipts.preview import preview
from kiosk.receipts.samples import SAMPLES

app = typer.Typer()
app.command()(preview)


@pytest.mark.parametrize(("paper", "width_px"), [("58", 384), ("80", 576)])
def test_the_picture_is_what_is_printed_dot_for_dot(tmp_path, paper, width_px) -> None:
    out = tmp_path / "slip.png"
    asked = ["--kind", "loss", "--language", "en", "--width", paper, "--out", str(out)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    printed = render(build_slip("loss", SAMPLES[Kind.LOSS], "en"), width_px)
    with Image.open(out) as drawn:
        assert drawn.size == printed.size
        assert ImageChops.logical_xor(drawn, printed).getbbox() is None


def test_every_kind_has_a_sample() -> None:
    assert SAMPLES.keys() == set(Kind)


def test_a_script_without_a_catalogue_is_called_a_sample(tmp_path) -> None:
    out = tmp_path / "slip.png"
    done = CliRunner().invoke(app, ["--language", "ug", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "no words in 'ug' yet" in done.output


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--kind", "gift", "photo-code"),
        ("--language", "xx", "zh"),
        ("--width", "60", "58 or 80"),
        ("--scale", "3", "1 to 2"),
    ],
)
def test_what_cannot_be_drawn_is_named_and_nothing_is_written(
    tmp_path, option, value, says
) -> None:
    out = tmp_path / "slip.png"
    done = CliRunner().invoke(app, [option, value, "--out", str(out)])
    assert done.exit_code == 2
    assert says in done.output
    assert not out.exists()
