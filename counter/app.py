# SPDX-License-Identifier: Apache-2.0
"""The counter's two web applications over one office."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from counter.booth_api import create_booth_app
from counter.clock import Clock, SystemClock
from counter.console import create_console_app
from counter.database import Database
from counter.office import CounterKeys, Office
from counter.payments import Gateway
from counter.settings import Settings
from idcard.keys import OpeningKey, SigningKey
from idcard.workdays import PublishedHolidays


@dataclass(frozen=True, slots=True)
class Apps:
    """`booth` wants the ASGI TLS extension with a booth's certificate; `console` a browser."""

    booth: FastAPI
    console: FastAPI


def create_apps(office: Office, console_url: str) -> Apps:
    """Both applications; `console_url` is where the console will be, without a slash at the end."""
    gateway = Gateway(office, console_url)
    return Apps(create_booth_app(office, gateway), create_console_app(office, gateway))


def create_app(settings: Settings, clock: Clock | None = None) -> Apps:
    """Opens the office of `settings` (keys, database, migrations) and builds both applications."""
    office = Office.open(settings, clock)
    return create_apps(office, f"http://{settings.console.host}:{settings.console.port}")


def booth_openapi() -> dict[str, Any]:
    """The booths' API as OpenAPI; made without touching a database or a real key."""
    keys = CounterKeys(SigningKey.generate(), OpeningKey.generate(), bytes(32))
    database = Database("sqlite://")
    office = Office(Settings(state_dir=Path()), database, keys, SystemClock(), PublishedHolidays())
    return create_booth_app(office, Gateway(office, "")).openapi()
