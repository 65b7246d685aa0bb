# SPDX-License-Identifier: Apache-2.0
"""Models of the emulated printer, and the figures they share."""

from dataclasses import dataclass
from types import MappingProxyType

BUFFER = 4096
FULL_LEFT, RELEASE_LEFT = 128, 256  # TM-T88III: "buffer full" and its release
SPEED_MM_S = 150.0
CUT_S = 0.5
PRESENT_S = 1.0
BOOT_S = 1.0
ANSWER_S = (0.001, 0.012)


@dataclass(frozen=True, slots=True)
class Model:
    """What a model has. `four_byte`: its Chinese font knows four-byte GB 18030 codes."""

    width: int
    process_ids: bool = True  # GS ( H
    queued_status: bool = True  # GS r
    automatic: bool = True  # GS a
    presenter: bool = False  # GS e, DLE EOT 20
    chinese_at_start: bool = False
    four_byte: bool = True
    repeats_row: bool = False  # prints the row again at which paper ended


MODELS = MappingProxyType(
    {
        "80": Model(576),
        "58": Model(384),
        "80-plain": Model(576, process_ids=False),
        "58-plain": Model(384, process_ids=False),
        "80-presenter": Model(576, process_ids=False, automatic=False, presenter=True),
        "58-china": Model(
            384,
            process_ids=False,
            queued_status=False,
            automatic=False,
            chinese_at_start=True,
            four_byte=False,
            repeats_row=True,
        ),
    }
)
