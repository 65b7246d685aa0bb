# SPDX-License-Identifier: Apache-2.0
"""One picture a device, shown beside the one reason and the one remedy."""

PICTURES = {
    "idreader": "card-off-reader",
    "camera": "head",
    "fingerprint": "hands",
    "printer": "paper",
    "panel": "person",
    "staffcard": "person",
    "post": "counter",
    "clock": "clock",
    "speaker": "voice",
    "bins": "cabinet",
    "dispenser": "dispenser",
    "booth": "booth",
}
"""By the first word of a reason's key."""


def picture_of(reason: str) -> str:
    """The name (`ui.pictures`) for a reason's key; the booth itself for an unknown one."""
    return PICTURES.get(reason.partition(".")[0], "booth")
