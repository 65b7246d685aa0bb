# SPDX-License-Identifier: Apache-2.0
"""Where the keypad's mark goes on a screen, and what is read when it stands there."""

from kiosk.view import Choices, Role, TakeSheet, Text, View, text
from ui.drawing import Drawing, Kind, Target
from ui.theme import Look

_CHROME = {
    "language": "chrome.language",
    "large": "chrome.large",
    "contrast": "chrome.contrast",
    "voice": "voice.off",
    "page": "chrome.more_page",
}


def places(drawing: Drawing, view: View, look: Look) -> list[Target]:
    """What the mark walks over, in its order."""
    bar = {one.id: one.role for one in view.buttons}

    def order(target: Target) -> tuple[float, ...]:
        rect = target.rect
        role = bar.get(target.id) if target.kind is Kind.BUTTON else None
        top = rect.bottom < look.height * 0.16
        part = 3 if top else {None: 0, Role.SHUTTER: -1, Role.PRIMARY: 1}.get(role, 2)
        if target.id == "stay":
            part = -2
        row = round((rect.y + rect.h / 2) / (look.mm(6)))
        return (part, row, rect.x) if part != 2 else (part, -rect.x)

    able = [one for one in drawing.targets if one.enabled and one.id != "band"]
    return sorted(able, key=order)


def words_of(target: Target, view: View, look: Look) -> Text | None:
    """What is read when the mark stands there; None: nothing that may be said."""
    match target.kind:
        case Kind.BUTTON:
            return next((one.text for one in view.buttons if one.id == target.id), None)
        case Kind.HOLD:
            return text("chrome.show")
        case Kind.PAD:
            return text("voice.sign")  # no key signs: a finger does, or staff help
        case Kind.CHROME:
            key = _CHROME.get(target.id)
            if target.id in ("large", "contrast") and getattr(look, target.id):
                key = f"{key}_off"
            if target.id == "voice" and not view.voice:
                key = "voice.on"
            return text(key) if key else None
    if isinstance(view.content, Choices):
        return next((one.title for one in view.content.items if one.id == target.id), None)
    if isinstance(view.content, TakeSheet):
        take = next((one for one in view.content.takes if one.id == target.id), None)
        return take and (take.advice or text("chrome.passes"))
    return None
