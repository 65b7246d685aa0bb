# SPDX-License-Identifier: Apache-2.0
"""The emulated printer's network card: raw TCP in front of its own serial port.

As in print servers, bytes go through unchanged both ways, and one host is served at a time: the
next one's connection is dropped at once. When the printer's port vanishes the host is reset.
"""

import contextlib
import os
import select
import socket
import struct
import termios
import threading
import tty

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time: close sends RST
_LOOK_S = 0.2


class NetworkCard:
    """Listens on 127.0.0.1 (`port` 0: any free one) and serves the pty at `path`."""

    def __init__(self, port: int, path: str) -> None:
        self._path = path
        self._listener = socket.create_server(("127.0.0.1", port), backlog=4)
        self._stop = threading.Event()
        self._cut = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, name="printer-network", daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def cut(self) -> None:
        """Reset the host's connection, as a switch that forgets it."""
        self._cut.set()

    def close(self) -> None:
        """Stop listening and drop the host."""
        self._stop.set()
        self._thread.join(10)
        self._listener.close()

    def __enter__(self) -> "NetworkCard":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            if not select.select([self._listener], [], [], _LOOK_S)[0]:
                continue
            host, _ = self._listener.accept()
            self._cut.clear()
            with host, contextlib.suppress(OSError, termios.error):
                self._serve(host)

    def _serve(self, host: socket.socket) -> None:
        fd = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(fd)
            settings = termios.tcgetattr(fd)
            settings[4] = settings[5] = termios.B4000000  # the card's own way into the printer
            termios.tcsetattr(fd, termios.TCSANOW, settings)
            host.setblocking(False)
            self._relay(host, fd)
        finally:
            host.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            os.close(fd)

    def _relay(self, host: socket.socket, fd: int) -> None:
        to_printer = to_host = b""
        while not self._stop.is_set() and not self._cut.is_set():
            poller = select.poll()
            poller.register(self._listener, select.POLLIN)
            wants_host = (0 if to_printer else select.POLLIN) | (select.POLLOUT if to_host else 0)
            wants_port = (0 if to_host else select.POLLIN) | (select.POLLOUT if to_printer else 0)
            poller.register(host, wants_host)
            poller.register(fd, wants_port)
            ready = dict(poller.poll(_LOOK_S * 1000))
            if ready.get(fd, 0) & (select.POLLHUP | select.POLLERR):
                return
            if ready.get(host.fileno(), 0) & (select.POLLIN | select.POLLHUP) and not to_printer:
                to_printer = host.recv(2048)
                if not to_printer:
                    return
            # Only now: whoever has left made room for the one who came after.
            if self._listener.fileno() in ready:
                second, _ = self._listener.accept()
                second.close()
            if ready.get(fd, 0) & select.POLLIN and not to_host:
                to_host = os.read(fd, 2048)
            if to_printer:
                with contextlib.suppress(BlockingIOError):
                    to_printer = to_printer[os.write(fd, to_printer) :]
            if to_host:
                with contextlib.suppress(BlockingIOError):
                    to_host = to_host[host.send(to_host) :]


def listen(port: int, path: str) -> NetworkCard:
    """A network card that serves for as long as the process runs."""
    card = NetworkCard(port, path)
    card.start()
    return card
