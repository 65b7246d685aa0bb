# SPDX-License-Identifier: Apache-2.0
"""A staff card in the virtual reader of the system's PC/SC service.

``python -m firmware_io.emulators.smartcard [--port 35963]`` runs one alone. The far end is vpcd
(package vsmartcard-vpcd), which pcscd loads as a reader: the card is its TCP client, inserted while
it is connected. Each message is a two-byte length and as many bytes; one byte is power off (00),
power on (01), reset (02) or "your ATR" (04), anything longer is a command. vpcd listens without
any authentication, so it belongs on a developer's machine and never on a booth.
"""

import argparse
import contextlib
import os
import queue
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final, Self

from firmware_io.emulators.desk import leave, listen, say
from firmware_io.emulators.smartcard_piv import Identity, PivApplet, keep_identity, make_identity

PORT: Final = 35963  # the first reader of vpcd's own configuration; the second listens one above
ATR: Final = bytes.fromhex("3B80800101")  # contactless, T=1
SERIAL: Final = bytes.fromhex("04E1BEEF0A7780")  # made up
GET_DATA: Final = bytes.fromhex("FFCA0000")
SUCCESS: Final = bytes.fromhex("9000")
NOT_SUPPORTED: Final = bytes.fromhex("6A81")
NO_SUCH_INSTRUCTION: Final = bytes.fromhex("6D00")
RETRY_S: Final = 0.1  # while the service is not there
HAND_S: Final = 0.6
"""A hand needs this long to take a card out and put one in. pcscd looks every 0.44 s and takes no
note of what was faster."""

CONTROLS: Final = """\
controls, one JSON object a line on stdin:
  {"insert": true}                    puts the card in; {"remove": true} takes it out
  {"power": "cycle"}                  out and in again; the PIN counter is kept
  {"serial": "04E1BEEF0A7780"}        the chip's serial number as the reader tells it; "": none
  {"status": true}                    where the card is and how many PIN tries are left
  {"fault": {"silent": true}}         gives no answer to the next command (or "times": n, 0 = all)
  {"fault": {"answer": "6982"}}       answers the next command with these bytes
  {"fault": {"slow": 0.5}}            answers the next command late
  {"fault": {"vanish": true}}         is pulled out in the middle of the next command
  {"fault": {}}                       clears
"""

_QUICKACK: Final = getattr(socket, "TCP_QUICKACK", None)


class SmartCard:
    """One card. A context manager that runs it in a thread; `control` is safe from any thread."""

    def __init__(
        self,
        *,
        identity: Identity | None = None,
        pin: str = "123456",
        host: str = "127.0.0.1",
        port: int = PORT,
    ) -> None:
        self.identity = identity or make_identity()
        self.path = f"{host}:{port}"
        self._address = (host, port)
        self._applet = PivApplet(self.identity, pin)
        self._serial = SERIAL
        self._socket: socket.socket | None = None
        self._inserted = False
        self._out_until = 0.0  # monotonic
        self._fault: dict[str, Any] = {}
        self._faults_left = 0
        self._commands = 0
        self._requests: queue.SimpleQueue[tuple[dict[str, Any], queue.SimpleQueue[Any]]]
        self._requests = queue.SimpleQueue()
        self._stop = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._thread: threading.Thread | None = None

    def put_in(self, there: bool = True) -> None:
        """Where the card is when `run` begins; afterwards ask `control`."""
        self._inserted = there

    def control(self, request: dict[str, Any], timeout_s: float = 10.0) -> dict[str, Any]:
        """Answers one request of the desk: ``{"ok": True, ...}`` or ``{"ok": False, ...}``."""
        answer: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._requests.put((request, answer))
        os.eventfd_write(self._wake, 1)
        try:
            return answer.get(timeout=timeout_s)
        except queue.Empty:
            raise TimeoutError("the smart-card emulator does not answer") from None

    def stop(self) -> None:
        """Ends `run`. From any thread or signal handler."""
        self._stop.set()
        os.eventfd_write(self._wake, 1)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self.run, name="smartcard-emulator")
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()
        os.close(self._wake)

    # -- the loop ------------------------------------------------------------------------------

    def run(self) -> None:
        """Serves the reader and the desk until `stop`."""
        rest = b""
        while not self._stop.is_set():
            self._answer_requests()
            if self._inserted and self._socket is None and time.monotonic() >= self._out_until:
                rest = b""
                self._connect()
            waits: list[Any] = [self._wake]
            if self._socket is not None:
                waits.append(self._socket)
            patience = RETRY_S if self._inserted and self._socket is None else None
            ready, _, _ = select.select(waits, [], [], patience)
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.eventfd_read(self._wake)
            if self._socket is not None and self._socket in ready:
                rest = self._receive(self._socket, rest)
        self._pull()

    def _connect(self) -> None:
        try:
            self._socket = socket.create_connection(self._address, timeout=2.0)
        except OSError:
            return  # the service is not there yet
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._applet.reset()

    def _receive(self, link: socket.socket, rest: bytes) -> bytes:
        try:
            if _QUICKACK is not None:
                # The driver writes length and body apart; without this each waits 40 ms for an
                # acknowledgement. The flag does not last, so it is set before every receive.
                link.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            data = link.recv(65536)
        except OSError:
            data = b""
        if not data:  # the service has gone
            self._pull()
            return b""
        rest += data
        while len(rest) >= 2:
            size = int.from_bytes(rest[:2], "big")
            if len(rest) < 2 + size:
                break
            message, rest = rest[2 : 2 + size], rest[2 + size :]
            self._handle(message)
        return rest

    def _handle(self, message: bytes) -> None:
        if len(message) == 1:
            if message[0] in (0x00, 0x01, 0x02):
                self._applet.reset()
            elif message[0] == 0x04:
                self._say(ATR)
            return
        if not message:
            return
        self._commands += 1
        fault = self._take_fault()
        if fault.get("vanish"):
            self._inserted = False
            self._pull()
            return
        if fault.get("silent"):
            return
        answer = self._of_reader(message) if message[0] == 0xFF else self._applet.execute(message)
        if "answer" in fault:
            answer = bytes.fromhex(fault["answer"])
        if "slow" in fault:
            self._stop.wait(float(fault["slow"]))
        self._say(answer)

    def _of_reader(self, message: bytes) -> bytes:
        """What a reader answers itself (PC/SC part 3, class FF): the chip's serial number."""
        if message[:4] != GET_DATA:
            return NO_SUCH_INSTRUCTION
        return self._serial + SUCCESS if self._serial else NOT_SUPPORTED

    def _take_fault(self) -> dict[str, Any]:
        if not self._fault:
            return {}
        fault = self._fault
        if self._faults_left == 1:
            self._fault = {}
        self._faults_left = max(0, self._faults_left - 1)
        return fault

    def _say(self, data: bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendall(len(data).to_bytes(2, "big") + data)

    def _pull(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None
            self._out_until = time.monotonic() + HAND_S

    # -- the desk ------------------------------------------------------------------------------

    def _answer_requests(self) -> None:
        while True:
            try:
                request, answer = self._requests.get_nowait()
            except queue.Empty:
                return
            try:
                answer.put({"ok": True, **self._answer(request)})
            except (ValueError, TypeError) as refusal:
                answer.put({"ok": False, "reason": str(refusal)})

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("insert"):
            self._inserted = True
        elif request.get("remove"):
            self._inserted = False
            self._pull()
        elif request.get("power") == "cycle":
            self._pull()
        elif "serial" in request:
            self._serial = bytes.fromhex(request["serial"])
        elif "fault" in request:
            self._set_fault(dict(request["fault"]))
        elif not request.get("status"):
            raise ValueError(f"unknown request: {', '.join(map(str, request)) or 'empty'}")
        return {
            "inserted": self._inserted,
            "in_reader": self._socket is not None,
            "tries_left": self._applet.tries,
            "commands": self._commands,
        }

    def _set_fault(self, fault: dict[str, Any]) -> None:
        times = int(fault.pop("times", 1))
        unknown = set(fault) - {"silent", "answer", "slow", "vanish"}
        if unknown:
            raise ValueError(f"unknown fault {', '.join(sorted(unknown))}")
        if len(bytes.fromhex(fault.get("answer", "9000"))) < 2:
            raise ValueError("an answer has at least two bytes")  # fewer hang the service
        self._fault, self._faults_left = fault, times


def main(argv: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m firmware_io.emulators.smartcard",
        description="A staff card (PIV) in the virtual reader vpcd of the PC/SC service.",
        epilog=CONTROLS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="where vpcd listens (127.0.0.1)")
    parser.add_argument("--port", type=int, default=PORT, help=f"vpcd's port ({PORT})")
    parser.add_argument("--pin", default="123456", help="the card's PIN (123456)")
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="PEM file of the card's key, made if missing"
    )
    parser.add_argument("--inserted", action="store_true", help="start with the card put in")
    arguments = parser.parse_args(argv)
    try:
        identity = keep_identity(arguments.key) if arguments.key else make_identity()
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    card = SmartCard(identity=identity, pin=arguments.pin, host=arguments.host, port=arguments.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: card.stop())
    card.put_in(arguments.inserted)
    say({"device": "smartcard", "path": card.path})
    listen(lambda said: say(_answer(card, said)))
    card.run()
    return 0


def _answer(card: SmartCard, request: Any) -> dict[str, Any]:
    if not isinstance(request, dict):
        return {"ok": False, "reason": "not understood: a request is one JSON object on one line"}
    return card.control(request)


if __name__ == "__main__":
    leave(main())
