# SPDX-License-Identifier: Apache-2.0
"""A network printer behind the relay that systemd's own programs make, as on an appliance.

There systemd holds the socket of idbooth-printer-relay.socket and starts systemd-socket-proxyd at
the first connection; here systemd-socket-activate does that.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from drivers import printer_talk
from drivers.health import State
from drivers.printer import PrinterLostError, PrintStoppedError, Proof, ReceiptPrinter
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.printer_network import NetworkCard
from firmware_io.emulators.stage import Stage

PROXY = "/usr/lib/systemd/systemd-socket-proxyd"
PATIENCE_S = 60.0

pytestmark = pytest.mark.skipif(
    not Path(PROXY).exists() or shutil.which("systemd-socket-activate") is None,
    reason="needs systemd-socket-proxyd and systemd-socket-activate of Debian's systemd",
)


def until(true: Callable[[], object], said: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, said()
        time.sleep(0.01)


class Relay:
    """The relay as one process; `start` and `stop` any number of times."""

    def __init__(self, path: Path, port: int) -> None:
        self.path, self._port = path, port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                *("systemd-socket-activate", "-l", str(self.path)),
                *(PROXY, "--connections-max=1", f"127.0.0.1:{self._port}"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self.path.exists)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE_S)
            self._process = None


class Rig:
    """A printer on the network, its relay, and a driver that knows the relay's socket only."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.card: NetworkCard | None = NetworkCard(0, stage.path)
        self.card.start()
        self.port = self.card.port
        self.relay = Relay(folder / "printer.sock", self.port)
        self.relay.start()
        self.driver = ReceiptPrinter(f"unix:{self.relay.path}", profile="80", poll_s=0.05)
        self.driver.start()
        self.ready()

    def control(self, **request: object) -> dict:
        answer = self.stage.control(request)
        assert answer["ok"], answer
        return answer

    def ready(self) -> None:
        until(lambda: self.driver.health().state is State.READY, self.driver.health)

    def ill(self, reason: str) -> None:
        until(lambda: self.driver.health().reason == reason, self.driver.health)

    def take_card_out(self) -> None:
        if self.card is not None:
            self.card.close()
            self.card = None

    def put_card_in(self) -> None:
        self.card = NetworkCard(self.port, self.stage.path)
        self.card.start()

    def close(self) -> None:
        self.driver.close()
        self.relay.stop()
        self.take_card_out()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with Stage(Printer(factor=0.0), link=tmp_path / "printer") as stage:
        made = Rig(stage, tmp_path)
        yield made
        made.close()


def slip(height: int = 300) -> Image.Image:
    image = Image.new("1", (576, height), 1)
    ImageDraw.Draw(image).line((0, 0, 575, height - 1), fill=0, width=3)
    return image


def test_a_slip_goes_through_it_and_comes_back_confirmed(rig: Rig) -> None:
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    status = rig.control(status=True)
    assert (status["cuts"], status["violations"]) == (1, [])


def test_paper_that_ends_is_told_through_it_and_nothing_comes_later(rig: Rig) -> None:
    rig.control(paper="out", after_mm=10)
    with pytest.raises(PrintStoppedError) as caught:
        rig.driver.print(slip(800))
    assert (caught.value.code, caught.value.partial) == ("printer.paper_out", True)
    rig.control(paper="ok")
    rig.ready()
    assert rig.control(status=True)["rows_printed"] == 80


def test_a_printer_that_left_the_network_is_told_and_comes_back(rig: Rig) -> None:
    rig.take_card_out()
    rig.ill("printer.unplugged")
    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip())
    assert caught.value.partial is False
    rig.put_card_in()
    rig.ready()
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    assert rig.control(status=True)["cuts"] == 1


def test_a_relay_that_is_not_there_is_told_and_found_when_it_comes(rig: Rig) -> None:
    rig.relay.stop()
    rig.ill("printer.unplugged")
    rig.relay.start()
    rig.ready()


@pytest.mark.parametrize("what", ["relay", "printer"])
def test_lost_in_a_slip_it_is_told_and_not_repeated(rig: Rig, what: str) -> None:
    card, gone = rig.card, False
    assert card is not None

    def lose(_part: float) -> None:
        nonlocal gone
        if not gone:
            gone = True
            rig.relay.stop() if what == "relay" else card.cut()

    with pytest.raises(PrinterLostError) as caught:
        rig.driver.print(slip(3000), lose)
    assert (caught.value.code, caught.value.partial) == ("printer.unplugged", True)
    if what == "relay":
        rig.relay.start()
    rig.ready()
    assert 0 < rig.control(status=True)["rows_printed"] < 3000
    assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
    assert rig.control(status=True)["cuts"] == 2, "the torso was cut off, the slip once"


def test_a_connection_that_died_unseen_behind_the_relay_is_made_anew(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pulled network cable: the relay still holds what leads nowhere."""
    monkeypatch.setattr(printer_talk, "ANSWER_S", 0.2)
    monkeypatch.setattr(printer_talk, "TRY_PAUSE_S", 0.05)
    rig.take_card_out()
    rig.ill("printer.unplugged")
    with socket.create_server(("127.0.0.1", rig.port)) as hole:
        held, _ = hole.accept()
    with held:
        rig.ill("printer.silent")
        rig.put_card_in()
        rig.ready()
        assert rig.driver.print(slip()).outcome is Proof.CONFIRMED
