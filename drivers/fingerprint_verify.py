# SPDX-License-Identifier: Apache-2.0
"""The course of a check: is the finger on the glass the one of this template?"""

from drivers.errors import AskAgainError, RefusedError
from drivers.fingerprint_glass import Glass, TryFailedError
from drivers.fingerprint_module import TEMPLATE_LIMIT, TEMPLATE_UNIT
from drivers.fingerprint_types import Verified
from firmware_io.codecs import ef01_messages as say
from firmware_io.codecs.ef01_tables import Code, Op

LOADS = 2  # data packets to the module are not acknowledged: one may have been lost


def check_size(template: bytes, known: int) -> None:
    """RefusedError "finger.template_size" for a template that this module cannot have made.

    `known` bytes have the module's own templates, 0 when it did not tell.
    """
    size = len(template)
    possible = size == known if known else 0 < size <= TEMPLATE_LIMIT and not size % TEMPLATE_UNIT
    if not possible:
        raise RefusedError("finger.template_size", f"{size} bytes")


def verify(glass: Glass, template: bytes) -> Verified:
    """One press against `template`, which goes into buffer 2. Raises as `Fingerprint.verify`."""
    module, settings = glass.module, glass.settings
    for _ in range(LOADS):
        if not module.download(say.down_char(2), template):
            raise RefusedError("finger.template_refused", "the module takes no template")
        if module.upload_template(2, len(template)) == template:
            break
    else:
        raise RefusedError("finger.template_refused", "the module does not keep the template")
    glass.begin()
    try:
        glass.press(1)
    except TryFailedError as failed:
        glass.failed(failed.hint)
        raise AskAgainError("finger.tries_failed") from None
    match = module.ask(say.plain(Op.MATCH), settings.match_answer_s)
    score = say.parse_number(match.values) or 0
    if match.code == Code.OK and score >= settings.score_min:
        return Verified(score, glass.presses)
    if match.code in (Code.OK, Code.NO_MATCH):
        return Verified(None, glass.presses)
    raise RefusedError("finger.template_refused", f"not compared, {match.code:#04x}")
