# SPDX-License-Identifier: Apache-2.0
"""One EF01 module: its password, its speed, who it is, and its questions with one deadline each.

The deadline covers a question with its repetitions: a silent module is told when it passes.
"""

import contextlib
from collections.abc import Callable
from dataclasses import replace

from drivers.errors import OutOfServiceError
from drivers.fingerprint_talk import BITS, UNSENT_BYTES, NoAnswerError, Talk
from drivers.fingerprint_types import FingerprintSettings
from firmware_io.codecs import ef01_answers
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01 import encode
from firmware_io.codecs.ef01_answers import Identity, Meaning
from firmware_io.codecs.ef01_messages import Assembly, ProductInfo, Reply, SystemParameters
from firmware_io.codecs.ef01_tables import BAUD_UNIT, DEFAULT_BAUDRATE, LONGEST_IMAGE, Code, Op
from firmware_io.links.deadline import Deadline
from firmware_io.links.errors import LinkLostError, LinkTimeoutError

_USUAL = (DEFAULT_BAUDRATE, 115200, 9600, 19200, 38400)
RATES = (*_USUAL, *(BAUD_UNIT * n for n in range(1, 13) if BAUD_UNIT * n not in _USUAL))
TEMPLATE_LIMIT = 4096
TEMPLATE_UNIT = 128
UPLOADS = 6  # transfers are the longest answers: they suffer most from a bad line
IMAGE_UPLOADS = 2  # 7 s each
IMAGE_SIZES = (LONGEST_IMAGE, 18_432)  # 256 x 288 and 192 x 192 pixels
FIRST_SHARE = 0.6  # of a question's time that its first sending may take
_WAKE_UP = (0.3, 0.7, 1.0)  # a module that is still starting is deaf for up to 0.5 s
_OTHER_RATE_S = 0.25


class FingerprintModule(Talk):
    """Asks one module. One thread at a time; `cancel` from any.

    Every method raises OutOfServiceError ("fingerprint.unplugged", "fingerprint.port_busy",
    "fingerprint.silent", "fingerprint.noisy", "fingerprint.wrong_password") and, after `cancel`,
    LinkCancelledError.
    """

    def __init__(
        self, path: str, baudrate: int, password: int, settings: FingerprintSettings
    ) -> None:
        super().__init__(path, baudrate, settings)
        self._password = password
        self.template_size = 0  # bytes of a merged template; 0: not known yet

    def open(self) -> SystemParameters:
        """Opens the port, shows the password and reads the parameters, at whatever speed."""
        self._open_port()
        self._find_speed()
        parameters = self.parameters()
        self.packet_size = parameters.packet_size
        return parameters

    def identify(self, parameters: SystemParameters) -> Identity:
        """Which module this is, by its own word; `settings.product` names it without asking."""
        if self._settings.product:
            known = self._settings.product
            info = self.product() if known.startswith("r503") else None
            who = ef01_answers.identity(parameters, info)
            return replace(who, product=known, ring=known.startswith("r503"))
        if not ef01_answers.may_ask_product(parameters):
            return ef01_answers.identity(parameters, None)
        return ef01_answers.identity(parameters, self.product())

    def _find_speed(self) -> None:
        wanted = self._link.baudrate
        for seconds in _WAKE_UP:
            if self._verified(Deadline.after(seconds)):
                return
        for rate in RATES:
            if rate != wanted:
                self._set_speed(rate)
                if self._verified(Deadline.after(_OTHER_RATE_S)):
                    return
        self._set_speed(wanted)
        raise OutOfServiceError("fingerprint.silent", "no answer at any speed")

    def _verified(self, until: Deadline) -> bool:
        """Shows the password; a module that has none yet is given the booth's, begun by `until`."""
        try:
            reply = self._once(say.vfy_pwd(self._password), until)
            if reply.code == Code.WRONG_PASSWORD and self._password:
                fresh = self._once(say.vfy_pwd(0), Deadline.after(self._settings.answer_s))
                if fresh.code == Code.OK:
                    wait = Deadline.after(self._settings.work_answer_s)
                    self._once(say.set_pwd(self._password), wait)
                    reply = self._once(say.vfy_pwd(self._password), wait)
        except NoAnswerError:
            return False
        if reply.code == Code.WRONG_PASSWORD:
            raise OutOfServiceError("fingerprint.wrong_password")
        return reply.code == Code.OK

    # -- questions -----------------------------------------------------------------------------

    def ask(self, payload: bytes, answer_s: float) -> Reply:
        """The module's answer, `answer_s` after the line is free (`busy_s`) at the latest.

        Asked again when the exchange broke, up to `settings.resends` times while there is time. A
        module that has restarted (code 21) is shown the password and asked once more.
        """
        self._settle()
        whole = Deadline.after(answer_s)
        heard = False
        reply = None
        for attempt in range(self._settings.resends + 1):
            last = attempt == self._settings.resends
            try:
                self._resynchronise(whole)
                reply = self._once(payload, whole if last else whole.within(answer_s * FIRST_SHARE))
            except NoAnswerError as failure:
                heard = heard or failure.heard
                if whole.passed:
                    break
                continue
            heard = True
            if reply.code == Code.NOT_VERIFIED:
                self._verified(whole)
            elif ef01_answers.meaning(reply.code) is not Meaning.LINK:
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
        """ReadProdInfo. None when the module does not know it: it refuses, or says nothing."""
        for _ in range(2):  # 01 is also what a module says that has misheard
            try:
                self._resynchronise(Deadline.after(self._settings.answer_s))
                wait = Deadline.after(self._settings.answer_s * FIRST_SHARE)
                reply = self._once(say.plain(Op.READ_PROD_INFO), wait)
            except NoAnswerError:
                continue
            if reply.code == Code.OK:
                return ProductInfo.parse(reply.values)
        return None

    def ring(self, mode: int, colour: int, *, speed: int = 0x64, count: int = 0) -> None:
        """The R503's light ring. Decoration: nothing comes of a refusal or of silence."""
        with contextlib.suppress(NoAnswerError):
            self._resynchronise(Deadline.after(self._settings.answer_s))
            wait = Deadline.after(self._settings.answer_s * FIRST_SHARE)
            self._once(say.aura_led(mode, speed, colour, count), wait)

    def upload_template(self, buffer: int, size: int = 0) -> bytes | None:
        """UpChar: the template in a character buffer; None when the module has none to give.

        `size` is expected when the booth itself has put it there. Otherwise a transfer is whole
        when no packet of it was damaged or came twice, the last one came, and its size is
        `template_size`. A lost packet leaves no trace, so the first template of a module that does
        not tell its size must come twice alike; from then on the size is known.
        """
        before = b""

        def fits(content: bytes) -> bool:
            nonlocal before
            if size or not content or len(content) % TEMPLATE_UNIT:
                return len(content) == size
            if len(content) != self.template_size and content != before:
                before = content
                return False
            self.template_size = len(content)
            return True

        return self._upload(say.up_char(buffer), TEMPLATE_LIMIT, fits)

    def upload_image(self, size: int = 0) -> bytes | None:
        """UpImage: the image, two pixels a byte; None when there is none to be had.

        `size` bytes, if known. An untold size must be one of the usual or come twice alike, and
        not all of it doubled. Moves up to 7 s at 57600. What the module still sends after a cancel
        is waited for by the next question, since no instruction stops it.
        """
        before = b""

        def fits(content: bytes) -> bool:
            nonlocal before
            if size:
                return len(content) == size
            alike, before = content == before, content
            return (len(content) in IMAGE_SIZES or alike) and not self._doubled(content)

        try:
            return self._upload(say.plain(Op.UP_IMAGE), LONGEST_IMAGE, fits)
        except OutOfServiceError as error:
            if error.code != "fingerprint.noisy":
                raise
            return None  # a picture is no reason to lose a module that takes fingers

    def _doubled(self, content: bytes) -> bool:
        """Whether every packet came twice; the transfer ends with the first that says so."""
        step = self.packet_size
        pairs = range(0, len(content) - 2 * step + 1, 2 * step)
        return all(content[at : at + step] == content[at + step : at + 2 * step] for at in pairs)

    def _upload(self, request: bytes, limit: int, fits: Callable[[bytes], bool]) -> bytes | None:
        heard = refused = False
        misheard = 0  # 01 is a broken exchange; always 01 is a module that does not know this
        line_s = limit * 1.4 * BITS / self._link.baudrate  # smallest packets: 11 bytes round 32
        whole: Deadline | None = None
        tries = UPLOADS if limit == TEMPLATE_LIMIT else IMAGE_UPLOADS
        for attempt in range(tries):
            joined = Assembly(limit)
            try:
                self._settle()
                if whole is None or heard:  # one that breaks on the way gets its time again
                    whole = Deadline.after(self._settings.answer_s)
                self._resynchronise(whole)
                self._busy_line = Deadline.after(line_s * 1.5 + 1.0)
                wait = whole if attempt else whole.within(self._settings.answer_s * FIRST_SHARE)
                reply = self._once(request, wait, joined, line_s * 1.5 + 0.5)
                heard, misheard = True, misheard + (reply.code == Code.BAD_PACKET)
                refused = reply.code not in (Code.OK, Code.BAD_PACKET) or misheard == tries
                # Neighbouring rows of an image may be equal; a template's packets are not.
                twins = joined.twins and limit == TEMPLATE_LIMIT
                if joined.complete and not twins and fits(content := joined.content()):
                    return content
                if reply.code == Code.NOT_VERIFIED:
                    self._verified(Deadline.after(self._settings.answer_s))
            except NoAnswerError as failure:
                heard = heard or failure.heard
                if not heard and whole is not None and whole.passed:
                    break
            finally:
                if self._in_step:
                    self._busy_line = Deadline(0.0)
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
        line_s = len(wire) * BITS / self._link.baudrate
        self._in_step = False
        self._unfinished = True
        try:
            self._link.write(wire, Deadline.after(line_s * 1.5 + 1.0))
        except LinkLostError as error:
            raise self._lost(error) from error
        except LinkTimeoutError as error:
            raise self._given_up(heard=False) from error
        self._unfinished = False
        # Data packets are not acknowledged. The system holds what the line has not carried yet.
        try:
            whole = Deadline.after(line_s * 1.5 + self._settings.answer_s)
            self._resynchronise(whole, min(line_s, UNSENT_BYTES * BITS / self._link.baudrate))
        except NoAnswerError as failure:
            raise self._given_up(failure.heard) from failure
        return True
