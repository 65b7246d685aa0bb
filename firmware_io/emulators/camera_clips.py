# SPDX-License-Identifier: Apache-2.0
"""Clips for the emulated camera, made from one real photograph of a face.

The photograph is ``skimage/data/astronaut.png`` of the scikit-image package (NASA, public domain,
512x512). It is placed before a white wall by the selfie mask, moved a little as a sitting person
moves, and given a camera's noise. One face, one light: clips test plumbing and rules, and say
nothing about accuracy on people. All but the face itself is painted and bent: synthetic.

``python -m firmware_io.emulators.camera_clips build --out build/clips`` makes ``NAME.zip`` files of
numbered JPEG pictures and costs nothing when they are there already.
"""

import argparse
import hashlib
import importlib.util
import io
import os
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from firmware_io.emulators.camera_clips_paint import Image
from firmware_io.emulators.camera_clips_sitter import FPS, ClipError, Scene, Sitter

__all__ = ["FPS", "LOOKS", "ClipError", "Scene", "Sitter", "build", "photograph", "pictures"]

VERSION = "3"
_QUALITY = 88
_FACE_SHA256 = "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"
# Frames of a look in which nothing happens in time. Its sway is smaller, so that nobody hurries.
_SHORT, _BRIEF = 20, 12

LOOKS: dict[str, Scene] = {
    "good": Scene(frames=60),
    "away": Scene(frames=_SHORT, sway=4.0, turned=0.55),
    "far": Scene(frames=_SHORT, sway=4.0, face_width=130.0),
    "near": Scene(frames=_SHORT, sway=4.0, face_width=400.0, y=360.0),
    "left": Scene(
        frames=_SHORT, sway=4.0, x=1110.0
    ),  # the person's own left, the right side of an unmirrored picture
    "dark": Scene(frames=_SHORT, sway=4.0, gain=0.05),
    "two": Scene(frames=_SHORT, sway=4.0, x=500.0, companion=True),
    "closed": Scene(frames=_SHORT, sway=4.0, closed=True),
    "empty": Scene(frames=_SHORT, sway=4.0, empty=True),
    "tilt": Scene(frames=_SHORT, sway=4.0, roll=15.0, y=380.0),
    "neutral": Scene(neutral=True, frames=30),
    "blink": Scene(neutral=True, blink=True, frames=45, sway=4.0),
    "moving": Scene(neutral=True, frames=60, sway=100.0),
    "chin_up": Scene(neutral=True, chin=-0.45, frames=_BRIEF, sway=2.0),
    "chin_down": Scene(neutral=True, chin=0.4, frames=_BRIEF, sway=2.0),
    "glasses": Scene(neutral=True, wear="glasses", frames=_BRIEF, sway=2.0),
    "sunglasses": Scene(neutral=True, wear="sunglasses", frames=_BRIEF, sway=2.0),
    "glint": Scene(neutral=True, wear="glint", frames=_BRIEF, sway=2.0),
    "mask": Scene(neutral=True, wear="mask", frames=_BRIEF, sway=2.0),
    "bright": Scene(neutral=True, gain=1.7, frames=_BRIEF, sway=2.0),
    "sidelight": Scene(neutral=True, side_light=1.0, frames=_BRIEF, sway=2.0),
    "wall": Scene(neutral=True, wall="blue", frames=_BRIEF, sway=2.0),
}


def build(out: Path, models: Path, tell: Callable[[str], None] = lambda _text: None) -> list[Path]:
    """Makes every clip that is not in `out` yet; returns all their paths.

    Raises:
        ClipError: the photograph or the mask's model is missing.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = {name: out / f"{name}.zip" for name in LOOKS}
    wanted = [name for name, path in paths.items() if not _current(path)]
    if wanted:
        person = Sitter(photograph(), models)

        def make(name: str) -> None:
            _store(paths[name], person, LOOKS[name], seed=sum(name.encode()))
            tell(name)

        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # the work is outside Python's lock
            list(pool.map(make, wanted))
    return list(paths.values())


def pictures(person: "Sitter", scene: Scene, seed: int) -> list[Image]:
    """The scene's frames, HxWx3 BGR; the last leads back to the first."""
    noise = np.random.default_rng(seed)
    return [person.frame(scene, 2.0 * np.pi * k / scene.frames, noise) for k in range(scene.frames)]


def photograph() -> Image:
    """The face, 512x512x3 BGR.

    Raises:
        ClipError: scikit-image is not installed, or its picture differs.
    """
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        raise ClipError("the package scikit-image is missing; install the dev dependencies")
    data = (Path(found.origin).parent / "data" / "astronaut.png").read_bytes()
    if hashlib.sha256(data).hexdigest() != _FACE_SHA256:
        raise ClipError("the photograph in scikit-image is not the expected one")
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _store(path: Path, person: Sitter, scene: Scene, seed: int) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = _stamp(scene)
        for number, image in enumerate(pictures(person, scene, seed)):
            good, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
            if not good:
                raise ClipError("OpenCV could not write a JPEG")
            archive.writestr(f"{number:04d}.jpg", jpeg.tobytes())
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(data.getvalue())
    os.replace(part, path)


def _stamp(scene: Scene) -> bytes:
    return f"idbooth clip {VERSION} {FPS} {scene}".encode()


def _current(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == _stamp(LOOKS[path.stem])
    except (OSError, zipfile.BadZipFile):
        return False


def _repository(part: str) -> Path:
    return Path(__file__).resolve().parents[2] / "build" / part


def default_models() -> Path:
    """Where the face models are: ``IDBOOTH_MODELS``, else ``build/models``."""
    chosen = os.environ.get("IDBOOTH_MODELS")
    return Path(chosen) if chosen else _repository("models")


def default_clips() -> Path:
    """Where clips are kept: ``build/clips``."""
    return _repository("clips")


def main(arguments: list[str]) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m firmware_io.emulators.camera_clips")
    parser.add_argument("command", choices=["build"])
    parser.add_argument("--out", type=Path, default=default_clips())
    parser.add_argument("--models", type=Path, default=default_models())
    given = parser.parse_args(arguments)
    try:
        paths = build(given.out, given.models, lambda name: print(f"camera clips: {name}"))
    except ClipError as refused:
        print(f"camera clips: {refused}", file=sys.stderr)
        return 1
    print(f"camera clips: {len(paths)} in {given.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
