# SPDX-License-Identifier: Apache-2.0
"""The system's PC/SC service with a virtual reader, for as long as an emulated card needs it.

Only one pcscd can run on a machine (its socket's path is fixed). Where one runs already it is used
as it is; otherwise `PcscService.start` runs one, which takes root, and `stop` ends that one.

``python -m firmware_io.emulators.pcscd`` prints ``{"device": "pcscd", "path": "..."}`` once the
service and its virtual reader are there, or the same with ``"reason"`` when they cannot be had, and
holds them until SIGTERM or the end of stdin.
"""

import argparse
import contextlib
import fcntl
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final, Self

from firmware_io.emulators.desk import Ending, leave, listen, say
from firmware_io.emulators.smartcard import PORT

SOCKET: Final = Path("/run/pcscd/pcscd.comm")
VPCD_CONFIG: Final = Path("/etc/reader.conf.d/vpcd")
START_S: Final = 20.0
_LOCK: Final = Path(tempfile.gettempdir()) / "idbooth-pcscd.lock"


class PcscServiceError(RuntimeError):
    """The service or its virtual reader cannot be had; the text says what to install or do."""


class PcscService:
    """A running pcscd. `owned` tells whether this object started it and may restart it.

    `alone` keeps other processes of this project that ask the same out for as long as it runs:
    the machine has one service and one reader port, and tests stop and start it. It waits
    `patience_s` seconds for its turn (None: for ever).
    """

    def __init__(self, *, alone: bool = False, patience_s: float | None = None) -> None:
        self._alone, self._patience_s = alone, patience_s
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def owned(self) -> bool:
        """Whether `stop` will end the service."""
        return self._process is not None

    def start(self) -> None:
        """Returns when the service answers and its virtual reader listens.

        Raises PcscServiceError.
        """
        if self._alone and self._lock is None:
            self._lock = os.open(_LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
            _claim(self._lock, self._patience_s)
        if not VPCD_CONFIG.exists():
            raise PcscServiceError("no virtual reader: apt-get install pcscd vsmartcard-vpcd")
        if not _listens(SOCKET):
            self._run()
        self._await(reader=True)

    def unplug(self) -> None:
        """The reader is pulled out: the service goes on without it until `stop` and `start`.

        Only of a service that is ours. Raises PcscServiceError.
        """
        if self._process is None:
            raise PcscServiceError("another program's service keeps its readers")
        self.stop()
        with tempfile.TemporaryDirectory(prefix="no-readers-") as empty:
            self._run("--config", empty)  # read once, at its start
            self._await(reader=False)

    def _await(self, *, reader: bool) -> None:
        end = time.monotonic() + START_S
        while not (_listens(SOCKET) and _port_open() >= reader):
            if self._process is not None and self._process.poll() is not None:
                raise PcscServiceError("pcscd ended at once; it must be started by root")
            if time.monotonic() > end:
                raise PcscServiceError("pcscd runs, but its virtual reader does not listen")
            time.sleep(0.02)

    def stop(self) -> None:
        """Ends the service if this object started it."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(5.0)
            except subprocess.TimeoutExpired:  # it waits for a card that gives no answer
                process.kill()
                process.wait()

    def close(self) -> None:
        """`stop`, and lets others have the service."""
        self.stop()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _run(self, *options: str) -> None:
        with contextlib.suppress(OSError):
            SOCKET.parent.mkdir(mode=0o755, exist_ok=True)
        try:
            self._process = subprocess.Popen(
                ["pcscd", "--foreground", *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"},
            )
        except FileNotFoundError:
            raise PcscServiceError("no pcscd: apt-get install pcscd vsmartcard-vpcd") from None


def _claim(lock: int, patience_s: float | None) -> None:
    if patience_s is None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return
    end = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise PcscServiceError("another booth has the virtual reader") from None
            time.sleep(0.05)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def _port_open() -> bool:
    """Whether somebody listens on the reader's port; looked up, as connecting inserts a card."""
    wanted = f":{PORT:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == "0A":
                    return True
    return False


def main(argv: list[str] | None = None) -> int:
    """The command: holds the service; 1 when it cannot be had."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_io.emulators.pcscd",
        description="The PC/SC service with its virtual reader, for an emulated card.",
    )
    parser.add_argument(
        "--patience", type=float, default=0.0, help="seconds to wait while another has it (0)"
    )
    arguments = parser.parse_args(argv)
    ending = Ending()
    service = PcscService(alone=True, patience_s=arguments.patience)
    try:
        with service:
            say({"device": "pcscd", "path": str(SOCKET), "owned": service.owned})
            listen(lambda said: say({"ok": True, "owned": service.owned}), ending.ask)
            ending.wait()
    except (PcscServiceError, OSError) as refusal:
        say({"device": "pcscd", "path": "", "reason": str(refusal)})
        return 1
    return 0


if __name__ == "__main__":
    leave(main())
