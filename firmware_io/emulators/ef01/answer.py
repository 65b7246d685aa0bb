# SPDX-License-Identifier: Apache-2.0
"""What an instruction of the emulated module comes to: an answer now, or more to do later."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware_io.codecs.ef01_tables import Code


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing is said yet: `act` goes on in so many seconds.

    `scaled` seconds are the machine's own and follow the factor; others are a person's.
    """

    seconds: float
    act: "Act"
    scaled: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What an instruction says. `upload` follows in data packets; `then` the act goes on."""

    code: int
    values: bytes = b""
    upload: bytes | None = None
    then: Later | None = None


Act = Callable[[float], Answer | Later]  # called with the moment at which its time is over
OK: Final = Answer(Code.OK)
