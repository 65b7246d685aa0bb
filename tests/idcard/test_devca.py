# SPDX-License-Identifier: Apache-2.0
import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from idcard.devca import main, write_development_keys
from idcard.keys import OpeningKey, RecipientKey, SigningKey, VerifyKey

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    write_development_keys(folder, "B03", now=NOW)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_pairs_belong_together(keys: Path) -> None:
    def read(name: str) -> bytes:
        return (keys / name).read_bytes()

    assert (
        VerifyKey.from_pem(read("booth/counter-receipt.pub")).key_id
        == SigningKey.from_pem(read("counter/receipt.key")).key_id
    )
    assert (
        VerifyKey.from_pem(read("counter/booths/B03.pub")).key_id
        == SigningKey.from_pem(read("booth/device.key")).key_id
    )
    for name in ("counter", "centre"):
        assert (
            RecipientKey.from_pem(read(f"booth/{name}-seal.pub")).key_id
            == OpeningKey.from_pem(read(f"{name}/seal.key")).key_id
        )


def test_private_halves_are_for_their_owner_only(keys: Path) -> None:
    private = sorted(keys.rglob("*.key"))
    assert len(private) == 9
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}


def test_the_card_centres_private_half_lies_in_its_own_folder_only(keys: Path) -> None:
    secret = (keys / "centre/seal.key").read_bytes()
    holders = [name for name, raw in contents(keys).items() if raw == secret]
    assert holders == ["centre/seal.key"]


def test_a_second_run_changes_nothing_and_mends_what_is_missing(keys: Path) -> None:
    before = contents(keys)
    (keys / "booth/counter-seal.pub").unlink()
    write_development_keys(keys, "B03", now=NOW)
    assert contents(keys) == before


def test_a_folder_is_for_one_booth_and_another_one_is_refused(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(keys)
    assert main([str(keys), "--booth", "B04"]) == 1
    assert "booth B03" in capsys.readouterr().err
    assert contents(keys) == before


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> dict[str, object]:
    """Both sides over a socket pair; gives the client certificate the server saw."""
    near, far = socket.socketpair()
    seen: dict[str, object] = {}

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as tls:
                seen.update(tls.getpeercert() or {})
                tls.sendall(b"ok")
        except ssl.SSLError as wrong:
            seen["error"] = wrong

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname=host) as tls:
            assert tls.recv(2) == b"ok"
    finally:
        thread.join(10)
    return seen


def contexts(keys: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=keys / "counter/ca.pem")
    server.load_cert_chain(keys / "counter/tls.pem", keys / "counter/tls.key")
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=str(keys / "booth/ca.pem"))
    return server, client


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_booth_and_counter_prove_themselves_to_each_other(keys: Path, host: str) -> None:
    server, client = contexts(keys)
    client.load_cert_chain(keys / "booth/tls.pem", keys / "booth/tls.key")
    seen = shake_hands(server, client, host)
    assert seen["subject"] == ((("commonName", "B03"),),)


def test_a_client_without_a_certificate_and_a_server_of_another_name_are_refused(
    keys: Path,
) -> None:
    server, client = contexts(keys)
    with pytest.raises((ssl.SSLError, AssertionError, ConnectionError)):
        shake_hands(server, client, "localhost")
    client.load_cert_chain(keys / "booth/tls.pem", keys / "booth/tls.key")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client, "example.org")


def test_the_booths_certificate_does_not_serve_as_a_counter(keys: Path) -> None:
    server, client = contexts(keys)
    server.load_cert_chain(keys / "booth/tls.pem", keys / "booth/tls.key")
    client.load_cert_chain(keys / "booth/tls.pem", keys / "booth/tls.key")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client, "localhost")
