# SPDX-License-Identifier: Apache-2.0
"""The course of one finger: presses, hints, tries, until a template is there or all is tried."""

from collections.abc import Sequence

from drivers.errors import AskAgainError, OutOfServiceError
from drivers.fingerprint_glass import PLACE_AGAIN, Glass, TryFailedError
from drivers.fingerprint_types import CapturedFinger
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_tables import Code, Op

NOT_ALIKE = "finger.not_the_same"


class Capture:
    """One finger in progress."""

    def __init__(self, glass: Glass, taken: Sequence[tuple[str, int]]) -> None:
        self._glass, self._module = glass, glass.module
        self._settings = glass.settings
        self._taken = {page: position for position, page in taken}

    def run(self, position: str, template_format: str) -> CapturedFinger:
        """The finger. Raises as `Fingerprint.capture` tells; may be run again after a loss."""
        glass = self._glass
        page = max(self._taken, default=-1) + 1
        glass.begin()
        while glass.tries < self._settings.tries:
            try:
                score = self._two_presses()
                template = self._template()
            except TryFailedError as failed:
                glass.failed(failed.hint)
                continue
            self._keep(page)
            return CapturedFinger(
                position=position,
                page=page,
                tries=glass.tries + 1,
                presses=glass.presses,
                score=score,
                quality=None,
                format=template_format,
                template=template,
            )
        raise AskAgainError("finger.tries_failed")

    def _two_presses(self) -> int:
        """Two alike presses, merged; their likeness."""
        glass = self._glass
        glass.new_try()
        glass.press(1)
        while (earlier := self._earlier()) is not None:
            glass.same_finger(earlier)
            glass.press(1)
        glass.press(2)
        match = self._module.ask(say.plain(Op.MATCH), self._settings.match_answer_s)
        score = say.parse_number(match.values) or 0
        if match.code == Code.NO_MATCH or score < self._settings.score_min:
            raise TryFailedError(NOT_ALIKE)
        if match.code != Code.OK:
            raise TryFailedError(PLACE_AGAIN)
        merged = self._module.ask(say.plain(Op.REG_MODEL), self._settings.match_answer_s)
        if merged.code != Code.OK:
            raise TryFailedError(NOT_ALIKE)
        return score

    def _earlier(self) -> str | None:
        """The earlier finger of this visit that the first press is one of."""
        if not self._taken:
            return None
        count = max(self._taken) + 1
        reply = self._module.ask(say.search(1, 0, count), self._settings.work_answer_s)
        hit = say.parse_hit(reply.values)
        return self._taken.get(hit.page) if reply.code == Code.OK and hit else None

    def _template(self) -> bytes:
        template = self._module.upload_template(1)
        if template is None:
            raise TryFailedError(PLACE_AGAIN)
        return template

    def _keep(self, page: int) -> None:
        """Stores the template for the next fingers' comparison; twice, if need be."""
        store = say.store(1, page), self._settings.work_answer_s
        if self._module.ask(*store).code != Code.OK and self._module.ask(*store).code != Code.OK:
            raise OutOfServiceError("fingerprint.flash_fault", "store refused twice")
