# SPDX-License-Identifier: Apache-2.0
"""A USB printer as Linux' usblp driver shows it: /dev/usb/lpN.

What usblp does (Linux drivers/usb/class/usblp.c) and what follows from it here:

- one opener at a time: the second gets EBUSY;
- a blocking write waits for ever for a printer that takes nothing: the node is opened non-blocking
  and polled. A write submits one transfer of at most 8192 bytes and returns at once; it is done at
  the *next* POLLOUT, and closing before that cancels it, so `write` waits for that too;
- a paper end that the USB port reports makes a write fail with ENOSPC: it is tried again until the
  deadline, and `port_status` tells why;
- a read may give nothing although poll said there was something (an empty transfer);
- a printer that only listens is never readable, and so never answers;
- unplugging shows as POLLHUP, ENODEV or EIO.
"""

import errno
import os
import select
from dataclasses import dataclass
from fcntl import ioctl

from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError
from firmware_io.links.polled import PolledLink

_LPGETSTATUS = 0x060B  # <linux/lp.h>
_PAPER_OUT, _SELECTED, _NO_ERROR = 0x20, 0x10, 0x08  # LP_POUTPA, LP_PSELECD, LP_PERRORP
TRANSFER = 8192  # USBLP_BUF_SIZE
FULL_SPEED = 8_000_000  # bits a second that a full-speed bulk pipe carries at the very least


@dataclass(frozen=True, slots=True)
class PortStatus:
    """The port status byte of the USB printer class. Many receipt printers always say "well"."""

    paper_out: bool
    selected: bool
    error: bool

    @classmethod
    def of(cls, value: int) -> "PortStatus":
        """From the byte: 18h is an idle, healthy printer."""
        return cls(bool(value & _PAPER_OUT), bool(value & _SELECTED), not value & _NO_ERROR)


class LpLink(PolledLink):
    """`path` is the device node; a stable name by port path is best (udev)."""

    def __init__(self, path: str) -> None:
        super().__init__(path, FULL_SPEED)

    def write(self, data: bytes, deadline: Deadline) -> None:
        """As `PolledLink.write`, and until the last transfer is through."""
        with self._owner:
            super().write(data, deadline)
            if data:
                self._until(select.POLLOUT, deadline)

    def port_status(self) -> PortStatus | None:
        """What the USB port says of the printer; None: it says nothing, or is not open."""
        with self._owner:
            if self._fd is None:
                return None
            status = bytearray(4)
            try:
                ioctl(self._fd, _LPGETSTATUS, status)
            except OSError:
                return None
            return PortStatus.of(int.from_bytes(status, "little"))

    def _open_fd(self) -> int:
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        except OSError as error:
            if error.errno == errno.EBUSY:
                raise LinkBusyError(f"{self.path} is held by another program") from error
            name = errno.errorcode.get(error.errno or 0, "")
            raise LinkLostError(f"{self.path} cannot be opened ({name})") from error
        return fd

    def _shut(self, fd: int) -> None:
        os.close(fd)

    def _put(self, fd: int, view: memoryview) -> int:
        return os.write(fd, view[:TRANSFER])

    def _bears(self, number: int | None) -> bool:
        return number == errno.ENOSPC
