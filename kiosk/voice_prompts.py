# SPDX-License-Identifier: Apache-2.0
"""The sound of the booth's sentences: recorded by a person where there is such a file, else made
by Debian's synthesiser out of the very words that the screen shows.

``python -m kiosk.voice_prompts build`` makes a file of every catalogue sentence without named
places, ``... status`` tells whether all are there. A sentence with places (a finger's name, an
amount) is made when it is said, in a child with a deadline, and kept in memory only. What may be
said at all is `kiosk.voice.speakable`'s to decide.
"""

import hashlib
import os
import sys
import wave
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np

from kiosk import voice_maker
from kiosk.texts import LANGUAGES, MissingWordsError, catalogue, words
from kiosk.view import Text
from kiosk.voice import speakable
from kiosk.voice_maker import RATE_HZ, VoiceError

FOLDER = Path(__file__).resolve().parents[1] / "build" / "voice"
PAPER = ("receipts.po",)  # words that are only printed
PAUSE_S = 0.28  # between two sentences
_STAMP = "made-from"
_KEPT = 64  # sentences in memory


class Prompts:
    """Samples of sentences: signed 16 bit little endian, one channel, `RATE_HZ`.

    `folder`: what ``build`` made. `recorded`: files of a human voice, ``<language>/<key>.wav``
    (16 bit, one channel, 22050 a second); they come first. Never raises on a file.
    """

    def __init__(self, folder: Path = FOLDER, *, recorded: str | Path = "") -> None:
        self._folder, self._recorded = folder, Path(recorded) if recorded else None
        self._known: OrderedDict[tuple[str, Text], bytes] = OrderedDict()

    def samples(self, texts: tuple[Text, ...], language: str) -> bytes:
        """The sentences one after another; those that cannot be said are left out."""
        pause = bytes(2 * round(PAUSE_S * RATE_HZ))
        return pause.join(filter(None, (self._one(one, language) for one in texts)))

    def _one(self, what: Text, language: str) -> bytes:
        if not speakable(what):
            return b""
        key = (language, what)
        if key not in self._known:
            self._known[key] = self._found(what, language)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]

    def _found(self, what: Text, language: str) -> bytes:
        if not what.args and (said := self._by_a_person(what.key, language)):
            return said
        try:
            spoken = words(what, language)
        except MissingWordsError:
            return b""
        try:
            return _unpacked((self._folder / _name(language, spoken)).read_bytes())
        except (OSError, ValueError):
            pass
        try:
            return voice_maker.say(spoken, language)
        except VoiceError:
            return b""

    def _by_a_person(self, key: str, language: str) -> bytes:
        if self._recorded is None:
            return b""
        try:
            with wave.open(str(self._recorded / language / f"{key}.wav")) as file:
                if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (
                    1,
                    2,
                    RATE_HZ,
                ):
                    return b""
                return file.readframes(file.getnframes())
        except (OSError, EOFError, wave.Error):
            return b""


def _name(language: str, spoken: str) -> str:
    recipe = "\n".join((*voice_maker.recipe(language), spoken))
    return hashlib.sha256(recipe.encode()).hexdigest()[:24] + ".ulaw"


# -- files: 8 bits a sample (ITU-T G.711 mu-law); `aplay -t raw -f MU_LAW -r 22050` plays them

_BIAS, _CLIP = 132, 32635


def _packed(samples: bytes) -> bytes:
    linear = np.frombuffer(samples, "<i2").astype(np.int32) & ~3  # 14 bits
    size = np.minimum(np.abs(linear), _CLIP) + _BIAS
    power = np.floor(np.log2(size)).astype(np.int32) - 7
    low = (size >> (power + 3)) & 0x0F
    code = ~(np.where(linear < 0, 0x80, 0) | (power << 4) | low)
    return (code & 0xFF).astype(np.uint8).tobytes()


def _unpacked(data: bytes) -> bytes:
    if not data:
        raise ValueError("an empty prompt")
    code = ~np.frombuffer(data, np.uint8).astype(np.int32) & 0xFF
    size = ((((code & 0x0F) << 3) + _BIAS) << ((code >> 4) & 7)) - _BIAS
    return np.where(code & 0x80, -size, size).astype("<i2").tobytes()


# -- making them


def sentences() -> Iterator[tuple[str, str]]:
    """(language, words) of every catalogue sentence that has no named place and is not paper's."""
    for language in LANGUAGES:
        paper = catalogue_of(PAPER, language)
        said = {one for key, one in catalogue(language).items() if key not in paper}
        yield from ((language, one) for one in sorted(said) if "{" not in one)


def catalogue_of(files: tuple[str, ...], language: str) -> frozenset[str]:
    """The keys of some catalogue files."""
    from babel.messages.pofile import read_po

    found: set[str] = set()
    for name in files:
        with resources.files("kiosk.texts").joinpath(language, name).open("rb") as file:
            found |= {message.id for message in read_po(file) if isinstance(message.id, str)}
    return frozenset(found)


def _made_from() -> str:
    """A digest of the catalogues and of how they are said."""
    digest = hashlib.sha256()
    for language in LANGUAGES:
        digest.update("\n".join(voice_maker.recipe(language)).encode())
        folder = resources.files("kiosk.texts").joinpath(language)
        for entry in sorted(folder.iterdir(), key=lambda one: one.name):
            if entry.name.endswith(".po"):
                digest.update(entry.read_bytes())
    return digest.hexdigest()


def complete(folder: Path = FOLDER) -> bool:
    """Whether `build` has run to its end on the present catalogues."""
    try:
        return (folder / _STAMP).read_text() == _made_from()
    except OSError:
        return False


def can_speak() -> bool:
    """Whether there is anything to say: made sentences, or a synthesiser."""
    return (FOLDER / _STAMP).exists() or voice_maker.available()


def build(folder: Path = FOLDER, tell: Callable[[str], None] = lambda line: None) -> int:
    """Makes what is missing, removes what no catalogue says any more; gives the number of files.

    May be interrupted and run again. Raises VoiceError: no synthesiser, or it failed; OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stamp = _made_from()
    wanted = {_name(language, said): (language, said) for language, said in sentences()}
    there = {path.name for path in folder.iterdir()} - {_STAMP}
    missing = sorted(wanted.keys() - there)

    def make(name: str) -> None:
        language, said = wanted[name]
        fresh = folder / f".{name}.{os.getpid()}"
        fresh.write_bytes(_packed(voice_maker.say(said, language, patience_s=60.0)))
        fresh.replace(folder / name)

    with ThreadPoolExecutor(os.cpu_count() or 1) as hands:
        for count, _ in enumerate(hands.map(make, missing), 1):
            if count % 50 == 0 or count == len(missing):
                tell(f"sentence {count}/{len(missing)}")
    for name in there - wanted.keys():
        (folder / name).unlink(missing_ok=True)
    (folder / _STAMP).write_text(stamp)
    return len(wanted)


def main(arguments: list[str]) -> int:
    """``build`` or ``status``; 0 when every sentence is there."""
    match arguments:
        case ["status"]:
            there = complete()
            _print("all spoken sentences are there" if there else "spoken sentences are missing")
            return 0 if there else 1
        case ["build"]:
            try:
                count = build(tell=_print)
            except (VoiceError, OSError) as wrong:
                _print(f"the spoken sentences could not be made: {wrong}")
                return 1
            _print(f"{count} spoken sentences in {FOLDER}")
            return 0
    _print("usage: python -m kiosk.voice_prompts build|status")
    return 2


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
