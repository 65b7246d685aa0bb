# SPDX-License-Identifier: Apache-2.0
"""The module's memory as scratch space for one citizen: emptied, proven empty, overwritten.

No instruction clears the image or the template buffers; they are RAM and keep the last finger
until they are overwritten or lose their supply.
"""

from collections.abc import Sequence

from drivers.errors import OutOfServiceError
from drivers.fingerprint_module import FingerprintModule
from drivers.fingerprint_types import FingerprintSettings
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_answers import Identity
from firmware_io.codecs.ef01_tables import Code, Op

NOT_WIPED = "fingerprint.not_wiped"
FILLS = 3


class Scratch:
    """What of a finger the module may still hold. All methods raise OutOfServiceError."""

    def __init__(self, module: FingerprintModule, settings: FingerprintSettings) -> None:
        self._module, self._settings = module, settings
        self._image_left = self._buffers_left = True  # who knows what was before

    def used(self) -> None:
        """A finger, or a template, has come into the module."""
        self._image_left = self._buffers_left = True

    def unpowered(self) -> None:
        """The module was without power: its RAM is empty."""
        self._image_left = self._buffers_left = False

    def wipe(self, who: Identity, *, image: bool = False) -> None:
        """Empties the library and proves it, then overwrites what of the RAM needs it.

        Raises OutOfServiceError("fingerprint.not_wiped") when the library keeps anything.
        """
        empty = say.plain(Op.EMPTY), self._settings.empty_answer_s
        if self._module.ask(*empty).code != Code.OK and self._module.ask(*empty).code != Code.OK:
            raise OutOfServiceError(NOT_WIPED, "empty refused twice")
        if (stored := self._stored()) != 0:
            raise OutOfServiceError(NOT_WIPED, f"{stored} templates after empty")
        if self._buffers_left:
            self._buffers_left = False in {self._overwritten(buffer) for buffer in (1, 2)}
        if image and self._image_left:
            nothing = bytes(who.image_bytes or self._settings.image_bytes)
            self._module.download(say.plain(Op.DOWN_IMAGE), nothing)
            self._image_left = False

    def keep(self, pages: Sequence[int]) -> None:
        """Proves that the library still holds this visit's fingers, and nothing else.

        Raises OutOfServiceError("fingerprint.changed") when it does not.
        """
        if (self._stored() or 0) > len(pages):  # lost between a Store and its answer
            unasked = say.delet_char(max(pages) + 1, 1)
            self._module.ask(unasked, self._settings.work_answer_s)
        if self._stored() != len(pages):
            raise OutOfServiceError("fingerprint.changed", "the library is not this visit's")

    def _stored(self) -> int | None:
        reply = self._module.ask(say.plain(Op.TEMPLATE_NUM), self._settings.answer_s)
        return say.parse_number(reply.values) if reply.code == Code.OK else None

    def _overwritten(self, buffer: int) -> bool:
        """Fills a template buffer with nothing; whether that was seen.

        Firmware that refuses such a template keeps the last one until the next press, which is no
        fault; but a refusal may also pass, so it is tried again at the next wipe. A fill that got
        lost on the way is repeated at once.
        """
        fill = bytes(self._module.template_size or self._settings.template_bytes)
        for _ in range(FILLS):
            if not self._module.download(say.down_char(buffer), fill):
                break
            seen = self._module.upload_template(buffer, len(fill))
            if seen is None or seen == fill:
                return seen is not None
        return False
