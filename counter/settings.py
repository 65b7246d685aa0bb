# SPDX-License-Identifier: Apache-2.0
"""counter.toml as typed settings; a key nobody knows is refused with a sentence that names it."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from idcard.records import Kind


class SettingsError(Exception):
    """The settings cannot be used; the text is one sentence for the person who wrote them."""


class Section(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Listener(Section):
    """Where a door listens. Port 0 takes any free port."""

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


class BoothDoor(Listener):
    """The booths' API: TLS with client certificates, always."""

    port: int = Field(default=8443, ge=0, le=65535)


class ConsoleDoor(Listener):
    """The officers' console. TLS when both files are named; without it, loopback only."""

    port: int = Field(default=8080, ge=0, le=65535)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    idle_minutes: int = Field(default=15, ge=1, le=240)
    absolute_hours: int = Field(default=10, ge=1, le=24)
    refresh_s: int = Field(default=5, ge=1, le=600)


class Lockout(Section):
    """Failed logins before a pause, per account and per address."""

    account_failures: int = Field(default=5, ge=1)
    address_failures: int = Field(default=20, ge=1)
    pause_minutes: int = Field(default=15, ge=1)


class Payments(Section):
    """The embedded test gateway takes no real money; `test_gateway = false` closes it."""

    test_gateway: bool = True
    payment_s: int = Field(default=180, ge=10, le=3600)
    max_fen: int = Field(default=10_000, ge=1)


class Station(Section):
    """How one station works. `auto_accept`: a renewal that passes every rule needs no officer."""

    name: str = ""
    phone: str = ""
    auto_accept: bool = True
    remote: bool = False


class BoothEntry(Section):
    """A booth and the station it stands in."""

    station_code: Annotated[str, StringConstraints(pattern=r"^\d{9}$")]


class Rules(Section):
    """What a place may set of the rules."""

    kinds: frozenset[Kind] = frozenset(Kind)
    booth_min_age: int = Field(default=16, ge=16, le=100)
    renew_before_months: int = Field(default=3, ge=0, le=24)


class Register(Section):
    """What to do when the register knows nobody by a number: an officer looks, or refuse."""

    refuse_unknown: bool = False


StationCode = Annotated[str, StringConstraints(pattern=r"^\d{9}$")]


class Settings(BaseSettings):
    """All of counter.toml. `database_url` empty means SQLite in `state_dir`."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    state_dir: Path = Path("/var/lib/idbooth-counter")
    keys_dir: Path = Path("/etc/idbooth/keys")
    database_url: str = ""
    booth: BoothDoor = BoothDoor()
    console: ConsoleDoor = ConsoleDoor()
    lockout: Lockout = Lockout()
    payments: Payments = Payments()
    station: Station = Station()
    stations: dict[StationCode, Station] = {}
    booths: dict[str, BoothEntry] = {}
    default_station_code: StationCode = "320402001"
    rules: Rules = Rules()
    unknown_people: Register = Field(default=Register(), alias="register")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the file and the command line speak; no variable of the environment does."""
        return (init_settings,)

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.state_dir / 'counter.db'}"

    def station_of(self, booth_id: str) -> str:
        """The station code a booth is enrolled with."""
        entry = self.booths.get(booth_id)
        return entry.station_code if entry else self.default_station_code

    def station_for(self, code: str) -> Station:
        """The station's own settings, or the common ones."""
        return self.stations.get(code, self.station)


def load(path: Path | None = None, **overrides: Any) -> Settings:
    """Settings of the file at `path` with `overrides` (dotted names, None = not given) on top.

    Raises SettingsError with one sentence for an unreadable file, an unknown key or a bad value.
    """
    tables: dict[str, Any] = {}
    if path is not None:
        try:
            tables = tomllib.loads(path.read_text("utf-8"))
        except OSError as why:
            raise SettingsError(f"{path}: cannot be read ({why.strerror}).") from why
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
            raise SettingsError(f"{path}: is not TOML: {why}.") from why
    for name, value in overrides.items():
        if value is None:
            continue
        table = tables
        *folders, key = name.split("__")
        for folder in folders:
            table = table.setdefault(folder, {})
        table[key] = value
    try:
        return Settings(**tables)
    except ValidationError as wrong:
        raise SettingsError(_sentence(path, wrong)) from wrong


def _sentence(path: Path | None, wrong: ValidationError) -> str:
    where = str(path) if path else "settings"
    parts = []
    for fault in wrong.errors(include_url=False, include_input=False):
        key = ".".join(str(step) for step in fault["loc"])
        if fault["type"] == "extra_forbidden":
            parts.append(f"the key '{key}' is not known; check its spelling or remove it")
        else:
            parts.append(f"'{key}': {fault['msg'][:1].lower()}{fault['msg'][1:]}")
    return f"{where}: " + "; ".join(parts) + "."
