# SPDX-License-Identifier: Apache-2.0
"""The console's words in Chinese and English, from words/zh.toml and words/en.toml."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from idcard.age import STATION_ZONE

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).parent / "words"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """All words of a language by dotted key. Raises KeyError for another language."""
    if language not in LANGUAGES:
        raise KeyError(language)
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file), ""))


class Words:
    """One language's words, for templates: `t("list.title")`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._all = catalogue(self.language)

    def __call__(self, key: str, **values: Any) -> str:
        """The words of `key` with `{named}` values put in. Raises KeyError for an unknown key."""
        return self._all[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether there are words for `key`."""
        return key in self._all

    def day(self, day: date | None) -> str:
        """A date in full."""
        if day is None:
            return "—"
        if self.language == "zh":
            return f"{day.year} 年 {day.month} 月 {day.day} 日"
        return f"{day.day} {day:%B %Y}"

    def moment(self, moment: datetime | None) -> str:
        """A time on the station's wall."""
        return "—" if moment is None else f"{moment.astimezone(STATION_ZONE):%Y-%m-%d %H:%M}"

    def money(self, fen: int | None) -> str:
        """Yuan from fen."""
        if fen is None:
            return "—"
        yuan = f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"
        return f"{yuan} 元" if self.language == "zh" else f"{yuan} yuan"


def _flat(table: Mapping[str, Any], before: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{before}{name}"
        found += _flat(value, f"{key}.") if isinstance(value, dict) else [(key, value)]
    return found
