# SPDX-License-Identifier: Apache-2.0
"""A child process that says when it is ready and obeys JSON lines."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# For one that hangs; one that ends is told at once.
READY_S = 90.0
ANSWER_S = 60.0


class StackError(Exception):
    """A process did not come up or did not answer; the text names it, its log and what to do."""


class Process:
    """`python -m MODULE ARGS`: stdout is JSON lines, stderr goes to a log file."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self._log = name, log
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._lock = threading.Lock()
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=None if environment is None else dict(environment),
                start_new_session=True,
            )
        threading.Thread(target=self._listen, name=f"listen-{name}", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._child.poll() is None

    def wait(self, timeout_s: float) -> int | None:
        """The exit status, or None when it still runs after `timeout_s`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._child.wait(timeout_s)
        return None

    def ready(self, timeout_s: float = READY_S) -> dict[str, Any]:
        """The first line it prints. Raises StackError."""
        return self._answer(timeout_s, "did not get ready")

    def control(self, said: Mapping[str, Any], timeout_s: float = ANSWER_S) -> dict[str, Any]:
        """Says one JSON line and gives the answer. Raises StackError when it is refused."""
        with self._lock:
            assert self._child.stdin is not None  # noqa: S101
            try:
                self._child.stdin.write(json.dumps(said).encode() + b"\n")
                self._child.stdin.flush()
            except (BrokenPipeError, ValueError):
                raise StackError(f"{self.name} has ended; see {self._log}") from None
            answer = self._answer(timeout_s, "did not answer")
        if not answer.get("ok", True):
            raise StackError(f"{self.name} refused: {answer.get('reason', answer)}")
        return answer

    def stop(self, timeout_s: float = 5.0) -> None:
        """SIGTERM, and SIGKILL when that is not obeyed."""
        if not self.running:
            return
        self._child.terminate()
        if self.wait(timeout_s) is None:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            self._child.kill()
        self.wait(5.0)

    def _answer(self, timeout_s: float, trouble: str) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            raise StackError(f"{self.name} {trouble} in {timeout_s:g} s; see {self._log}") from None
        if answer is None:
            self._answers.put(None)
            raise StackError(f"{self.name} has ended; see {self._log}")
        return answer

    def _listen(self) -> None:
        assert self._child.stdout is not None  # noqa: S101
        for raw in self._child.stdout:
            with contextlib.suppress(ValueError):
                said = json.loads(raw)
                if isinstance(said, dict):
                    self._answers.put(said)
        self._answers.put(None)
