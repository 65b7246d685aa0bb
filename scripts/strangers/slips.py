# SPDX-License-Identifier: Apache-2.0
"""escpos-tools (PHP, by other authors) reads what the printer's driver puts on the wire.

For every slip: the commands it lists, none unknown, and the strips it extracts, which laid under
each other with the feeds between them must be our rendering dot for dot. It knows no status
commands (DLE EOT, GS a, GS r), so it is given the job itself: initialisation, strips, process ids
and cut. That exactly these bytes were on the wire is seen on a tape of it.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from drivers.printer import ReceiptPrinter
from drivers.printer_job import chunks
from drivers.printer_profile import profile_of
from firmware_io.codecs import escpos
from firmware_io.emulators.printer import Printer
from firmware_io.emulators.stage import Stage
from kiosk.receipts import build_slip, render
from kiosk.receipts.samples import SAMPLES

PHP = ("php", "-d", "display_errors=stderr", "-d", "error_reporting=1")
_LIVE = (b"\4", b"\5", b"\x14")  # what follows 10h in a real-time command
UNKNOWN = b"\x1ba\x00\x1da\xff"  # a command the judge does not know: it must say so


def missing(tools: str) -> str:
    """Why escpos-tools cannot judge; "" when it can."""
    if not tools:
        return "ESCPOS_TOOLS names no checkout of it"
    if not (Path(tools) / "vendor" / "autoload.php").is_file():
        return f"{tools} has no vendor/autoload.php; composer install"
    if shutil.which("php") is None:
        return "no php; apt-get install php-cli php-intl"
    return ""


class _Taped(Printer):
    """A printer that keeps what it hears."""

    tape = b""

    def feed(self, data: bytes, now: float) -> None:
        self.tape += data
        super().feed(data, now)


def judge(tools: Path, place: Path, add: Callable[[str, str, str, str], None]) -> None:
    """A row of the table for every slip on both papers, and for a fault that it must find."""
    for width, paper in ((576, "80"), (384, "58")):
        for kind, facts in SAMPLES.items():
            image = render(build_slip(kind, facts, "en"), width)
            job = _printed(image, paper)
            stream = place / f"{kind}-{paper}.bin"
            stream.write_bytes(job or b"")
            expected = f"all known, {image.height} rows identical"
            seen = _read(tools, stream, image) if job else "the wire carried something else"
            add("escpos-tools", f"reads slip {kind} on {paper} mm", expected, seen)
    fault = place / "fault.bin"
    fault.write_bytes(UNKNOWN)
    found = "unknown" in _read(tools, fault, Image.new("1", (8, 1), 1))
    add("escpos-tools", "finds a planted unknown command", "True", str(found))


def _printed(image: Image.Image, paper: str) -> bytes:
    """Prints it with the driver; the job's bytes if the wire carried them in this order, or b""."""
    device = _Taped(profile=paper, factor=0.0)
    with Stage(device) as stage:
        driver = ReceiptPrinter(stage.path, profile=paper)
        driver.start()
        driver.print(image)
        driver.close()
    tape = device.tape
    at = tape.rindex(escpos.INIT)
    job = escpos.INIT
    for chunk in chunks(image, profile_of(paper)):
        at = tape.find(chunk.data, at)
        if at < 0:
            return b""
        at += len(chunk.data)
        mark = tape[at : at + 11]
        job += chunk.data + (mark if mark.startswith(b"\x1d(H") else b"")
    return job


def _read(tools: Path, stream: Path, image: Image.Image) -> str:
    listed = _php(tools / "esc2text.php", str(stream), "-v")
    commands = listed.stderr.count("[DEBUG]")
    if listed.returncode or "Unknown" in listed.stderr or "Text" in listed.stderr or not commands:
        return "unknown: " + (listed.stderr.strip().splitlines() or ["nothing"])[-1][:90]
    for old in stream.parent.glob(f"{stream.stem}-*.pbm"):
        old.unlink()
    taken = _php(
        tools / "escimages.php", "--file", str(stream), "--output-dir", str(stream.parent), "--pbm"
    )
    if taken.returncode:
        return f"images: {taken.stderr.strip()[:90]}"
    found = sorted(
        stream.parent.glob(f"{stream.stem}-*.pbm"), key=lambda path: int(path.stem.split("-")[-1])
    )
    return _compare([Image.open(path) for path in found], image)


def _php(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PHP, *map(str, arguments)],
        capture_output=True,
        timeout=120,
        check=False,
        encoding="utf-8",
        errors="replace",
    )


def _compare(strips: list[Image.Image], image: Image.Image) -> str:
    """The strips from the top of the rendering to its end, with only white rows between them."""
    at = 0
    for strip in strips:
        while not _same(strip, image, at):
            if at + strip.height > image.height or _inked(image, at, at + 1):
                return f"differs at row {at}"
            at += 1
        at += strip.height
    if _inked(image, at, image.height):
        return f"ends at row {at}"
    return f"all known, {image.height} rows identical"


def _inked(image: Image.Image, top: int, bottom: int) -> bool:
    rows = image.crop((0, top, image.width, max(top, bottom)))
    return bottom > top and rows.convert("L").getextrema() != (255, 255)


def _same(strip: Image.Image, image: Image.Image, top: int) -> bool:
    """Dot for dot; white at the right is not sent.

    The one dot may differ that keeps a picture from being a command: 10h before 04h, 05h or 14h is
    sent as 30h.
    """
    taken = Image.new("1", (image.width, strip.height), 1)
    taken.paste(strip, (0, 0))
    drawn = image.crop((0, top, image.width, top + strip.height))
    got, ours = (bytes(byte ^ 0xFF for byte in one.tobytes()) for one in (taken, drawn))
    return all(
        a == b or ((a, b) == (0x30, 0x10) and ours[place + 1 : place + 2] in _LIVE)
        for place, (a, b) in enumerate(zip(got, ours, strict=True))
    )
