# SPDX-License-Identifier: Apache-2.0
import re

import pytest

from kiosk.texts.catalogue import catalogue

REASONS = (
    [f"N0{n}" for n in range(1, 6)]
    + [f"R0{n}" for n in range(1, 10)]
    + ["ask_staff", "kind_off", "long_term", "running"]
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_has_one_reason_and_one_remedy_in_words(reason: str, language: str) -> None:
    words = catalogue(language)
    for key in (f"rule.{reason}", f"rule.{reason}.remedy"):
        assert words[key].strip()
        assert "error" not in words[key].lower()
        assert "错误" not in words[key]
        assert not re.search(r"[RN]\d\d", words[key])
