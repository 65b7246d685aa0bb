# SPDX-License-Identifier: Apache-2.0
"""The folder in which a whole development booth lives: keys, settings, sockets, logs."""

import json
import shutil
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.config import BinsTable

STORES = ("bins", "dispenser")  # fitted only where they are wanted: each is a process more

BOOTH_ID = "B03"
STATION = "320402001"


# A panel with every part; the numbers left out are the settings' own.
PANEL = {"printer": 5, "door": 6, "power": 12, "headphones": 13, "buzzer": 26, "fan": 4}
PANEL |= {"call": 16, "next": 19, "back": 20, "choose": 21, "volume": 22}
PANEL |= {"power_camera": 7, "power_idreader": 8, "power_fingerprint": 9, "power_printer": 10}
PWM = ("period", "duty_cycle", "enable")  # a channel's files; each says 0 at first


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one development booth lies."""

    root: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root.resolve())
        self.make()

    def make(self) -> None:
        """Makes what is missing."""
        for path in (self.run, self.logs, self.uplink, self.counter, self.cards):
            path.mkdir(parents=True, exist_ok=True)
        self.uplink.chmod(0o700)
        self.photo_pwm.mkdir(parents=True, exist_ok=True)
        chip = self.photo_pwm.parent
        for file in (chip / "export", chip / "unexport", *(self.photo_pwm / one for one in PWM)):
            if not file.exists():
                file.write_text("0\n")

    @property
    def keys(self) -> Path:
        """Development keys and certificates."""
        return self.root / "keys"

    @property
    def run(self) -> Path:
        """Sockets and device links."""
        return self.root / "run"

    @property
    def photo_pwm(self) -> Path:
        """The photo lamp's PWM channel: plain files with the kernel's names."""
        return self.run / "pwmchip0" / "pwm0"

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.root / "logs"

    @property
    def uplink(self) -> Path:
        """The outbox."""
        return self.root / "uplink"

    @property
    def cards(self) -> Path:
        """The books of bins and dispenser, and what lies beside them."""
        return self.root / "cards"

    def forget_cards(self) -> None:
        """Empties the books: emulated bins and dispensers begin without cards."""
        shutil.rmtree(self.cards, ignore_errors=True)
        self.cards.mkdir()

    @property
    def counter(self) -> Path:
        """The counter's database."""
        return self.root / "counter"

    @property
    def booth_toml(self) -> Path:
        """The booth's settings."""
        return self.root / "booth.toml"

    @property
    def counter_toml(self) -> Path:
        """The counter's settings."""
        return self.root / "counter.toml"

    def device(self, name: str) -> str:
        """A device's stable path."""
        return str(self.run / name)


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports of the counter; chosen once, so that a restarted counter is found again."""

    booth: int
    console: int


def free_ports(console: int = 0) -> Ports:
    """Two free ports; `console` is taken as asked when it is free."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            two.bind(("127.0.0.1", console))
        except OSError:
            two.bind(("127.0.0.1", 0))
        return Ports(one.getsockname()[1], two.getsockname()[1])


def booth_settings(
    folder: Folder,
    line: str,
    *,
    window: bool,
    over: Mapping[str, Any],
    staff: bool = False,
    fits: Collection[str] = (),
) -> dict[str, Any]:
    """The tables of booth.toml; `line` is HOST:PORT towards the counter.

    `staff`: a staff-card reader is there. `fits`: which of "bins" and "dispenser" are; `over` may
    fit more.
    """
    tables: dict[str, Any] = {
        "booth": {"id": BOOTH_ID, "station_code": STATION},
        "devices": {
            "fingerprint": {"path": folder.device("fingerprint")},
            "idreader": {"path": folder.device("idreader")},
            "printer": {
                "path": folder.device("printer"),
                "journal": str(folder.root / "printer.jsonl"),
            },
            "camera": {
                "source": folder.device("camera"),
                "calibration": str(folder.root / "calibration.toml"),
            },
            "panel": {
                "factory": "mock",
                "mock_socket": folder.device("panel.sock"),
                "photo_pwm": str(folder.photo_pwm),
                "pins": PANEL,
            },
            # A scripted booth speaks into ALSA's null device, at full length in no time.
            "speaker": {"device": "default" if window else "null"},
            "staffcard": {
                "fitted": staff,
                "reader": "Virtual PCD 00 00" if staff else "",
                "issuers": str(folder.keys / "booth" / "staff-ca.pem"),
            },
            **{
                name: {
                    "fitted": name in fits,
                    "path": folder.device(name),
                    "journal": str(folder.cards / f"{name}.journal"),
                }
                for name in STORES
            },
        },
        "screen": {"fullscreen": False},
        "post": {
            "state_dir": str(folder.uplink),
            "socket": folder.device("mailbox.sock"),
            "counter_url": f"https://{line}",
            "keys_dir": str(folder.keys / "booth"),
        },
    }
    return merged(tables, over)


def cabinet_options(bins: BinsTable) -> list[str]:
    """The cabinet that these settings describe, as options of its emulator."""
    boards = ",".join(str(board) for board in bins.boards)
    turned = ["--inverted"] if bins.inverted else []
    turned += ["--swapped"] if bins.state_first else []
    return ["--make", bins.make, "--boards", boards, "--locks", str(bins.locks), *turned]


def counter_settings(folder: Folder, ports: Ports, over: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of counter.toml."""
    tables: dict[str, Any] = {
        "state_dir": str(folder.counter),
        "keys_dir": str(folder.keys),
        "booth": {"port": ports.booth},
        "console": {"port": ports.console},
        "booths": {BOOTH_ID: {"station_code": STATION}},
        "station": {"name": "示范派出所（测试）", "phone": "0519-00000000"},
    }
    return merged(tables, over)


def merged(tables: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`tables` with `over` laid on top, table by table."""
    result = dict(tables)
    for key, value in over.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result


def write_toml(path: Path, tables: Mapping[str, Any]) -> None:
    """Writes plain tables (strings, numbers, booleans, lists, tables) as TOML."""
    lines: list[str] = ["# written at start; do not edit"]
    _table(lines, (), tables)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table(lines: list[str], name: tuple[str, ...], table: Mapping[str, Any]) -> None:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    if name:
        lines.append("[" + ".".join(json.dumps(part) for part in name) + "]")
    for key, value in table.items():
        if key not in inner:
            # JSON's strings, numbers, booleans and lists are TOML's too.
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    for key, value in inner.items():
        _table(lines, (*name, key), value)
