# SPDX-License-Identifier: Apache-2.0
"""The few errors a device can answer with, split by who must act next.

BoothError
├── AskAgainError       the citizen repeats a gesture: card moved, finger lifted early
├── AskStaffError       someone in the hall acts: paper out, cover open, card jammed
├── OutOfServiceError   a technician acts: module silent, unplugged, wrong password
└── RefusedError        an officer's or the counter's no stands; trying again changes nothing

`code` is a short dotted key such as ``printer.paper_out``. It goes to logs, health and the flow,
which turns it into words. Messages never carry personal data or bytes from a wire. A program's own
mistake stays ``ValueError`` or ``AssertionError`` and is not caught.
"""


class BoothError(Exception):
    """Base of all. `code` names the reason; the text is for developers, without personal data."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code


class AskAgainError(BoothError):
    """The citizen repeats a gesture."""


class AskStaffError(BoothError):
    """Someone in the hall acts."""


class OutOfServiceError(BoothError):
    """A technician acts; the booth says so and offers what still works."""


class RefusedError(BoothError):
    """A refusal that stands: the matter must change, not the booth."""


class CancelledError(BoothError):
    """The booth itself called the act off (visit over, citizen went back). Nobody must act."""

    def __init__(self) -> None:
        super().__init__("cancelled")
