# SPDX-License-Identifier: Apache-2.0
"""One EF01 module on a serial link: a question, its own answer, within a deadline.

The protocol has no sequence numbers, so an answer that comes late could be taken for the next one.
Three things prevent that: the line is silent for `quiet_s` before each question and what waited is
dropped; an answer of the wrong length for its question is passed over; and after a question that
was not answered, `_resynchronise` asks for the system parameters, whose answer has a length of its
own, and lets everything before it go.
"""

import time

from drivers.errors import OutOfServiceError
from drivers.fingerprint_types import FingerprintSettings
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Damage, Damaged, Decoder, Packet, encode
from firmware_io.codecs.ef01_messages import Assembly, ProductInfo, Reply, SystemParameters
from firmware_io.codecs.ef01_tables import (
    PRODUCT_INFO_BYTES,
    SYSTEM_PARAMETERS_BYTES,
    Code,
    Op,
    Pid,
)
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import (
    LinkBusyError,
    LinkLostError,
    LinkTimeoutError,
)
from firmware_io.links.serial_port import SerialLink

RATES = (57600, 115200, 9600, 19200, 38400)
TEMPLATE_LIMIT = 4096
TEMPLATE_UNIT = 128
TEMPLATE_SIZES = (256, 512, 768, 1536)  # R30X manual, AS608 sheets, AS60x in the field, R503 manual
IN_STEP = 4  # the line is given this much less quiet time when nothing is outstanding
RESYNC_S = 0.4  # four of them outlast the longest act of a module, an image of 0.6 s, with room
_WAKE_UP = (0.3, 0.7, 1.0)  # a module that is still starting is deaf for up to 0.5 s

# Values after the code of a full answer; every other instruction has none.
_VALUES = {
    Op.MATCH: 2,
    Op.SEARCH: 4,
    Op.TEMPLATE_NUM: 2,
    Op.READ_SYS_PARA: SYSTEM_PARAMETERS_BYTES,
    Op.READ_PROD_INFO: PRODUCT_INFO_BYTES,
}
# Codes of a broken exchange, not of a result: the same question is asked again.
_ASK_AGAIN = (Code.BAD_PACKET, Code.UPLOAD_FAILED, Code.NO_DATA_WANTED, Code.UNDEFINED)


class _NoAnswerError(Exception):
    """No answer, or none that can be trusted, to one sending of a question."""

    def __init__(self, *, heard: bool) -> None:
        super().__init__()
        self.heard = heard  # whether anything arrived at all


class FingerprintModule:
    """Asks one module. One thread at a time; `cancel` from any.

    Every method raises OutOfServiceError ("fingerprint.unplugged", "fingerprint.port_busy",
    "fingerprint.silent", "fingerprint.noisy", "fingerprint.wrong_password") and, after `cancel`,
    LinkCancelledError.
    """

    def __init__(
        self, path: str, baudrate: int, password: int, settings: FingerprintSettings
    ) -> None:
        self._link = SerialLink(path, baudrate)
        self._password = password
        self._settings = settings
        self._decoder = Decoder()
        self._last_byte = 0.0  # monotonic time of the last byte that arrived, or of opening
        self._in_step = True  # no answer to an earlier question can still come
        self.packet_size = 128

    # -- the port ------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether the port is open."""
        return self._link.is_open

    @property
    def baudrate(self) -> int:
        """The speed in use."""
        return self._link.baudrate

    def cancel(self) -> None:
        """Ends the question in progress and all later ones, until `rearm`."""
        self._link.cancel()

    def rearm(self) -> None:
        """Takes `cancel` back."""
        self._link.rearm()

    def close(self) -> None:
        """Closes the port and forgets what was received."""
        self._link.close()
        self._decoder.reset()

    def open(self) -> SystemParameters:
        """Opens the port, shows the password and reads the parameters, at whatever speed."""
        try:
            self._link.open()
        except LinkBusyError as error:
            raise OutOfServiceError("fingerprint.port_busy", str(error)) from error
        except LinkLostError as error:
            raise OutOfServiceError("fingerprint.unplugged", str(error)) from error
        self._in_step = True
        self._last_byte = time.monotonic()
        self._find_speed()
        parameters = self.parameters()
        self.packet_size = parameters.packet_size
        return parameters

    def _find_speed(self) -> None:
        wanted = self._link.baudrate
        for seconds in _WAKE_UP:
            if self._verified(seconds):
                return
        for rate in RATES:
            if rate != wanted:
                self._set_speed(rate)
                if self._verified(0.4):
                    return
        self._set_speed(wanted)
        raise OutOfServiceError("fingerprint.silent", "no answer at any speed")

    def _set_speed(self, rate: int) -> None:
        try:
            self._link.set_baudrate(rate)
        except LinkLostError as error:
            raise self._lost(error) from error

    def _verified(self, seconds: float) -> bool:
        try:
            reply = self._once(say.vfy_pwd(self._password), seconds)
        except _NoAnswerError:
            return False
        if reply.code == Code.WRONG_PASSWORD:
            raise OutOfServiceError("fingerprint.wrong_password")
        return reply.code == Code.OK

    # -- questions -----------------------------------------------------------------------------

    def ask(self, payload: bytes, answer_s: float) -> Reply:
        """The module's answer; sent again when the exchange broke, up to `settings.resends` times.

        A module that has restarted (code 21) is shown the password and asked once more.
        """
        heard = False
        reply = None
        for _ in range(self._settings.resends + 1):
            try:
                if not self._in_step:
                    self._resynchronise(RESYNC_S)
                reply = self._once(payload, answer_s)
            except _NoAnswerError as failure:
                heard = heard or failure.heard
                continue
            heard = True
            if reply.code == Code.NOT_VERIFIED:
                self._verified(self._settings.answer_s)
            elif reply.code not in _ASK_AGAIN:
                return reply
        if reply is not None and reply.code not in (Code.BAD_PACKET, Code.NOT_VERIFIED):
            return reply
        raise self._given_up(heard)

    def parameters(self) -> SystemParameters:
        """ReadSysPara."""
        reply = self.ask(say.plain(Op.READ_SYS_PARA), self._settings.answer_s)
        parameters = SystemParameters.parse(reply.values)
        if reply.code != Code.OK or parameters is None:
            raise OutOfServiceError("fingerprint.noisy", f"parameters refused, {reply.code:#04x}")
        return parameters

    def product(self) -> ProductInfo | None:
        """ReadProdInfo; only for a module that is known to be an R503. None when it has none."""
        reply = self.ask(say.plain(Op.READ_PROD_INFO), self._settings.answer_s)
        return ProductInfo.parse(reply.values) if reply.code == Code.OK else None

    def upload_template(self, buffer: int) -> bytes | None:
        """UpChar: the template in a character buffer; None when the module has none to give.

        A transfer that breaks is asked for again; one is whole when no packet of it was damaged,
        the last one came, and its size is one that templates have or came twice.
        """
        heard = refused = False
        size = 0
        for _ in range(self._settings.resends + 1):
            joined = Assembly(TEMPLATE_LIMIT)
            try:
                if not self._in_step:
                    self._resynchronise(RESYNC_S)
                reply = self._once(say.up_char(buffer), self._settings.answer_s, joined)
                heard, refused = True, reply.code != Code.OK
                if joined.complete and joined.size % TEMPLATE_UNIT == 0:
                    if joined.size in TEMPLATE_SIZES or joined.size == size:
                        return joined.content()
                    size = joined.size
                if reply.code == Code.NOT_VERIFIED:
                    self._verified(self._settings.answer_s)
            except _NoAnswerError as failure:
                heard = heard or failure.heard
            finally:
                joined.wipe()
        if refused:
            return None
        raise self._given_up(heard)

    def download(self, request: bytes, content: bytes) -> bool:
        """Sends `content` after `request` (DownChar, DownImage); whether the module took it."""
        reply = self.ask(request, self._settings.answer_s)
        if reply.code != Code.OK:
            return False
        wire = b"".join(encode(packet) for packet in say.data_packets(content, self.packet_size))
        line_s = len(wire) * 10 / self._link.baudrate
        try:
            self._link.write(wire, Deadline.after(line_s * 1.5 + 1.0))
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise self._given_up(heard=False) from error
        # Data packets are not acknowledged. The system holds what the line has not carried yet.
        self._in_step = False
        try:
            self._resynchronise(line_s * 1.5 + self._settings.answer_s)
        except _NoAnswerError as failure:
            raise self._given_up(failure.heard) from failure
        return True

    def restarted(self) -> None:
        """After SoftRst: waits for the greeting's time to pass and shows the password."""
        for seconds in _WAKE_UP:
            if self._verified(seconds):
                return
        raise OutOfServiceError("fingerprint.silent", "no answer after a restart")

    # -- one exchange --------------------------------------------------------------------------

    def _once(self, payload: bytes, answer_s: float, joined: Assembly | None = None) -> Reply:
        """Sends once and waits for the answer (and, with `joined`, for its data packets)."""
        deadline = self._send(payload, answer_s)
        expected = _VALUES.get(Op(payload[0]), 0)
        reply: Reply | None = None
        heard = False
        skipped = 0  # bytes of noise among data packets
        while True:
            for item in self._receive(deadline, reply is not None, heard):
                heard = True
                if isinstance(item, Damaged):
                    skipped += item.skipped if reply is not None else 0
                    # A stray byte harms nothing; this much was a data packet.
                    if item.reason is Damage.CHECKSUM or skipped > self.packet_size // 2:
                        raise _NoAnswerError(heard=True)
                elif reply is None:
                    reply = _fitting(item, expected)
                    if reply is None:
                        continue
                    if joined is None or reply.code != Code.OK:
                        self._in_step = True
                        return reply
                    line_s = TEMPLATE_LIMIT * 1.4 * 10 / self._link.baudrate
                    deadline = Deadline.after(line_s * 1.5 + 0.5)
                elif joined is not None:
                    joined.add(item)
                    if joined.complete or joined.overflow:
                        self._in_step = not joined.overflow
                        return reply

    def _send(self, payload: bytes, answer_s: float) -> Deadline:
        """Sends a question into a quiet line; the deadline of its answer."""
        since = time.monotonic() - self._last_byte
        try:
            quiet_s = self._settings.quiet_s
            if self._in_step:
                # Only the twin of the last answer could still come, and it follows at once.
                quiet_s /= IN_STEP
            if self._link.drain(max(0.0, quiet_s - since)):
                self._last_byte = time.monotonic()
            self._decoder.reset()
            # Until the answer is there; it stays so when a cancel or a fault comes in between.
            self._in_step = False
            deadline = Deadline.after(answer_s)
            self._link.write(encode(Packet(Pid.COMMAND, payload)), deadline)
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise _NoAnswerError(heard=False) from error
        return deadline

    def _receive(self, deadline: Deadline, started: bool, heard: bool) -> list[Packet | Damaged]:
        """What the next bytes completed, maybe nothing yet. `started`: an answer is under way."""
        if started or self._decoder.pending:
            deadline = deadline.within(self._settings.silence_s)
        try:
            data = self._link.read(deadline)
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise _NoAnswerError(heard=heard or self._decoder.pending > 0) from error
        self._last_byte = time.monotonic()
        return self._decoder.feed(data)

    def _resynchronise(self, first_s: float) -> None:
        """Lets go of every answer that may still come. _NoAnswerError when none can be had.

        A module that is busy does not hear the question: it is put several times.
        """
        heard = False
        for seconds in (first_s, RESYNC_S, RESYNC_S, RESYNC_S):
            try:
                reply = self._once(say.plain(Op.READ_SYS_PARA), seconds)
            except _NoAnswerError as failure:
                heard = heard or failure.heard
                continue
            if reply.code == Code.NOT_VERIFIED or reply.values:
                return
            heard = True
        raise _NoAnswerError(heard=heard)

    def _lost(self, error: LinkLostError) -> OutOfServiceError:
        self._decoder.reset()
        return OutOfServiceError("fingerprint.unplugged", str(error))

    def _given_up(self, heard: bool) -> OutOfServiceError:
        if heard:
            return OutOfServiceError("fingerprint.noisy", "no undamaged answer")
        return OutOfServiceError("fingerprint.silent", "no answer")


def _fitting(packet: Packet, expected: int) -> Reply | None:
    """The reply, if it can be one to a question whose full answer has `expected` value bytes.

    A refusal may come with the values or without: both forms are in the field.
    """
    reply = Reply.of(packet)
    if reply is None:
        return None
    lengths = (expected,) if reply.code == Code.OK else (0, expected)
    return reply if len(reply.values) in lengths else None
