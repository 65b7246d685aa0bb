# SPDX-License-Identifier: Apache-2.0
"""Talking with a CRT-571 or CRT-591: questions repeated as needed, a movement's frame sent once.

Only the machine's answer to a movement says that it was made; when that is lost the sensors say
where a card is. Nothing is asked while the machine may be at work, and 04 is not sent then: it
would stop the card half way. After its supply came the machine must be reset: that happens for a
question only, in the mode that leaves a card where it is, and not again within `RESET_S`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from drivers.bins_books import Verb
from drivers.dispenser_line import Line
from drivers.dispenser_machine import MachineStatus, RestartedError
from drivers.dispenser_settings import MachineProfile
from drivers.lockboard_talk import GarbledError, SilentError
from firmware_io.codecs import dispenser_crt as crt
from firmware_io.codecs.dispenser_crt_tables import ACK_S, MOVE, Act, Code
from firmware_io.links.deadline import Deadline
from firmware_io.links.serial_port import SerialLink

POLL_S: Final = 0.2
RESET_S: Final = 12.0
"""A reset that is not through by then has failed (a public driver's value)."""
_ASKED_AGAIN: Final = 2
"""How often a damaged answer is asked for again; the machine does nothing again for that."""

FAULTS: Final[Mapping[str, str]] = {
    Code.CONTACT_HELD: "dispenser.jam",
    Code.JAM: "dispenser.jam",
    Code.SENSOR: "dispenser.sensor",
    Code.TOO_LONG: "dispenser.jam",
    Code.TOO_SHORT: "dispenser.jam",
    Code.MOVED_BY_HAND: "dispenser.by_hand",
    Code.NOT_COLLECTED: "dispenser.jam",
    Code.MAGNET: "dispenser.jam",
    Code.NOT_TO_CHIP: "dispenser.jam",
    Code.TAKEN_BY_HAND: "dispenser.by_hand",
    Code.MOTOR: "dispenser.motor",
}
"""Nobody can say where the card is: staff look."""
REFUSALS: Final[Mapping[str, str]] = {
    Code.COUNTER_FULL: "dispenser.box_full",
    Code.EMPTY: "dispenser.empty",
    Code.BIN_FULL: "dispenser.box_full",
}
"""Nothing was moved. Any other code is `dispenser.refused`: the machine knows no such movement."""

_Said = crt.Positive | crt.Negative


class CrtTalk:
    """See `MachineTalk`. `move_s`: a movement's answer that is not there by then is lost.

    `reply_s` is never less than the 0.3 s that the maker grants an acknowledgement.
    """

    def __init__(
        self,
        link: SerialLink,
        address: int,
        commands: Mapping[Verb, str],
        profile: MachineProfile,
        *,
        reply_s: float,
        tries: int,
        move_s: float,
    ) -> None:
        self._address, self._commands, self._profile = address, commands, profile
        self._reply_s, self._tries, self._move_s = max(reply_s, ACK_S), tries, move_s
        self._question = Act.SENSORS if profile.by_sensors else Act.STATUS
        self._line: Line[crt.Answer] = Line(link, crt.Decoder(address))
        self._clean = False
        self._next_status = Deadline.after(0.0)
        self._prepared = ""
        self._doing = ""  # what is being done: a movement's command, MOVE for any, the reset's
        self._done_by = Deadline.after(0.0)
        self._no_reset_before = Deadline.after(0.0)
        self._looked_after = False  # staff have, and it has not said since that all is well

    def reopened(self, *, moving: bool) -> None:
        """A movement of an earlier life may be under way; its answer then ends it."""
        self._line.heard.clear()
        self._clean = False
        self._begin(MOVE if moving else "", self._move_s)

    def cleared(self) -> None:
        """The machine may be reset once more, so that it forgets what it complains of."""
        self._looked_after = True

    def status(self) -> MachineStatus:
        """At most every 0.2 s; `moving` while something is done. Resets a machine that asks for it.

        One that was reset and asks for it again is a fault.
        """
        if self._doing:
            self._listen()
            if self._doing and not self._done_by.passed:
                return MachineStatus(moving=True)
            self._doing = ""
        said = self._ask()
        if isinstance(said, crt.Positive):
            self._looked_after = False
            return self._seen(said)
        wants = said.error == Code.NOT_RESET and self._no_reset_before.passed
        if wants or (said.error in FAULTS and self._looked_after):
            self._reset()
            return MachineStatus(moving=True)
        return MachineStatus(fault=_fault(said.error))

    def answers(self) -> bool:
        """Whether it answers a question, be it that it wants to be reset."""
        try:
            self._dialogue()
        except (SilentError, GarbledError):
            return False
        return True

    def prepare(self, verb: Verb) -> None:
        """Nothing is said yet: a command of this machine is obeyed at once."""
        self._prepared = self._commands[verb]

    def execute(self) -> None:
        """Sends the movement's frame. Its acknowledgement makes no difference to what is done."""
        self._line.heard.clear()
        self._begin(self._prepared, self._move_s)
        self._line.say(crt.command(self._prepared, self._address))

    def call_off(self) -> None:
        """Nothing was said."""
        self._prepared = ""

    def watch(self) -> MachineStatus:
        """The machine's answer once it has come; after `move_s` what the sensors say."""
        if self._doing:
            said = self._listen()
            if said is not None:
                return self._outcome(said)
            if not self._done_by.passed:
                return MachineStatus(moving=True)
            self._doing = ""
        return self._look()

    # -- inside ----------------------------------------------------------------------------------

    def _outcome(self, said: _Said) -> MachineStatus:
        if isinstance(said, crt.Positive):
            seen = self._look() if said.card is None else self._seen(said)
            return replace(seen, moved=True, ended=True)
        if said.error == Code.NOT_RESET:
            raise RestartedError
        if said.error in FAULTS:
            return MachineStatus(fault=FAULTS[said.error], ended=True)
        refused = REFUSALS.get(said.error, "dispenser.refused")
        return replace(self._look(), ended=True, refused=refused)

    def _look(self) -> MachineStatus:
        """The sensors after a movement; never resets."""
        said = self._ask()
        if isinstance(said, crt.Positive):
            return self._seen(said)
        if said.error == Code.NOT_RESET:
            raise RestartedError
        return MachineStatus(fault=_fault(said.error))

    def _seen(self, said: crt.Positive) -> MachineStatus:
        profile, told = self._profile, said.data.decode("latin-1")
        full = said.bin_full is not False  # what is not known counts as full
        if said.act == Act.SENSORS and profile.full_at:
            short = len(told) <= max(at for at, _ in profile.full_at)
            full = short or any(told[at] == mark for at, mark in profile.full_at)
        return MachineStatus(
            at_reader=said.card is crt.Card.READER,
            at_mouth=said.card is crt.Card.GATE,
            low=said.stacker in (None, 1),
            empty=said.stacker == 0,
            box_full=full,
        )

    def _reset(self) -> None:
        """Has the machine reset, once. It has just said that it does nothing else before."""
        self._looked_after = False
        self._no_reset_before = Deadline.after(RESET_S)
        self._line.say(crt.clear_line())
        limit = Deadline.after(self._reply_s)
        while crt.Cleared() not in self._line.heard and self._line.hear(limit):
            pass
        self._line.heard.clear()
        self._begin(Act.RESET_LEAVING_THE_CARD, RESET_S)
        self._line.say(crt.command(Act.RESET_LEAVING_THE_CARD, self._address))

    def _begin(self, act: str, within_s: float) -> None:
        self._doing, self._done_by = act, Deadline.after(within_s)
        self._again_left = _ASKED_AGAIN

    def _listen(self) -> _Said | None:
        """Hears for up to `POLL_S` whether what is being done has been answered."""
        until = min(Deadline.after(POLL_S), self._done_by, key=lambda one: one.at)
        quiet = True
        while True:
            if not self._line.hear(until):
                break
            quiet = False
            found = self._answered()
            if found is not None:
                return found
        if quiet:
            self._line.silence()
        return self._answered()

    def _answered(self) -> _Said | None:
        damaged = False
        while self._line.heard:
            answer = self._line.heard.popleft()
            if isinstance(answer, _Said):
                self._line.say(crt.acknowledge())
                if answer.act.startswith(self._doing):
                    self._doing = ""
                    return answer
            damaged = damaged or isinstance(answer, crt.Damaged)
        if damaged and self._again_left:
            self._again_left -= 1
            self._line.say(crt.ask_again())
        return None

    def _ask(self) -> _Said:
        """The answer to a question, put anew when it must be. Raises SilentError, GarbledError."""
        odd = False
        for _ in range(self._tries):
            self._line.rest(self._next_status)
            self._next_status = Deadline.after(POLL_S)
            try:
                said = self._dialogue()
            except SilentError:
                self._clean = False
                continue
            except GarbledError:
                self._clean, odd = False, True
                continue
            if isinstance(said, crt.Negative) or said.card is not None:
                return said
            odd = True
        raise GarbledError if odd else SilentError

    def _dialogue(self) -> _Said:
        """One question. Its answer counts only after its acknowledgement: else it may be stale."""
        if not self._clean:
            self._line.clean()
            self._clean = True
        self._line.heard.clear()
        self._line.say(crt.command(self._question, self._address))
        deadline = Deadline.after(self._reply_s)
        acknowledged = odd = False
        again = _ASKED_AGAIN
        while True:
            damaged, waiting = False, self._line.hear(deadline)
            if not waiting:
                self._line.silence()
            while self._line.heard:
                answer = self._line.heard.popleft()
                if isinstance(answer, crt.Acknowledged) and not acknowledged:
                    acknowledged, deadline = True, Deadline.after(self._reply_s)
                    continue
                odd = True
                if isinstance(answer, _Said):
                    self._line.say(crt.acknowledge())
                    if acknowledged and answer.act == self._question:
                        return answer
                damaged = damaged or isinstance(answer, crt.Damaged)
            if not waiting:
                raise GarbledError if odd else SilentError
            if damaged and acknowledged and again:
                again -= 1
                self._line.say(crt.ask_again())


def _fault(code: str) -> str:
    if code == Code.NOT_RESET:
        return "dispenser.restarted"
    return FAULTS.get(code) or REFUSALS.get(code, "dispenser.refused")
