# SPDX-License-Identifier: Apache-2.0
"""What the citizen's hand does on the present screen: the screens' own state, gone with it."""

from dataclasses import dataclass, field

from ui.drawing import Kind


@dataclass(frozen=True, slots=True)
class Hand:
    """The finger and what it has made so far.

    `shown`: "show" is held, masked values are readable. `signed`: there is at least one stroke.
    `focus` is the field that the keypad types into; `typed` the texts so far. `page` counts pages
    of a long list from the one that holds item `opens_at`.
    """

    pressed: tuple[Kind, str] | None = None
    shown: bool = False
    signed: bool = False
    focus: str = ""
    typed: tuple[tuple[str, str], ...] = field(default=())
    page: int = 0
    opens_at: int = 0

    def text(self, field_id: str, start: str = "") -> str:
        """What stands in a field."""
        return dict(self.typed).get(field_id, start)
