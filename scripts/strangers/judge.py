# SPDX-License-Identifier: Apache-2.0
"""Points other people's ESC/POS programs at the emulated printer; see scripts/prove-strangers."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import serial
from PIL import Image, ImageOps
from pyzbar.pyzbar import decode

from scripts.strangers import slips

PORT = 9100  # receiptio knows no other
PATIENCE_S = 60
EXITS = {
    0: "printed", 100: "online", 101: "cover open", 102: "paper empty", 103: "error",
    104: "offline", 105: "disconnected", 106: "timed out",
}  # fmt: skip
NUMBER, LINK, GOODS = (
    "R4405241880010",
    "https://example.test/r/4405241880010100142601",
    "5901234123457",
)
RECEIPT = f"""^^^Receipt 42
居民身份证 受理回执
-
Item | 1.00
"_Under_ `Inverse`" | ^Tall
-
{{code:{NUMBER};option:code128,2,72,hri}}
{{code:{GOODS};option:ean,2,60,hri}}
{{code:{LINK};option:qrcode,6,m}}
=
"""
CODES = {"CODE128": NUMBER, "EAN13": GOODS, "QRCODE": LINK}
LANGUAGES = ("escpos", "epson", "citizen", "fit", "generic")


@dataclass(slots=True)
class Verdicts:
    """The table: judge, what it was asked, what it should say, what it said."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, judge: str, what: str, expected: str, seen: str) -> None:
        """One more row, shown at once."""
        self.rows.append((judge, what, expected, seen))
        mark = "ok  " if seen == expected else "DIFF"
        print(f"{mark} {judge:12} {what:46} {expected}" + (f" | {seen}" * (seen != expected)))

    @property
    def disagree(self) -> int:
        """How many said something else."""
        return sum(expected != seen for *_, expected, seen in self.rows)


class EmulatedPrinter:
    """``kiosk emulate printer`` in a process of its own, as anybody would start it."""

    def __init__(self, place: Path, *options: str, network: bool = True) -> None:
        self.path = place / "ttyUSB-printer"
        self._page = place / "page.png"
        command = [sys.executable, "-m", "firmware_io.emulators.printer", "--link", str(self.path)]
        command += ["--listen", str(PORT)] if network else []
        self._process = subprocess.Popen(
            [*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("no pipes")
        self._say, self._hear = self._process.stdin, self._process.stdout
        if not self._hear.readline():
            self._process.wait()
            raise OSError(f"the emulator did not start; is port {PORT} in use?")

    def ask(self, **request: Any) -> dict[str, Any]:
        """One request of the desk and its answer."""
        self._say.write(json.dumps(request) + "\n")
        self._say.flush()
        return json.loads(self._hear.readline())

    def page(self) -> str:
        """What a decoder (zbar) finds on the paper since the last tear, and unknown commands."""
        self._settle()
        self.ask(render=str(self._page))
        with Image.open(self._page) as image:
            page = ImageOps.expand(image.convert("L"), 30, 255)
        found = {code.type: code.data.decode() for code in decode(page)}
        wrong = self.ask(status=True)["violations"]
        return told(found) + (f", unknown: {wrong}" if wrong else "")

    def _settle(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self.ask(status=True)["queued_bytes"] and time.monotonic() < deadline:
            time.sleep(0.05)

    def __enter__(self) -> "EmulatedPrinter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE_S)


def told(found: dict[str, str]) -> str:
    """Codes as a cell of the table."""
    right = sum(found.get(kind) == data for kind, data in CODES.items())
    return f"{right} of {len(CODES)} codes read"


ALL_READ = told(CODES)


@dataclass(frozen=True, slots=True)
class Host:
    """receiptio as its users call it."""

    place: Path
    destination: str
    env: dict[str, str] | None = None

    def run(self, *options: str, text: str = "") -> str:
        """Its exit status in words."""
        cli = self.place / "node_modules" / "receiptio" / "bin" / "cli.js"
        command = ["node", str(cli), "-d", self.destination, "-l", "zh-hans", *options]
        source = self.place / "receipt.txt"
        source.write_text(text or RECEIPT, encoding="utf-8")
        if "-q" not in options:
            command.append(str(source))
        env = {**os.environ, **(self.env or {})}
        done = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=180,
            check=False,
        )
        return EXITS.get(done.returncode, f"exit status {done.returncode}")


STATES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("ready", {}, {}, "online"),
    ("near the end of the roll", {"paper": "near_end"}, {"paper": "ok"}, "online"),
    ("FEED held", {"hold_feed": True}, {"hold_feed": False}, "online"),
    ("cover open", {"cover": "open"}, {"cover": "closed"}, "cover open"),
    ("no paper", {"paper": "out"}, {"paper": "ok"}, "paper empty"),
    ("hot", {"fault": {"hot": True}}, {"fault": {}}, "error"),
    ("mechanical error", {"fault": {"mechanical": True}}, {"fault": {}}, "error"),
    ("answers of another make (00)", {"fault": {"zeros": True}}, {"fault": {}}, "offline"),
    ("switched off", {"power": "off"}, {"power": "on"}, "offline"),
    ("broken", {"fault": {"broken": True}}, {"power": "cycle"}, "error"),
]


def poll(host: Host, printer: EmulatedPrinter, verdicts: Verdicts) -> None:
    """Every state of the printer, as the stranger calls it."""
    for name, begin, end, expected in STATES:
        if begin:
            printer.ask(**begin)
        verdicts.add("receiptio", f"polls: {name}", expected, host.run("-p", "escpos", "-q"))
        if end:
            printer.ask(**end)


def network(place: Path, verdicts: Verdicts) -> None:
    """receiptio on the network card: polls, prints in every dialect, runs out of paper."""
    host = Host(place, "127.0.0.1")
    verdicts.add("receiptio", "polls: no printer", "disconnected", host.run("-p", "escpos", "-q"))
    with EmulatedPrinter(place, "--factor", "0") as printer:
        poll(host, printer, verdicts)
        for language in LANGUAGES:
            printer.ask(tear=True)
            seen = host.run("-p", language)
            verdicts.add("receiptio", f"prints as {language}", "printed", seen)
            verdicts.add(
                "zbar", f"reads what receiptio printed as {language}", ALL_READ, printer.page()
            )
            shutil.copy(place / "page.png", place / f"receiptio-{language}.png")
        for name, options in {"upside down": ("-u",), "landscape": ("-v",)}.items():
            printer.ask(feed=50)
            printer.ask(tear=True)
            # Landscape, a slip's length has to fit the width of the paper.
            text = RECEIPT.replace("72,hri", "48,hri").replace("60,hri", "40,hri")
            seen = host.run("-p", "escpos", *options, text=text)
            verdicts.add("receiptio", f"prints {name}", "printed", seen)
            verdicts.add("zbar", f"reads what receiptio printed {name}", ALL_READ, printer.page())
            shutil.copy(place / "page.png", place / f"receiptio-{name.replace(' ', '-')}.png")
        printer.ask(fault={"jam": True})
        host.run("-p", "escpos")
        seen = host.run("-p", "escpos", "-q")
        verdicts.add("receiptio", "polls: cutter jammed by its own print", "error", seen)
    with EmulatedPrinter(place) as printer:  # at the machine's own speed
        verdicts.add("receiptio", "prints at 150 mm/s", "printed", host.run("-p", "escpos"))
        printer.ask(paper="out", after_mm=20)
        seen = host.run("-p", "escpos")
        verdicts.add("receiptio", "prints while the paper ends", "paper empty", seen)
        rows = printer.ask(status=True)
        verdicts.add("emulator", "the slip stopped in its middle", "True", str(rows["stopped"]))
    with EmulatedPrinter(place, "--factor", "0") as printer:
        seen = host.run()
        verdicts.add("receiptio", "finds out the dialect by itself, prints", "printed", seen)
        # Its first question is in three languages; ESC ACK SOH is Star's, and no ESC/POS command.
        expected = f"{ALL_READ}, unknown: ['1b 06', '06', '01']"
        verdicts.add("zbar", "reads it; Star's question is no ESC/POS", expected, printer.page())


def serial_port(place: Path, verdicts: Verdicts) -> None:
    """receiptio on the serial port. It asks udev for ports, which has none that are not real."""
    tools = place / "udev"
    tools.mkdir(exist_ok=True)
    listing = tools / "udevadm"
    with EmulatedPrinter(place, "--factor", "0", network=False) as printer:
        text = f"P: /devices/printer\\nN: {printer.path.name}\\nE: DEVNAME={printer.path}\\n\\n"
        listing.write_text(f"#!/bin/sh\nprintf '{text}'\n", encoding="utf-8")
        listing.chmod(0o755)
        env = {"PATH": f"{tools}:{os.environ['PATH']}"}
        host = Host(place, f"{printer.path}:115200,N,8,1", env)
        for name, begin, end, expected in STATES[3:5]:
            printer.ask(**begin)
            seen = host.run("-p", "escpos", "-q")
            verdicts.add("receiptio", f"polls by serial port: {name}", expected, seen)
            printer.ask(**end)
        seen = host.run("-p", "escpos")
        verdicts.add("receiptio", "prints by serial port", "printed", seen)
        verdicts.add("zbar", "reads it", ALL_READ, printer.page())


def encoder(place: Path, verdicts: Verdicts) -> None:
    """What receiptline's encoder writes, sent by a plain serial port; unknown commands end it."""
    for language in LANGUAGES:
        made = subprocess.run(
            ["node", "scripts/strangers/encode.js", language, str(place)],
            input=RECEIPT.encode(),
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
        ).stdout
        with EmulatedPrinter(place, "--factor", "0", "--strict", network=False) as printer:
            with serial.Serial(str(printer.path), 115200, timeout=PATIENCE_S) as port:
                port.write(made)
                port.read(1)  # receiptline ends with a question
            seen = printer.page()
        verdicts.add("receiptline", f"{language}: {len(made)} bytes, read by zbar", ALL_READ, seen)


def main(arguments: list[str]) -> int:
    """Every judge; 0 when they all agree."""
    place, keep = Path(arguments[0]), "--keep" in arguments
    verdicts = Verdicts()
    network(place, verdicts)
    serial_port(place, verdicts)
    encoder(place, verdicts)
    tools = os.environ.get("ESCPOS_TOOLS", "")
    if missing := slips.missing(tools):
        print(f"skipped: escpos-tools: {missing}")
    else:
        slips.judge(Path(tools), place, verdicts.add)
    if not keep:
        for left in [*place.glob("*.png"), *place.glob("*.pbm"), *place.glob("*.bin")]:
            left.unlink()
    print(f"{len(verdicts.rows)} judgements, {verdicts.disagree} differ")
    return 1 if verdicts.disagree else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
