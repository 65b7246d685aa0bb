# SPDX-License-Identifier: Apache-2.0
"""Runs one program, keeps all it says in the set-up log, and hands each line on."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

# These would lead pip or Python away from the environment being built.
_UNWANTED = ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT")


def clean_environment() -> dict[str, str]:
    """This process's environment less what would misdirect pip or Python."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    kept["PIP_REQUIRE_VIRTUALENV"] = "0"
    kept["LC_ALL"] = "C.UTF-8"
    return kept


class Programs:
    """Runs programs for the stages; their output goes to `log`.

    `turn` is the descriptor of the set-up lock. Each program holds it too: should set-up be killed,
    the next one waits until a program that it left behind has ended.
    """

    def __init__(self, log: Path, turn: int | None = None) -> None:
        self._log = log
        self._inherited = () if turn is None else (turn,)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("", encoding="utf-8")

    def run(
        self,
        command: Sequence[str],
        on_line: Callable[[str], None] | None = None,
        cwd: Path | None = None,
    ) -> tuple[int, list[str]]:
        """Runs `command` without input; returns its exit status and its last 40 lines."""
        last: deque[str] = deque(maxlen=40)
        with self._log.open("a", encoding="utf-8") as log:
            log.write("$ " + " ".join(command) + "\n")
            log.flush()
            try:
                process = subprocess.Popen(
                    list(command),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=clean_environment(),
                    cwd=cwd,
                    pass_fds=self._inherited,
                    text=True,
                    errors="replace",
                )
            except OSError as failed:
                return 127, [f"{command[0]}: {failed.strerror}"]
            with process:
                try:
                    for line in process.stdout or ():
                        log.write(line)
                        last.append(line.rstrip())
                        if on_line:
                            on_line(line.rstrip())
                except BaseException:
                    process.terminate()
                    raise
            log.write(f"-> {process.returncode}\n")
        return process.returncode, list(last)
