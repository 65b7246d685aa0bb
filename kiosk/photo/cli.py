# SPDX-License-Identifier: Apache-2.0
"""Commands for a technician: judge a picture file, cut a portrait out of it, ask for the models."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from drivers.errors import AskAgainError
from kiosk.photo import background, crop, measures, models, verdict
from kiosk.photo.engine import Engine, open_engine
from kiosk.photo.faces import Image, Look
from kiosk.photo.profile import PROFILES

app = typer.Typer(help="Judge and crop pictures as the photo booth does.", no_args_is_help=True)

_Picture = Annotated[Path, typer.Argument(help="JPEG or PNG file")]


@app.command()
def judge(picture: _Picture) -> None:
    """Prints what the booth thinks of PICTURE, as one JSON object. Status 1 when no portrait."""
    image, engine = _read(picture), _engine()
    look, found = judge_picture(image, engine)
    face = look.face
    answer = {
        "engine": look.source.value,
        "ok": found.ok,
        "reason": found.reason_key,
        "remedy": found.remedy_key,
        "blocks": found.blocks,
        "reasons": list(found.reasons),
        "faces": (face is not None) + len(look.others),
        "values": {key: round(value, 4) for key, value in found.values.items()},
        "scores": dict(found.scores),
    }
    typer.echo(json.dumps(answer, ensure_ascii=False))
    raise typer.Exit(1 if found.blocks else 0)


@app.command(name="crop")
def crop_command(
    picture: _Picture,
    out: Annotated[Path, typer.Option(help="file to write the portrait to")],
    profile: Annotated[str, typer.Option(help=f"one of {', '.join(PROFILES)}")] = "ga461_2004",
) -> None:
    """Cuts the portrait out of PICTURE and prints its figures as one JSON object."""
    if profile not in PROFILES:
        raise typer.BadParameter(f"unknown profile; known are {', '.join(PROFILES)}")
    image, engine = _read(picture), _engine()
    look = engine.look(image, None, refine=True)
    try:
        made = crop.portrait(image, look, engine, profile)
    except AskAgainError as refused:
        typer.echo(json.dumps({"ok": False, "reason": refused.code}))
        raise typer.Exit(1) from None
    out.write_bytes(made.jpeg)
    answer = {
        "ok": True,
        "file": str(out),
        "bytes": len(made.jpeg),
        "quality": made.quality,
        "face_width_px": round(made.face_width_px, 1),
        "top_px": round(made.top_px, 1),
        "eyes_to_bottom_px": round(made.eye_line_px, 1),
        "flags": list(made.flags),
    }
    typer.echo(json.dumps(answer))


def judge_picture(image: Image, engine: Engine) -> tuple[Look, verdict.Verdict]:
    """Look and verdict on a still picture (HxWx3 BGR), the wall included when it can be cropped."""
    profile = PROFILES["ga461_2004"]
    look = engine.look(image, None, sweep=True, refine=True)
    if look.face is None:
        return look, verdict.judge(verdict.Sight(look))
    figures = measures.measure(image, look.face, measures.STILL_PX)
    figures = figures.with_openness(engine.eye_openness(image, look.face))
    hair = crop.hair_row(image, look.face, engine, profile)
    missing = crop.leaves(crop.placement(look.face, hair, profile), look.width, look.height)
    sight = verdict.sight_of(look, figures, missing)
    try:
        portrait = crop.portrait(image, look, engine, profile)
    except AskAgainError:
        return look, verdict.judge(sight)
    mask = engine.person(portrait.image)
    mask = background.person_by_fill(portrait.image) if mask is None else mask
    wall = background.wall_of(portrait.image, mask)
    return look, verdict.judge(replace(sight, wall=wall))


def _engine() -> Engine:
    opened = open_engine()
    if opened.reduced:
        typer.echo(f"reduced checks ({opened.reduced}), models: {models.folder()}", err=True)
    return opened.engine


def _read(path: Path) -> Image:
    try:
        data = path.read_bytes()
    except OSError as failed:
        raise typer.BadParameter(f"{path}: {failed.strerror}") from None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise typer.BadParameter(f"{path} is not a picture that can be read")
    return np.asarray(image, np.uint8)


if __name__ == "__main__":
    app()
