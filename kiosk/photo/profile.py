# SPDX-License-Identifier: Apache-2.0
"""Portrait formats as data: one TOML file each in ``kiosk/photo/profiles``."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "profiles"
_SIDE_MOST = 10_000


class ProfileError(Exception):
    """A profile cannot be used; the text says which line of it and why."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Lengths in pixels of the portrait unless the name says otherwise.

    `face_width_factor` turns the mesh's cheek-to-cheek width into the standard's "face width",
    which it does not define: 1.0 reads it as cheek to cheek, about 1.2 as ear to ear.
    """

    name: str
    width: int = 358
    height: int = 441
    dpi: int = 350
    face_width: int = 207
    face_width_tolerance: int = 14
    face_width_factor: float = 1.0
    top: int = 14  # hair to upper edge, aim
    top_least: int = 7
    top_most: int = 21
    eyes_to_bottom: int = 207  # at least; wins over the top margin
    chin_to_bottom: int = 20
    quality: int = 70
    bytes_least: int = 14_000
    bytes_most: int = 20_000


def read(path: Path) -> Profile:
    """The profile in a TOML file; its name is the file's, what it leaves out is GA 461-2004's.

    Raises:
        ProfileError: no such file, not TOML, an unknown line, or a figure that cannot be.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as failed:
        raise ProfileError(f"{path}: {failed.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as failed:
        raise ProfileError(f"{path} is not TOML: {failed}") from None
    known = {field.name: field.type for field in fields(Profile) if field.name != "name"}
    for key, value in given.items():
        if key not in known:
            raise ProfileError(f"{path}: {key} is not known; known are {', '.join(known)}")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or (known[key] is int and not isinstance(value, int)):
            raise ProfileError(f"{path}: {key} is not a number of its kind")
    made = Profile(path.stem, **given)
    _check(made, path)
    return made


def _check(p: Profile, path: Path) -> None:
    rules = {
        f"width and height are 16 to {_SIDE_MOST}": min(p.width, p.height) >= 16
        and max(p.width, p.height) <= _SIDE_MOST,
        "dpi is 1 to 65535": 1 <= p.dpi <= 65535,
        "face_width lies within the width": 0 < p.face_width <= p.width,
        "face_width_tolerance is less than the face": 0 <= p.face_width_tolerance < p.face_width,
        "face_width_factor is 0.5 to 2": 0.5 <= p.face_width_factor <= 2,
        "top_least <= top <= top_most": 0 <= p.top_least <= p.top <= p.top_most,
        "eyes_to_bottom and the top lie within the height": p.top_most
        < p.height - p.eyes_to_bottom
        < p.height,
        "chin_to_bottom is less than eyes_to_bottom": 0 <= p.chin_to_bottom < p.eyes_to_bottom,
        "quality is 60 to 85": 60 <= p.quality <= 85,
        "bytes_least <= bytes_most": 0 <= p.bytes_least <= p.bytes_most,
    }
    for rule, holds in rules.items():
        if not holds:
            raise ProfileError(f"{path}: {rule}")


class _Shipped(Mapping[str, Profile]):
    """The profiles that come with the booth, read when first asked for."""

    def __getitem__(self, name: str) -> Profile:
        if name not in _names():
            raise KeyError(name)
        return _shipped(name)

    def __iter__(self) -> Iterator[str]:
        return iter(_names())

    def __len__(self) -> int:
        return len(_names())


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@cache
def _shipped(name: str) -> Profile:
    return read(_FOLDER / f"{name}.toml")


PROFILES: Mapping[str, Profile] = _Shipped()
"""By name. A further one is a further file."""


def find(name_or_file: str) -> Profile:
    """A shipped profile by its name, or the one in a file that ends in ``.toml``.

    Raises:
        ProfileError: there is no such profile, or it cannot be used.
    """
    if name_or_file in PROFILES:
        return PROFILES[name_or_file]
    if name_or_file.endswith(".toml"):
        return read(Path(name_or_file))
    raise ProfileError(f"unknown profile {name_or_file}; known are {', '.join(PROFILES)}")
