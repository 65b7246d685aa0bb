# SPDX-License-Identifier: Apache-2.0
"""The photo lamp on a hardware PWM channel, which dims it without bands in the camera's picture.

The channel comes and goes by itself, so that the panel's pins work on without it.
"""

import contextlib
import time
from pathlib import Path

from drivers.panel_outputs import Lamp
from firmware_io.links.errors import LinkLostError
from firmware_io.links.pwm import PwmChannel, channel_path

__all__ = ["PhotoLamp", "channel_path"]

START_S = 2.0
"""udev gives a fresh channel its group within some milliseconds, on a board that boots later."""
AGAIN_S = 1.0


class PhotoLamp:
    """Takes the channel at `path`, lights it, and takes it again when it was lost.

    `show` under the panel's lock, all else by whoever starts or runs the panel. Nothing raises but
    the constructor (ValueError: no PWM channel's path).
    """

    def __init__(self, path: Path) -> None:
        self._channel = PwmChannel(path)
        self._lamp: Lamp | None = None
        self._again_at = float("inf")
        self.trouble = "not started"

    def take(self, patience_s: float = 0.0) -> LinkLostError | None:
        """Make it ready, dark. What kept it from that."""
        try:
            self._channel.open(patience_s)
        except LinkLostError as error:
            self._lose(error)
            return error
        self.trouble, self._lamp = "", Lamp(self._channel)
        return None

    def show(self, level: float, now: float) -> float | None:
        """As `Lamp.show`; nothing while the channel is lost."""
        if self._lamp is None:
            return None
        try:
            return self._lamp.show(level, now)
        except LinkLostError as error:
            self._lose(error)
            return None

    def look(self) -> None:
        """See that the channel is still there; take it again `AGAIN_S` after it was not.

        Nothing before the first `take` has ended, and after `close`.
        """
        if self._lamp is None:
            if time.monotonic() >= self._again_at:
                self.take()
            return
        try:
            self._channel.look()
        except LinkLostError as error:
            self._lose(error)

    def close(self) -> None:
        """Dark, and the channel is given back. Idempotent; `take` may follow."""
        if self._lamp is not None:
            with contextlib.suppress(LinkLostError):
                self._lamp.off()
            self._lamp.close()
        self._lamp, self.trouble, self._again_at = None, "closed", float("inf")

    def _lose(self, error: LinkLostError) -> None:
        self._lamp, self.trouble = None, str(error)
        self._again_at = time.monotonic() + AGAIN_S
