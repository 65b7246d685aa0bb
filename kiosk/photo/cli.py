# SPDX-License-Identifier: Apache-2.0
"""Commands for a technician: judge picture files, cut a portrait out of one, map native values.

Exit status: 0 done, 1 the picture shows no person whose portrait can be cut, 2 wrong usage (also
an unknown profile), 3 a file that is no usable picture, 4 the portrait cannot be written. Refusals
are one line on standard error.
"""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from drivers.errors import AskAgainError
from kiosk.photo import crop, models, pictures, profile, still
from kiosk.photo.calibrate_cli import calibrate_command
from kiosk.photo.engine import Opened, open_engine
from kiosk.photo.map_cli import map_command
from kiosk.photo.mapping import MAPPINGS
from kiosk.photo.pictures import PictureError
from kiosk.photo.profile import Profile
from kiosk.photo.still import Still
from kiosk.texts.catalogue import catalogue

app = typer.Typer(help="Judge and crop pictures as the photo booth does.", no_args_is_help=True)
app.command("map")(map_command)
app.command("calibrate")(calibrate_command)

NO_PORTRAIT, USAGE, NO_PICTURE, NOT_WRITTEN = 1, 2, 3, 4

_Picture = Annotated[Path, typer.Argument(help="JPEG, PNG, WebP, BMP or TIFF file")]
_Profile = Annotated[str, typer.Option(help="a shipped profile's name, or a .toml file")]
_Json = Annotated[bool, typer.Option("--json", help="one JSON object a picture, a line each")]


@app.command()
def judge(
    images: Annotated[list[Path], typer.Argument(help="JPEG, PNG, WebP, BMP or TIFF files")],
    as_json: _Json = False,
    profile: _Profile = "ga461_2004",
) -> None:
    """Says what the booth thinks of each picture: verdict, reason, native values and scores.

    Status 1 when one shows no person whose portrait can be cut, 3 when one is no usable picture;
    the others are judged all the same.
    """
    wanted, opened = _profile(profile), _engine()
    status = 0
    for path in images:
        try:
            picture = pictures.read(path)
        except PictureError as wrong:
            status = max(status, NO_PICTURE)
            _refuse(f"{_name(path)}: {wrong}")
            if as_json:
                typer.echo(json.dumps({"file": _name(path), "ok": False, "error": str(wrong)}))
            continue
        found = still.judge(picture.image, opened.engine, wanted)
        status = max(status, NO_PORTRAIT if found.verdict.blocks else 0)
        answer = _answer(path, found, opened)
        typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else _plain(answer))
    raise typer.Exit(status)


@app.command(name="crop")
def crop_command(
    image: _Picture,
    out: Annotated[Path, typer.Argument(help="file to write the portrait to, a JPEG")],
    profile: _Profile = "ga461_2004",
    as_json: _Json = False,
) -> None:
    """Cuts the portrait out of IMAGE by the profile's figures and writes it to OUT, or nothing."""
    wanted, opened = _profile(profile), _engine()
    try:
        picture = pictures.read(image)
    except PictureError as wrong:
        raise _stop(f"{_name(image)}: {wrong}", NO_PICTURE) from None
    if pictures.same(image, out):
        raise _stop(f"{_name(out)}: is the picture itself; name another file", NOT_WRITTEN)
    look = opened.engine.look(picture.image, None, sweep=True, refine=True)
    try:
        if look.face is not None and still.crowded(look):
            raise AskAgainError("photo.several_faces")
        made = crop.portrait(picture.image, look, opened.engine, wanted)
    except AskAgainError as refused:
        if as_json:
            typer.echo(json.dumps({"file": _name(image), "ok": False, "reason": refused.code}))
        raise _stop(f"{_name(image)}: {_words(refused.code)}", NO_PORTRAIT) from None
    if picture.grey:
        raise _stop(f"{_name(image)}: has no colour, and a portrait is in colour", NO_PICTURE)
    try:
        pictures.write(out, made.jpeg)
    except PictureError as wrong:
        raise _stop(f"{_name(out)}: {wrong}", NOT_WRITTEN) from None
    answer = {
        "file": _name(out),
        "ok": True,
        "profile": wanted.name,
        "engine": look.source.value,
        "reduced": bool(opened.reduced),
        "bytes": len(made.jpeg),
        "quality": made.quality,
        "face_width_px": round(made.face_width_px, 1),
        "top_px": round(made.top_px, 1),
        "eyes_to_bottom_px": round(made.eye_line_px, 1),
        "flags": list(made.flags),
    }
    typer.echo(json.dumps(answer) if as_json else _plain(answer))


def _answer(path: Path, found: Still, opened: Opened) -> dict[str, Any]:
    look, judged = found.look, found.verdict
    return {
        "file": _name(path),
        "ok": judged.ok,
        "reason": judged.reason_key,
        "remedy": judged.remedy_key,
        "blocks": judged.blocks,
        "reasons": list(judged.reasons),
        "engine": look.source.value,
        "reduced": bool(opened.reduced),
        "reduced_reason": opened.reduced,
        "faces": (look.face is not None) + len(look.others),
        "size": [look.width, look.height],
        "values": {key: round(value, 5) for key, value in judged.values.items()},
        "scores": {key: int(score) for key, score in judged.scores.items()},
        "standard": {
            name: {"value": round(one.value, 5), "score": one.score}
            for name, one in found.standard.items()
        },
        "not_assessed": [name for name in MAPPINGS if name not in found.standard],
    }


def _plain(answer: dict[str, Any]) -> str:
    """The answer for a person's eyes."""
    lines = [answer["file"]]
    if "reason" in answer:
        lines.append(f"  {_words(answer['reason'])}. {_words(answer['remedy'])}.")
        lines += [f"  also: {_words(reason)}" for reason in answer["reasons"][1:]]
    for key in ("engine", "faces", "bytes", "quality", "face_width_px", "top_px"):
        if key in answer:
            lines.append(f"  {key} {answer[key]}")
    if "eyes_to_bottom_px" in answer:
        lines.append(f"  eyes_to_bottom_px {answer['eyes_to_bottom_px']}")
    lines += [f"  {flag}" for flag in answer.get("flags", ())]
    for name, one in answer.get("standard", {}).items():
        lines.append(f"  {name:<28} {one['value']:>12.4f} {one['score']:>4}")
    return "\n".join(lines)


def _name(path: Path) -> str:
    """A file's name as text in one line, whatever bytes it is made of."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _words(key: str) -> str:
    return catalogue("en").get(key, key)


def _profile(name: str) -> Profile:
    try:
        return profile.find(name)
    except profile.ProfileError as wrong:
        raise _stop(str(wrong), USAGE) from None


def _engine() -> Opened:
    opened = open_engine()
    if opened.reduced:
        _refuse(f"reduced checks ({opened.reduced}), models: {models.folder()}")
    return opened


def _refuse(sentence: str) -> None:
    typer.echo(" ".join(sentence.split()), err=True)


def _stop(sentence: str, status: int) -> typer.Exit:
    _refuse(sentence)
    return typer.Exit(status)


if __name__ == "__main__":
    app()
