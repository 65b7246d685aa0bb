# SPDX-License-Identifier: Apache-2.0
"""The wire to an EF01 module: one question at a time, and none but its own answer.

The protocol has no sequence numbers, so an answer that comes late could be taken for the next one.
Three things prevent that. What waits on the line is dropped before each question; where the twin of
the last answer could pass for the next one, the line must first be silent as long as a twin takes,
and for `quiet_s` while anything has lately gone wrong. An answer whose size is not its question's
is passed over. And after a question that was not answered, `_resynchronise` asks for the system
parameters, whose answer has a size of its own, and lets everything before it go.
"""

import time

from drivers.errors import OutOfServiceError
from drivers.fingerprint_types import FingerprintSettings
from firmware_io.codecs import ef01_answers
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import Damage, Damaged, Decoder, Packet, encode
from firmware_io.codecs.ef01_messages import Assembly, Reply
from firmware_io.codecs.ef01_tables import Code, Op, Pid
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkBusyError, LinkLostError, LinkTimeoutError
from firmware_io.links.serial_port import SerialLink

RESYNC_S = 0.25  # for one try at the system parameters; a busy module is tried again
RESYNCS = 6  # damaged answers to it in a row; a line this bad is given up before the deadline
WARY = 8  # questions after a damaged or late answer before which the line gets all its quiet time
STRAYS = 4  # a greeting and bytes as few as these are no answer, nor a part of one
TWIN_ROOM_S = 0.001  # for the system to hand over what the line has brought
STREAM_GAP_S = 0.1  # no module pauses as long between two data packets
BITS = 10  # a byte on the line
_DATA = (Code.OK, -1)  # the last was a data packet, whose twin is no answer to anything
UNSENT_BYTES = 4096  # what the system holds of a transfer of ours that is broken off


class NoAnswerError(Exception):
    """No answer, or none that can be trusted, to one sending of a question."""

    def __init__(self, *, heard: bool) -> None:
        super().__init__()
        self.heard = heard  # whether anything arrived at all


class Talk:
    """The port and the exchanges on it. One thread at a time; `cancel` from any.

    Methods raise OutOfServiceError ("fingerprint.unplugged", "fingerprint.port_busy",
    "fingerprint.silent", "fingerprint.noisy") and, after `cancel`, LinkCancelledError.
    """

    def __init__(self, path: str, baudrate: int, settings: FingerprintSettings) -> None:
        self._link = SerialLink(path, baudrate)
        self._settings = settings
        self._decoder = Decoder()
        self._last_byte = 0.0  # monotonic time of the last byte that arrived, or of opening
        self._in_step = True  # no answer to an earlier question can still come
        self._last = (Code.NO_FINGER, 0)  # code and size of the answer before, whose twin may come
        self._wary = 0
        self._busy_line = Deadline(0.0)  # until then a transfer that was called off may go on
        self._unfinished = False  # data packets of ours were broken off: the module waits for more
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

    def _open_port(self) -> None:
        try:
            self._link.open()
        except LinkBusyError as error:
            raise OutOfServiceError("fingerprint.port_busy", str(error)) from error
        except LinkLostError as error:
            raise OutOfServiceError("fingerprint.unplugged", str(error)) from error
        self._in_step, self._unfinished = True, False
        self._busy_line = Deadline(0.0)
        self._last_byte = time.monotonic()

    def _set_speed(self, rate: int) -> None:
        try:
            self._link.set_baudrate(rate)
        except LinkLostError as error:
            raise self._lost(error) from error

    # -- one exchange --------------------------------------------------------------------------

    def _once(
        self,
        payload: bytes,
        deadline: Deadline,
        joined: Assembly | None = None,
        transfer_s: float = 0.0,
    ) -> Reply:
        """Sends once and waits for the answer (and, with `joined`, for its data packets)."""
        op = payload[0]
        try:
            self._send(payload, deadline)
            reply: Reply | None = None
            heard = False
            skipped = 0  # bytes of noise among data packets
            while True:
                for item in self._receive(deadline, reply is not None, heard):
                    heard = True
                    if isinstance(item, Damaged):
                        if item.reason is not Damage.NOISE or item.skipped > STRAYS:
                            self._wary = WARY
                        skipped += item.skipped if reply is not None else 0
                        # A stray byte harms nothing; this much was a data packet.
                        if item.reason is Damage.CHECKSUM or skipped > self.packet_size // 2:
                            raise NoAnswerError(heard=True)
                    elif reply is None:
                        reply = _fitting(item, op)
                        if reply is None:
                            self._wary = WARY
                            continue
                        self._last = (reply.code, len(reply.values))
                        if joined is None or reply.code != Code.OK:
                            self._in_step = True
                            return reply
                        deadline = Deadline.after(transfer_s)
                    elif joined is not None:
                        joined.add(item)
                        if joined.complete or joined.overflow:
                            self._in_step = not joined.overflow
                            self._last = _DATA
                            return reply
        except NoAnswerError:
            self._wary = WARY
            raise

    def _send(self, payload: bytes, deadline: Deadline) -> None:
        """Sends a question into a quiet line."""
        since = time.monotonic() - self._last_byte
        try:
            if dropped := self._link.drain(max(0.0, self._quiet_s(payload[0]) - since)):
                self._last_byte = time.monotonic()
                self._wary = WARY if dropped > STRAYS else self._wary
            self._wary = max(0, self._wary - 1)
            self._decoder.reset()
            # Until the answer is there; it stays so when a cancel or a fault comes in between.
            self._in_step = False
            self._link.write(encode(Packet(Pid.COMMAND, payload)), deadline)
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise NoAnswerError(heard=False) from error

    def _quiet_s(self, op: int) -> float:
        """How long the line must have been silent before the question `op`."""
        if self._wary or not self._in_step:
            return self._settings.quiet_s
        if not ef01_answers.fits(op, *self._last):
            return 0.0  # a twin of the last answer would be passed over
        twin_s = 12 * BITS / self._link.baudrate + TWIN_ROOM_S
        return min(twin_s, self._settings.quiet_s)

    def _receive(self, deadline: Deadline, started: bool, heard: bool) -> list[Packet | Damaged]:
        """What the next bytes completed, maybe nothing yet. `started`: an answer is under way."""
        if started or self._decoder.pending:
            deadline = deadline.within(self._settings.silence_s)
        try:
            data = self._link.read(deadline)
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise NoAnswerError(heard=heard or self._decoder.pending > 0) from error
        self._last_byte = time.monotonic()
        return self._decoder.feed(data)

    def _resynchronise(self, whole: Deadline, carried_s: float = 0.0) -> None:
        """Lets go of every answer that may still come. NoAnswerError when that cannot be had.

        A module that is busy does not hear the question: it is put again until `whole`. The line
        may need `carried_s` for what was sent before.
        """
        damaged = 0
        while not self._in_step:
            try:
                wait = whole.within(carried_s + RESYNC_S)
                reply = self._once(say.plain(Op.READ_SYS_PARA), wait)
            except NoAnswerError as failure:
                damaged += failure.heard
            else:
                damaged += 1
                self._in_step = bool(reply.values) or reply.code == Code.NOT_VERIFIED
            if not self._in_step and (whole.passed or damaged >= RESYNCS):
                raise NoAnswerError(heard=damaged > 0)

    @property
    def busy_s(self) -> float:
        """How long a transfer that broke off may still keep the line: no instruction ends it."""
        return 0.0 if self._in_step else self._busy_line.left

    def _settle(self) -> None:
        """After a transfer that was called off: ends ours, lets the module's run out."""
        try:
            if self._unfinished:
                # The system still holds some of it, which the line has yet to carry.
                line_s = UNSENT_BYTES * BITS / self._link.baudrate
                self._link.write(encode(Packet(Pid.END, b"\0")), Deadline.after(line_s * 1.5 + 1.0))
                self._unfinished = False
                self._link.drain(line_s, line_s + 1.0)
            if not self._busy_line.passed and not self._in_step:
                self._link.drain(STREAM_GAP_S, self._busy_line.left)
            self._busy_line = Deadline(0.0)
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise self._given_up(heard=False) from error

    def _lost(self, error: LinkLostError) -> OutOfServiceError:
        self._decoder.reset()
        return OutOfServiceError("fingerprint.unplugged", str(error))

    def _given_up(self, heard: bool) -> OutOfServiceError:
        if heard:
            return OutOfServiceError("fingerprint.noisy", "no undamaged answer")
        return OutOfServiceError("fingerprint.silent", "no answer")


def _fitting(packet: Packet, op: int) -> Reply | None:
    """The reply, if it can be one to the question `op`."""
    reply = Reply.of(packet)
    fits = reply is not None and ef01_answers.fits(op, reply.code, len(reply.values))
    return reply if fits else None
