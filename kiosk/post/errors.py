# SPDX-License-Identifier: Apache-2.0
"""What can go wrong on the way to the counter.

PostError
├── LineDownError          the counter cannot be reached now; the outbox keeps everything
├── MailboxDownError       the uplink process does not answer; nothing can be stored
├── OutboxFullError        the store takes no more (number, age or space)
├── OutboxIllError         the disk failed or the store is damaged
├── RefusedByCounterError  the counter said no to this one
└── ConflictError          the same id was handed over before with other content
"""

from drivers.errors import BoothError, OutOfServiceError, RefusedError


class PostError(BoothError):
    """Base. `code` starts with ``post.``."""


class LineDownError(PostError):
    """No answer from the counter; nobody here need act. `why`: line, tls, busy or not_admitted."""

    def __init__(self, why: str = "line") -> None:
        super().__init__("post.line_down", why)
        self.why = why


class MailboxDownError(PostError, OutOfServiceError):
    """The uplink is gone or silent: an application handed over now is in doubt; ask again."""

    def __init__(self, text: str = "") -> None:
        super().__init__("post.mailbox_down", text)


class OutboxFullError(PostError, OutOfServiceError):
    """Nothing was stored. `why`: records, age or space."""

    def __init__(self, why: str) -> None:
        super().__init__("post.full", why)
        self.why = why


class OutboxIllError(PostError, OutOfServiceError):
    """Nothing was stored, and the disk must be looked at."""

    def __init__(self, text: str = "") -> None:
        super().__init__("post.disk", text)


class RefusedByCounterError(PostError, RefusedError):
    """The counter's no. `reason` is its short machine-readable word, such as ``hash_differs``."""

    def __init__(self, reason: str) -> None:
        super().__init__("post.refused", reason)
        self.reason = reason


class ConflictError(PostError, RefusedError):
    """An id is never used for two things; the first one stands."""

    def __init__(self) -> None:
        super().__init__("post.conflict")
