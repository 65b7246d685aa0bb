# SPDX-License-Identifier: Apache-2.0
"""Hostile dialogues: the real driver and the real emulator, and every fault between them.

A dialogue is one whole act of the driver: a finger taken from two presses (some twenty questions
and a transfer), a finger checked, a wipe, a start. Most run in virtual time; some over a real
pseudo-terminal. The emulator knows the truth that the driver's word is held against.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final
from unittest.mock import patch

from bench.campaign.ef01_fuzz import Uncounting
from bench.campaign.ef01_scene import Scene
from bench.campaign.punctual import punctuality
from bench.campaign.subject import Tally, Unit
from bench.campaign.virtual import Line, VirtualEvent, VirtualLink
from drivers import fingerprint_talk
from drivers.fingerprint import Fingerprint, FingerprintSettings
from firmware_io.emulators.ef01.module import Module
from firmware_io.emulators.ef01.profiles import PROFILES
from firmware_io.emulators.fingerprint import FingerprintEmulator

ON_PTY: Final = 0.01  # share of the dialogues over a real pseudo-terminal
ROUND: Final = 50  # dialogues with one module and one driver
LATEST_S: Final = 12.0  # four messages, each held back 2.5 s, one behind the other
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
