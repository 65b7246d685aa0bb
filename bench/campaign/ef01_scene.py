# SPDX-License-Identifier: Apache-2.0
"""One driver, one module, and somebody who can see both and judges every act."""

import random
from collections.abc import Callable
from typing import Any, Final

from bench.campaign import ef01_citizens as meet
from bench.campaign.ef01_citizens import Citizen
from bench.campaign.punctual import Punctuality
from bench.campaign.subject import Kind, Tally
from drivers.errors import AskAgainError, OutOfServiceError, RefusedError
from drivers.fingerprint import CapturedFinger, Fingerprint
from drivers.fingerprint_module import IMAGE_SIZES
from firmware_io.emulators.ef01.module import Module

ACT_LIMIT_S: Final = 400.0  # no act of a driver may take longer, whatever happens; virtual seconds
LATE_S: Final = 0.050
BELATED_S: Final = 60.0  # after which an image at 9600 is over
Act = Callable[[], Any]
ACTS: Final = {  # and how often, of a hundred
    "capture": 68,
    "verify": 15,
    "picture": 1,
    "wipe": 10,
    "wipe all": 1,
    "start": 5,
}


class Scene:
    """One driver, one module, and somebody who can see both."""

    def __init__(
        self,
        driver: Fingerprint,
        module: Module,
        desk: meet.Desk,
        chance: random.Random,
        tally: Tally,
        now: Callable[[], float],
        rest: Act,
        late: Punctuality | None = None,
    ) -> None:
        self.driver, self.module, self.desk = driver, module, desk
        self.chance, self.tally, self.now = chance, tally, now
        self.late = late  # None: time is virtual, and always punctual
        self.rest = rest  # lets all that is under way arrive
        self.visit: list[CapturedFinger] = []
        self.person = ""
        self.at = 0  # dialogue of the slice
        self.clean = True  # nothing is done to this dialogue
        self.belated_until = 0.0  # till then messages that a fault holds back may come
        self.watch_deadlines()

    def watch_deadlines(self) -> None:
        """Every question that the driver asks is timed."""
        plain = self.driver._module.ask

        def ask(payload: bytes, answer_s: float) -> Any:
            since, busy_s = self.now(), self.driver._module.busy_s
            try:
                return plain(payload, answer_s)
            finally:
                over = self.now() - since - answer_s - busy_s
                if over > 0 and not self.machine_late():
                    self.tally.overran(over)
                if over > LATE_S:
                    self.flaw("overrun", f"a question ended {over:.2f} s after its deadline")

        self.driver._module.ask = ask

    def machine_late(self) -> bool:
        """Whether this process itself was kept waiting, so that a deadline says nothing."""
        return self.late is not None and self.late.worst_s() > LATE_S

    def flaw(self, kind: Kind, words: str) -> None:
        """Something that must not happen. What a late machine explains is only counted."""
        if kind in ("missed", "overrun") and self.machine_late():
            self.tally.count("not judged: the machine was late")
            return
        self.tally.flaw(kind, self.at, f"{'pty' if self.late else 'virtual'}: {words}")

    # -- one dialogue --------------------------------------------------------------------------

    def next_citizen(self) -> None:
        """The start: on a clean line it must succeed, whatever was before."""
        self.desk({"fault": {}})
        self.desk({"replug": True})
        self.desk({"lift": True})
        if self._dead():
            self.desk({"power": "cycle"})
        self.visit, self.person = [], f"person {self.chance.randrange(1 << 30)}"
        for turn in (1, 2):
            try:
                self.driver.start()
                return
            except OutOfServiceError as error:
                # Messages that a fault holds back may still be on their way at the first turn.
                self.tally.count(f"start {turn} after a fault: {error.code}")
                if turn == 2:
                    self.flaw("missed", f"no start on a clean line: {error.code}")
                self.rest()
            except Exception as wrong:
                self.flaw("exception", f"start: {_named(wrong)}")
                return

    def dialogue(self) -> None:
        """One act under one fault, and the judgement of it."""
        chance = self.chance
        if self.late:
            self.late.begin()
        undisturbed = chance.random() < 0.2
        self.clean = undisturbed and self.now() >= self.belated_until
        happens: list[dict[str, Any]] = []
        if not undisturbed:
            what = chance.random()
            if what < 0.15:
                happens = meet.happening(chance)
            else:
                make = meet.wire_fault if what < 0.75 else meet.device_fault
                fault = make(chance)
                if "slow" in fault:  # the whole picture of a module may be what is held back
                    self.belated_until = self.now() + fault["slow"] + BELATED_S
                self.desk({"fault": fault})
        kind = chance.choices(tuple(ACTS), tuple(ACTS.values()))[0]
        if kind in ("verify", "picture") and not self.visit:
            kind = "capture"
        since, outcome = self.now(), "done"
        try:
            match kind:
                case "capture":
                    outcome = self._capture(happens)
                case "verify":
                    outcome = self._verify(happens)
                case "picture":
                    self._picture()
                case "wipe":
                    self.driver.wipe()
                    self._emptied()
                case "wipe all":
                    self.driver.wipe(image=True)
                    self._emptied(image=True)
                case _:
                    self.driver.start()
                    self._emptied()
        except OutOfServiceError as error:
            outcome = error.code
            if kind == "picture" and self._untold():
                self.tally.count("a picture whose size no module told")
            elif self.clean:
                self.flaw("missed", f"{kind} on a clean line: {error.code}")
        except (AskAgainError, RefusedError) as error:
            outcome = error.code
        except Exception as wrong:
            outcome = "exception"
            self.flaw("exception", f"{kind}: {_named(wrong)}")
        if self.now() - since > ACT_LIMIT_S:
            self.flaw("overrun", f"{kind} took {self.now() - since:.0f} s")
        self.tally.count(f"{kind}: {outcome}")
        self.desk({"fault": {}})
        emptied = kind in ("wipe", "wipe all", "start")
        if outcome != "done" or emptied or len(self.visit) > 3 or self._dead():
            self.next_citizen()

    def _dead(self) -> bool:
        return not self.module.control({"status": True}, self.now())["ready"]

    def _citizen(self, finger: str, happens: list[dict[str, Any]], manner: str) -> Citizen:
        return Citizen(
            self.chance,
            self.desk,
            self.person,
            finger,
            manner,
            tuple(one.position for one in self.visit),
            happens,
            self.chance.randrange(5) if happens else -1,
        )

    def _capture(self, happens: list[dict[str, Any]]) -> str:
        given = {one.position for one in self.visit}
        finger = self.chance.choice([one for one in meet.POSITIONS if one not in given])
        citizen = self._citizen(finger, happens, self.chance.choice(meet.MANNERS))
        self.desk({"lift": True})
        taken = [(one.position, one.page) for one in self.visit]
        try:
            got = self.driver.capture(finger, taken, citizen.on_event)
        except AskAgainError as error:
            if self.clean and citizen.manner == "obedient":
                self.flaw("missed", f"an obedient finger on a clean line: {error.code}")
            raise
        finally:
            for told, true in citizen.said_same:
                if told != true:
                    self.flaw("wrong acceptance", "a fresh finger was told to be an earlier one")
        if citizen.manner == "nobody":
            self.flaw("wrong acceptance", "a finger was taken that nobody put down")
        if not meet.is_of(got.template, self.person, finger, self.module):
            self.flaw("wrong acceptance", "a template that is not the finger's")
        if self.module.flash.pages.get(got.page) != got.template:
            self.flaw("wrong acceptance", "a template that is not the module's")
        if got.score is None or not 60 <= got.score <= 250:
            self.flaw("wrong acceptance", "a score that no module has given")
        self.visit.append(got)
        return "done"

    def _verify(self, happens: list[dict[str, Any]]) -> str:
        kept = self.chance.choice(self.visit)
        others = [one for one in meet.POSITIONS if one != kept.position]
        finger = kept.position if self.chance.random() < 0.5 else self.chance.choice(others)
        manner = self.chance.choice(("obedient", "poor once", "hasty"))
        citizen = self._citizen(finger, happens, manner)
        self.desk({"lift": True})
        said = self.driver.verify(kept.template, citizen.on_event)
        if said.same and finger != kept.position:
            self.flaw("wrong acceptance", "another finger passed for the template's")
        if not said.same and finger == kept.position and self.clean:
            self.flaw("missed", "the template's own finger was refused on a clean line")
        return "done"

    def _untold(self) -> bool:
        """Whether the driver cannot know how long this module's pictures are."""
        size = self.module.profile.image_bytes
        return not self.driver._who.image_bytes and size not in IMAGE_SIZES

    def _picture(self) -> None:
        got = self.driver.fetch_image(self.visit[-1])
        if got is not None and got.packed != self.module.picture():
            self.flaw("wrong acceptance", "a picture that is not the module's")
        if got is None and self.clean:
            # Another act may have taken an image since: then there is rightly none.
            self.tally.count("a picture that was no longer there")

    def _emptied(self, *, image: bool = False) -> None:
        """The driver has said that nothing of a finger is left."""
        self.visit = []
        if self.module.flash.pages:
            self.flaw("wrong acceptance", "told to be empty, and a template is in the library")
        held = [content for content in self.module.ram.buffers.values() if len(set(content)) > 1]
        if image and len(set(self.module.picture() or b"")) > 1:
            held.append(b"")
        if held:
            # Data packets are not acknowledged: a line that eats them leaves the buffer as it was.
            self.tally.count("a wipe over a faulty line that left a buffer")
            if self.clean:
                self.flaw("wrong acceptance", "a buffer with a finger after a wipe")


def _named(wrong: Exception) -> str:
    return f"{type(wrong).__name__} {getattr(wrong, 'code', '')}".strip()
