# SPDX-License-Identifier: Apache-2.0
"""See a slip without a printer: ``python -m kiosk.receipts.preview --out slip.png``.

The person on it is invented.
"""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from kiosk.receipts.raster import WIDTHS, render
from kiosk.receipts.slip import SlipFacts, build_slip

SAMPLE = SlipFacts(
    name="张静",
    citizen_number="341522199811070025",
    matter="expiry",
    at=datetime(2026, 12, 1, 14, 32),  # noqa: DTZ001 - the booth's local time
    station="遥观派出所",
    booth="B03",
    fee_fen=2000,
    fee_state="paid",
    fingers=("right-thumb", "left-thumb"),
    expected=date(2026, 12, 29),
    latest=date(2027, 1, 30),
    collect_at="遥观派出所办证厅",
    phone="0519-0000 0000",
    county_phone="0519-0000 0001",
    record_hash="3f9a1c02",
    acceptance_number="3204020012026120100007",
    booth_number="B03-261201-0007-K",
)


def preview(
    out: Annotated[Path, typer.Option(help="Where the PNG goes.")],
    kind: Annotated[str, typer.Option(help="received or stored")] = "received",
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    width: Annotated[int, typer.Option(help="Dots across: 384 or 576.")] = 576,
) -> None:
    """Draw a sample slip as it would come out of the printer."""
    if kind not in ("received", "stored"):
        raise typer.BadParameter("received or stored", param_hint="--kind")
    if lang not in ("zh", "en"):
        raise typer.BadParameter("zh or en", param_hint="--lang")
    if width not in WIDTHS:
        raise typer.BadParameter("384 or 576", param_hint="--width")
    image = render(build_slip(kind, SAMPLE, lang), width)
    image.save(out)
    typer.echo(f"{out}: {image.width} x {image.height} dots, {image.height / 8:.0f} mm of paper")


if __name__ == "__main__":
    typer.run(preview)
