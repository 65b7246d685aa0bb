# SPDX-License-Identifier: Apache-2.0
"""What the screens tell a script: the shown view as plain JSON values."""

from typing import Any

from kiosk.view import Booth, Cabinet, Choices, FingerSheet, Form, Payment, SlipSheet, TakeSheet
from ui.host import ScreenHost
from ui.keys import masked


def told(host: ScreenHost) -> dict[str, Any]:
    """The shown view: words in the present language, message keys, ids of what can be touched."""
    view, say = host.view, host.speech.words
    if view is None:
        return {"screen": None}
    content = view.content
    answer: dict[str, Any] = {
        "screen": str(view.screen),
        "step_name": view.step_name,
        "question": view.question,
        "heading": say(view.heading),
        "heading_key": view.heading.key,
        "lines": [say(line) for line in view.lines],
        "line_keys": [line.key for line in view.lines],
        "advice": say(view.advice.remedy) if view.advice else None,
        "advice_key": view.advice.remedy.key if view.advice else None,
        "reason": say(view.advice.reason) if view.advice and view.advice.reason else None,
        "reason_key": view.advice.reason.key if view.advice and view.advice.reason else None,
        "buttons": [one.id for one in view.buttons if one.enabled],
        "choices": [],
        "leaving_s": view.leaving_s,
        "language": host.look.language,
        "voice": view.voice,
        "takes": [],
        "finger": None,
        "qr": "",
    }
    if isinstance(content, Choices):
        answer["choices"] = [one.id for one in content.items if one.enabled]
        answer["chosen"] = content.chosen
    elif isinstance(content, TakeSheet):
        answer["choices"] = [one.id for one in content.takes]
        answer["chosen"] = content.chosen
        answer["proposed"] = [one.id for one in content.takes if one.proposed]
    elif isinstance(content, Cabinet):
        answer["choices"] = [one.id for one in content.doors]
        answer["doors"] = {one.id: str(one.state) for one in content.doors}
    elif isinstance(content, Booth):
        answer |= {
            "takes": [one.id for one in content.takes],
            "live": content.live,
            "counting": content.counting,
            "pause": content.pause,
        }
    elif isinstance(content, FingerSheet):
        answer["finger"] = {
            "position": content.position,
            "press": content.press,
            "tries": content.tries,
            "lift": content.lift,
            "down": content.down,
            "judged": content.judged,
        }
    elif isinstance(content, Payment):
        answer["qr"] = content.qr
    elif isinstance(content, Form):
        answer["fields"] = {
            one.id: masked(one.kind, host.hand.text(one.id, one.value)) for one in content.fields
        }
    elif isinstance(content, SlipSheet):
        answer |= {
            "received": content.received,
            "number": content.number,
            "printed": content.printed,
        }
    return answer
