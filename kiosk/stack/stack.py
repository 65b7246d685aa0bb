# SPDX-License-Identifier: Apache-2.0
"""Starts and keeps all processes of a development booth."""

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from kiosk.config import DevicesTable, Settings, explain
from kiosk.stack.files import (
    BOOTH_ID,
    STORES,
    Folder,
    Ports,
    booth_settings,
    cabinet_options,
    counter_settings,
    free_ports,
    write_toml,
)
from kiosk.stack.panel import PanelHand
from kiosk.stack.process import READY_S, Process, StackError

EMULATED = ("fingerprint", "idreader", "printer", "camera")
STAFF = ("smartcard", "pcscd")  # the staff card and the service that reads it
STAFF_PATIENCE_S = 15.0  # one booth at a time has the machine's virtual reader
KEPT = ("counter", "uplink", "front")  # started again when they end
SOCKET_S = 90.0  # for one that hangs; one that ends is told at once
AGAIN_S = 0.5  # a process that ends at once is not started more often than this

Say = Callable[[str], None]


class Stack:
    """The whole booth. Use as a context manager.

    `staff`: with a staff-card reader, if this machine can have a virtual one (pcscd, vpcd, and root
    or a service that runs already); without it the booth does without and says so. `fits`: which of
    the stores "bins" and "dispenser" it has, beside those that `booth` fits.
    """

    def __init__(
        self,
        root: Path,
        *,
        factor: float = 1.0,
        booth: Mapping[str, Any] | None = None,
        counter: Mapping[str, Any] | None = None,
        console_port: int = 0,
        window: bool = False,
        staff: bool = False,
        fits: Collection[str] = (),
        say: Say = lambda line: None,
    ) -> None:
        self.folder = Folder(root)
        self._factor, self._window, self._say = factor, window, say
        self._booth, self._counter = dict(booth or {}), dict(counter or {})
        self._console_port, self._staff = console_port, staff
        self._fits = frozenset(fits)
        self._fitted: DevicesTable | None = None
        self._panel = PanelHand(Path(self.folder.device("panel.sock")))
        self.processes: dict[str, Process] = {}
        self._began: dict[str, float] = {}
        self.fronts = 0  # how many front processes have been started
        self.console_url = ""
        self._ports: Ports | None = None
        self._lock_file: TextIO | None = None
        self._stopping = threading.Event()
        self._keeper: threading.Thread | None = None

    def __enter__(self) -> "Stack":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def door(self) -> Path:
        """The front's automation door."""
        return self.folder.run / "door.sock"

    @property
    def report(self) -> Path:
        """Where the front says how a visit ended."""
        return self.folder.run / "report.json"

    def start(self) -> None:
        """Brings everything up. Raises StackError naming what did not come."""
        self._claim()
        self._fitted = self._devices()
        self.folder.forget_cards()
        for stale in (self.door, self.folder.run / "mailbox.sock", self.report):
            stale.unlink(missing_ok=True)
        self._ports = free_ports(self._console_port)
        write_toml(
            self.folder.counter_toml, counter_settings(self.folder, self._ports, self._counter)
        )
        self._say("camera clips (made once, about 20 s)")
        self._once("firmware_io.emulators.camera_clips", "build")
        self._say("counter, line, devices")
        stores = [name for name in STORES if getattr(self._fitted, name).fitted]
        for name in (*EMULATED, *stores, "line", *(STAFF[1:] if self._staff else ())):
            self._launch(name)
        self._once("idcard.devca", str(self.folder.keys), "--booth", BOOTH_ID)
        if not (self.folder.counter / "counter.db").exists():
            self._once("counter", "seed", "--config", str(self.folder.counter_toml), "--people")
        self._launch("counter")
        line = self.processes["line"].ready()["path"]
        staff = self._staff and self._staff_reader()
        write_toml(self.folder.booth_toml, self._settings(line, staff=staff))
        for name in (*EMULATED, *stores):
            self.processes[name].ready()
        if "dispenser" in stores:  # an empty one would be ill, and would say so to staff
            self.processes["dispenser"].control({"stock": [f"card-{n}" for n in range(1, 41)]})
        self.console_url = str(self.processes["counter"].ready()["console_url"])
        self._launch("uplink")
        self._say("outbox and uplink")
        self._appear(self.folder.run / "mailbox.sock", "uplink")
        self._say("front")
        self._launch("front")
        self._appear(self.door, "front")
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """Ends everything, front first."""
        self._stopping.set()
        if self._keeper is not None:
            self._keeper.join(timeout=5.0)
        for name in ("front", "uplink", "counter", "line", *EMULATED, *STORES, *STAFF):
            if process := self.processes.get(name):
                process.stop()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def control(self, device: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """One control line to an emulated device, the panel or the line. Raises StackError."""
        if device == "panel":
            return self._panel.control(said)
        if device not in self.processes:
            raise StackError(f"no process called {device}")
        return self.processes[device].control(said)

    def kill(self, name: str) -> None:
        """Ends a process at once; the keeper starts it again."""
        self.processes[name].kill()

    def _settings(self, line: str, *, staff: bool = False) -> dict[str, Any]:
        return booth_settings(
            self.folder,
            line,
            window=self._window,
            over=self._booth,
            staff=staff,
            fits=self._fits,
        )

    def _devices(self) -> DevicesTable:
        """Which devices there are to be; only the processes to come can tell the line's port."""
        try:
            return Settings.model_validate(self._settings("127.0.0.1:0")).devices
        except ValidationError as wrong:
            raise StackError(f"these settings are not a booth's: {explain(wrong)}") from None

    def _staff_reader(self) -> bool:
        """Puts an empty-handed staff card before the virtual reader; False: there is none."""
        said = self.processes["pcscd"].ready(STAFF_PATIENCE_S + READY_S)
        if "reason" in said:
            self._say(f"no staff card: {said['reason']}")
            self.processes.pop("pcscd").stop()
            return False
        self._launch("smartcard")
        self.processes["smartcard"].ready()
        return True

    def _claim(self) -> None:
        lock = (self.folder.root / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StackError(
                f"{self.folder.root} is in use by another booth; end it or name another --state"
            ) from None
        self._lock_file = lock

    def _launch(self, name: str) -> None:
        log = self.folder.logs / f"{name}.log"
        self.processes[name] = Process(name, self._command(name), log, environment=self._env(name))
        self._began[name] = time.monotonic()
        if name == "front":
            self.fronts += 1
            threading.Thread(target=self._panel.repeat, name="panel", daemon=True).start()

    def _command(self, name: str) -> list[str]:
        assert self._ports is not None  # noqa: S101
        booth, counter = str(self.folder.booth_toml), str(self.folder.counter_toml)
        match name:
            case "front":
                options = ["--door", str(self.door), "--report", str(self.report)]
                return ["ui", "--config", booth, *options]
            case "uplink":
                return ["kiosk.post.uplink", "--config", booth]
            case "counter":
                return ["counter", "serve", "--config", counter]
            case "line":
                return ["firmware_io.emulators.line", "--to", f"127.0.0.1:{self._ports.booth}"]
            case "pcscd":
                return ["firmware_io.emulators.pcscd", "--patience", str(STAFF_PATIENCE_S)]
            case "smartcard":
                key = str(self.folder.keys / "staff" / "card.key")
                return ["firmware_io.emulators.smartcard", "--key", key]
            case "bins":
                assert self._fitted is not None  # noqa: S101
                options = cabinet_options(self._fitted.bins)
                return ["firmware_io.emulators.lockboard", *self._wire(name), *options]
            case "dispenser":
                assert self._fitted is not None  # noqa: S101
                machine = self._fitted.dispenser
                which = ["--make", machine.make, "--address", str(machine.address)]
                return ["firmware_io.emulators.dispenser", *self._wire(name), *which]
            case _:
                return [f"firmware_io.emulators.{name}", *self._wire(name)]

    def _wire(self, name: str) -> list[str]:
        return ["--link", self.folder.device(name), "--factor", str(self._factor)]

    def _env(self, name: str) -> dict[str, str]:
        env = dict(os.environ)
        if name == "front" and not self._window:
            env.pop("DISPLAY", None)
            env["SDL_VIDEODRIVER"] = "offscreen"
            env.setdefault("SDL_AUDIODRIVER", "dummy")
        return env

    def _once(self, *arguments: str) -> None:
        log = self.folder.logs / f"{arguments[0]}.log"
        with log.open("ab") as out:
            status = subprocess.call([sys.executable, "-m", *arguments], stdout=out, stderr=out)
        if status != 0:
            raise StackError(f"{' '.join(arguments[:2])} ended with {status}; see {log}")

    def _appear(self, path: Path, name: str) -> None:
        end = time.monotonic() + SOCKET_S
        while not path.exists():
            if not self.processes[name].running:
                raise StackError(f"{name} has ended; see {self.folder.logs / name}.log")
            if time.monotonic() > end:
                raise StackError(f"{name} did not get ready; see {self.folder.logs / name}.log")
            self._stopping.wait(0.02)

    def _keep(self) -> None:
        while not self._stopping.wait(0.05):
            for name in KEPT:
                if self.processes[name].running or self._stopping.is_set():
                    continue
                if time.monotonic() - self._began[name] > AGAIN_S:
                    with contextlib.suppress(OSError):
                        self._launch(name)
