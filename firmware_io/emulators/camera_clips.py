# SPDX-License-Identifier: Apache-2.0
"""Clips for the emulated camera, made from one real photograph of a face.

The photograph is ``skimage/data/astronaut.png`` of the scikit-image package (NASA, public domain,
512x512). It is placed before a white wall by the selfie mask, moved a little as a sitting person
moves, and given a camera's noise. One face, one light: clips test plumbing and rules, and say
nothing about accuracy on people. Closed eyes and the turned head are painted and bent: synthetic.

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
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

VERSION = "2"
WIDTH, HEIGHT, FPS = 1280, 720, 30
WALL = 245
_NOISE = 2.0
_QUALITY = 88
_FACE_SHA256 = "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"
_FACE_AT = (225.0, 128.0)  # middle of the face in the photograph
_FACE_WIDTH = 94.0
_LEVEL_DEG = 3.5  # the eyes of the photograph slope by so much
_SELFIE = "selfie_segmentation.tflite"
_SELFIE_PX = 256
# Lid outlines in the photograph, outer corner first, along the upper lid and back along the lower
# (points of the MediaPipe face mesh fitted to it).
_RIGHT_LIDS = (
    (194.0, 101.0),
    (194.9, 100.3),
    (196.1, 99.3),
    (198.4, 98.1),
    (202.2, 97.6),
    (205.9, 98.2),
    (209.5, 100.0),
    (212.1, 102.5),
    (213.3, 104.0),
    (212.5, 104.2),
    (210.6, 104.3),
    (207.3, 104.6),
    (203.7, 104.6),
    (200.0, 104.0),
    (197.4, 103.2),
    (195.6, 102.3),
)
_LEFT_LIDS = (
    (256.9, 104.5),
    (256.1, 103.6),
    (254.9, 102.5),
    (252.6, 101.0),
    (248.9, 100.0),
    (245.1, 100.3),
    (241.3, 101.8),
    (238.4, 104.0),
    (237.1, 105.3),
    (237.9, 105.6),
    (239.8, 106.0),
    (243.0, 106.6),
    (246.6, 107.0),
    (250.4, 106.8),
    (253.1, 106.3),
    (255.1, 105.6),
)
_LID_POINTS = 9  # of the upper lid, both corners included

Image = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


class ClipError(Exception):
    """Clips cannot be made; the text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Scene:
    """How the person sits. Lengths in pixels of the 1280x720 frame, roll clockwise in degrees."""

    face_width: float = 240.0
    x: float = 640.0
    y: float = 330.0
    roll: float = 0.0
    gain: float = 1.0
    frames: int = 30
    closed: bool = False
    turned: float = 0.0
    companion: bool = False
    empty: bool = False


LOOKS: dict[str, Scene] = {
    "good": Scene(frames=60),
    "away": Scene(turned=0.55),
    "far": Scene(face_width=130.0),
    "near": Scene(face_width=400.0, y=360.0),
    "left": Scene(x=1110.0),  # the person's own left, the right side of an unmirrored picture
    "dark": Scene(gain=0.05),
    "two": Scene(x=500.0, companion=True),
    "closed": Scene(closed=True),
    "empty": Scene(empty=True),
    "tilt": Scene(roll=15.0, y=380.0),
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


class Sitter:
    """The photograph with its mask, ready to be placed."""

    def __init__(self, photo: Image, models: Path) -> None:
        self._photo = photo
        self._alpha = _mask(photo, models)
        self._bent = _bend(np.dstack([photo, self._alpha]), LOOKS["away"].turned)

    def frame(self, scene: Scene, phase: float, noise: np.random.Generator) -> Image:
        """One 1280x720 picture of `scene`; `phase` 0..2 pi is the place in its slow movement."""
        canvas = np.full((HEIGHT, WIDTH, 3), WALL, np.float32)
        if scene.companion:
            beside = Scene(face_width=170.0, x=1010.0 + 4 * np.cos(phase), y=300.0)
            self._place(canvas, beside, 0.5 * np.sin(2 * phase), mirror=True)
        if not scene.empty:
            drift = Scene(
                face_width=scene.face_width * (1.0 + 0.004 * np.sin(2 * phase)),
                x=scene.x + 6.0 * np.sin(phase),
                y=scene.y + 3.0 * np.sin(2 * phase + 1.0),
                closed=scene.closed,
                turned=scene.turned,
            )
            self._place(canvas, drift, scene.roll + 0.7 * np.sin(phase + 0.5), mirror=False)
        canvas *= scene.gain
        canvas += _NOISE * noise.standard_normal((HEIGHT, WIDTH, 1), np.float32)
        return np.clip(canvas, 0, 255, out=canvas).astype(np.uint8)

    def _place(
        self, canvas: npt.NDArray[np.float32], scene: Scene, roll: float, *, mirror: bool
    ) -> None:
        source = self._bent if scene.turned else np.dstack([self._photo, self._alpha])
        at = _FACE_AT
        if mirror:
            source, at = np.ascontiguousarray(source[:, ::-1]), (511.0 - at[0], at[1])
        level = -_LEVEL_DEG if mirror else _LEVEL_DEG
        turn = cv2.getRotationMatrix2D(at, level - roll, scene.face_width / _FACE_WIDTH)
        turn[:, 2] += np.array([scene.x, scene.y]) - at
        layer = cv2.warpAffine(
            source, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT
        )
        colour = layer[:, :, :3].astype(np.float32)
        if scene.closed:
            for lids in (_RIGHT_LIDS, _LEFT_LIDS):
                colour = _shut(colour, np.asarray(turn, np.float64), np.array(lids))
        alpha = layer[:, :, 3:].astype(np.float32) / 255.0
        canvas[:] = colour * alpha + canvas * (1.0 - alpha)


def _mask(photo: Image, models: Path) -> Image:
    """How much of each pixel is person, 0..255."""
    path = models / _SELFIE
    if not path.is_file():
        raise ClipError(f"{path} is missing; run: python -m kiosk.photo.models fetch")
    net = cv2.dnn.readNetFromTFLite(str(path))
    net.setInput(cv2.dnn.blobFromImage(photo, 1 / 255.0, (_SELFIE_PX, _SELFIE_PX), swapRB=True))
    mask = net.forward().reshape(_SELFIE_PX, _SELFIE_PX)
    mask = cv2.resize(mask, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip((mask - 0.3) / 0.5, 0, 1) * 255, np.uint8)


def _bend(layer: Image, amount: float) -> Image:
    """The head turned aside: pixels move sideways by how far they stand out towards the camera.

    A bump of one third of a face width about the nose stands for the head's depth.
    """
    y, x = np.mgrid[0 : layer.shape[0], 0 : layer.shape[1]].astype(np.float32)
    across = (x - _FACE_AT[0]) / (0.3 * _FACE_WIDTH)
    along = (y - _FACE_AT[1]) / (0.75 * _FACE_WIDTH)
    depth = _FACE_WIDTH / 3.0 * np.exp(-(across**2) - along**2)
    source = np.asarray(x - depth * amount, np.float32)
    return np.asarray(
        cv2.remap(layer, source, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _shut(
    colour: npt.NDArray[np.float32], turn: Matrix, lids: npt.NDArray[np.float64]
) -> npt.NDArray[np.float32]:
    """Paints one eye shut: lid-coloured down to the lower lid, with a lash line."""
    points = lids @ turn[:, :2].T + turn[:, 2]
    eye_width = float(np.linalg.norm(points[_LID_POINTS - 1] - points[0]))
    above = points[1 : _LID_POINTS - 1] - (0.0, 0.18 * eye_width)
    rows, columns = np.round(above[:, 1]).astype(int), np.round(above[:, 0]).astype(int)
    inside = (rows >= 0) & (rows < HEIGHT) & (columns >= 0) & (columns < WIDTH)
    if not inside.any():
        return colour
    skin = np.median(colour[rows[inside], columns[inside]], axis=0)
    lid = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(lid, [np.round(points).astype(np.int32)], 1.0)
    grown = cv2.dilate(lid, np.ones((5, 5), np.uint8))
    soft = cv2.GaussianBlur(grown, (0, 0), max(1.0, 0.03 * eye_width))[:, :, None]
    painted = colour * (1.0 - soft) + skin.astype(np.float32) * soft
    lower = np.vstack([points[_LID_POINTS - 1 :], points[:1]])
    lash = np.zeros((HEIGHT, WIDTH), np.float32)
    thick = max(1, round(0.05 * eye_width))
    cv2.polylines(lash, [np.round(lower).astype(np.int32)], False, 1.0, thick)
    lash = cv2.GaussianBlur(lash, (0, 0), 1.0)[:, :, None]
    return np.asarray(painted * (1.0 - 0.65 * lash), np.float32)


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
