# SPDX-License-Identifier: Apache-2.0
"""The child process that owns the camera: grab, turn upright, stamp, write into the ring.

``python -m firmware_io.links.video_host --source PATH --memory-fd N --width W --height H --fps F``
is started by `drivers.camera`. It ends with an `Exit` status, and at once when its stdin closes,
that is when the booth's process is gone.
"""

import argparse
import os
import sys
import threading
import time

import cv2
import numpy as np

from firmware_io.links.video import TURNS, Exit, FrameRing, Wish, print_of
from firmware_io.links.video_picture import (
    Image,
    Source,
    SourceBusyError,
    SourceError,
    SourceSmallError,
)
from firmware_io.links.video_source import open_source

_TURN = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_BUSY_S = 0.6  # who had it before us may just be letting go


def run(wish: Wish, ring: FrameRing, first: int) -> Exit:
    """Grabs until the source fails; returns why it did."""
    try:
        ring.asks(time.monotonic())
        opened = _open(wish, ring)
        ring.announce(opened.period, opened.kind)
        seq, last, unchanged_since = first, -1, 0.0
        while True:
            image, stamp = opened.read()
            image = upright(image, wish.turn)
            if image.shape[1] < wish.least[0] or image.shape[0] < wish.least[1]:
                raise SourceSmallError
            mark = print_of(image)
            if mark != last:
                last, unchanged_since = mark, 0.0
            elif unchanged_since == 0.0:
                unchanged_since = stamp
            ring.write(seq, stamp, image, unchanged_since, mark)
            seq += 1
    except SourceError as why:
        return why.exit
    except ValueError:  # larger than the ring
        return Exit.FORMAT


def upright(image: Image, turn: int) -> Image:
    """The picture turned clockwise by `turn` degrees, one of `TURNS`; itself for 0."""
    return np.asarray(cv2.rotate(image, _TURN[turn]), np.uint8) if turn else image


def _open(wish: Wish, ring: FrameRing) -> Source:
    end = time.monotonic() + _BUSY_S
    while True:
        try:
            return open_source(wish.source, wish.width, wish.height, wish.fps, ring.tell)
        except SourceBusyError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _end_with_parent() -> None:
    # os.read and _exit: the main thread may hang in a driver, and then only this ends the process.
    while os.read(0, 64):
        pass
    os._exit(Exit.STOPPED)


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m firmware_io.links.video_host")
    parser.add_argument("--source", required=True)
    parser.add_argument("--memory-fd", type=int, required=True)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=720)
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--turn", type=int, default=0, choices=TURNS)
    parser.add_argument("--least", type=int, nargs=2, default=[1, 1], metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--first", type=int, default=1, help="number of the first frame")
    given = parser.parse_args(arguments)
    ring = FrameRing(given.memory_fd)
    # A daemon: its read ends only with the parent.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    least = (given.least[0], given.least[1])
    wish = Wish(given.source, given.width, given.height, given.fps, given.turn, least)
    return int(run(wish, ring, given.first))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
