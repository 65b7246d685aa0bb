# SPDX-License-Identifier: Apache-2.0
"""One thing to do at a time, calmly: what the citizen reads while sitting before the camera.

Pure: fed with what was seen and when, it answers what to show. A reason appears when it has held
for a while, goes when it has been gone for a while, and a shown message stays long enough to be
read unless something more important comes up.
"""

from collections import deque
from dataclasses import dataclass, replace
from statistics import median

from kiosk.photo import verdict
from kiosk.photo.verdict import BLOCKING, OK, ORDER, Limits, Sight

STARTING = "photo.starting"
"""Shown before anything has been seen; blocks the shutter."""

_APPEAR_S = 0.4
_APPEAR_COUNT_S = 0.7  # for reasons about how many faces there are
_VANISH_S = 0.6
_STAY_S = 1.2
_CHECKS = 3  # sweeps in a row that must see a second face
_SMOOTH = 5
_SIDES = (verdict.TILTED, verdict.TURNED)
_URGENT = (verdict.TOO_DARK, verdict.NO_FACE, verdict.SEVERAL)  # need not wait for their turn


@dataclass(frozen=True, slots=True)
class Guidance:
    """What to show.

    `direction` is ``left``, ``right``, ``up``, ``down``, ``nearer``, ``back`` or "": the way to
    move, to lean or to turn, the citizen's own left and right, which is also left and right in the
    mirrored preview.
    `blocks_shutter`: no portrait can be taken now. `seq` and `stamp` (monotonic seconds) name the
    frame it rests on; 0: none. `picture` names the drawing for it: each reason has its own.
    """

    reason: str
    remedy: str
    direction: str
    blocks_shutter: bool
    seq: int = 0
    stamp: float = 0.0

    @property
    def picture(self) -> str:
        """``left`` ... ``back`` for a way to move, else the reason without its topic.

        A head that leans or looks aside has one for either way: ``tilted_left`` ...
        """
        kind = self.reason.partition(".")[2]
        if self.reason in _SIDES:
            return f"{kind}_{self.direction}" if self.direction else kind
        return self.direction or kind


def guidance_for(reason: str, blocks: bool | None = None, way: str = "") -> Guidance:
    """The guidance for a reason key; `blocks` None asks the rules.

    `way`: ``left`` or ``right`` where a head has to be moved back, "" when that is not known.
    """
    direction = {verdict.TOO_FAR: "nearer", verdict.TOO_CLOSE: "back"}.get(reason, way)
    if reason in verdict.OFF_CENTRE:
        direction = reason.rpartition(".")[2]
    return Guidance(
        reason, f"{reason}.remedy", direction, reason in BLOCKING if blocks is None else blocks
    )


@dataclass(slots=True)
class _Reason:
    true_since: float | None = None
    false_since: float | None = None
    active: bool = False


class Guide:
    """Keeps the little history that calm needs. One for each visit to the photo step."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._reasons = {reason: _Reason() for reason in ORDER}
        self._several, self._several_since = 0, 0.0
        self._shown = STARTING
        self._shown_since: float | None = None
        self._recent: deque[tuple[float | None, ...]] = deque(maxlen=_SMOOTH)
        self._begun: float | None = None
        self._ways: dict[str, str] = {}

    def held(self) -> frozenset[str]:
        """The reasons that hold at this moment, shown or waiting: to end they need more."""
        return frozenset(name for name, state in self._reasons.items() if state.active)

    def feed(self, sight: Sight, t: float) -> Guidance:
        """What to show after seeing `sight` at monotonic time `t` (seconds, never falling)."""
        self._begun = t if self._begun is None else self._begun
        held = self.held()
        smooth = self._smoothed(sight)
        found = set(verdict.findings(smooth, self._limits, held))
        self._aim(smooth)
        settled = self._count_faces(sight, found, t)
        if self._several:
            found.add(verdict.SEVERAL)  # suspected, though this frame was not searched for it
        for name, state in self._reasons.items():
            _step(state, name in settled, t, _hold(name))
        active = [name for name in ORDER if self._reasons[name].active]
        wanted = active[0] if active else OK
        if not self._undecided(wanted, found, t):
            self._show(wanted, t)
        shown = self._shown == STARTING or self._shown in BLOCKING
        blocks = shown or bool(BLOCKING.intersection(active))
        return guidance_for(self._shown, blocks, self._ways.get(self._shown, ""))

    def _aim(self, sight: Sight) -> None:
        """Which way the head has to go back; an angle that is hardly off keeps the last answer.

        In the camera's picture the citizen's left is at the right: a head that leans clockwise
        there leans to its own left, and `yaw` above 0 looks to its own right.
        """
        limits = self._limits
        for reason, angle, limit, above in (
            (verdict.TILTED, sight.roll, limits.roll, "right"),
            (verdict.TURNED, sight.yaw, limits.yaw, "left"),
        ):
            if angle is not None and abs(angle) > limit * limits.leave_angle:
                other = "left" if above == "right" else "right"
                self._ways[reason] = above if angle > 0 else other

    def _undecided(self, wanted: str, found: set[str], t: float) -> bool:
        """Something more important than `wanted` is coming up: better wait than flicker."""
        if self._shown == STARTING and t - (self._begun or 0.0) < _APPEAR_S:
            return True
        before = ORDER.index(wanted) if wanted in ORDER else len(ORDER)
        return any(not self._reasons[name].active for name in ORDER[:before] if name in found)

    def _show(self, wanted: str, t: float) -> None:
        if wanted == self._shown:
            return
        settled = self._shown_since is None or t - self._shown_since >= _STAY_S
        if settled or self._shown in (OK, STARTING) or self._urgent(wanted):
            self._shown, self._shown_since = wanted, t

    def _urgent(self, wanted: str) -> bool:
        """The first four reasons (the camera's own is told elsewhere) go before all below them."""
        return wanted in _URGENT and ORDER.index(wanted) < ORDER.index(self._shown)

    def _count_faces(self, sight: Sight, found: set[str], t: float) -> set[str]:
        """A second face counts after several sweeps, and stays until a sweep misses it."""
        if sight.look.swept:
            seen = verdict.SEVERAL in found
            self._several_since = t if seen and not self._several else self._several_since
            self._several = self._several + 1 if seen else 0
        found = found - {verdict.SEVERAL}
        sure = self._several >= _CHECKS and t - self._several_since >= _APPEAR_COUNT_S
        return found | {verdict.SEVERAL} if sure else found

    def _smoothed(self, sight: Sight) -> Sight:
        if sight.look.face is None:
            self._recent.clear()
            return sight
        self._recent.append((sight.width, sight.roll, sight.yaw, sight.pitch))
        middle = [
            median(known) if (known := [v for v in column if v is not None]) else None
            for column in zip(*self._recent, strict=True)
        ]
        return replace(sight, width=middle[0], roll=middle[1], yaw=middle[2], pitch=middle[3])


def _hold(name: str) -> float:
    if name == verdict.SEVERAL:
        return 0.0  # its sweeps have taken their time
    return _APPEAR_COUNT_S if name == verdict.NO_FACE else _APPEAR_S


def _step(state: _Reason, true: bool, t: float, hold: float) -> None:
    if true:
        state.false_since = None
        state.true_since = t if state.true_since is None else state.true_since
        state.active = state.active or t - state.true_since >= hold
        return
    state.true_since = None
    if state.active:
        state.false_since = t if state.false_since is None else state.false_since
        if t - state.false_since >= _VANISH_S:
            state.active, state.false_since = False, None
