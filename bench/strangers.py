# SPDX-License-Identifier: Apache-2.0
"""Published clients of fingerprint modules, doing the work that the booth's driver does."""

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from unittest.mock import patch

import adafruit_fingerprint
import r503
import serial
from pyfingerprint.pyfingerprint import PyFingerprint

LEFT_S = 0.2  # until what the client before has left on the line has passed
Citizen = Callable[[bool], None]  # the finger goes down (True) or up


class StrangerError(Exception):
    """The client could not do the work."""


class Client(Protocol):
    """One stranger. Each verb ends with the work done, or raises whatever the library raises."""

    name: str

    def enrol(self, finger: Citizen) -> int:
        """One finger from two presses, compared, merged, fetched and stored; template's size."""
        ...

    def template(self) -> int:
        """Fetches the template of buffer 1; its size."""
        ...

    def image(self) -> int:
        """Fetches the image; its size in bytes of the wire, 0 when the library cannot."""
        ...

    def ask(self) -> bool:
        """One question (the system parameters); whether its answer is right."""
        ...


class Py:
    """pyfingerprint."""

    name = "pyfingerprint 1.5"

    def __init__(self, path: str, rate: int) -> None:
        self.client = PyFingerprint(path, rate)

    def enrol(self, finger: Citizen) -> int:
        client = self.client
        for buffer in (1, 2):
            finger(True)
            _until(client.readImage)
            client.convertImage(buffer)
            finger(False)
            if buffer == 1:
                _until(lambda: not client.readImage())
        if not client.compareCharacteristics() or not client.createTemplate():
            raise StrangerError("not the same finger")
        size = len(client.downloadCharacteristics(1))
        client.storeTemplate(0)
        return size

    def template(self) -> int:
        return len(self.client.downloadCharacteristics(1))

    def image(self) -> int:
        with patch("PIL.Image.Image.save"):  # the time of the wire, not of the file
            self.client.downloadImage("/tmp/unused.bmp")  # noqa: S108
        return 256 * 288 // 2

    def ask(self) -> bool:
        return self.client.getSystemParameters()[4] == 0xFFFF_FFFF

    def close(self) -> None:
        self.client.__del__()


class Ada:
    """adafruit-circuitpython-fingerprint."""

    name = "adafruit-circuitpython-fingerprint 2.2"

    def __init__(self, path: str, rate: int) -> None:
        self.port = serial.Serial(path, rate, timeout=1)  # as in its examples
        self.client = adafruit_fingerprint.Adafruit_Fingerprint(self.port)

    def enrol(self, finger: Citizen) -> int:
        client = self.client
        for buffer in (1, 2):
            finger(True)
            _until(lambda: client.get_image() == adafruit_fingerprint.OK)
            _done(client.image_2_tz(buffer))
            finger(False)
            if buffer == 1:
                _until(lambda: client.get_image() == adafruit_fingerprint.NOFINGER)
        _done(client.compare_templates())
        _done(client.create_model())
        size = len(client.get_fpdata("char", 1))
        _done(client.store_model(0))
        return size

    def template(self) -> int:
        return len(self.client.get_fpdata("char", 1))

    def image(self) -> int:
        return len(self.client.get_fpdata("image"))

    def ask(self) -> bool:
        self.client.security_level = None
        return self.client.read_sysparam() == 0 and self.client.security_level == 3

    def close(self) -> None:
        self.port.close()


class Grow:
    """r503. It names /dev/ttyUSB ports only, so it is handed one that is open."""

    name = "r503 0.0.4"

    def __init__(self, path: str, rate: int) -> None:
        bare = serial.Serial
        with patch.object(r503.serial, "Serial", lambda name, **more: bare(path, **more)):
            self.client = r503.R503("0", baud=rate)

    def enrol(self, finger: Citizen) -> int:
        client = self.client
        for buffer in (1, 2):
            finger(True)
            _until(lambda: client.get_img() == 0)
            _done(client.img2tz(buffer))
            finger(False)
            if buffer == 1:
                _until(lambda: client.get_img() == 2)
        _done(client.match()[0])
        _done(client.reg_model())
        size = self.template()
        _done(client.store(1, 0))
        return size

    def template(self) -> int:
        rows = self.client.up_char()
        return sum(map(len, rows)) if isinstance(rows, list) else 0

    def image(self) -> int:
        rows = self.client.up_image()
        return sum(map(len, rows)) if isinstance(rows, list) else 0

    def ask(self) -> bool:
        told: Any = self.client.read_sys_para()
        return told != 99 and told[4] == 0xFFFF_FFFF

    def close(self) -> None:
        self.client.ser_close()


CLIENTS = (Py, Ada, Grow)


@contextmanager
def client(kind: type[Py] | type[Ada] | type[Grow], path: str, rate: int) -> Iterator[Client]:
    """One of them on the port at `path`; what it prints is dropped."""
    time.sleep(LEFT_S)
    with contextlib.redirect_stdout(io.StringIO()):
        one = kind(path, rate)
        try:
            yield one
        finally:
            one.close()


def _until(true: Callable[[], object], times: int = 10_000) -> None:
    for _ in range(times):
        if true():
            return
    raise StrangerError("waited in vain")


def _done(code: object) -> None:
    if code != 0:
        raise StrangerError(f"the module answered {code}")
