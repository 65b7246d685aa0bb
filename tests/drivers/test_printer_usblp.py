# SPDX-License-Identifier: Apache-2.0
"""The driver on a real /dev/usb/lp0: the kernel's usblp with our emulated printer on the cable.

scripts/prove-kernel boots a kernel that has both and runs this file there. What an act took is
printed and not judged: an emulated processor is slow.
"""

import errno
import fcntl
import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw

from drivers.health import State
from drivers.printer import PrinterLostError, PrintStoppedError, Proof, ProofBy, ReceiptPrinter
from drivers.printer_line import port_says_paper_out
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.printer_usb import UsbPrinter
from firmware_io.emulators.stage import Stage
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError, LinkTimeoutError
from firmware_io.links.lp import LpLink, PortStatus

pytestmark = pytest.mark.skipif(
    os.environ.get("PROVE_KERNEL") != "guest", reason="needs usblp; run scripts/prove-kernel"
)

NODE = "/dev/usb/lp0"
PATIENCE_S = 300.0
SOFT_RESET = 0x5007  # LPIOC_SOFT_RESET of drivers/usb/class/usblp.c: _IOC(NONE, 'P', 7, 0)


def until(true: Callable[[], object], said: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, said()
        time.sleep(0.01)


class Rig:
    """A printer on a USB cable of this kernel; `driver` is started when first asked for."""

    def __init__(self, folder: Path, *, model: str = "80", factor: float = 0.0, **port) -> None:
        self.folder = folder
        self.stage = Stage(Printer(profile=model, factor=factor), link=folder / "printer")
        self.usb = UsbPrinter(self.stage, **port)
        self.drivers: list[ReceiptPrinter] = []

    def start(self, path: str = NODE, **options) -> ReceiptPrinter:
        made = ReceiptPrinter(path, poll_s=0.05, **options)
        made.start()
        self.drivers.append(made)
        return made

    def control(self, **request: object) -> dict:
        answer = self.usb.control(request)
        assert answer["ok"], answer
        return answer

    def ready(self, driver: ReceiptPrinter) -> ReceiptPrinter:
        until(lambda: driver.health().state is State.READY, driver.health)
        return driver

    def paper(self) -> Image.Image:
        self.control(render=str(self.folder / "paper.png"))
        return Image.open(self.folder / "paper.png").convert("L")

    def __enter__(self) -> "Rig":
        self.stage.__enter__()
        self.usb.plug()
        until(lambda: os.path.exists(NODE))
        return self

    def __exit__(self, *_error: object) -> None:
        for driver in self.drivers:
            driver.close()
        self.usb.close()
        until(lambda: not os.path.exists(NODE))
        self.stage.__exit__(None, None, None)


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with Rig(tmp_path, **getattr(request, "param", {})) as made:
        yield made


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    def say(text: str) -> None:
        with capsys.disabled():
            print(f" [{text}]", end="", flush=True)  # noqa: T201

    return say


def slip(height: int = 300) -> Image.Image:
    image = Image.new("1", (576, height), 1)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 575, 20), outline=0, width=2)
    draw.line((0, 20, 575, height - 1), fill=0, width=3)
    return image


def same(paper: Image.Image, image: Image.Image, top: int = 0) -> bool:
    got = paper.crop((0, top, image.width, top + image.height)).point([0] * 128 + [255] * 128, "1")
    return ImageChops.logical_xor(got, image).getbbox() is None


# -- the node and its link ---------------------------------------------------------------------


def test_the_kernel_knows_the_printer_by_its_device_id(rig: Rig) -> None:
    said = Path("/sys/class/usbmisc/lp0/device/ieee1284_id").read_text()
    assert "CMD:ESC/POS;" in said
    assert Path("/sys/class/usbmisc/lp0/device/driver").resolve().name == "usblp"


def test_one_program_has_it_and_the_next_is_told_busy(rig: Rig) -> None:
    first, second = LpLink(NODE), LpLink(NODE)
    first.open()
    with pytest.raises(LinkBusyError):
        second.open()
    first.close()
    second.open()
    second.close()


def test_its_port_tells_of_paper_and_cover_by_ioctl(rig: Rig) -> None:
    link = LpLink(NODE)
    link.open()
    assert link.port_status() == PortStatus(paper_out=False, selected=True, error=False)
    rig.control(paper="out")
    assert port_says_paper_out(link)
    rig.control(paper="ok")
    rig.control(cover="open")
    said = link.port_status()
    assert said is not None
    assert (said.paper_out, said.error) == (False, True)
    link.close()


def test_a_write_ends_when_the_printer_has_the_bytes_and_close_loses_none(rig: Rig) -> None:
    """Closing cancels a transfer that is not through: the link must not return before."""
    sent = b"\x1b@" + b"0123456789\n" * 2000
    link = LpLink(NODE)
    link.open()
    link.write(sent, Deadline.after(PATIENCE_S))
    link.close()
    until(lambda: rig.stage._bytes_in == len(sent), lambda: rig.stage._bytes_in)


def test_a_printer_that_takes_nothing_ends_the_write_at_its_deadline(rig: Rig) -> None:
    rig.control(cover="open")  # it stops, its buffer fills, and then the transfers wait
    link = LpLink(NODE)
    link.open()
    with pytest.raises(LinkTimeoutError):
        link.write(b"0123456789\n" * 20000, Deadline.after(5.0))
    assert link.is_open
    link.close()  # the transfer that hangs is taken back


def test_a_read_wakes_for_an_answer_and_not_before(rig: Rig) -> None:
    link = LpLink(NODE)
    link.open()
    with pytest.raises(LinkTimeoutError):
        link.read(Deadline.after(0.3))
    link.write(b"\x10\x04\x01", Deadline.after(PATIENCE_S))
    assert link.read(Deadline.after(PATIENCE_S)) == b"\x16"
    link.close()


def test_a_pulled_cable_wakes_a_waiting_read_as_lost(rig: Rig, tell) -> None:
    link = LpLink(NODE)
    link.open()
    pulled: list[float] = []

    def pull() -> None:
        pulled.append(time.monotonic())
        rig.usb.unplug()

    thread = threading.Timer(1.0, pull)
    thread.start()
    with pytest.raises(LinkLostError):
        link.read(Deadline.after(PATIENCE_S))
    tell(f"told after {time.monotonic() - pulled[0]:.2f} s")
    thread.join()
    assert not link.is_open
    with pytest.raises(LinkLostError):
        link.write(b"x", Deadline.after(1.0))


def test_cancel_ends_a_waiting_read(rig: Rig) -> None:
    link = LpLink(NODE)
    link.open()
    thread = threading.Timer(0.5, link.close)
    thread.start()
    with pytest.raises(Exception, match="called off"):
        link.read(Deadline.after(PATIENCE_S))
    thread.join()


def test_the_class_reset_reaches_the_printer(rig: Rig) -> None:
    rig.control(cover="open")
    fd = os.open(NODE, os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(fd, bytes(8192))
        fcntl.ioctl(fd, SOFT_RESET)
        poller = select.poll()
        poller.register(fd, select.POLLOUT)
        assert poller.poll(PATIENCE_S * 1000)
    except OSError as error:
        raise AssertionError(errno.errorcode[error.errno or 0]) from error
    finally:
        os.close(fd)


# -- slips -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [NODE, f"lp:{NODE}"])
def test_a_slip_comes_out_dot_for_dot_and_is_confirmed_by_its_process_id(rig, path, tell) -> None:
    driver = rig.ready(rig.start(path))
    begun = time.monotonic()
    outcome = driver.print(slip())
    tell(f"{time.monotonic() - begun:.2f} s")
    assert (outcome.outcome, outcome.by) == (Proof.CONFIRMED, ProofBy.PROCESS_ID)
    status = rig.control(status=True)
    assert (status["cuts"], status["violations"], status["bytes_lost"]) == (1, [], 0)
    assert same(rig.paper(), slip())


def test_a_link_by_name_as_udev_makes_it_leads_to_usblp(rig: Rig, tmp_path: Path) -> None:
    name = tmp_path / "idbooth-printer"
    name.symlink_to(NODE)
    driver = rig.ready(rig.start(str(name)))
    assert type(driver._talk.link) is LpLink
    assert driver.print(slip()).outcome is Proof.CONFIRMED


@pytest.mark.parametrize("rig", [{"factor": 1.0}], indirect=True)
def test_at_the_pace_of_paper_a_slip_of_ten_centimetres_is_confirmed(rig: Rig, tell) -> None:
    driver = rig.ready(rig.start())
    before = driver.health()
    until(lambda: driver.health() is not before)  # settled in: nothing is left to find out
    begun = time.monotonic()
    assert driver.print(slip(800)).outcome is Proof.CONFIRMED
    tell(f"{time.monotonic() - begun:.2f} s; paper and cutter alone 1.27 s")
    assert same(rig.paper(), slip(800))


@pytest.mark.parametrize("rig", [{"model": "80-plain"}], indirect=True)
def test_a_model_without_process_ids_is_never_called_confirmed(rig: Rig) -> None:
    driver = rig.ready(rig.start(profile="80-plain"))
    assert driver.print(slip()).outcome is Proof.UNCONFIRMED
    assert rig.control(status=True)["cuts"] == 1


def test_paper_and_cover_are_seen_by_asking_and_heal(rig: Rig, tell) -> None:
    driver = rig.ready(rig.start())
    for wrong, right, reason in (
        ({"paper": "out"}, {"paper": "ok"}, "printer.paper_out"),
        ({"cover": "open"}, {"cover": "closed"}, "printer.cover_open"),
    ):
        rig.control(**wrong)
        begun = time.monotonic()
        until(lambda reason=reason: driver.health().reason == reason, driver.health)
        tell(f"{reason} told after {time.monotonic() - begun:.2f} s")
        with pytest.raises(PrintStoppedError) as caught:
            driver.print(slip())
        assert (caught.value.code, caught.value.partial) == (reason, False)
        rig.control(**right)
        rig.ready(driver)
    assert rig.control(status=True)["rows_printed"] == 0


def test_paper_that_ends_in_a_slip_is_told_and_the_next_is_whole_and_apart(rig: Rig) -> None:
    driver = rig.ready(rig.start())
    rig.control(paper="out", after_mm=10)
    with pytest.raises(PrintStoppedError) as caught:
        driver.print(slip(800))
    assert (caught.value.code, caught.value.partial) == ("printer.paper_out", True)
    rig.control(paper="ok")
    rig.ready(driver)
    assert rig.control(status=True)["rows_printed"] == 80, "no rest of the slip by itself"
    assert driver.print(slip()).outcome is Proof.CONFIRMED
    cuts = rig.control(render=str(rig.folder / "paper.png"))["cuts"]
    assert cuts[0] == 80
    assert same(rig.paper(), slip(), top=cuts[0] + 120)


@pytest.mark.parametrize("rig", [{"factor": 1.0}], indirect=True)
def test_a_cover_opened_while_printing_stops_it(rig: Rig) -> None:
    driver = rig.ready(rig.start())
    opened = threading.Event()

    def open_cover(_part: float) -> None:
        if not opened.is_set():
            opened.set()
            rig.control(cover="open")

    with pytest.raises(PrintStoppedError) as caught:
        driver.print(slip(2000), open_cover)
    assert (caught.value.code, caught.value.partial) == ("printer.cover_open", True)
    assert rig.control(status=True)["cuts"] == 0


def test_unplugged_at_rest_is_told_and_plugged_in_again_it_prints(rig: Rig, tell) -> None:
    driver = rig.ready(rig.start())
    rig.control(unplug=True)
    begun = time.monotonic()
    until(lambda: driver.health().reason == "printer.unplugged", driver.health)
    tell(f"told after {time.monotonic() - begun:.2f} s")
    with pytest.raises(PrinterLostError) as caught:
        driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.unplugged", False)
    rig.control(replug=True)
    rig.ready(driver)
    assert driver.print(slip()).outcome is Proof.CONFIRMED
    assert rig.control(status=True)["cuts"] == 1


@pytest.mark.parametrize("rig", [{"factor": 1.0}], indirect=True)
@pytest.mark.parametrize("how", ["cable", "supply"])
def test_lost_in_a_slip_it_is_told_with_paper_moved_and_nothing_is_repeated(rig, how) -> None:
    """The cable leaves the printer what it was sent, the supply does not; a slip comes once."""
    driver = rig.ready(rig.start(journal=rig.folder / "journal"))
    rig.control(paper="ok")

    def lose(_part: float) -> None:
        rig.control(**({"unplug": True} if how == "cable" else {"power": "off"}))

    with pytest.raises(PrinterLostError) as caught:
        driver.print(slip(1200), lose)
    assert (caught.value.code, caught.value.partial) == ("printer.unplugged", True)
    rig.control(**({"replug": True} if how == "cable" else {"power": "on"}))
    rig.ready(driver)
    torso = rig.control(status=True)["rows_printed"]
    assert 0 < torso < 1200
    assert driver.print(slip()).outcome is Proof.CONFIRMED
    cuts = rig.control(render=str(rig.folder / "paper.png"))["cuts"]
    assert len(cuts) == 2, "the torso was cut off, the slip once"
    assert same(rig.paper(), slip(), top=cuts[1] - 300)
    assert rig.control(status=True)["violations"] == []


def test_after_a_power_cycle_at_rest_it_prints(rig: Rig) -> None:
    driver = rig.ready(rig.start())
    rig.control(power="cycle")
    rig.ready(driver)
    until(lambda: driver.health().state is State.READY)
    assert driver.print(slip()).outcome is Proof.CONFIRMED
    assert rig.control(status=True)["cuts"] == 1


def test_a_front_killed_in_a_slip_leaves_a_torso_that_its_successor_cuts_off(rig: Rig) -> None:
    """The child ends at once, its transfer is taken back by the kernel, and the node is free."""
    journal = rig.folder / "journal"
    pid = os.fork()
    if not pid:
        child = ReceiptPrinter(NODE, poll_s=60, journal=journal)
        child.print(slip(1200), lambda _part: os._exit(7))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    driver = rig.ready(rig.start(journal=journal))
    assert driver.print(slip()).outcome is Proof.CONFIRMED
    status = rig.control(render=str(rig.folder / "paper.png"))
    assert len(status["cuts"]) == 2
    assert rig.control(status=True)["violations"] == []


@pytest.mark.parametrize(
    ("rig", "reason"),
    [({"tells": True}, "printer.paper_out"), ({"tells": False}, "printer.silent")],
    indirect=["rig"],
)
def test_while_a_stopped_printer_takes_no_byte_its_port_alone_can_tell_why(rig, reason) -> None:
    driver = rig.ready(rig.start())
    rig.control(offline_busy=True)
    rig.control(paper="out")
    until(lambda: driver.health().reason == reason, driver.health)
    rig.control(paper="ok")
    rig.ready(driver)
    assert driver.print(slip()).outcome is Proof.CONFIRMED
    assert rig.control(status=True)["cuts"] == 1


@pytest.mark.parametrize("rig", [{"both_ways": False}], indirect=True)
def test_a_printer_that_only_listens_is_told_as_silent_and_moves_nothing(rig: Rig) -> None:
    driver = rig.start()
    until(lambda: driver.health().reason == "printer.silent", driver.health)
    with pytest.raises(PrinterLostError) as caught:
        driver.print(slip())
    assert (caught.value.code, caught.value.partial) == ("printer.silent", False)
    assert rig.control(status=True)["rows_printed"] == 0


def test_another_program_that_holds_the_node_is_told_and_waited_for(rig: Rig) -> None:
    fd = os.open(NODE, os.O_RDWR | os.O_NONBLOCK)
    driver = rig.start()
    until(lambda: driver.health().reason == "printer.port_busy", driver.health)
    os.close(fd)
    rig.ready(driver)


def test_without_a_node_the_booth_starts_and_says_so(tmp_path: Path) -> None:
    assert not os.path.exists(NODE)
    driver = ReceiptPrinter(NODE, poll_s=60)
    driver.start()
    assert driver.health().reason == "printer.unplugged"
    driver.close()
