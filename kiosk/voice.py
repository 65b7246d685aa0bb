# SPDX-License-Identifier: Apache-2.0
"""What the booth says aloud: a pure function of the view, and when each sentence is due.

Speech is derived from the view in this one place, so a step says something new by showing it:
`heading`, `advice` and `lines` are read out. What may be heard is decided by type: a text whose
arguments are other texts or amounts of money is public; a name, a number, an address or a date
reaches a text as a plain value, and such a text is left out. Rows, forms and masked values are
never read.
"""

from dataclasses import dataclass, field
from typing import Protocol

from kiosk.view import Choices, Money, Role, Screen, Text, View, text

LEAVING = (text("chrome.leaving"), text("voice.stay", button=text("frame.stay")))
_PLACES = {Role.PRIMARY: "voice.press.primary", Role.SHUTTER: "voice.press.shutter"}


class Spoken(Protocol):
    """What reads the screens aloud. No method blocks or raises; any thread may call."""

    def shown(self, view: View, language: str, *, on: bool) -> None:
        """The newest view, after every event; the same one again is nothing new."""
        ...

    def touched(self) -> None:
        """The citizen did something."""
        ...

    def focused(self, what: Text) -> None:
        """The keypad's mark stands on these words."""
        ...


class Silence:
    """A booth without a voice."""

    def shown(self, view: View, language: str, *, on: bool) -> None:
        """Nothing is heard."""

    def touched(self) -> None:
        """Nothing is heard."""

    def focused(self, what: Text) -> None:
        """Nothing is heard."""


def speakable(what: Text) -> bool:
    """Whether a text may be said aloud: nothing of a citizen is in it."""
    return all(
        isinstance(value, Money) or (isinstance(value, Text) and speakable(value))
        for _name, value in what.args
    )


def heading(view: View) -> tuple[Text, ...]:
    """The sentences that say which screen this is; the last seconds are a screen of their own."""
    if view.leaving_s is not None:
        return LEAVING
    return tuple(one for one in (view.heading,) if speakable(one))


def thing_to_do(view: View) -> tuple[Text, ...]:
    """Reason and remedy, or the lines where there is no advice; nothing in the last seconds.

    Of a refusal both: what to do stands in its lines.
    """
    if view.leaving_s is not None:
        return ()
    told: tuple[Text | None, ...] = view.lines
    if view.advice is not None:
        # A refusal's lines are its remedy; elsewhere advice takes the place of the lines.
        told = view.lines if view.screen is Screen.REFUSAL else ()
        told = (*told, view.advice.reason, view.advice.remedy)
    return tuple(one for one in told if one is not None and speakable(one))


def where_to_press(view: View) -> tuple[Text, ...]:
    """The answers of a screen, and the place of its main button."""
    said: list[Text] = []
    if isinstance(view.content, Choices) and view.leaving_s is None:
        said += [one.title for one in view.content.items if one.enabled and speakable(one.title)]
    for role, key in _PLACES.items():
        found = next((one for one in view.buttons if one.role is role and one.enabled), None)
        if found is not None and view.leaving_s is None and speakable(found.text):
            said.append(text(key, button=found.text))
            break
    return tuple(said)


@dataclass(frozen=True, slots=True)
class Manner:
    """Seconds.

    `settle_s`: a text must be shown this long before it is said, so that what only flashes by is
    not begun. `apart_s`: the same sentence is not begun again sooner. `again_s`: after so much
    silence the screen is said again with the place of its button, at most `times`.
    """

    settle_s: float = 0.3
    apart_s: float = 4.0
    again_s: float = 12.0
    times: int = 2


@dataclass(frozen=True, slots=True)
class Say:
    """Begin these sentences now, and stop what is being said. None: only stop."""

    texts: tuple[Text, ...]
    language: str


@dataclass(slots=True)
class Talk:
    """Decides what is begun when. Pure: every moment (monotonic seconds) is handed in."""

    manner: Manner = field(default_factory=Manner)
    on: bool = False
    _wanted: bool = False
    _view: View | None = None
    _language: str = ""
    _heading: tuple[Text, ...] = ()
    _thing: tuple[Text, ...] = ()
    _waiting: tuple[Text, ...] = ()
    _due: float = 0.0
    _hush: bool = False
    _begun: dict[Text, float] = field(default_factory=dict)
    _quiet_from: float = 0.0
    _left: int = 0

    def shown(self, view: View, language: str, *, on: bool, now: float) -> None:
        """The screen shows this view in `language`; `on`: the citizen wants to hear it."""
        first, thing = heading(view), thing_to_do(view)
        spoken_to = on and view.screen is not Screen.WELCOME
        begins = spoken_to and not self.on
        anew = begins or language != self._language or first != self._heading
        changed = anew or thing != self._thing
        if language != self._language:
            self._begun.clear()
        self._hush = self._hush or (self.on and (anew or not spoken_to))
        if not spoken_to:
            self._waiting = ()
        elif anew:
            self._waiting = (*first, *thing)
        elif changed:
            fresh = tuple(one for one in thing if one not in self._thing)
            kept = tuple(one for one in self._waiting if one in first or one in thing)
            self._waiting = (*kept, *(one for one in fresh if one not in kept))
        if changed:
            self._due = now + self.manner.settle_s
            self._quiet_from, self._left = now, self.manner.times
        self._view, self._language, self.on, self._wanted = view, language, spoken_to, on
        self._heading, self._thing = first, thing

    def welcome(self, now: float) -> None:
        """Somebody has come: the welcome screen is said once."""
        if self._wanted and self._view is not None and self._view.screen is Screen.WELCOME:
            self._waiting, self._due = (*self._heading, *self._thing), now

    def touched(self, now: float) -> None:
        """The citizen does something: silence counts from here."""
        self._quiet_from = now

    def focused(self, what: Text, now: float) -> None:
        """The keypad's mark moved: these words come first, and what was being said stops."""
        if self.on and speakable(what):
            self._begun.pop(what, None)
            self._waiting, self._due = (what,), now
        self._quiet_from = now

    def again(self, now: float) -> None:
        """Say the screen again now, whatever was said a moment ago."""
        if self.on:
            self._begun.clear()
            self._waiting, self._due = (*self._heading, *self._thing), now
        self._quiet_from = now

    def ended(self, now: float) -> None:
        """What was being said is over: silence counts from here."""
        self._quiet_from = max(self._quiet_from, now)

    def take(self, now: float, *, speaking: bool) -> Say | None:
        """What is due at `now`. Asking again gives the next thing, None: nothing."""
        if self._hush:
            self._hush = False
            return Say((), self._language)
        if self._waiting and now >= self._due:
            return self._begin(now)
        if speaking or not self._left or not self.on or now < self._again_at():
            return None
        self._left -= 1
        self._quiet_from = now
        assert self._view is not None  # noqa: S101  repeats are set by a view
        self._waiting = (*self._heading, *self._thing, *where_to_press(self._view))
        return self._begin(now)

    def _begin(self, now: float) -> Say | None:
        apart = self.manner.apart_s
        ready = tuple(one for one in self._waiting if now - self._begun.get(one, -apart) >= apart)
        if not ready:
            # All of it was said a moment ago: the guidance came back to it.
            self._due = min(self._begun[one] for one in self._waiting) + apart
            return None
        self._waiting = ()
        self._begun |= dict.fromkeys(ready, now)
        return Say(ready, self._language)

    def next_at(self, *, speaking: bool) -> float | None:
        """When to ask again at the latest; None: when something happens."""
        if self._hush:
            return 0.0
        if self._waiting:
            return self._due
        return self._again_at() if self._left and self.on and not speaking else None

    def _again_at(self) -> float:
        return self._quiet_from + self.manner.again_s
