# SPDX-License-Identifier: Apache-2.0
"""The acts of a booth that has bins or a dispenser, by the lane they belong to."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from drivers.health import Health
from kiosk.acts.bins import BinsAct
from kiosk.acts.bins_card import CardInHand, ReadNewCardAct
from kiosk.acts.bins_dispenser import DispenserAct
from kiosk.acts.bins_ledger import Ledger
from kiosk.acts.staff import Admissions
from kiosk.config import Settings
from kiosk.devices import Devices
from kiosk.lane import Act
from kiosk.sealed_cards import SealedCards
from kiosk.sealer import Sealer

CARDS = "cards"
"""The folder beside the bins' journal with one sealed record a card."""


def mover_acts(
    devices: Devices,
    settings: Settings,
    sealer: Sealer,
    now: Callable[[], datetime],
    zone: tzinfo,
    admissions: Admissions,
) -> dict[str, Act]:
    """Lane name to act: ``reader`` (beside the citizen's card), ``bins``, ``dispenser``.

    Nothing for what is not fitted. Opens and starts nothing. `admissions`: whose staff cards have
    signed here.
    """
    found: dict[str, Act] = {}
    fitted = settings.devices
    if devices.bins is not None:
        hand = CardInHand()
        journal = fitted.bins.journal
        found["reader"] = ReadNewCardAct(devices.idreader, sealer, hand, now)
        found["bins"] = BinsAct(
            devices.bins,
            Ledger(journal, zone),
            SealedCards(journal.parent / CARDS),
            hand,
            _word(devices, devices.bins),
            now,
            admissions.people if settings.visit.inspect_by_two else None,
        )
    if devices.dispenser is not None:
        ledger = Ledger(fitted.dispenser.journal, zone)
        word = _word(devices, devices.dispenser)
        found["dispenser"] = DispenserAct(devices.dispenser, ledger, word)
    return found


def _word(devices: Devices, mover: object) -> Callable[[], Health]:
    """The mover's health as its beat has heard it last."""
    return next(beat.health for beat in devices.beats if beat.device is mover)
