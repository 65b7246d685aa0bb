# SPDX-License-Identifier: Apache-2.0
"""What every make of emulated card dispenser has: mechanics, a desk, and a supply that can go."""

from abc import abstractmethod
from typing import Any, ClassVar

from firmware_io.emulators.device import ControlError, Device
from firmware_io.emulators.dispenser_machine import Machine

INSTANTS = ("acknowledge", "execute", "moving", "moved")
ANSWER_S = 0.01

CONTROLS = """\
  {"stock": ["A17", "B4"]}           cards are laid into the hopper
  {"empty_hopper": true}             staff take all cards out of it
  {"take_card": true}                the card in the mouth is pulled
  {"empty_box": true}                staff take out what was captured
  {"clear": true}                    staff take a jammed card out; it is theirs
  {"check": true}                    cards and where they are, movements, violations
  {"fault": {"jam": true}}           the next movement ends in a jam
  {"fault": {"slip": true}}          the next movement moves nothing and tells nothing of it
  {"fault": {"box_full": true}}      the box of captured cards is full of old ones
  {"fault": {"dies_at": "moving"}}   the supply is lost: acknowledge (before it leaves) execute
                                     (before it moves) moving moved; {"power": "cycle"}
  {"fault": {"code": "45"}}          crt571, crt591: the next movement ends with this code and the
                                     card lies at no sensor; A0 and the like: nothing moves
"""
_FAULTS = {"jam", "slip", "box_full", "dies_at"}


class DispenserDevice(Device):
    """One machine. A make adds its wire: `hear`, and what it says when a movement ends."""

    name = "dispenser"
    controls = CONTROLS
    more_faults: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *, factor: float = 1.0, seed: int = 0) -> None:
        super().__init__(factor=factor, seed=seed)
        self.machine = Machine(self.random)
        self.alive = False
        self._dies_at: str | None = None

    @abstractmethod
    def hear(self, data: bytes, now: float) -> None:
        """Takes bytes from the host while there is power."""

    @abstractmethod
    def forget(self) -> None:
        """What is lost with the supply."""

    def feed(self, data: bytes, now: float) -> None:
        """Deaf without power."""
        if self.alive:
            self.hear(data, now)

    def power_cycle(self, now: float) -> None:
        """Cards stay where they are; the motor stops, and all that was said is forgotten."""
        self.die()
        self.alive = True

    def wake_at(self) -> float | None:
        """When the motor will be through."""
        return self.machine.movement.ends_at if self.machine.movement else None

    def die(self) -> None:
        """The supply is gone."""
        self.alive = False
        self.machine.stop()
        self.forget()

    def dead_at(self, instant: str) -> bool:
        """Whether there is no power at this instant; it may have been the last one."""
        if self.alive and self._dies_at == instant:
            self._dies_at = None
            self.die()
        return not self.alive

    def fault(self, fault: dict[str, Any], now: float) -> None:
        """See `CONTROLS`."""
        fault = {key: value for key, value in fault.items() if key not in ("times", "skip")}
        if unknown := set(fault) - _FAULTS - self.more_faults:
            super().fault(dict.fromkeys(unknown), now)
        if not fault:
            self._dies_at = None
            self.machine.jams_next = self.machine.slips_next = False
        if fault.get("dies_at", "moved") not in INSTANTS:
            raise ControlError(f"dies_at is one of {', '.join(INSTANTS)}")
        self._dies_at = fault.get("dies_at", self._dies_at)
        self.machine.jams_next = bool(fault.get("jam", self.machine.jams_next))
        self.machine.slips_next = bool(fault.get("slip", self.machine.slips_next))
        if fault.get("box_full"):
            self.machine.fill_box()

    def control(self, request: dict[str, Any], now: float) -> dict[str, Any]:
        """See `CONTROLS`."""
        machine = self.machine
        match request:
            case {"stock": [*cards]} if all(isinstance(card, str) for card in cards):
                machine.hopper += cards
                machine.stocked += cards
            case {"take_card": True}:
                card = machine.pull()
                if card is None:
                    raise ControlError("no card is in the mouth")
                return {"cards": [card]}
            case {"empty_hopper": True}:
                machine.taken += machine.hopper
                machine.hopper.clear()
            case {"empty_box": True}:
                machine.taken += machine.box
                machine.box.clear()
            case {"clear": True}:
                machine.clear()
            case {"check": True} | {"status": True}:
                return {
                    "hopper": list(machine.hopper),
                    "card": machine.card,
                    "at": machine.spot.name.lower(),
                    "box": list(machine.box),
                    "taken": list(machine.taken),
                    "unaccounted": machine.unaccounted(),
                    "moves": [[round(at, 4), name] for at, name in machine.moves],
                    "violations": list(machine.violations),
                }
            case _:
                raise ControlError("unknown request; --help lists them")
        return {}
