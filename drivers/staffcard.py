# SPDX-License-Identifier: Apache-2.0
"""Who opens the service menu: a staff card with a PIV applet, in a PC/SC reader.

The card proves that it holds the key of its certificate by signing a fresh challenge. Whether that
certificate is one of this booth's staff is judged first (`drivers.staffcard_trust`): no PIN is ever
sent to a card that the booth does not know.
"""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from drivers import staffcard_piv as piv
from drivers.errors import AskAgainError, BoothError, OutOfServiceError, RefusedError
from drivers.health import Health, State
from drivers.staffcard_trust import StaffTrust, key_id
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError, LinkTimeoutError
from firmware_io.links.pcsc import CardGoneError, PcscLink, Reader, Service, Status

DEVICE: Final = "staffcard"
CONTEXT: Final = b"id-booth staff card 1\0"
"""Goes before the nonce, so that no other protocol's challenge can be signed here by trickery."""
NONCE_BYTES: Final = range(16, 65)
GET_SERIAL: Final = bytes.fromhex("FFCA000000")
SERIAL_BYTES: Final = range(4, 11)


@dataclass(frozen=True, slots=True)
class StaffCardSettings:
    """Times in seconds. `reader`: part of the reader's name; empty takes the first with a card.

    `poll_s`: one look at the service. `exchange_s`: one command (a P-256 signature takes a card
    0.1 to 1 s). `heartbeat_s`: how long `health` believes the last look.
    """

    reader: str = ""
    poll_s: float = 1.5
    exchange_s: float = 5.0
    heartbeat_s: float = 3.0


@dataclass(frozen=True, slots=True)
class StaffCardState:
    """What lies in the reader. `insertions` changes with each card put in or taken out."""

    ready: bool
    reader: str = ""
    card: bool = False
    insertions: int = 0


@dataclass(frozen=True, slots=True)
class StaffProof:
    """A challenge signed by the card and checked against its certificate.

    `serial` is the certificate's serial number in lower-case hex, `key_id` the SHA-256 of its
    public key (SubjectPublicKeyInfo, DER) in hex: the name of the staff member to the booth.
    `signature` is ECDSA (DER) over SHA-256 of `CONTEXT` and the nonce.
    """

    serial: str
    key_id: str
    certificate: bytes = field(repr=False)
    signature: bytes = field(repr=False)


class WrongPinError(AskAgainError):
    """The PIN was wrong; `tries_left` before the card blocks itself, None when it does not say."""

    def __init__(self, tries_left: int | None) -> None:
        super().__init__("staffcard.wrong_pin")
        self.tries_left = tries_left


class StaffCard:
    """The staff-card reader. Every method may be called from any thread; one is served at a time.

    The PC/SC library hangs for ever with a dead card, so it lives in a child process that is ended
    at its deadline; the service's restart or a reader pulled and plugged needs no call of `start`.
    """

    def __init__(
        self,
        *,
        trust: StaffTrust,
        settings: StaffCardSettings | None = None,
        link: PcscLink | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._trust, self._now = trust, now
        self._settings = settings or StaffCardSettings()
        self._link = link or PcscLink()
        self._turn = threading.Lock()
        self._health = Health.ill(DEVICE, "staffcard.no_service", "not started")
        self._checked_at = float("-inf")

    def start(self) -> None:
        """Looks for the service and a reader. Raises OutOfServiceError (staffcard.*)."""
        with self._turn:
            self._look()

    def health(self) -> Health:
        """The reader's state, looked up at most every `heartbeat_s`."""
        if not self._turn.acquire(blocking=False):
            return Health(DEVICE, State.BUSY)
        try:
            if time.monotonic() - self._checked_at >= self._settings.heartbeat_s:
                self._quiet_look()
            return self._health
        finally:
            self._turn.release()

    def poll(self) -> StaffCardState:
        """What lies in the reader now. Never raises: `ready` False says look at `health`."""
        with self._turn:
            reader = self._quiet_look()
        if reader is None:
            return StaffCardState(ready=False)
        return StaffCardState(True, reader.name, reader.card, reader.changes)

    def look(self) -> int | None:
        """How many wrong PINs the card in the reader still takes; None when it does not say.

        Nothing is asked of a person. Raises AskAgainError staffcard.none, .removed, .not_staff;
        RefusedError staffcard.unknown (not one this booth trusts), .expired, .last_try, .blocked;
        OutOfServiceError.
        """
        with self._session():
            self._certificate()
            return self._tries_left()

    def challenge(self, pin: str, nonce: bytes) -> StaffProof:
        """Lets the card sign `nonce` (16 to 64 fresh random bytes) after its PIN.

        Raises what `look` raises, before the PIN is sent; WrongPinError; ValueError for a nonce of
        another size. RefusedError staffcard.last_try: one try is left and is not spent here, so
        that no booth blocks a card.
        """
        if len(nonce) not in NONCE_BYTES:
            raise ValueError("a nonce has 16 to 64 bytes")
        digest = hashlib.sha256(CONTEXT + nonce).digest()
        with self._session():
            certificate = self._certificate()
            left = self._tries_left()
            try:
                verify = piv.verify(pin)
            except ValueError:  # no PIN of any card: it costs no try
                raise WrongPinError(left) from None
            self._verify(verify)
            answer = self._send(piv.authenticate(digest))
        signature = piv.signature_of(answer.data) if answer.status == piv.OK else None
        if signature is None:
            raise AskAgainError("staffcard.not_staff")
        return _proof(certificate, signature, digest)

    def chip_serial(self) -> bytes | None:
        """The serial number of the chip in the reader, 4 to 10 bytes; None: the reader tells none.

        Of any card a plain contactless reader takes in (PC/SC part 3, GET DATA ``FF CA 00 00 00``).
        It tells one card from another and proves nothing; of a citizen's card it is personal data:
        never shown, logged or kept. Raises AskAgainError staffcard.none, .removed;
        OutOfServiceError.
        """
        with self._session():
            answer = self._send(GET_SERIAL)
        known = answer.status == piv.OK and len(answer.data) in SERIAL_BYTES
        return answer.data if known else None

    def close(self) -> None:
        """Ends the child process. The reader may be used again."""
        with self._turn:
            self._link.close()
            self._checked_at = float("-inf")

    # -- the card ------------------------------------------------------------------------------

    def _certificate(self) -> x509.Certificate:
        """The certificate of a card that this booth trusts."""
        if self._send(piv.SELECT).status != piv.OK:
            raise AskAgainError("staffcard.not_staff")
        answer = self._send(piv.GET_CERTIFICATE)
        raw = piv.certificate_of(answer.data) if answer.status == piv.OK else None
        try:
            certificate = x509.load_der_x509_certificate(raw or b"")
            refusal = self._trust.judge(certificate, self._now())
        except (ValueError, UnsupportedAlgorithm):
            raise AskAgainError("staffcard.not_staff") from None
        if refusal:
            raise RefusedError(refusal)
        return certificate

    def _tries_left(self) -> int | None:
        standing = self._send(piv.TRIES_LEFT)
        if standing.status == piv.BLOCKED or standing.tries_left == 0:
            raise RefusedError("staffcard.blocked")
        if standing.tries_left == 1:
            raise RefusedError("staffcard.last_try")
        return standing.tries_left

    def _verify(self, command: bytes) -> None:
        answer = self._send(command)
        if answer.status == piv.OK:
            return
        if answer.tries_left:
            raise WrongPinError(answer.tries_left)
        raise RefusedError("staffcard.blocked")

    def _send(self, command: bytes) -> piv.Answer:
        """One command; a long answer is fetched to its end (at most 16 KiB)."""
        answer = piv.Answer.of(self._link.transmit(command, self._deadline()))
        data = answer.data
        while answer.more is not None and len(data) < 1 << 14:
            follow = piv.get_response(answer.more)
            answer = piv.Answer.of(self._link.transmit(follow, self._deadline()))
            data += answer.data
        return piv.Answer(data, answer.status)

    def _deadline(self) -> Deadline:
        return Deadline.after(self._settings.exchange_s)

    @contextmanager
    def _session(self) -> Iterator[None]:
        """The card for this driver alone; reset afterwards, so that its PIN state is forgotten."""
        with self._turn:
            reader = self._look()
            if not reader.card:
                raise AskAgainError("staffcard.none")
            try:
                self._link.connect(reader.name, self._deadline())
                yield
            except CardGoneError:
                raise AskAgainError("staffcard.removed") from None
            except LinkBusyError:
                raise self._out("staffcard.busy") from None
            except LinkTimeoutError:
                raise self._out("staffcard.stuck") from None
            except LinkLostError:
                raise self._out("staffcard.no_reader") from None
            finally:
                self._link.disconnect(Deadline.after(self._settings.poll_s))

    # -- the reader ----------------------------------------------------------------------------

    def _look(self) -> Reader:
        try:
            status = self._link.status(Deadline.after(self._settings.poll_s))
        except (LinkTimeoutError, LinkLostError):
            raise self._out("staffcard.stuck") from None
        if status.service is Service.FORBIDDEN:
            raise self._out("staffcard.no_permission")
        if status.service is Service.DOWN:
            raise self._out("staffcard.no_service")
        reader = self._choose(status)
        if reader is None:
            raise self._out("staffcard.no_reader")
        if self._trust.empty:
            self._note(Health.ill(DEVICE, "staffcard.no_trust", reader.name))
        else:
            self._note(Health.ready(DEVICE, reader.name))
        return reader

    def _quiet_look(self) -> Reader | None:
        try:
            return self._look()
        except BoothError:
            return None

    def _choose(self, status: Status) -> Reader | None:
        ours = [reader for reader in status.readers if self._settings.reader in reader.name]
        with_card = [reader for reader in ours if reader.card]
        return next(iter(with_card or ours), None)

    def _out(self, code: str) -> OutOfServiceError:
        self._note(Health.ill(DEVICE, code))
        return OutOfServiceError(code)

    def _note(self, health: Health) -> None:
        self._health = health
        self._checked_at = time.monotonic()


def _proof(certificate: x509.Certificate, signature: bytes, digest: bytes) -> StaffProof:
    key = certificate.public_key()
    try:
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise AskAgainError("staffcard.not_staff")
        key.verify(signature, digest, ec.ECDSA(utils.Prehashed(SHA256())))
    except (ValueError, InvalidSignature):
        raise AskAgainError("staffcard.not_staff") from None
    return StaffProof(
        serial=f"{certificate.serial_number:x}",
        key_id=key_id(certificate),
        certificate=certificate.public_bytes(Encoding.DER),
        signature=signature,
    )
