# SPDX-License-Identifier: Apache-2.0
"""The paper a citizen takes home: what it says (`slip`), and how it looks (`raster`).

Nothing here knows a printer: `render` gives a black and white picture as wide as the paper, and
`drivers.printer` puts it on paper.
"""

from kiosk.receipts.application import RecaptureFacts, SlipFacts
from kiosk.receipts.blocks import Kind, Slip
from kiosk.receipts.card import CollectedFacts, FoundFacts, LossFacts, WithdrawalFacts
from kiosk.receipts.errand import PhotoCodeFacts, ProgressFacts, ReferralFacts, TicketFacts
from kiosk.receipts.raster import render
from kiosk.receipts.slip import build_slip
from kiosk.receipts.window import WindowFacts

__all__ = [
    "CollectedFacts",
    "FoundFacts",
    "Kind",
    "LossFacts",
    "PhotoCodeFacts",
    "ProgressFacts",
    "RecaptureFacts",
    "ReferralFacts",
    "Slip",
    "SlipFacts",
    "TicketFacts",
    "WindowFacts",
    "WithdrawalFacts",
    "build_slip",
    "render",
]
