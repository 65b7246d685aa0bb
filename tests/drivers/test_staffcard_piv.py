# SPDX-License-Identifier: Apache-2.0
"""PIV commands byte by byte, against the tables of NIST SP 800-73-4 part 2."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers import staffcard_piv as piv


def test_commands_have_the_bytes_of_the_standard() -> None:
    assert piv.SELECT.hex() == "00a404000ba00000030800001000010000"  # table 3: AID, version 0100
    assert piv.GET_CERTIFICATE.hex() == "00cb3fff055c035fc10500"  # table 6: tag list 5C
    assert piv.verify("123456").hex() == "0020008008313233343536ffff"  # 2.4.3: padded with FF
    assert piv.verify("12345678").hex() == "00200080083132333435363738"
    assert piv.TRIES_LEFT.hex() == "00200080"
    assert piv.get_response(0).hex() == "00c0000000"
    digest = bytes(range(32))
    assert piv.authenticate(digest).hex() == "0087119a267c2482008120" + digest.hex() + "00"


def test_status_words_mean_what_the_standard_says() -> None:
    assert piv.Answer.of(bytes.fromhex("63c2")).tries_left == 2
    assert piv.Answer.of(bytes.fromhex("6983")).tries_left is None
    assert piv.Answer.of(bytes.fromhex("0102610a")).more == 10
    assert piv.Answer.of(bytes.fromhex("6100")).more == 0
    assert piv.Answer.of(bytes.fromhex("9000")).more is None


@pytest.mark.parametrize("pin", ["", "12345", "123456789", "12345x", "１２３４５６"])
def test_a_pin_of_another_shape_is_refused(pin: str) -> None:
    with pytest.raises(ValueError, match="PIN"):
        piv.verify(pin)


def test_only_32_bytes_are_signed() -> None:
    with pytest.raises(ValueError, match="32"):
        piv.authenticate(bytes(31))


@pytest.mark.parametrize("size", [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1234])
def test_a_certificate_is_found_at_every_length(size: int) -> None:
    value = bytes(size)

    def wrap(tag: int, inner: bytes) -> bytes:
        length = len(inner)
        if length < 0x80:
            return bytes((tag, length)) + inner
        if length < 0x100:
            return bytes((tag, 0x81, length)) + inner
        return bytes((tag, 0x82)) + length.to_bytes(2, "big") + inner

    good = wrap(0x53, wrap(0x70, value) + wrap(0x71, b"\0") + wrap(0xFE, b""))
    assert piv.certificate_of(good) == value
    zipped = wrap(0x53, wrap(0x70, value) + wrap(0x71, b"\1") + wrap(0xFE, b""))
    assert piv.certificate_of(zipped) is None


@given(st.binary(max_size=64))
def test_nonsense_is_no_certificate_and_no_signature_but_never_an_error(data: bytes) -> None:
    certificate, signature = piv.certificate_of(data), piv.signature_of(data)
    assert certificate is None or certificate in data
    assert signature is None or signature in data


def _object(info: bytes, certificate: bytes) -> bytes:
    inner = b"\x70\x82" + len(certificate).to_bytes(2, "big") + certificate
    inner += b"\x71" + bytes((len(info),)) + info + b"\xfe\x00"
    return b"\x53\x82" + len(inner).to_bytes(2, "big") + inner


def test_a_packed_certificate_is_unpacked_and_a_bomb_is_none() -> None:
    plain = bytes(range(256)) * 4
    assert piv.certificate_of(_object(b"\1", gzip.compress(plain))) == plain
    assert piv.certificate_of(_object(b"\0", plain)) == plain
    assert piv.certificate_of(_object(b"\1", gzip.compress(bytes(1 << 20)))) is None
    assert piv.certificate_of(_object(b"\1", gzip.compress(plain)[:-9])) is None
    assert piv.certificate_of(_object(b"\1", plain)) is None
    assert piv.certificate_of(_object(b"\2", plain)) is None
