# SPDX-License-Identifier: Apache-2.0
"""The booth's loudspeaker or headphones: one utterance at a time, the newest cuts the older.

Speech is a help, never a condition: without a card, or with one that hangs, nothing here raises or
waits once it has started, `health` tells, and the visit goes on in silence. A card that comes back
is found again within `Manner.again_s`.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drivers.errors import OutOfServiceError
from drivers.health import Health, State
from firmware_io.links.sound import RATE_HZ, Ending, Playing, Sound

LEVELS_DB = (-20.0, -10.0, 0.0)
"""Volumes from quiet to loud. 20 dB of gain to choose from is what 36 CFR 1194.25 (f) (2003) asks
of public voice output; the loudest is the card's own level, set when the booth is installed."""
USUAL = 1
_CODES = {
    Ending.HUNG: "speaker.hung",
    Ending.ABSENT: "speaker.absent",
    Ending.BUSY: "speaker.busy",
    Ending.REFUSED: "speaker.failed",
    Ending.NO_PLAYER: "speaker.no_player",
}
_PROBE = bytes(2 * RATE_HZ // 50)  # 20 ms of silence


@dataclass(frozen=True, slots=True)
class Manner:
    """Seconds.

    `late_s`: so much longer than its own length an utterance may take. `probe_s`: so long the
    moment of silence may take that tries the card. `again_s`: how often an ill card is tried.
    """

    late_s: float = 3.0
    probe_s: float = 2.0
    again_s: float = 10.0


@dataclass(frozen=True, slots=True)
class _Job:
    samples: bytes
    probe: bool = False


class Speaker:
    """The speaker at an ALSA device. Methods may be called from any thread; none blocks."""

    def __init__(
        self,
        device: str = "default",
        *,
        fitted: bool = True,
        player: str = "aplay",
        can_speak: Callable[[], bool] = lambda: True,
        manner: Manner | None = None,
    ) -> None:
        self._sound = Sound(device, player=player)
        self._fitted, self._manner = fitted, manner or Manner()
        self._can_speak = can_speak
        self._turn = threading.Condition()
        self._next: _Job | None = None
        self._playing: Playing | None = None
        self._talking = self._void = False
        self._level = USUAL
        self._private = False
        self._stopped = False
        self._thread: threading.Thread | None = None
        self._on_end: Callable[[], None] = lambda: None
        self._tried = threading.Event()
        absent = Health("speaker", State.ABSENT)
        self._health = Health.ill("speaker", "speaker.absent", "not started") if fitted else absent

    def start(self) -> None:
        """Tries the card with a moment of silence. Idempotent; `close` ends it.

        Raises OutOfServiceError with the reason that `health` gives then: the card's, or that
        there are no words to say (`can_speak`).
        """
        if not self._fitted or self._thread is not None:
            return
        if not self._can_speak():
            self._health = Health.ill("speaker", "speaker.no_prompts")
            raise OutOfServiceError("speaker.no_prompts")
        self._stopped = False
        self._tried.clear()
        self._next = _Job(_PROBE, probe=True)
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)
        self._thread.start()
        self._tried.wait(2 * self._manner.probe_s)
        if self._health.state is State.ILL:
            raise OutOfServiceError(self._health.reason)

    def close(self) -> None:
        """Stops the sound and lets the card go. Idempotent; `start` may follow."""
        with self._turn:
            self._stopped = True
            self._next = None
            self._cut()
            self._turn.notify_all()
        if self._thread is not None:
            self._thread.join(2.0)
            self._thread = None

    def health(self) -> Health:
        """READY, ILL with what the card answered last, ABSENT when none is fitted."""
        return self._health

    def on_end(self, listener: Callable[[], None]) -> None:
        """Call `listener` from the speaker's thread when an utterance ended and none follows."""
        self._on_end = listener

    @property
    def talking(self) -> bool:
        """Whether an utterance is being played or about to be."""
        with self._turn:
            return self._talking or (self._next is not None and not self._next.probe)

    def play(self, samples: bytes) -> None:
        """Say this now (s16le, one channel, 22050 a second); what is being said is cut."""
        with self._turn:
            if self._thread is None or self._health.state is not State.READY:
                return
            self._next = _Job(samples)
            self._cut()
            self._turn.notify_all()

    def hush(self) -> None:
        """Stop what is being said."""
        with self._turn:
            if self._next is not None and not self._next.probe:
                self._next = None
            self._void = self._talking
            self._cut()

    def louder(self) -> int:
        """The next volume, after the loudest the quietest; gives its number from 0.

        It counts from the next utterance on, and ends with the visit's process.
        """
        with self._turn:
            self._level = (self._level + 1) % len(LEVELS_DB)
            return self._level

    def private(self, on: bool) -> None:
        """Headphones were put in: begin quietly at the ear; out: the usual volume again."""
        with self._turn:
            if on != self._private:
                self._private, self._level = on, 0 if on else USUAL

    @property
    def level_db(self) -> float:
        """The volume of the next utterance in dB under the card's own."""
        return LEVELS_DB[self._level]

    def _cut(self) -> None:
        if self._playing is not None:
            self._playing.cut()

    def _run(self) -> None:
        while (job := self._take()) is not None:
            limit_s = self._manner.probe_s
            if not job.probe:
                limit_s = len(job.samples) / 2 / RATE_HZ + self._manner.late_s
            playing = self._sound.begin(job.samples if job.probe else self._loud(job.samples))
            with self._turn:
                self._playing = playing
                if self._stopped or self._void or self._next is not None:
                    playing.cut()
            ending = playing.wait(limit_s)
            with self._turn:
                self._playing, self._talking = None, False
                more = self._next is not None or self._stopped
            self._note(ending)
            self._tried.set()
            if not more and not job.probe:
                self._on_end()

    def _take(self) -> _Job | None:
        """The newest utterance, or a trial of an ill card when its time has come."""
        with self._turn:
            again_at = time.monotonic() + self._manner.again_s
            while not self._stopped:
                if self._next is not None:
                    job, self._next = self._next, None
                    self._talking, self._void = not job.probe, False
                    return job
                left = None
                if self._health.state is State.ILL:
                    left = again_at - time.monotonic()
                    if left <= 0:
                        return _Job(_PROBE, probe=True)
                self._turn.wait(left)
            return None

    def _loud(self, samples: bytes) -> bytes:
        with self._turn:
            gain = 10 ** (self.level_db / 20)
        if gain >= 1.0:
            return samples
        return (np.frombuffer(samples, "<i2") * gain).astype("<i2").tobytes()

    def _note(self, ending: Ending) -> None:
        if ending is Ending.PLAYED:
            self._health = Health.ready("speaker")
        elif ending is not Ending.CUT:
            self._health = Health.ill("speaker", _CODES[ending])
