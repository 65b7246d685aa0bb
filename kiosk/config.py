# SPDX-License-Identifier: Apache-2.0
"""booth.toml as typed settings; an unknown key is refused with one clear sentence."""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from drivers.bins_settings import BinSettings
from drivers.dispenser import DispenserSettings
from drivers.panel_photo import channel_path
from drivers.printer_line import address_of
from drivers.printer_profile import profile_of
from idcard.records import BoothId, StationCode

KeyId = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]


class ConfigError(Exception):
    """The configuration cannot be used; the text names the file, the key and what is allowed."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoothTable(_Table):
    """Which booth this is and what its slips say of the station.

    `offices`: where household authorities are (`kiosk.receipts.offices`); None: their names alone.
    """

    id: BoothId = "B01"
    station_code: StationCode = "320402001"
    station_name: str = "示范派出所（测试）"
    progress_phone: str = "0519-00000000"
    county_phone: str = "0519-00000001"
    web: str = ""
    offices: Path | None = None


class FingerprintTable(_Table):
    """Serial fingerprint module (EF01).

    `password` is given to a module that still has none. `score_min`: the least likeness of two
    presses that passes, on the module's own scale (0: its own judgement). `product` names a module
    that must not be asked what it is. `images` are fetched and sealed with the templates.
    """

    path: str = "/dev/idbooth/fingerprint"
    baudrate: int = 57600
    password: Annotated[int, Field(ge=0, le=0xFFFF_FFFF)] = 0
    tries: Annotated[int, Field(ge=1, le=10)] = 5
    wait_s: float = 20.0
    score_min: Annotated[int, Field(ge=0, le=65535)] = 0
    product: str = ""
    images: bool = False


class IdReaderTable(_Table):
    """Serial ID-card reader (SAM_V). `photo_decoder`: docs/wlt-decoder.md; None: there is none."""

    path: str = "/dev/idbooth/idreader"
    baudrate: int = 115200
    photo_decoder: Path | None = None


class PrinterTable(_Table):
    """Receipt printer (ESC/POS).

    `path`: a serial port, ``/dev/usb/lpN`` or ``lp:PATH`` (USB), ``tcp://ADDRESS:PORT`` (network),
    ``unix:PATH`` (network, relayed by another process: the hardened front has no network).
    `profile`: a name of `drivers.printer_profile.PROFILES` or a file of ``kiosk printer probe``.
    `journal`: where each movement is written down before it begins.
    """

    path: str = "/dev/idbooth/printer"
    baudrate: int = 115200
    profile: str = "80"
    journal: Path = Path("/var/lib/idbooth/front/printer.jsonl")

    @field_validator("path")
    @classmethod
    def _line(cls, value: str) -> str:
        if value.startswith("tcp://"):
            address_of(value)
        return value

    @field_validator("profile")
    @classmethod
    def _known(cls, value: str) -> str:
        profile_of(value)
        return value


class CameraTable(_Table):
    """V4L2 device, or a video file or pipe, or "auto"; `width` x `height` pixels at `fps`.

    `turn`: degrees clockwise that make the pictures of a camera mounted on its side upright.
    `calibration`: what `kiosk photo calibrate` found; a booth without that file is not calibrated.
    """

    source: str = "/dev/idbooth/camera"
    width: int = 1280
    height: int = 720
    fps: int = 30
    turn: Literal[0, 90, 180, 270] = 0
    calibration: Path = Path("/var/lib/idbooth/front/calibration.toml")


Pin = Annotated[int, Field(ge=-1, le=511)]


class PinsTable(_Table):
    """Broadcom pin numbers of the panel's parts; -1: not fitted.

    `drivers.panel.PanelPins` says how each is wired.
    """

    photo: Pin = 18
    reader: Pin = 23
    finger: Pin = 24
    printer: Pin = -1
    status: Pin = 25
    presence: Pin = 17
    key: Pin = 27
    door: Pin = -1
    power: Pin = -1
    headphones: Pin = -1
    call: Pin = -1
    next: Pin = -1
    back: Pin = -1
    choose: Pin = -1
    volume: Pin = -1
    buzzer: Pin = -1
    fan: Pin = -1
    power_camera: Pin = -1
    power_idreader: Pin = -1
    power_fingerprint: Pin = -1
    power_printer: Pin = -1

    @model_validator(mode="after")
    def _no_pin_twice(self) -> Self:
        numbers = sorted(number for number in self.model_dump().values() if number >= 0)
        for one, other in pairwise(numbers):
            if one == other:
                raise ValueError(f"pin {one} is given to two parts")
        return self


class PanelTable(_Table):
    """Lamps, contacts, buttons and relays. The pin library is named, never guessed.

    `chip`: N of /dev/gpiochipN on a board that is no Raspberry Pi, or a path to it; -1: the Pi's
    own. A chip on USB may come back under another N: name it by its link /dev/idbooth/pins.
    `photo_pwm`: the hardware PWM channel that dims the photo lamp, such as
    /sys/class/pwm/pwmchip0/pwm0, whose pin is then no GPIO; None: that lamp is on or off.
    """

    factory: Literal["lgpio", "mock", "none"] = "lgpio"
    mock_socket: str = ""
    chip: Annotated[int, Field(ge=-1, le=99)] | Annotated[str, Field(pattern="^/dev/")] = -1
    photo_pwm: Path | None = None
    pins: PinsTable = PinsTable()

    @field_validator("photo_pwm")
    @classmethod
    def _channel(cls, value: Path | None) -> Path | None:
        return None if value is None else channel_path(value)

    @property
    def dims(self) -> bool:
        """Whether the photo lamp knows levels between dark and full."""
        return self.photo_pwm is not None and self.factory != "none"


class SpeakerTable(_Table):
    """Spoken guidance through ALSA.

    `device`: an ALSA name ("default", "plughw:CARD=Device"). `on`: the voice speaks from the start;
    the citizen can switch it. `recorded`: a folder of recorded prompts, ``<language>/<key>.wav``.
    """

    fitted: bool = True
    device: str = "default"
    on: bool = True
    recorded: str = ""


class StaffCardTable(_Table):
    """Staff card through PC/SC. `reader`: a part of the reader's name; empty takes any.

    Who may open the staff menu: cards whose certificate an authority of the PEM file `issuers` has
    signed, and those whose public key (SHA-256, hex) is in `keys`; never one in `withdrawn`.
    """

    fitted: bool = True
    reader: str = ""
    issuers: Path | None = None
    keys: tuple[KeyId, ...] = ()
    withdrawn: tuple[KeyId, ...] = ()


class BinsTable(_Table):
    """Card bins behind lock boards (docs/emulators.md names the makes), not fitted unless said.

    `boards`: their addresses on the one line; `locks`: doors a board; `inverted`: contacts that
    close when the door opens; `state_first`: a Winnsen board whose firmware says a door's state
    before its lock. Times in seconds, of which the makers publish none: `reply_s` how long a board
    may take to answer, asked `tries` times before it is called silent; `spring_s` how long after
    its pulse a door may still spring open; `coil_rest_s` between two pulses; `closed_s` how long a
    door must be shut to count; `heartbeat_s` between two looks at a resting cabinet. A silent board
    is known after `heartbeat_s`, a round of all boards (35 ms each; WKLY 70 ms; Winnsen 50 ms a
    lock) and `tries` times `reply_s`: within a second with the defaults and up to two boards.
    `journal`: where each movement is written down before it begins; one file, never shared.
    """

    fitted: bool = False
    path: str = "/dev/idbooth/bins"
    make: str = "8a"
    boards: tuple[int, ...] = (1,)
    locks: int = 24
    inverted: bool = False
    state_first: bool = False
    baudrate: int = 9600
    reply_s: Annotated[float, Field(gt=0, le=5)] = 0.2
    tries: Annotated[int, Field(ge=1, le=10)] = 2
    spring_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    coil_rest_s: Annotated[float, Field(le=60)] = 1.0
    closed_s: Annotated[float, Field(ge=0, le=10)] = 0.5
    heartbeat_s: Annotated[float, Field(gt=0, le=60)] = 0.5
    journal: Path = Path("/var/lib/idbooth/front/bins.journal")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if len(set(self.boards)) != len(self.boards):
            raise ValueError("a board is named twice")
        self.settings()
        return self

    def settings(self) -> BinSettings:
        """The same for the driver. Raises ValueError for what no cabinet can be."""
        return BinSettings(**self.model_dump(exclude={"fitted", "path", "journal"}))


class DispenserTable(_Table):
    """A card dispenser (docs/emulators.md names the makes), not fitted unless said.

    `address` as set on the machine; `feed`, `present`, `capture` where this machine does something
    else for the make's own commands, as a dummy card has shown. Times in seconds: `reply_s` how
    long an acknowledgement may take (a K7x0 is given 0.2 s by its maker's program, a CRT at least
    0.3 s), asked `tries` times before the machine is called silent: with the defaults it is
    known to be so within a second; `move_s` after which a movement has failed; `clear_s` how long
    the mouth must be clear for a card to count as taken; `heartbeat_s` between two looks at a
    resting machine: unless told, 0.5 s for a K7x0 and 0.35 s for a CRT, which takes longer to be
    sure of. `journal`: as for the bins, and a file of its own.
    """

    fitted: bool = False
    path: str = "/dev/idbooth/dispenser"
    make: str = "k7"
    address: int = 0
    feed: str = ""
    present: str = ""
    capture: str = ""
    baudrate: int = 9600
    reply_s: Annotated[float, Field(gt=0, le=5)] = 0.2
    tries: Annotated[int, Field(ge=1, le=10)] = 2
    move_s: Annotated[float, Field(ge=1, le=60)] = 12.0
    clear_s: Annotated[float, Field(ge=0, le=10)] = 0.5
    heartbeat_s: Annotated[float, Field(gt=0, le=60)] | None = None
    journal: Path = Path("/var/lib/idbooth/front/dispenser.journal")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.settings()
        return self

    @property
    def beat_s(self) -> float:
        """Seconds between two looks at this machine."""
        return self.heartbeat_s or (0.5 if self.make == "k7" else 0.35)

    def settings(self) -> DispenserSettings:
        """The same for the driver. Raises ValueError for what no machine can be."""
        said = self.model_dump(exclude={"fitted", "path", "journal"})
        return DispenserSettings(**{**said, "heartbeat_s": self.beat_s})


class DevicesTable(_Table):
    """The booth's devices."""

    fingerprint: FingerprintTable = FingerprintTable()
    idreader: IdReaderTable = IdReaderTable()
    printer: PrinterTable = PrinterTable()
    camera: CameraTable = CameraTable()
    panel: PanelTable = PanelTable()
    speaker: SpeakerTable = SpeakerTable()
    staffcard: StaffCardTable = StaffCardTable()
    bins: BinsTable = BinsTable()
    dispenser: DispenserTable = DispenserTable()

    @model_validator(mode="after")
    def _books_apart(self) -> Self:
        if (
            self.bins.fitted
            and self.dispenser.fitted
            and self.bins.journal == self.dispenser.journal
        ):
            raise ValueError("bins and dispenser cannot share one journal")
        return self


class ScreenTable(_Table):
    """The panel: pixels, dots per inch, fullscreen or a window."""

    width: int = 1280
    height: int = 800
    dpi: float = 0.0  # 0: the design's own (8 px are 1.4 mm at 1280x800)
    fullscreen: bool = True


class PostTable(_Table):
    """Outbox, mailbox and the way to the counter."""

    state_dir: Path = Path("/var/lib/idbooth/uplink")
    socket: Path = Path("/run/idbooth/mailbox.sock")
    counter_url: str = "https://127.0.0.1:8443"
    keys_dir: Path = Path("/etc/idbooth/keys")
    allowed_uids: tuple[int, ...] = ()
    wait_received_s: float = 10.0


class VisitTable(_Table):
    """The citizen's time, in seconds.

    `inspect_by_two`: before a bin is opened to look into it, two different staff cards must have
    signed here. Published practice of stations, not a rule that was found.
    """

    idle_warn_s: int = 60
    idle_end_s: int = 90
    away_s: float = 15.0  # the seat must be empty this long before the countdown starts
    photo_s: Annotated[float, Field(ge=30)] = 600.0  # before the camera; then the takes are shown
    finger_hand_reason: bool = True
    slip_s: int = 30
    inspect_by_two: bool = False


class Settings(_Table):
    """All of booth.toml."""

    booth: BoothTable = BoothTable()
    devices: DevicesTable = DevicesTable()
    screen: ScreenTable = ScreenTable()
    post: PostTable = PostTable()
    visit: VisitTable = VisitTable()

    @property
    def printer_dots(self) -> int:
        """Printable dots across the paper: 384 on 58 mm, 576 on 80 mm (8 dots a millimetre)."""
        return profile_of(self.devices.printer.profile).width_px


def load(path: Path) -> Settings:
    """The settings in the TOML file at `path`.

    Raises ConfigError: no such file, not TOML, an unknown key, a value out of range.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; give --config a booth.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{path}: this is not TOML: {wrong}") from None
    try:
        return Settings.model_validate(table)
    except ValidationError as wrong:
        raise ConfigError(f"{path}: {explain(wrong)}") from None


def explain(wrong: ValidationError) -> str:
    """One sentence a finding: which key, what is wrong. Values are not repeated."""
    said = []
    for finding in wrong.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in finding["loc"])
        if finding["type"] == "extra_forbidden":
            said.append(f"there is no setting called '{key}'; remove it or mend its spelling")
        else:
            said.append(f"'{key}': {finding['msg'].lower()}")
    return "; ".join(said)
