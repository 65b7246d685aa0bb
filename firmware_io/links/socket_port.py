# SPDX-License-Identifier: Apache-2.0
"""A network printer: raw bytes over TCP, by custom on port 9100, both ways on one connection.

A cable pulled between switch and printer is silent: keepalive probes and TCP_USER_TIMEOUT make the
kernel notice it within `SILENCE_S`, so that a half-open connection does not look like an idle
printer. A reset, an orderly end and an unreachable host all mean the same: the printer is gone,
close and open again.

A process that may use no network reaches the printer by a Unix socket that another one relays
(``unix:PATH``; systemd-socket-proxyd does that).
"""

import contextlib
import errno
import ipaddress
import os
import socket

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError, LinkTimeoutError
from firmware_io.links.polled import CHUNK, PolledLink

PORT = 9100
CONNECT_S = 3.0
SILENCE_S = 6.0
ETHERNET = 5_000_000  # bits a second that a 10 Mbit/s line carries, with room for others


def address_of(url: str) -> tuple[str, int]:
    """Host and port of ``tcp://HOST:PORT``; the port is 9100 when left out.

    HOST is an IPv4 address, an IPv6 address in brackets, or ``localhost``: a booth asks no name
    server before it can print. Raises ValueError.
    """
    scheme, found, rest = url.partition("://")
    host, colon, port = rest.rpartition(":")
    if not colon or "]" in port:
        host, port = rest, str(PORT)
    host = host.removeprefix("[").removesuffix("]")
    if scheme != "tcp" or not found or not port.isascii() or not port.isdigit():
        raise ValueError("a network printer is tcp://ADDRESS:PORT")
    if host == "localhost":
        host = "127.0.0.1"
    ipaddress.ip_address(host)
    if not 1 <= int(port) <= 65535:
        raise ValueError("a port is 1 to 65535")
    return host, int(port)


class SocketLink(PolledLink):
    """`url` is ``unix:PATH`` or as `address_of` reads it; ValueError at once for another."""

    def __init__(self, url: str, *, connect_s: float = CONNECT_S) -> None:
        super().__init__(url, ETHERNET)
        local = url.removeprefix("unix:") if url.startswith("unix:") else ""
        self._address: str | tuple[str, int] = local or address_of(url)
        self._connect_s = connect_s
        self._socket: socket.socket | None = None

    def _open_fd(self) -> int:
        if isinstance(self._address, str):
            made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        else:
            family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
            made = socket.socket(family, socket.SOCK_STREAM)
        try:
            made.setblocking(False)
            if made.family != socket.AF_UNIX:
                _watch_cable(made)
            self._connect(made)
        except BaseException:
            made.close()
            raise
        self._socket = made
        return made.fileno()

    def _connect(self, made: socket.socket) -> None:
        number = made.connect_ex(self._address)
        if number == errno.EINPROGRESS:
            try:
                self._until_connected(made.fileno(), Deadline.after(self._connect_s))
            except LinkTimeoutError as late:
                raise LinkLostError(f"{self.path} cannot be reached (no answer)") from late
            except LinkLostError:
                pass  # the socket knows the reason
            number = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            name = errno.errorcode.get(number, "")
            raise LinkLostError(f"{self.path} cannot be reached ({name})")

    def _shut(self, fd: int) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _get(self, fd: int) -> bytes:
        data = os.read(fd, CHUNK)
        if not data:
            raise ConnectionResetError(errno.ECONNRESET, "closed by the far side")
        return data


def _watch_cable(made: socket.socket) -> None:
    """Small writes go at once, and a far side that is gone is noticed."""
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        (socket.TCP_KEEPIDLE, 2),
        (socket.TCP_KEEPINTVL, 1),
        (socket.TCP_KEEPCNT, 3),
        (socket.TCP_USER_TIMEOUT, int(SILENCE_S * 1000)),
    ):
        made.setsockopt(socket.IPPROTO_TCP, name, value)
