# SPDX-License-Identifier: Apache-2.0
"""One layout a screen: each fills the middle of the panel from a view.

A layout is a function ``(sheet, rect, view)``; it draws what the view holds and decides nothing.
"""

from collections.abc import Callable, Mapping

from kiosk.view import Screen, View
from ui.drawing import Rect
from ui.screens import (
    cabinet,
    calibrate,
    card,
    choice,
    consent,
    details,
    finger,
    form,
    menu,
    pay,
    photo,
    refusal,
    review,
    slip,
    take,
    takes,
    wait,
    welcome,
    wipe,
)
from ui.sheet import Sheet

Layout = Callable[[Sheet, Rect, View], None]

LAYOUTS: Mapping[Screen, Layout] = {
    Screen.WELCOME: welcome.layout,
    Screen.MENU: menu.layout,
    Screen.CARD: card.layout,
    Screen.WAIT: wait.layout,
    Screen.REFUSAL: refusal.layout,
    Screen.CONSENT: consent.layout,
    Screen.DETAILS: details.layout,
    Screen.PHOTO: photo.layout,
    Screen.TAKES: takes.layout,
    Screen.TAKE: take.layout,
    Screen.CALIBRATE: calibrate.layout,
    Screen.CABINET: cabinet.layout,
    Screen.FINGER: finger.layout,
    Screen.CHOICE: choice.layout,
    Screen.FORM: form.layout,
    Screen.PAY: pay.layout,
    Screen.REVIEW: review.layout,
    Screen.SLIP: slip.layout,
    Screen.WIPE: wipe.layout,
}
