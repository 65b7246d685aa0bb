# SPDX-License-Identifier: Apache-2.0
import pytest

from idcard.keys import KeyFormatError, OpeningKey, RecipientKey, SigningKey, VerifyKey


def test_both_halves_find_the_same_id_through_pem_and_raw_bytes() -> None:
    opening = OpeningKey.from_pem(OpeningKey.generate().pem())
    assert RecipientKey.from_pem(opening.recipient.pem()).key_id == opening.key_id
    assert RecipientKey.from_raw(opening.recipient.raw()).key_id == opening.key_id
    signing = SigningKey.from_pem(SigningKey.generate().pem())
    assert VerifyKey.from_pem(signing.verifier.pem()).key_id == signing.key_id


def test_a_key_of_the_wrong_kind_is_refused() -> None:
    signing, opening = SigningKey.generate(), OpeningKey.generate()
    with pytest.raises(KeyFormatError):
        OpeningKey.from_pem(signing.pem())
    with pytest.raises(KeyFormatError):
        SigningKey.from_pem(opening.pem())
    with pytest.raises(KeyFormatError):
        RecipientKey.from_pem(signing.verifier.pem())
    with pytest.raises(KeyFormatError):
        VerifyKey.from_pem(opening.recipient.pem())


@pytest.mark.parametrize("junk", [b"", b"junk", b"-----BEGIN PUBLIC KEY-----\nAA\n"])
def test_junk_is_no_key(junk: bytes) -> None:
    for read in (OpeningKey.from_pem, RecipientKey.from_pem, SigningKey.from_pem):
        with pytest.raises(KeyFormatError):
            read(junk)
    with pytest.raises(KeyFormatError):
        RecipientKey.from_raw(junk)


def test_a_private_half_does_not_show_in_its_repr() -> None:
    key = SigningKey.generate()
    assert repr(key) == "SigningKey()"
