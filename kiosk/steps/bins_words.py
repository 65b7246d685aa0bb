# SPDX-License-Identifier: Apache-2.0
"""Pages that loading a card and looking into a bin have in common."""

from kiosk.health_pictures import picture_of
from kiosk.steps.base import primary
from kiosk.view import Advice, Screen, Text, View, Waiting, text

OPEN_S = 1.0  # about what a lock takes to spring and to be believed
STAFF = frozenset({"bins.left_open", "bins.stuck", "bins.doubt"})
"""Reasons whose remedy sends a citizen to the staff; staff themselves are told what to do."""


def remedy_of(code: str) -> Text:
    """What staff do about a reason."""
    return text(f"{code}.staff" if code in STAFF else f"{code}.remedy")


def moment(section: Text, key: str) -> View:
    """The machine works for a moment; nothing is to be touched."""
    return View(Screen.WAIT, text(key), section, content=Waiting(OPEN_S))


def closed_or_not(section: Text, key: str, label: str, picture: str, code: str) -> View:
    """An open door: what to do before it is shut, and the one button when it was left open."""
    advice = Advice(remedy_of(code), text(code)) if code else None
    return View(
        Screen.CARD,
        text(key, bin=label),
        section,
        lines=(text(f"{key}.line"),),
        advice=advice,
        picture=picture,
        buttons=(primary("shut", "bins.shut"),) if code else (),
    )


def stopped(section: Text, code: str) -> View:
    """One reason, one remedy, one picture, and the way back."""
    return View(
        Screen.REFUSAL,
        text(code),
        section,
        lines=(remedy_of(code),),
        picture=picture_of(code),
        buttons=(primary("home", "bins.home"),),
    )
