# SPDX-License-Identifier: Apache-2.0
"""Hostile dialogues: the real driver and the real emulator, and every fault between them.

A dialogue is one whole act of the driver: a finger taken from two presses (some twenty questions
and a transfer), a finger checked, a wipe, a start. Most run in virtual time; some over a real
pseudo-terminal. The emulator knows the truth that the driver's word is held against.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from unittest.mock import patch

from bench.campaign import ef01_citizens as meet
from bench.campaign.ef01_citizens import Citizen
from bench.campaign.ef01_fuzz import Uncounting
from bench.campaign.punctual import Punctuality, punctuality
from bench.campaign.subject import Kind, Tally, Unit
from bench.campaign.virtual import Line, VirtualEvent, VirtualLink
from drivers import fingerprint_talk
from drivers.errors import AskAgainError, OutOfServiceError, RefusedError
from drivers.fingerprint import CapturedFinger, Fingerprint, FingerprintSettings
from drivers.fingerprint_module import IMAGE_SIZES
from firmware_io.emulators.ef01.module import Module
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.emulators.fingerprint import FingerprintEmulator

ON_PTY: Final = 0.01  # share of the dialogues over a real pseudo-terminal
ROUND: Final = 50  # dialogues with one module and one driver
ACT_LIMIT_S: Final = 400.0  # no act of a driver may take longer, whatever happens; virtual seconds
LATE_S: Final = 0.050
LATEST_S: Final = 12.0  # four messages, each held back 2.5 s, one behind the other
EXTRA_S: Final = 1.1  # showing the password again after code 21 has a deadline of its own
# Everything as in a booth, but nobody is waited for as long.
VIRTUAL_SETTINGS: Final = FingerprintSettings(wait_s=3.0, lift_s=4.0)
# The module takes no time there, but the machine may be busy.
PTY_SETTINGS: Final = FingerprintSettings(
    poll_s=0.002,
    quiet_s=0.003,
    image_answer_s=0.6,
    answer_s=0.6,
    work_answer_s=0.6,
    match_answer_s=0.6,
    empty_answer_s=0.6,
    silence_s=0.2,
    wait_s=1.0,
    lift_s=1.0,
    replug_s=1.0,
)
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
        self.belated = False  # messages that an earlier fault holds back may still come
        self.watch_deadlines()

    def watch_deadlines(self) -> None:
        """Every question that the driver asks is timed."""
        plain = self.driver._module.ask

        def ask(payload: bytes, answer_s: float) -> Any:
            since = self.now()
            try:
                return plain(payload, answer_s)
            finally:
                over = self.now() - since - answer_s
                if over > 0 and not self.machine_late():
                    self.tally.overran(over)
                if over > LATE_S + EXTRA_S:
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
        self.clean = undisturbed and not self.belated
        self.belated = False
        happens: list[dict[str, Any]] = []
        if not undisturbed:
            what = chance.random()
            if what < 0.15:
                happens = meet.happening(chance)
            else:
                make = meet.wire_fault if what < 0.75 else meet.device_fault
                fault = make(chance)
                self.belated = "slow" in fault
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


# -- the two wires ------------------------------------------------------------------------------


@contextmanager
def virtual(chance: random.Random, tally: Tally, plant: str) -> Iterator[Scene]:
    """Driver and module on a line in memory, at the real module's times."""
    seed = chance.randrange(1 << 32)
    profile = PROFILES[chance.choice(sorted(PROFILES))]
    line = Line(Module(profile, factor=1.0, seed=seed), seed)
    line.portion = chance.choice((1, 7, 64, 64, 64, 300, 4096, 4096))
    with (
        line.clock(),
        patch.object(fingerprint_talk, "SerialLink", lambda *port: VirtualLink(line, *port)),
    ):
        driver = Fingerprint("virtual", settings=VIRTUAL_SETTINGS)
        driver._cancelled = VirtualEvent(line)  # pyright: ignore[reportAttributeAccessIssue]
        if plant == "checksum":
            driver._module._decoder = Uncounting()
        module = line.device
        assert isinstance(module, Module)
        rest = partial(line.pass_time, LATEST_S)
        yield Scene(driver, module, line.control, chance, tally, time.monotonic, rest)


@contextmanager
def on_pty(chance: random.Random, tally: Tally, plant: str) -> Iterator[Scene]:
    """Driver and module on a real port, the module as fast as the machine."""
    seed, profile = chance.randrange(1 << 32), chance.choice(sorted(PROFILES))
    with (
        FingerprintEmulator(profile, factor=0.0, seed=seed) as stage,
        patch.object(fingerprint_talk, "RESYNC_S", 0.15),  # within the settings' deadlines
        punctuality() as late,
    ):
        driver = _Following(stage)
        if plant == "checksum":
            driver._module._decoder = Uncounting()
        try:
            rest = partial(time.sleep, LATEST_S)
            yield Scene(
                driver, stage.module, stage.control, chance, tally, time.monotonic, rest, late
            )
        finally:
            driver.close()


class _Following(Fingerprint):
    """Finds the new port after a replug, as a stable path does."""

    def __init__(self, stage: FingerprintEmulator) -> None:
        super().__init__(stage.path, settings=PTY_SETTINGS)
        self._stage = stage

    def _open(self) -> None:
        self._module._link.path = self._stage.path
        super()._open()


@dataclass(frozen=True, slots=True)
class Dialogues:
    """The subject."""

    name: str = "ef01-dialogues"
    about: str = (
        "whole acts of the fingerprint driver against the emulated module over hostile wires, in"
        " virtual time and (one in a hundred) over a pseudo-terminal: never another finger's"
        " template, score or emptiness than the module's own, no question past its deadline,"
        " and the next citizen can be served"
    )
    unit: Unit = "dialogues"
    usual: int = 100_000
    slice_size: int = 500
    slice_limit_s: float = 1800.0
    plants: tuple[str, ...] = ("checksum",)

    def run(self, seed: int, amount: int, plant: str) -> Tally:
        """One slice."""
        chance, tally = random.Random(seed), Tally()
        real = max(1, round(amount * ON_PTY))
        while tally.done < amount:
            left = amount - tally.done
            wire, size = (virtual, min(ROUND, left - real)) if left > real else (on_pty, left)
            with wire(chance, tally, plant) as scene:
                scene.at = tally.done
                scene.next_citizen()
                for _ in range(size):
                    scene.at = tally.done
                    scene.dialogue()
                    tally.done += 1
            tally.count(f"dialogues {wire.__name__}", size)
        return tally


SUBJECTS: Final = (Dialogues(),)
