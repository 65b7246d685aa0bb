# SPDX-License-Identifier: Apache-2.0
"""The front with more to do than a visit gives it: fingers are taken while the camera is looked at.

A visit does one after the other; a row of `bench.rows.preview` wants to know that the screen stays
smooth even so. ``python -m bench.busy_front`` takes the arguments of ``python -m ui``.
"""

import os
import sys
import threading

from drivers.errors import BoothError
from kiosk.front import Front
from ui.__main__ import main

_begin = Front.start


def _start(self: Front) -> None:
    """What the front does, and one finger after the other on its own module."""
    _begin(self)
    threading.Thread(target=_take_fingers, args=(self,), daemon=True).start()


def _take_fingers(front: Front) -> None:
    pause = threading.Event()
    while not pause.wait(0.2):
        try:
            front.devices.fingerprint.capture("right-thumb", (), lambda event: None)
        except BoothError:
            continue  # not started yet, or nobody's hand is there


if __name__ == "__main__":
    Front.start = _start
    status = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
