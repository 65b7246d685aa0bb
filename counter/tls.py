# SPDX-License-Identifier: Apache-2.0
"""Who is at the booths' door: the client certificate of a TLS connection, for the application.

uvicorn asks for a client certificate but does not pass it on. `TlsProtocol` adds the ASGI TLS
extension (`scope["extensions"]["tls"]`, names as in the ASGI specification's TLS extension 0.2)
to each request of the connection.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from uvicorn.protocols.http.h11_impl import H11Protocol


class TlsProtocol(H11Protocol):
    """HTTP/1.1 that tells the application whose certificate the far side showed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Reads the certificate once a connection; every request of it carries it."""
        super().connection_made(transport)
        shown = peer_of(transport.get_extra_info("ssl_object"))
        inner = self.app

        async def with_peer(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["tls"] = shown
            await inner(scope, receive, send)

        self.app = with_peer

    def shutdown(self) -> None:
        """Ends an idle connection at once; closing politely would wait for the far side."""
        idle = self.cycle is None or self.cycle.response_complete
        super().shutdown()
        if idle and not self.transport.get_write_buffer_size():
            self.transport.abort()


def peer_of(link: ssl.SSLObject | None) -> dict[str, Any]:
    """The TLS extension's fields for a connection; without a certificate the chain is empty.

    The certificate has been verified against the counter's CA by the handshake
    (CERT_REQUIRED); this only reads it.
    """
    fields: dict[str, Any] = {
        "server_cert": None,
        "client_cert_chain": [],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": None,
        "cipher_suite": None,
    }
    raw = link.getpeercert(binary_form=True) if link is not None else None
    if raw is None:
        return fields
    certificate = x509.load_der_x509_certificate(raw)
    fields["client_cert_chain"] = [certificate.public_bytes(Encoding.PEM).decode("ascii")]
    fields["client_cert_name"] = certificate.subject.rfc4514_string()
    return fields


def common_name(scope: Any) -> str | None:
    """The one CN of the client certificate in an ASGI scope, or None."""
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain") or []
    if not chain:
        return None
    certificate = x509.load_pem_x509_certificate(chain[0].encode("ascii"))
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1:
        return None
    value = names[0].value
    return value if isinstance(value, str) else None


def booth_tls(cert: Path, key: Path, ca: Path) -> ssl.SSLContext:
    """TLS 1.2 or later that lets nobody in without a certificate of the booths' CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    context.load_verify_locations(ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
