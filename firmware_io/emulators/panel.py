# SPDX-License-Identifier: Apache-2.0
"""The far side of the booth panel's mock pins: a Unix socket in the process that owns them.

gpiozero's mock pins live inside one process, so the hand that presses them must reach in. The
booth opens this desk when its settings say ``factory = "mock"`` and name a ``mock_socket``; anyone
then connects and sends JSON objects, one a line, each answered by one line:

    {"presence": true}            somebody stands in front of the booth; false: nobody
    {"key": "open"}               the staff key turned to service; "closed": turned back
    {"door": "open"}              the service door; "closed"
    {"power": "failing"}          the UPS says that the mains are gone; "good": back
    {"headphones": true}          plugged in; false: out
    {"press": "next"}             a push button pressed and let go: call next back choose volume
    {"hold": "next"}              pressed and held until {"release": "next"}
    {"lamps": true}               {"ok": true, "lamps": {"photo": 1.0, "reader": 0.0, ...}}
    {"pwm": "gone"}               the photo lamp's PWM channel vanishes; "there": it is back
    {"status": true}              all of it, and buzzer, fan and the devices whose supply is cut

The booth's process ends after every visit and a new one opens the path again: a client that loses
its connection connects again and repeats what still holds (nobody there, key and door closed, mains
good, no headphones at start). What the booth's settings do not fit is refused. Where the photo lamp
hangs on a PWM channel (``photo_pwm``), a folder of plain files with the kernel's names plays it:
the lamp is as bright as they say, and only such a folder can vanish.
``python -m firmware_io.emulators.panel PATH`` passes stdin to the socket and answers to stdout.
"""

import argparse
import contextlib
import json
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from gpiozero.pins.mock import MockFactory, MockPWMPin

from firmware_io.links.pins import BUTTONS, UNFITTED, PanelPins

LINE_MAX = 4096
PRESS_S = 0.12


class WiredPin(MockPWMPin):
    """A mock pin with something wired to it: what holds it low is stronger than its pull-up."""

    held_low = False

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        if self.held_low:
            self.drive_low()


def light_of(channel: Path) -> float:
    """How bright a lamp on this PWM channel is, 0.0 to 1.0; dark when the channel is not there."""
    for _ in range(100):
        try:
            period, duty, on = (
                int((channel / name).read_text()) for name in ("period", "duty_cycle", "enable")
            )
        except FileNotFoundError:
            return 0.0
        except ValueError:  # a plain file between its old number and its new one
            time.sleep(0.002)
        else:
            return round(duty / period, 3) if on and period else 0.0
    return 0.0


class PanelDesk:
    """Serves one socket from one thread. `open` starts it, `close` ends it and removes the path."""

    def __init__(
        self,
        factory: MockFactory,
        layout: PanelPins,
        path: str | Path,
        *,
        photo_pwm: Path | None = None,
    ) -> None:
        self.path, self._photo_pwm = Path(path), photo_pwm
        self._factory, self._layout = factory, layout
        self._server: socket.socket | None = None
        self._wake_in, self._wake_out = -1, -1
        self._inode = 0
        self._thread: threading.Thread | None = None
        self._waiting: dict[socket.socket, bytes] = {}

    def open(self) -> None:
        """Bind the path (a socket left by an ended process is replaced) and start serving.

        Raises OSError when the folder is not there or not writable.
        """
        server = socket.socket(socket.AF_UNIX)
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        server.bind(str(fresh))
        fresh.chmod(0o600)
        server.listen(4)
        self._inode = fresh.stat().st_ino
        fresh.replace(self.path)
        self._server = server
        self._wake_in, self._wake_out = os.pipe()
        # The sensor's own output: nobody there. The door is closed. The rest is held by pull-ups.
        for name in ("presence", "door"):
            if name in self._layout.contacts:
                self._drive(self._layout.contacts[name], False)
        self._thread = threading.Thread(target=self._serve, name="panel-desk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, drop the clients, remove the path if it is still this desk's."""
        if self._thread is None:
            return
        os.write(self._wake_out, b"x")
        self._thread.join(5)
        self._thread = None
        with contextlib.suppress(OSError):
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()
        for end in (self._wake_in, self._wake_out):
            os.close(end)

    def control(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request, as over the socket."""
        match request:
            case {"presence": bool(there)}:
                return self._contact("presence", there)
            case {"key": "open" | "closed" as position}:
                return self._contact("key", position == "closed")
            case {"door": "open" | "closed" as position}:
                return self._contact("door", position == "open")
            case {"power": "failing" | "good" as state}:
                return self._contact("power", state == "good")
            case {"headphones": bool(plugged)}:
                return self._contact("headphones", not plugged)
            case {"press": str(button)} | {"hold": str(button)} | {"release": str(button)}:
                return self._push(button, *request)
            case {"pwm": "gone" | "there" as state}:
                return self._pwm(state == "there")
            case {"lamps": True}:
                return {"ok": True, "lamps": self._lamps()}
            case {"status": True}:
                return {"ok": True, "device": "panel", **self._status()}
            case _:
                return {"ok": False, "reason": "unknown request; the module's help lists them"}
        return {"ok": True}

    def _contact(self, name: str, high: bool) -> dict[str, Any]:
        if name not in self._layout.contacts:
            return {"ok": False, "reason": f"this booth has no {name} contact"}
        self._drive(self._layout.contacts[name], high)
        return {"ok": True}

    def _push(self, button: str, how: str) -> dict[str, Any]:
        if button not in self._layout.buttons:
            return {"ok": False, "reason": f"this booth has no such button; known are {BUTTONS}"}
        number = self._layout.buttons[button]
        if how != "release":
            self._drive(number, False)
        if how == "press":
            time.sleep(PRESS_S)  # as long as a quick finger stays
        if how != "hold":
            self._drive(number, True)
        return {"ok": True}

    def _pwm(self, there: bool) -> dict[str, Any]:
        channel = self._photo_pwm
        if channel is None:
            return {"ok": False, "reason": "this booth's photo lamp has no PWM channel"}
        aside = channel.with_name(f".{channel.name}")
        try:
            if there and aside.exists():
                aside.rename(channel)
            elif not there and channel.exists():
                channel.rename(aside)
        except OSError as error:
            return {"ok": False, "reason": f"the channel stays: {error.strerror}"}
        return {"ok": True}

    def _status(self) -> dict[str, Any]:
        words = {
            "presence": (False, True),
            "key": ("open", "closed"),
            "door": ("closed", "open"),
            "power": ("failing", "good"),
            "headphones": (True, False),
        }
        contacts = {
            name: words[name][bool(self._pin(number).state)]
            for name, number in self._layout.contacts.items()
        }
        cut = [name for name, number in self._layout.relays.items() if self._pin(number).state]
        outputs = {
            name: bool(self._pin(number).state)
            for name, number in (("buzzer", self._layout.buzzer), ("fan", self._layout.fan))
            if number != UNFITTED
        }
        return {"lamps": self._lamps(), **contacts, **outputs, "cut": cut}

    def _lamps(self) -> dict[str, float]:
        lamps = {
            name: round(float(self._pin(number).state), 3)
            for name, number in self._layout.lamps.items()
        }
        if self._photo_pwm is not None:
            lamps["photo"] = light_of(self._photo_pwm)
        return lamps

    def _pin(self, number: int) -> WiredPin:
        return cast("WiredPin", self._factory.pin(number))

    def _drive(self, number: int, high: bool) -> None:
        pin = self._pin(number)
        pin.held_low = not high
        if high:
            pin.drive_high()
        else:
            pin.drive_low()

    def _serve(self) -> None:
        assert self._server is not None  # noqa: S101 - opened before the thread starts
        with selectors.DefaultSelector() as ready, self._server as server:
            ready.register(server, selectors.EVENT_READ)
            ready.register(self._wake_in, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fileobj == self._wake_in:
                        for client in self._waiting:
                            client.close()
                        self._waiting.clear()
                        return
                    if key.fileobj is server:
                        client, _address = server.accept()
                        client.settimeout(1.0)
                        self._waiting[client] = b""
                        ready.register(client, selectors.EVENT_READ)
                        continue
                    client = cast("socket.socket", key.fileobj)
                    if not self._listen(client):
                        ready.unregister(client)
                        del self._waiting[client]
                        client.close()

    def _listen(self, client: socket.socket) -> bool:
        """Answer the whole lines of one client; False when it is gone or sends no lines."""
        try:
            data = client.recv(LINE_MAX)
            *lines, rest = (self._waiting[client] + data).split(b"\n")
            for line in lines:
                if line.strip():
                    client.sendall(json.dumps(self._answer(line)).encode() + b"\n")
        except OSError:
            return False
        self._waiting[client] = rest
        return bool(data) and len(rest) <= LINE_MAX

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
        except ValueError:
            request = None
        if not isinstance(request, dict):
            return {"ok": False, "reason": "a request is one JSON object on one line"}
        return self.control(request)


def main(argv: Sequence[str] | None = None, out: Callable[[str], Any] = print) -> int:
    """Pass requests from stdin to a booth's panel, one a line; answers go to stdout."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_io.emulators.panel",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", help="the booth's mock_socket")
    arguments = parser.parse_args(argv)
    with socket.socket(socket.AF_UNIX) as desk:
        try:
            desk.connect(arguments.path)
        except OSError as error:
            print(f"{parser.prog}: {arguments.path}: {error.strerror}", file=sys.stderr)
            return 1
        answers = desk.makefile()
        for line in sys.stdin:
            desk.sendall(line.rstrip("\n").encode() + b"\n")
            answer = answers.readline()
            if not answer:
                return 1
            out(answer.rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
