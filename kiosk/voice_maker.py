# SPDX-License-Identifier: Apache-2.0
"""Words to samples through espeak-ng, Debian's synthesiser, in a child with a deadline.

Chinese needs the voice ``cmn-latn-pinyin``: with espeak-ng 1.51 (Debian 12) the voice ``cmn`` turns
characters into pinyin and reads that as English ("qing3" becomes an English word and a number);
github.com/espeak-ng/espeak-ng issues 1028, 1236 and 1370. `RESPELT` gives it characters of the
right sound where its dictionary takes the commoner reading of a character.
"""

import shutil
import subprocess

import numpy as np

RATE_HZ = 22050
PROGRAM = "espeak-ng"
VOICES = {"zh": ("cmn-latn-pinyin", 160), "en": ("en-gb", 155)}  # voice, words a minute
PATIENCE_S = 2.0
RESPELT = (
    *(("重" + one, "虫" + one) for one in "新输签拍启试来办读打复号开"),  # chóng, not zhòng
    *((one + "应", one + "硬") for one in "反回感"),  # yìng
    ("调灯", "条灯"),  # tiáo
)
_QUIET = 150  # of 32768: silence at the ends is cut off
_EDGE = RATE_HZ // 50
_HEADER = 44


class VoiceError(RuntimeError):
    """The synthesiser is missing, took too long or failed. The text names no words."""


def recipe(language: str) -> tuple[str, ...]:
    """What makes a sentence sound as it does; files made by another recipe are made anew."""
    voice, speed = VOICES[language]
    return (PROGRAM, voice, str(speed), repr(RESPELT))


def respelt(spoken: str) -> str:
    """Chinese words as the synthesiser must read them."""
    for one, other in RESPELT:
        spoken = spoken.replace(one, other)
    return spoken


def available() -> bool:
    """Whether the synthesiser is installed."""
    return shutil.which(PROGRAM) is not None


def say(spoken: str, language: str, *, patience_s: float = PATIENCE_S) -> bytes:
    """Signed 16 bit little endian samples, one channel, `RATE_HZ`. Raises VoiceError.

    The words go to the child through a pipe, never by its command line.
    """
    voice, speed = VOICES[language]
    command = [PROGRAM, "-v", voice, "-s", str(speed), "-b", "1", "--stdin", "--stdout"]
    words = respelt(spoken) if language == "zh" else spoken
    try:
        done = subprocess.run(
            command, input=words.encode(), capture_output=True, timeout=patience_s
        )
    except FileNotFoundError:
        raise VoiceError(f"{PROGRAM} is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise VoiceError(f"{PROGRAM}: {type(wrong).__name__}") from None
    if done.returncode or done.stdout[:4] != b"RIFF" or len(done.stdout) <= _HEADER:
        raise VoiceError(f"{PROGRAM} gave no sound (status {done.returncode})")
    return _trimmed(done.stdout[_HEADER:])


def _trimmed(samples: bytes) -> bytes:
    heard = np.frombuffer(samples[: len(samples) // 2 * 2], "<i2")
    loud = np.flatnonzero(np.abs(heard.astype(np.int32)) > _QUIET)
    if not len(loud):
        return heard.tobytes()
    return heard[max(0, loud[0] - _EDGE) : loud[-1] + _EDGE].tobytes()
