# SPDX-License-Identifier: Apache-2.0
"""The wire to a printer, whichever it is.

=========================  =====================================================
``/dev/usb/lpN``           USB printer through Linux' usblp driver, also by a link to that node
``lp:PATH``                the same by any other name
``tcp://ADDRESS:PORT``     network printer, raw, port 9100 when left out
``unix:PATH``              the same for a process without network: somebody relays the socket
any other path             serial port, or a USB printer that shows as one
=========================  =====================================================
"""

import os
import re
from typing import Protocol

from firmware_io.links.deadline import Deadline
from firmware_io.links.lp import LpLink
from firmware_io.links.serial_port import SerialLink
from firmware_io.links.socket_port import SocketLink, address_of

__all__ = ["Line", "address_of", "is_relayed", "line_of", "port_says_paper_out"]

_LP = re.compile(r"/dev/usb/lp\d+\Z")


class Line(Protocol):
    """What the driver needs of a wire; each call raises the errors of `firmware_io.links`.

    `baudrate`: bits a second, ten a byte, that it surely carries. One thread owns it; `cancel` and
    `close` may come from another.
    """

    path: str
    baudrate: int

    @property
    def is_open(self) -> bool:
        """Whether it is open as far as known."""
        ...

    def open(self) -> None:
        """Opens it; nothing when it is open."""
        ...

    def close(self) -> None:
        """Closes it; a call of another thread ends with LinkCancelledError."""
        ...

    def cancel(self) -> None:
        """Ends the call in progress and every later one, until `rearm`."""
        ...

    def rearm(self) -> None:
        """Takes `cancel` back."""
        ...

    def read(self, deadline: Deadline) -> bytes:
        """At least one byte."""
        ...

    def write(self, data: bytes, deadline: Deadline) -> None:
        """All of `data`."""
        ...


def line_of(path: str, baudrate: int) -> Line:
    """The wire that a setting names. ValueError for a network address that is none.

    A link such as udev makes may point to a USB printer today and to a serial port tomorrow, or
    nowhere yet: ask again when the wire could not be opened.
    """
    if path.startswith(("tcp://", "unix:")):
        return SocketLink(path)
    if path.startswith("lp:") or _LP.match(os.path.realpath(path)):
        return LpLink(path.removeprefix("lp:"))
    return SerialLink(path, baudrate)


def port_says_paper_out(line: Line) -> bool:
    """What the USB port itself tells of paper: all there is while the printer takes no byte."""
    status = line.port_status() if isinstance(line, LpLink) else None
    return status is not None and status.paper_out


def is_relayed(line: Line) -> bool:
    """Whether another process stands between: what it holds may be dead without our seeing it."""
    return line.path.startswith("unix:")
