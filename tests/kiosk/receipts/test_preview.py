# SPDX-License-Identifier: Apache-2.0
import typer
from PIL import Image
from typer.testing import CliRunner

from kiosk.receipts.preview import preview

app = typer.Typer()
app.command()(preview)


def test_the_command_writes_a_picture_of_the_slip(tmp_path) -> None:
    out = tmp_path / "slip.png"
    done = CliRunner().invoke(app, ["--kind", "stored", "--lang", "en", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert Image.open(out).width == 576


def test_an_unknown_kind_is_named_and_nothing_is_written(tmp_path) -> None:
    out = tmp_path / "slip.png"
    done = CliRunner().invoke(app, ["--kind", "gift", "--out", str(out)])
    assert done.exit_code == 2
    assert "photo-code" in done.output
    assert not out.exists()
