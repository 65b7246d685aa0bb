# SPDX-License-Identifier: Apache-2.0
"""How the screens run: the panel, the language to begin with, and the door for scripts."""

from dataclasses import dataclass
from pathlib import Path

from ui.theme import PX_PER_MM


@dataclass(frozen=True, slots=True)
class Options:
    """Settings of the screens.

    `width`, `height`: the window in px (ignored when `fullscreen`: the panel's own are taken).
    `dpi`: px per inch of the panel (``panel.dpi``); the default makes 1.4 mm 8 px.
    `control`: path of the unix socket for scripts and tests; None: there is no such door.
    `home`: a writable folder for Kivy; None: one in the temporary folder.
    `strict`: a message key without words raises (tests) instead of leaving its place empty.
    """

    width: int = 1280
    height: int = 800
    dpi: float = PX_PER_MM * 25.4
    fullscreen: bool = False
    language: str = "zh"
    control: Path | None = None
    home: Path | None = None
    strict: bool = False
