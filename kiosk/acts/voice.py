# SPDX-License-Identifier: Apache-2.0
"""Reads the screens aloud: what `Talk` says is due, as sound, on the speaker.

One thread; nobody else waits for a prompt, a synthesiser or a sound card.
"""

import threading
import time
from collections.abc import Callable

from drivers.speaker import Speaker
from kiosk.lane import note_fault
from kiosk.view import Text, View
from kiosk.voice import Talk
from kiosk.voice_prompts import Prompts


class Voice:
    """The booth's voice; a `kiosk.voice.Spoken`. `close` ends it and what it is saying.

    `now` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        speaker: Speaker,
        prompts: Prompts,
        *,
        talk: Talk | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._speaker, self._prompts, self._now = speaker, prompts, now
        self._talk = talk or Talk()
        self._turn = threading.Condition()
        self._stopped = False
        speaker.on_end(self._ended)
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def shown(self, view: View, language: str, *, on: bool) -> None:
        """The newest view; the same one again is nothing new."""
        with self._turn:
            self._talk.shown(view, language, on=on, now=self._now())
            self._turn.notify()

    def touched(self) -> None:
        """The citizen did something: repetitions wait."""
        with self._turn:
            self._talk.touched(self._now())

    def focused(self, what: Text) -> None:
        """The keypad's mark stands on these words: they are read at once."""
        with self._turn:
            self._talk.focused(what, self._now())
            self._turn.notify()

    def welcome(self) -> None:
        """Somebody has come to a booth that waits."""
        with self._turn:
            self._talk.welcome(self._now())
            self._turn.notify()

    def louder(self) -> None:
        """The volume key: the next volume, heard at once on what the screen says."""
        self._speaker.louder()
        with self._turn:
            self._talk.again(self._now())
            self._turn.notify()

    def headphones(self, on: bool) -> None:
        """Headphones were put in or taken out."""
        self._speaker.private(on)

    def close(self) -> None:
        """Ends the thread and the speech."""
        with self._turn:
            self._stopped = True
            self._turn.notify()
        self._speaker.hush()
        self._thread.join(3.0)

    def _ended(self) -> None:
        with self._turn:
            self._talk.ended(self._now())
            self._turn.notify()

    def _run(self) -> None:
        while True:
            with self._turn:
                said = None
                while not self._stopped and said is None:
                    talking = self._speaker.talking
                    said = self._talk.take(self._now(), speaking=talking)
                    if said is None:
                        at = self._talk.next_at(speaking=talking)
                        self._turn.wait(None if at is None else max(0.0, at - self._now()))
                if self._stopped or said is None:
                    return
            try:
                if said.texts and (samples := self._prompts.samples(said.texts, said.language)):
                    self._speaker.play(samples)
                else:
                    self._speaker.hush()
            except Exception as wrong:  # a mute booth is better than one whose voice has died
                note_fault(wrong, "voice")
