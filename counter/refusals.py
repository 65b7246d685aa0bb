# SPDX-License-Identifier: Apache-2.0
"""What the booths' API answers when it says no: a status and a fixed word, never free text."""

from typing import Any


class RefusedError(Exception):
    """A structured no: `{"detail": word, ...more}` with an HTTP status."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body: dict[str, Any] = {"detail": detail, **more}
