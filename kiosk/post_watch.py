# SPDX-License-Identifier: Apache-2.0
"""Asks the uplink how post and line are, and tells it how the booth is.

In a thread of its own: an uplink that hangs keeps a question waiting for seconds, and nobody who
watches the devices waits with it.
"""

import threading
import time
from collections.abc import Callable

from drivers.health import Health
from kiosk.events import HealthChanged
from kiosk.health import condition_of, post_health
from kiosk.health_report import report_of
from kiosk.post.errors import MailboxDownError
from kiosk.post.mailbox import Mailbox

POST_S = 0.75
"""Between two questions to the post."""
TELL_S = 10.0
"""The uplink hears so often that this front lives, and of every change at once."""


class PostWatch:
    """One visit's line to the uplink's word on itself. `mailbox` belongs to its thread.

    `on_change` is called in that thread each time `health` says something else; set it before
    `start`, and let it return at once. `software` names this front to the counter.
    """

    def __init__(self, mailbox: Mailbox, software: str) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self._mailbox, self._software = mailbox, software
        self._word: tuple[Health, ...] = ()
        self._now: HealthChanged | None = None
        self._told: HealthChanged | None = None
        self._told_at = float("-inf")
        self._asked, self._news, self._off = (threading.Event() for _ in range(3))
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to ask. Idempotent."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="post-watch", daemon=True)
            self._thread.start()

    def health(self) -> tuple[Health, ...]:
        """The outbox and the line, as last heard; () before the first answer. Never waits."""
        return self._word

    def answered(self, wait_s: float) -> bool:
        """Whether the first question has been answered, or found unanswerable, within `wait_s`."""
        return self._asked.wait(wait_s)

    def tell(self, now: HealthChanged) -> None:
        """How the booth is from now on. Never waits; what the uplink misses is told again."""
        self._now = now
        self._news.set()

    def close(self) -> None:
        """Ends the thread, but does not wait for a question in progress. Idempotent."""
        self._off.set()
        self._news.set()

    def _run(self) -> None:
        while not self._off.is_set():
            self._news.clear()
            word = post_health(self._mailbox)
            if word != self._word:
                self._word = word
                self.on_change()
            self._asked.set()
            self._pass_on()
            self._news.wait(POST_S)

    def _pass_on(self) -> None:
        now = self._now
        if now is None or (now == self._told and time.monotonic() - self._told_at < TELL_S):
            return
        try:
            self._mailbox.tell_health(report_of(condition_of(now), self._software))
        except MailboxDownError:
            return  # again with the next question
        except ValueError:
            pass  # an uplink of another version will not take it the next time either
        self._told, self._told_at = now, time.monotonic()
