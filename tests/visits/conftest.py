# SPDX-License-Identifier: Apache-2.0
"""Whole visits on a whole booth: real processes, wires, TLS, SQLite and pixels."""

import base64
import contextlib
import json
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from firmware_io.emulators.ef01.fingers import Press, features
from kiosk.post.errors import MailboxDownError
from kiosk.post.mailbox import Mailbox
from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack
from kiosk.visit.door import DoorError
from kiosk.visit.play import show, visit
from kiosk.visit.player import Player, PlayError, fresh_front
from kiosk.visit.script import Script, read_script

PLAYBOOK = Path(__file__).parent.parent / "playbook"
FACTOR = 0.2  # of the devices' own delays: what is tested here is what happens, not how fast
PATIENCE = 6.0  # times the usual: a slow machine is no fault
PATIENCE_S = 180.0
POST = {"wait_received_s": 110.0}  # an answer of the counter that is late is no lost one
THINK_S = 0.1  # a citizen who knows what to touch
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "gb18030")
WINDOW = 16  # bytes of a finger's features that no chance puts into a file
PACKED = re.compile(rb"[A-Za-z0-9+/_-]{32,}")  # hex or base64


class Hall:
    """A running booth with its counter, and what a test asks of both."""

    def __init__(self, stack: Stack, out: Path) -> None:
        self.stack, self._out = stack, out
        self._read: dict[str, int] = {}

    def play(
        self,
        name: str,
        *,
        at_silence: Callable[[], None] | None = None,
        think_s: float = THINK_S,
    ) -> dict[str, Any]:
        """One citizen of the playbook. `at_silence` happens as the script's first silence begins.

        The logs of front and uplink may not tell of a fault of the program meanwhile.
        """
        script = read_script(PLAYBOOK / f"{name}.toml")
        script = script.model_copy(update={"think_s": min(script.think_s, think_s)})
        self.stack.control("camera", {"look": "good"})  # whoever sat there before
        pending = [at_silence] if at_silence else []

        def say(line: str) -> None:
            if pending and line.endswith(" silence"):
                pending.pop()()

        try:
            result = visit(self.stack, script, self._out / name, say, patience=PATIENCE)
        except (PlayError, StackError):
            self.stack.kill("front")  # the next test's citizen shall find a fresh one
            raise
        assert self.faults() == []
        return result

    def falls(self, script: Script, name: str) -> None:
        """A citizen whose script ends with the front's fall; a fresh one takes its place."""
        script = script.model_copy(update={"think_s": min(script.think_s, THINK_S)})
        fronts = self.stack.fronts
        self.stack.report.unlink(missing_ok=True)
        (self._out / name).mkdir()
        out = self._out / name
        say: Callable[[str], None] = lambda line: None  # noqa: E731
        Player(self.stack, script, out, say, pictures=False, patience=PATIENCE).play()
        for device, said in (("idreader", {"remove_card": True}), ("fingerprint", {"lift": True})):
            self.stack.control(device, said)
        assert self.fronts(fronts + 1)
        assert not self.stack.report.exists(), "it ended by itself"
        assert self.faults() == []

    def mend(self) -> None:
        """Everything plugged in, filled, closed and answering again, whatever a test has done."""
        for device in ("idreader", "fingerprint", "camera"):
            self.stack.control(device, {"replug": True})
        for device in ("idreader", "fingerprint", "printer", "line"):
            self.stack.control(device, {"fault": {}})
        self.stack.control("idreader", {"remove_card": True})
        self.stack.control("fingerprint", {"lift": True})
        self.stack.control("printer", {"paper": "ok"})
        self.stack.control("printer", {"cover": "closed"})
        self.stack.control("camera", {"look": "good"})
        self.stack.control("line", {"cut": False})

    def faults(self) -> list[str]:
        """New lines in the logs of front and uplink that tell of a fault of the program."""
        marks = (b"Traceback", b"program fault")
        found = []
        for name in ("front", "uplink"):
            log = self.stack.folder.logs / f"{name}.log"
            raw = log.read_bytes() if log.exists() else b""
            new = raw[self._read.get(name, 0) :]
            self._read[name] = len(raw)  # one fault fails one test
            lines = [line for line in new.splitlines() if any(mark in line for mark in marks)]
            found += [f"{log.name}: {line.decode(errors='replace')}" for line in lines]
        return found

    def welcome(self) -> dict[str, Any]:
        """What the front that waits for the next citizen shows."""
        door = fresh_front(self.stack.door, PATIENCE_S)
        try:
            return door.view()
        finally:
            door.close()

    def welcomes(
        self, there: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE_S
    ) -> bool:
        """Whether the waiting front comes to show this."""
        return self.until(lambda: there(self.welcome()), seconds)

    def until(self, there: Callable[[], bool], seconds: float = PATIENCE_S) -> bool:
        """Whether this comes to hold."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(DoorError, PlayError):
                if there():
                    return True
            time.sleep(0.05)
        return False

    def fronts(self, at_least: int) -> bool:
        """Whether so many front processes come to have been started."""
        return self.until(lambda: self.stack.fronts >= at_least)

    def finger_traces(self) -> Mapping[str, int]:
        """What the fingerprint module still holds of fingers: pages in flash, buffers in RAM.

        After a visit's wipe neither holds anything, the image buffer included.
        """
        return self.stack.control("fingerprint", {"status": True})["traces"]

    def at_counter(self, application_id: str, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """The application as the counter holds it, waiting for it to arrive."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            held = show(self.stack, application_id)
            if held is not None:
                return held
        raise AssertionError("the application did not arrive at the counter")

    def unprinted(self, application_id: str, seconds: float = PATIENCE_S) -> str:
        """Why the slip of an application is to be handed out at the window, once that is known."""
        wanted = "SELECT reason FROM unprinted_slip WHERE application_id = ?"
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            held = sqlite3.connect(self.stack.folder.counter / "counter.db")
            with contextlib.closing(held):
                row = held.execute(wanted, (application_id,)).fetchone()
            if row is not None:
                return row[0]
            time.sleep(0.1)
        raise AssertionError("the counter was not told of the slip")

    def slip_proof(self, application_id: str, seconds: float = PATIENCE_S) -> str:
        """What the counter knows a slip's printing to rest on, once it is known to be out."""
        wanted = "SELECT proof FROM unprinted_slip WHERE application_id = ? AND settled_at NOTNULL"
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            held = sqlite3.connect(self.stack.folder.counter / "counter.db")
            with contextlib.closing(held):
                row = held.execute(wanted, (application_id,)).fetchone()
            if row is not None:
                return row[0]
            time.sleep(0.1)
        raise AssertionError("the counter was not told that the slip is out")

    def other_outbox(self, name: str, put_back: Path | None = None) -> Path:
        """Lays the uplink's folder aside as `name`, as a changed disk would, and starts it anew.

        It begins with an empty folder, or with `put_back`. Gives the folder laid aside.
        """
        uplink, aside = self.stack.folder.uplink, self.stack.folder.root / f"uplink-{name}"
        fallen = self.stack.processes["uplink"].pid
        uplink.rename(aside)
        put_back.rename(uplink) if put_back else uplink.mkdir(mode=0o700)
        self.stack.kill("uplink")
        mailbox = Mailbox(self.stack.folder.run / "mailbox.sock")

        def answers() -> bool:
            with contextlib.suppress(MailboxDownError):
                return self.stack.processes["uplink"].pid != fallen and mailbox.state().line_up
            return False

        assert self.until(answers)
        return aside

    def applications(self) -> int:
        """How many applications the counter holds."""
        path = self.stack.folder.counter / "counter.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as held:
            return int(held.execute("SELECT count(*) FROM application").fetchone()[0])

    def traces(self, *words: str, fingers: tuple[str, ...] = ()) -> list[str]:
        """Files of the booth (not of the counter) that hold one of these words, or features of
        these fingers ("person/position"), in any encoding, plain, as hex or as base64.
        """
        sought = [word.encode(kind) for word in words for kind in ENCODINGS]
        sought += [json.dumps(word)[1:-1].encode() for word in words]  # as \\uXXXX
        windows = {window for name in fingers for window in feature_windows(name)}
        root, counter = self.stack.folder.root, self.stack.folder.counter
        found = []
        for path in sorted(root.rglob("*")):
            if counter in path.parents or path.is_symlink() or not path.is_file():
                continue
            raw = path.read_bytes()
            if any(word in raw for word in sought) or any(
                _has_window(piece, windows) for piece in (raw, *_unpacked(raw))
            ):
                found.append(str(path.relative_to(root)))
        return found


def feature_windows(finger: str) -> set[bytes]:
    """Pieces that every template of the emulated finger holds some of.

    A press changes a part of the finger's own bytes; what most of many presses agree on is it.
    """
    person, _, position = finger.partition("/")
    presses = [features(Press(person, position, "good", number), 512, 0) for number in range(31)]
    own = bytes(Counter(column).most_common(1)[0][0] for column in zip(*presses, strict=True))
    return {own[at : at + WINDOW] for at in range(2, len(own) - WINDOW)}


def _has_window(raw: bytes, windows: set[bytes]) -> bool:
    return bool(windows) and any(
        raw[at : at + WINDOW] in windows for at in range(len(raw) - WINDOW + 1)
    )


def _unpacked(raw: bytes) -> Iterator[bytes]:
    for packed in PACKED.findall(raw):
        with contextlib.suppress(ValueError):
            yield bytes.fromhex(packed.decode())
        plain = packed.replace(b"-", b"+").replace(b"_", b"/")
        for skip in range(4):
            piece = plain[skip:]
            yield base64.b64decode(piece[: len(piece) // 4 * 4])


@contextlib.contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """What the booth's processes leave in the temporary directory lies where it is searched."""
    folder.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """One booth for the module's citizens; each has a front process of their own."""
    root = tmp_path_factory.mktemp("hall")
    with (
        _temporary_files_in(root / "booth" / "tmp"),
        Stack(root / "booth", factor=FACTOR, booth={"post": POST}) as stack,
    ):
        yield Hall(stack, root)


@pytest.fixture
def hall_for(tmp_path: Path) -> Callable[[str], AbstractContextManager[Hall]]:
    """A booth with the settings that a script brings."""

    @contextlib.contextmanager
    def opened(name: str) -> Iterator[Hall]:
        script = read_script(PLAYBOOK / f"{name}.toml")
        settings = {**script.settings, "post": {**POST, **script.settings.get("post", {})}}
        with (
            _temporary_files_in(tmp_path / "booth" / "tmp"),
            Stack(
                tmp_path / "booth", factor=FACTOR, booth=settings, counter=script.counter
            ) as stack,
        ):
            yield Hall(stack, tmp_path)

    return opened
