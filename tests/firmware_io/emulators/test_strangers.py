# SPDX-License-Identifier: Apache-2.0
"""Strangers' clients on the emulator's real port: they know nothing of this project.

pyfingerprint 1.5, adafruit-circuitpython-fingerprint 2.2 and r503 0.0.4, as published. What they
cannot do with a real module either is left out, with the reason.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adafruit_fingerprint as ada
import pytest
import r503
import serial
from PIL import Image
from pyfingerprint.pyfingerprint import PyFingerprint

from firmware_io.emulators.fingerprint import FingerprintEmulator

FACTORY_RATE = 57600
BarePort = serial.Serial  # the tests below replace it for one of the libraries


@pytest.fixture(params=["as608", "optical", "r503"])
def module(request: pytest.FixtureRequest) -> Iterator[FingerprintEmulator]:
    # These libraries stumble for good over the greeting byte of a module that has just started.
    with FingerprintEmulator(request.param, greets=False, factor=0.0, seed=1) as module:
        yield module


def test_pyfingerprint_does_all_it_can(module: FingerprintEmulator, tmp_path: Path) -> None:
    client = PyFingerprint(module.path, FACTORY_RATE)
    profile = module.module.profile
    try:
        assert client.verifyPassword()
        assert client.getStorageCapacity() == profile.flash_pages
        assert client.getTemplateCount() == 0
        assert not client.readImage()
        for buffer in (1, 2):
            module.control({"place": "right-thumb"})
            assert client.readImage()
            client.convertImage(buffer)
            module.control({"lift": True})
        assert client.compareCharacteristics() >= 60
        assert client.createTemplate()
        assert client.storeTemplate() == 0
        module.control({"place": "right-thumb"})
        assert client.readImage()
        client.convertImage(1)
        page, score = client.searchTemplate()
        assert (page, score >= 60) == (0, True)
        live = client.downloadCharacteristics(1)
        assert len(live) == profile.char_bytes
        assert client.getTemplateIndex(0)[0] is True
        if profile.name != "r503":  # the library knows only 256 x 288
            picture = tmp_path / "print.bmp"
            client.downloadImage(str(picture))
            with Image.open(picture) as image:
                assert image.size == (256, 288)
        client.loadTemplate(0, 2)
        assert client.compareCharacteristics() >= 60
        # Its own check: what was sent is fetched again and compared.
        assert client.uploadCharacteristics(2, live)
        assert client.compareCharacteristics() == 250  # the very same press
        assert client.storeTemplate(7) == 7
        assert client.deleteTemplate(0)
        assert client.searchTemplate()[0] == 7
        client.setMaxPacketSize(32)
        assert client.downloadCharacteristics(2) == live
        client.setSecurityLevel(5)
        assert client.getSecurityLevel() == 5
        assert client.generateRandomNumber() != client.generateRandomNumber()
        assert client.clearDatabase()
        assert client.searchTemplate() == (-1, -1)
    finally:
        client.__del__()


def test_adafruit_fingerprint_does_all_it_can(module: FingerprintEmulator) -> None:
    profile = module.module.profile
    with serial.Serial(module.path, FACTORY_RATE, timeout=20) as port:
        client = ada.Adafruit_Fingerprint(port)
        if profile.name == "optical":  # GetEcho is ZFM-70's
            assert client.check_module()
        assert client.get_image() == ada.NOFINGER
        for buffer in (1, 2):
            module.control({"place": "left-index", "quality": "fair"})
            assert client.get_image() == ada.OK
            assert client.image_2_tz(buffer) == ada.OK
            module.control({"lift": True})
        assert client.compare_templates() == ada.OK
        assert client.create_model() == ada.OK
        assert client.store_model(3) == ada.OK
        assert client.read_templates() == ada.OK
        assert client.templates == [3]
        for search in (client.finger_search, client.finger_fast_search):
            assert search() == ada.OK
            assert client.finger_id == 3
        template = client.get_fpdata("char", 1)
        assert len(template) == profile.template_bytes
        image = client.get_fpdata("image")
        assert len(image) == profile.image_bytes
        assert client.empty_library() == ada.OK
        assert client.finger_search() == ada.NOTFOUND
        # Up, down and up again; the library sends only whole packets, and both sizes are such.
        assert client.send_fpdata(template, "char", 2)
        assert client.store_model(9, 2) == ada.OK
        assert client.finger_search() == ada.OK
        assert client.finger_id == 9
        assert client.load_model(9, 1) == ada.OK
        assert client.get_fpdata("char", 1) == template
        assert client.send_fpdata(image[::-1], "image")
        assert client.get_fpdata("image") == image[::-1]
        module.control({"place": "left-index", "quality": "poor"})
        assert client.get_image() == ada.OK
        assert client.image_2_tz(1) == ada.IMAGEMESS
        assert client.delete_model(9) == ada.OK
        assert client.count_templates() == ada.OK
        assert client.template_count == 0
        if profile.name == "r503":
            assert client.set_led(color=2, mode=1) == ada.OK
            assert module.control({"status": True})["led"] == [1, 0x80, 2, 0]


class PacketPort:
    """A port whose `read` ends with the answer.

    The r503 library asks for more bytes than there are and waits for the time-out, one second a
    command; this ends the wait when the last packet is there, without any clock.
    """

    def __init__(self, path: str, **_: Any) -> None:
        self._port = BarePort(path, FACTORY_RATE, timeout=20)
        self._sends_data = False
        self.timeout = 0.0
        self.baudrate = FACTORY_RATE

    def write(self, data: bytes) -> None:
        self._sends_data = data[6] == 1 and data[9] in (0x08, 0x0A, 0x16)
        self._port.write(data)

    def read(self, size: int) -> bytes:
        said = b""
        while True:
            head = self._port.read(9)
            body = self._port.read(int.from_bytes(head[7:9], "big"))
            said += head + body
            more = head[6] == 2 or (head[6] == 7 and self._sends_data and body[0] == 0)
            if not more:
                return said[:size]

    def close(self) -> None:
        self._port.close()


@pytest.fixture
def stranger(module: FingerprintEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[r503.R503]:
    # The library can name /dev/ttyUSB ports only.
    monkeypatch.setattr(r503.serial, "Serial", lambda name, **more: PacketPort(module.path))
    client = r503.R503("0")
    yield client
    client.ser_close()


def test_r503_enrols_searches_and_moves_templates(
    module: FingerprintEmulator, stranger: r503.R503
) -> None:
    client, profile = stranger, module.module.profile
    assert client.verify_pw() == 0
    # Modules of other kinds do not have GetImageEx, with which the library takes every image.
    own = profile.name == "r503"
    image = client.get_image_ex if own else client.get_img
    assert client.read_sys_para_decode()["finger_library_size"] == profile.flash_pages
    assert image() == 2
    for buffer in (1, 2):
        module.control({"place": "right-thumb"})
        assert image() == 0
        assert client.img2tz(buffer) == 0
    code, score = client.match()
    assert (code, int.from_bytes(score, "big") >= 60) == (0, True)
    assert client.reg_model() == 0
    assert client.store(1, 5) == 0
    assert client.read_valid_template_num() == 1
    assert client.read_index_table() == [5]
    code, page, score = client.search()
    assert (code, page, score >= 60) == (0, 5, True)
    template = client.up_char()
    assert sum(map(len, template)) == profile.char_bytes
    assert client.down_char(template, 2) is None
    assert client.match()[0] == 0
    assert client.write_notepad(3, "ID BOOTH") == 0
    assert client.read_notepad(3) == (0, b"ID BOOTH".ljust(32, b"\0"))
    assert client.delete_char(5) == 0
    assert client.empty_finger_lib() == 0
    assert client.read_valid_template_num() == 0


def test_r503_does_what_only_its_own_module_can(
    module: FingerprintEmulator, stranger: r503.R503
) -> None:
    client = stranger
    if module.module.profile.name != "r503":
        assert client.handshake() == client.check_sensor() == client.led_control() == 1
        return
    assert client.handshake() == client.check_sensor() == client.led_control(color=4) == 0
    told = client.read_prod_info_decode()
    assert (told["module type"], told["image width"], told["image height"]) == ("R503", 192, 192)
    assert client.get_alg_ver()[0] == client.get_fw_ver()[0] == 0
    module.control({"place": "right-thumb"})
    assert client.get_image_ex() == 0
    # 22 000 bytes are enough for this image: it is whole, and what the module holds.
    rows = client.up_image()
    assert sum(map(len, rows)) == 192 * 192 // 2
    assert client.down_image(rows) is None
    assert client.up_image() == rows
    # The library waits for one reply only, so the module is asked to tell nothing on the way.
    assert client.auto_enroll(8, ret_status=0, finger_leave=0) == 0
    assert client.auto_identify()[0] == 8
    assert client.auto_enroll(8, duplicate_id=0, ret_status=0) == 0x22
    assert client.soft_reset() == 0


def test_r503_works_on_the_bare_port_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with FingerprintEmulator("r503", greets=False, factor=0.0) as module:
        monkeypatch.setattr(
            r503.serial, "Serial", lambda name, **more: BarePort(module.path, **more)
        )
        client = r503.R503("0")
        try:
            assert client.handshake() == 0
        finally:
            client.ser_close()
