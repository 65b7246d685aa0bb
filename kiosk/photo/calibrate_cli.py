# SPDX-License-Identifier: Apache-2.0
"""``kiosk photo calibrate wall|seat|show``: measures this booth's camera and keeps what it found.

Exit status: 0 kept (or shown), 1 measured and something is to be changed first, 2 wrong usage,
5 the camera gives no picture, 6 the record cannot be read or kept.
"""

import json
import time
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.camera import Camera
from drivers.health import State
from kiosk.config import ConfigError, Settings, load
from kiosk.devices import open_camera
from kiosk.photo.calibration import Calibration, CalibrationError
from kiosk.photo.calibration_checks import FRAMES, SeatCheck, WallCheck, measure_seat, measure_wall
from kiosk.photo.engine import open_engine
from kiosk.photo.faces import Image
from kiosk.steps.calibrate import PLAIN
from kiosk.texts.catalogue import catalogue

NOT_YET, USAGE, NO_CAMERA, NO_RECORD = 1, 2, 5, 6
_START_S = 30.0
_SETTLE_S = 1.0  # exposure and white balance of a camera that has just been started


class Step(StrEnum):
    """What to do."""

    WALL = "wall"
    SEAT = "seat"
    SHOW = "show"


def calibrate_command(
    step: Annotated[Step, typer.Argument(help="wall: nobody sits there; seat: somebody does")],
    config: Annotated[Path, typer.Option(help="the booth's settings")],
    lamp: Annotated[
        float | None, typer.Option(min=0.0, max=1.0, help="photo lamps, level; a dimmed one's")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Measures the empty wall or the seat with the booth's camera, and keeps the figures."""
    try:
        settings = load(config)
    except ConfigError as wrong:
        raise _stop(str(wrong), USAGE) from None
    path, dims = settings.devices.camera.calibration, settings.devices.panel.dims
    if lamp is not None and not dims:
        raise _stop(f"{catalogue('en')[PLAIN]}: leave --lamp out", USAGE)
    try:
        kept = Calibration.load(path)
    except CalibrationError as wrong:
        if step is Step.SHOW:
            raise _stop(str(wrong), NO_RECORD) from None
        kept = Calibration.default()  # what cannot be used is measured anew
    if step is Step.SHOW:
        _say({"file": str(path), "complete": kept.complete, **asdict(kept)}, as_json)
        return
    frames = _frames(settings)
    height, width = frames[0].shape[:2]
    fresh = kept.of(settings.devices.camera.source, width, height, datetime.now().astimezone())
    found: WallCheck | SeatCheck
    if step is Step.WALL:
        found = measure_wall(frames[-1])
        made = fresh.with_wall(found, lamp if dims else 1.0) if found.good else None
    else:
        engine = open_engine().engine
        found = measure_seat(frames, lambda image: engine.look(image, None, sweep=True))
        made = fresh.with_seat(found) if found.good else None
    if made is not None:
        try:
            made.save(path)
        except CalibrationError as wrong:
            raise _stop(str(wrong), NO_RECORD) from None
    answer = {"step": step.value, "ok": found.good, "kept": made is not None, "dims": dims}
    _say(answer | asdict(found), as_json)
    if made is None:
        raise typer.Exit(NOT_YET)


def _frames(settings: Settings) -> list[Image]:
    """`FRAMES` pictures of a camera that has settled, oldest first."""
    camera = open_camera(settings)
    camera.start()
    try:
        _await(camera)
        time.sleep(_SETTLE_S)
        images: list[Image] = []
        last, end = 0, time.monotonic() + _START_S
        while len(images) < FRAMES and time.monotonic() < end:
            frame = camera.latest()
            if frame is not None and frame.seq > last:
                last = frame.seq
                images.append(frame.image)
            time.sleep(0.05)
        if len(images) < FRAMES:
            raise _no_camera(camera)
        return images
    finally:
        camera.close()


def _await(camera: Camera) -> None:
    end = time.monotonic() + _START_S
    while camera.health().state is not State.READY or camera.latest() is None:
        if time.monotonic() > end or camera.health().reason in ("camera.absent", "camera.busy"):
            raise _no_camera(camera)
        time.sleep(0.05)


def _no_camera(camera: Camera) -> typer.Exit:
    reason = camera.health().reason or "camera.silent"
    words = catalogue("en")
    return _stop(f"{words[reason]}. {words[f'{reason}.remedy']}.", NO_CAMERA)


def _say(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    words = catalogue("en")
    plain = answer.pop("dims", True) is False
    if plain:
        typer.echo(f"{words[PLAIN]}.")
    if reason := answer.pop("reason", ""):
        remedy = f"{PLAIN}.{reason.rpartition('.')[2]}"
        if not plain or remedy not in words:
            remedy = f"{reason}.remedy"
        typer.echo(f"{words[reason]}. {words[remedy]}.")
    for key, value in answer.items():
        if value not in ("", None):
            typer.echo(f"{key}: {value:.4g}" if isinstance(value, float) else f"{key}: {value}")


def _stop(sentence: str, status: int) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(status)
