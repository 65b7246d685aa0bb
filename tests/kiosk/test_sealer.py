# SPDX-License-Identifier: Apache-2.0
"""Each part is sealed to the one key that may open it, and to nobody else's."""

import pytest
from uuid6 import uuid7

from idcard.keys import OpeningKey
from idcard.records import Finger, FingerprintsPart, FingerResult, Part
from idcard.sealing import SealContext, SealError, open_sealed
from kiosk.sealer import Sealer

COUNTER, CENTRE = OpeningKey.generate(), OpeningKey.generate()
FINGERS = FingerprintsPart(
    fingers=(
        Finger(
            slot=1,
            position="right-thumb",
            result=FingerResult.REGISTERED,
            tries=1,
            quality=80,
            format="ef01/test",
            template=b"\x03\x03 a made-up template",
        ),
    )
)


def made() -> Sealer:
    return Sealer("B03", uuid7(), COUNTER.recipient, CENTRE.recipient)


def context(sealer: Sealer, part: Part) -> SealContext:
    return SealContext.of_part(sealer.booth_id, sealer.application_id, part)


def test_fingerprints_open_at_the_card_centre_and_not_at_the_counter() -> None:
    sealer = made()
    sealer.seal(Part.FINGERPRINTS, FINGERS)
    sealed = sealer.parts()[Part.FINGERPRINTS]
    here = context(sealer, Part.FINGERPRINTS)
    assert FingerprintsPart.model_validate_json(open_sealed(sealed, CENTRE, context=here)) == (
        FINGERS
    )
    with pytest.raises(SealError):
        open_sealed(sealed, COUNTER, context=here)
    assert b"made-up template" not in sealed


@pytest.mark.parametrize("part", [part for part in Part if part is not Part.FINGERPRINTS])
def test_every_other_part_opens_at_the_counter_and_not_at_the_card_centre(part: Part) -> None:
    sealer = made()
    sealer.seal(part, FINGERS)
    sealed = sealer.parts()[part]
    assert open_sealed(sealed, COUNTER, context=context(sealer, part))
    with pytest.raises(SealError):
        open_sealed(sealed, CENTRE, context=context(sealer, part))


def test_a_part_does_not_open_as_another_s() -> None:
    one, other = made(), made()
    one.seal(Part.IDENTITY, FINGERS)
    with pytest.raises(SealError):
        open_sealed(one.parts()[Part.IDENTITY], COUNTER, context=context(other, Part.IDENTITY))


def test_a_part_sealed_again_replaces_the_first_and_the_wipe_forgets_all() -> None:
    sealer = made()
    sealer.seal(Part.FINGERPRINTS, FINGERS)
    first = sealer.parts()[Part.FINGERPRINTS]
    sealer.seal(Part.FINGERPRINTS, FINGERS)
    assert sealer.parts()[Part.FINGERPRINTS] != first
    sealer.forget()
    assert sealer.parts() == {}
