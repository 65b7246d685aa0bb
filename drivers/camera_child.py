# SPDX-License-Identifier: Apache-2.0
"""The camera's child process and the ring it writes into, started and ended together."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from firmware_io.links.video import Exit, FrameRing, Wish, create_memory
from firmware_io.links.video import __file__ as video_file

_HOST = "firmware_io.links.video_host"


class CameraChild:
    """One child from its start to its end. Raises OSError when it cannot be started.

    Args:
        wish: what is wanted of the camera.
        first: number of the first frame that it will write.
    """

    def __init__(self, wish: Wish, first: int) -> None:
        memory = create_memory(wish.width, wish.height)
        command = [sys.executable, "-m", _HOST, "--source", wish.source]
        command += ["--memory-fd", str(memory), "--first", str(first)]
        command += ["--width", str(wish.width), "--height", str(wish.height)]
        command += ["--fps", str(wish.fps), "--turn", str(wish.turn)]
        command += ["--least", str(wish.least[0]), str(wish.least[1])]
        # The driver's own wait must be shorter than ours is long; whole seconds only.
        environment = {**os.environ, "OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": "2"}
        root = str(Path(video_file).resolve().parents[2])  # the same code, from any directory
        environment["PYTHONPATH"] = os.pathsep.join(
            part for part in (root, os.environ.get("PYTHONPATH", "")) if part
        )
        try:
            self.ring = FrameRing(memory)
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(memory,),
                env=environment,
            )
        finally:
            os.close(memory)
        self.first = first
        self.started = time.monotonic()

    @property
    def seen(self) -> bool:
        """Whether it has given a picture yet."""
        return self.ring.newest >= self.first

    def ended(self) -> Exit | None:
        """Why it ended; None while it runs. A death of another kind counts as silence."""
        status = self.process.poll()
        if status is None:
            return None
        return Exit(status) if status in set(Exit) and status else Exit.SILENT

    def end(self) -> None:
        """Ends it at once and waits for a second; its memory goes with the last view of it."""
        self.process.kill()  # not terminate: a hung driver does not listen
        if self.process.stdin:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=1.0)
