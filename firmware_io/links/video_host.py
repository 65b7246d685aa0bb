# SPDX-License-Identifier: Apache-2.0
"""The child process that owns the camera: grab, stamp, write into the ring, nothing else.

``python -m firmware_io.links.video_host --source PATH --memory-fd N --width W --height H --fps F``
is started by `drivers.camera`. It ends with an `Exit` status, and at once when its stdin closes,
that is when the booth's process is gone.
"""

import argparse
import os
import sys
import threading
import zlib

from firmware_io.links.video import Exit, FrameRing
from firmware_io.links.video_source import (
    SourceFormatError,
    SourceGoneError,
    SourceSilentError,
    open_source,
)

_SAMPLE = 8  # every so manieth pixel both ways decides whether two pictures are the same


def run(source: str, ring: FrameRing, first: int, width: int, height: int, fps: float) -> Exit:
    """Grabs until the source fails; returns why it did."""
    try:
        opened = open_source(source, width, height, fps)
        ring.announce(opened.period)
        seq, last, unchanged_since = first, 0, 0.0
        while True:
            image, stamp = opened.read()
            print_of = zlib.crc32(image[::_SAMPLE, ::_SAMPLE].tobytes())
            if print_of != last:
                last, unchanged_since = print_of, 0.0
            elif unchanged_since == 0.0:
                unchanged_since = stamp
            ring.write(seq, stamp, image, unchanged_since)
            seq += 1
    except SourceGoneError:
        return Exit.ABSENT
    except SourceSilentError:
        return Exit.SILENT
    except (SourceFormatError, ValueError):
        return Exit.FORMAT


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
    parser.add_argument("--first", type=int, default=1, help="number of the first frame")
    given = parser.parse_args(arguments)
    ring = FrameRing(given.memory_fd)
    # A daemon: its read ends only with the parent.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    status = run(given.source, ring, given.first, given.width, given.height, given.fps)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
