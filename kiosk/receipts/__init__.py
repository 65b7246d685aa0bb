# SPDX-License-Identifier: Apache-2.0
"""The paper a citizen takes home: what it says (`slip`), and how it looks (`raster`).

Nothing here knows a printer: `render` gives a black and white picture as wide as the paper, and
`drivers.printer` puts it on paper.
"""

from kiosk.receipts.raster import render
from kiosk.receipts.slip import Slip, SlipFacts, build_slip

__all__ = ["Slip", "SlipFacts", "build_slip", "render"]
