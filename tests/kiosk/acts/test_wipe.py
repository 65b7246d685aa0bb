# SPDX-License-Identifier: Apache-2.0
"""The wipe tells what is gone, and never what is not."""

import threading

import pytest
from uuid6 import uuid7

from drivers.errors import OutOfServiceError
from idcard.keys import OpeningKey
from idcard.records import FingerprintsPart, Part
from kiosk.acts.fingers import FingersAct
from kiosk.acts.wipe import WipeAct
from kiosk.commands import Wipe
from kiosk.sealer import Sealer
from kiosk.vault import Vault


class Stubborn(FingersAct):
    """Fingers of a module that cannot prove itself empty."""

    def __init__(self) -> None:
        """No module."""

    def wipe(self, command: Wipe | None = None) -> None:
        raise OutOfServiceError("fingerprint.not_wiped")


def held() -> tuple[Vault, Sealer]:
    key = OpeningKey.generate().recipient
    vault, sealer = Vault(), Sealer("B03", uuid7(), key, key)
    vault.put("take-1", b"picture")
    vault.put("slip", b"paper")
    sealer.seal(Part.FINGERPRINTS, FingerprintsPart(fingers=()))
    return vault, sealer


def test_all_four_items_are_told_and_nothing_is_held() -> None:
    vault, sealer = held()
    told: list[str] = []
    WipeAct(vault, sealer, None, None).run(
        Wipe(), lambda what, item: told.append(item), threading.Event()
    )
    assert sorted(told) == ["fingers", "name", "photo", "signature"]
    assert (vault.get("take-1"), vault.get("slip"), sealer.parts()) == (b"", b"", {})


def test_fingers_that_are_not_proven_gone_are_not_told_as_erased() -> None:
    vault, sealer = held()
    told: list[str] = []
    with pytest.raises(OutOfServiceError):
        WipeAct(vault, sealer, None, Stubborn()).run(
            Wipe(), lambda what, item: told.append(item), threading.Event()
        )
    assert sorted(told) == ["name", "photo", "signature"]
    assert (vault.get("take-1"), sealer.parts()) == (b"", {})
