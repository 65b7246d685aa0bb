# SPDX-License-Identifier: Apache-2.0
from PIL import Image
from typer.testing import CliRunner

from kiosk.receipts.cli import app


def test_the_preview_is_a_subcommand(tmp_path) -> None:
    out = tmp_path / "slip.png"
    done = CliRunner().invoke(app, ["preview", "--width", "384", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert Image.open(out).width == 384
