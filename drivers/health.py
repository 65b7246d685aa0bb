# SPDX-License-Identifier: Apache-2.0
"""How fit a device is: one state, and when ill one reason and one remedy."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a device can do now."""

    READY = "ready"
    BUSY = "busy"
    ILL = "ill"
    ABSENT = "absent"  # not fitted in this booth's settings


@dataclass(frozen=True, slots=True)
class Health:
    """A device's own word on itself.

    `reason` and `remedy` are dotted message keys (``printer.paper_out``,
    ``printer.paper_out.remedy``) that the catalogues hold in every language; empty when not ill.
    `detail` is a plain fact for the technician (firmware version, port), never personal data.
    """

    device: str
    state: State
    reason: str = ""
    remedy: str = ""
    detail: str = ""

    @classmethod
    def ready(cls, device: str, detail: str = "") -> "Health":
        """A device that answers and can work."""
        return cls(device, State.READY, detail=detail)

    @classmethod
    def ill(cls, device: str, code: str, detail: str = "") -> "Health":
        """A device that cannot work, for the reason `code`, with the remedy ``code.remedy``."""
        return cls(device, State.ILL, code, f"{code}.remedy", detail)
