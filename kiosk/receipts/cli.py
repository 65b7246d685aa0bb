# SPDX-License-Identifier: Apache-2.0
"""``kiosk receipt ...``: what a technician or a designer does with slips."""

import typer

from kiosk.receipts.preview import preview

app = typer.Typer(help="The paper a citizen takes home.", no_args_is_help=True)
app.command("preview")(preview)


@app.callback()
def receipt() -> None:
    """The paper a citizen takes home."""
