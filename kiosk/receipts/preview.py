# SPDX-License-Identifier: Apache-2.0
"""See a slip without a printer: ``kiosk receipt preview --kind loss --out slip.png``.

The same code draws what is printed. The person on it is invented.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from kiosk.receipts.blocks import (
    Banner,
    Block,
    Code,
    Kind,
    Note,
    Number,
    Row,
    Slip,
    Title,
    Words,
)
from kiosk.receipts.raster import LARGEST, render
from kiosk.receipts.samples import APPLICATION, SAMPLES
from kiosk.receipts.slip import build_slip
from kiosk.texts import LANGUAGES

SAMPLE = APPLICATION
PAPERS: Mapping[str, int] = MappingProxyType({"58": 384, "80": 576, "384": 384, "576": 576})
"""Paper in millimetres, or dots across."""

# Scripts that no catalogue has yet: how they are set is shown with a sentence after the first
# article of the Universal Declaration of Human Rights. It translates nothing on the slip, and no
# reader of Tibetan or Mongolian has checked its spelling.
SCRIPTS: Mapping[str, str] = MappingProxyType(
    {
        "ug": "ھەممە ئادەم تۇغۇلۇشىدىنلا ئەركىن، ئىززەت-ھۆرمەت ۋە ھوقۇقتا "
        "باب-باراۋەر بولۇپ تۇغۇلغان.",
        "bo": "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌། ཐོབ་ཐངགི་རང་དབང་འདྲ་མཉམ་དུ་ཡོད་ལ།",
        "mn": "ᠬᠦᠮᠦᠨ ᠪᠦᠷ ᠲᠥᠷᠥᠵᠦ ᠮᠡᠨᠳᠡᠯᠡᠬᠦ ᠡᠷᠬᠡ ᠴᠢᠯᠥᠭᠡ ᠲᠡᠢ᠂ ᠠᠳᠠᠯᠢᠬᠠᠨ ᠨᠡᠷ᠎ᠡ ᠲᠥᠷᠥ ᠲᠡᠢ᠃",
    }
)

_PIECE = re.compile("[^ \u0f0b]+[ \u0f0b]?")  # words, Tibetan syllables


def preview(
    out: Annotated[Path, typer.Option(help="Where the PNG goes.")],
    kind: Annotated[str, typer.Option(help=", ".join(Kind))] = Kind.RECEIVED.value,
    language: Annotated[
        str,
        typer.Option("--language", "--lang", help=f"{', '.join((*LANGUAGES, *SCRIPTS))}"),
    ] = "zh",
    width: Annotated[str, typer.Option(help="Paper: 58 or 80 (mm), 384 or 576 (dots).")] = "80",
    scale: Annotated[float, typer.Option(help="Larger type: 1 to 2.")] = 1.0,
) -> None:
    """Draw a sample slip as it would come out of the printer."""
    if kind not in list(Kind):
        raise typer.BadParameter(", ".join(Kind), param_hint="--kind")
    if language not in LANGUAGES and language not in SCRIPTS:
        raise typer.BadParameter(", ".join((*LANGUAGES, *SCRIPTS)), param_hint="--language")
    if width not in PAPERS:
        raise typer.BadParameter("58 or 80", param_hint="--width")
    if not 1 <= scale <= LARGEST:
        raise typer.BadParameter(f"1 to {LARGEST:g}", param_hint="--scale")
    words = language if language in LANGUAGES else LANGUAGES[-1]
    slip = build_slip(kind, SAMPLES[Kind(kind)], words)
    if language in SCRIPTS:
        typer.echo(f"no words in '{language}' yet: a sample sentence shows its script", err=True)
        slip = in_script(slip, SCRIPTS[language])
    image = render(slip, PAPERS[width], scale)
    image.save(out)
    typer.echo(f"{out}: {image.width} x {image.height} dots, {image.height / 8:.0f} mm of paper")


def in_script(slip: Slip, sentence: str) -> Slip:
    """`slip` with about as much of `sentence` as its second language takes, wherever it stands."""
    pieces = _PIECE.findall(sentence)

    def shown(words: Words) -> Words:
        other = ""
        for piece in cycle(pieces):
            if len(other) >= 0.8 * len(words.second):
                break
            other += piece
        return replace(words, second=other.strip())

    def block(one: Block) -> Block:
        match one:
            case Title(words) | Banner(words) | Note(words):
                return replace(one, words=shown(words))
            case Number(label):
                return replace(one, label=shown(label))
            case Row(label, value):
                return replace(one, label=shown(label), value=shown(value))
            case Code(_, beside):
                return replace(one, beside=tuple(shown(words) for words in beside))
            case _:
                return one

    return replace(slip, blocks=tuple(block(one) for one in slip.blocks))


if __name__ == "__main__":
    typer.run(preview)
