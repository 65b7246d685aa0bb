# SPDX-License-Identifier: Apache-2.0
"""The module's elementary acts, of which single and automatic instructions are made.

Each does its work at the moment `due` and gives the confirmation code; none takes time by itself.
"""

from typing import TYPE_CHECKING, Final

from firmware_io.codecs.ef01_tables import Code
from firmware_io.emulators.ef01 import fingers
from firmware_io.emulators.ef01.fingers import Press

if TYPE_CHECKING:
    from firmware_io.emulators.ef01.module import Module

# What Img2Tz says of a press that gives no features: with codes 04, 05 and 17, and without.
REFUSED: Final = {
    "poor": (Code.TOO_MESSY, Code.TOO_MESSY),
    "dry": (Code.TOO_DRY, Code.TOO_FEW_FEATURES),
    "wet": (Code.TOO_WET, Code.TOO_MESSY),
    "small": (Code.TOO_FEW_FEATURES, Code.TOO_FEW_FEATURES),
    "residual": (Code.RESIDUAL_PRINT, Code.TOO_MESSY),
    "ghost": (Code.TOO_MESSY, Code.TOO_MESSY),
}


def take_image(module: "Module", press: Press | None, due: float) -> Code:
    """An image of `press`, if it still lies there and the sensor works."""
    module.count_capture()
    if module.faults.blind or press is None or module.window.press is not press:
        return Code.CAPTURE_FAILED
    if press.quality == "fails":
        return Code.CAPTURE_FAILED
    module.ram.image, module.ram.binary = press, False
    module.window.notice("imaged", due)
    return Code.OK


def read_features(module: "Module", number: int, due: float) -> Code:
    """Features of the image into buffer `number`."""
    press = module.ram.image
    if press is None:
        return Code.NO_IMAGE
    if not isinstance(press, Press):
        return Code.TOO_MESSY  # the host's own picture: no ridges in it
    if press.quality in REFUSED:
        told, told_by_others = REFUSED[press.quality]
        return told if module.profile.wet_and_dry else told_by_others
    features = fingers.features(press, module.profile.char_bytes, module.seed)
    module.ram.buffers[buffer(module, number)] = features
    module.window.notice("taken", due)
    return Code.OK


def buffer(module: "Module", number: int) -> int:
    """ZFM manuals: 1 is the first buffer, any other value the last."""
    return number if 1 <= number <= module.profile.buffers else 2


def pages(module: "Module", start: int, count: int) -> list[int]:
    """The pages in use among `count` from `start`, in order."""
    return [page for page in sorted(module.flash.pages) if start <= page < start + count]


def free_page(module: "Module") -> int | None:
    """The first page not in use; None when the library is full."""
    whole = range(module.profile.flash_pages)
    return next((page for page in whole if page not in module.flash.pages), None)


def find(module: "Module", number: int, among: list[int], level: int) -> tuple[int, int] | None:
    """Page and score of the best match of buffer `number`; of equals the first page."""
    wanted = module.ram.buffers.get(buffer(module, number), b"")
    size, best = module.profile.char_bytes, (0, 0)
    for page in among:
        content = module.flash.pages.get(page, b"")
        score = fingers.score(fingers.likeness(wanted, content, size), level)
        best = max(best, (score, -page))
    module.ram.matched = best[0] > 0
    return (-best[1], best[0]) if best[0] else None


def merge(module: "Module", numbers: list[int]) -> Code:
    """One template of these buffers, into the first two; the others are empty then."""
    profile = module.profile
    presses = [module.ram.buffers[number] for number in numbers]
    if len(presses) < 2:
        return Code.NOT_MERGED
    template = fingers.merge(
        presses, profile.char_bytes, profile.template_bytes, module.flash.security
    )
    if template is None:
        return Code.NOT_MERGED
    module.ram.buffers = {1: template, 2: template}
    return Code.OK


def store(module: "Module", number: int, page: int) -> Code:
    """Buffer `number` into a page of the library."""
    content = module.ram.buffers.get(buffer(module, number))
    if page >= module.profile.flash_pages:
        return Code.PAGE_OUT_OF_RANGE
    if content is None:
        return Code.FLASH_FAULT
    module.flash.pages[page] = content
    module.flash.save()
    return Code.OK
