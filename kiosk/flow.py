# SPDX-License-Identifier: Apache-2.0
"""A whole visit as a pure function: (visit, event) -> (visit, issued commands).

Time is an event too (`Woke`). Answers to a question no longer asked and answers to a command no
longer open are dropped here, so that no step has to think of them.
"""

from dataclasses import dataclass, replace

from kiosk.commands import (
    SILENT,
    AdmitStaff,
    CallOff,
    CallStaff,
    Cancel,
    Command,
    EndVisit,
    Lamp,
    LookAtStaffCard,
    WakeAfter,
)
from kiosk.events import (
    Chose,
    Done,
    DoorOpened,
    Entered,
    Event,
    Failed,
    Focused,
    HealthChanged,
    LanguageChosen,
    LargeChosen,
    PowerFailing,
    PresenceLost,
    Pressed,
    Signed,
    StaffAsked,
    StaffCame,
    StaffLeft,
    Told,
    Touched,
    VoiceChosen,
    VoiceFitted,
    Woke,
)
from kiosk.facts import Facts, Outcome
from kiosk.journeys import Journey
from kiosk.overlays import Overlay, decorate, overlay_turn
from kiosk.steps.base import Back, End, Jump, Next, Stay, Step, Turn
from kiosk.steps.staff import StaffPinStep
from kiosk.steps.trouble import unless_ill
from kiosk.steps.welcome import STARTING
from kiosk.steps.wipe import POWER, WipeStep
from kiosk.view import View

TICK = "idle"  # the flow's own wake-up, once a second while a visit can time out
STAFF_COMMANDS = (LookAtStaffCard, AdmitStaff)  # answered to the staff's step, not the citizen's


@dataclass(frozen=True, slots=True)
class Issued:
    """A command on its way, with the id its answers will name."""

    id: int
    command: Command


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of silence before the countdown is shown, and before the visit ends.

    `staff_s`: before it ends while staff stand there with their card in the reader; long enough
    for what they came for, and an end for a card that was forgotten.
    """

    warn_s: int = 60
    end_s: int = 90
    staff_s: int = 600


@dataclass(frozen=True, slots=True)
class Visit:
    """All of a visit's state.

    `staff`: what staff with their card see over `step`, which goes on under it untouched.
    """

    journey: Journey
    step: Step
    facts: Facts
    limits: Limits
    open: tuple[Issued, ...] = ()
    next_id: int = 1
    question: int = 1
    face: tuple[str, str, str] = ("", "", "")
    overlay: Overlay | None = None
    staff: Step | None = None
    idle_s: int = 0
    lit: frozenset[str] = frozenset()  # lamps the present step has lit
    ended: Outcome | None = None


def begin(journey: Journey, limits: Limits) -> tuple[Visit, tuple[Issued, ...]]:
    """A fresh visit at the journey's first step."""
    facts = Facts(closing=(STARTING,))  # until the devices' health is known
    first, commands = journey.first().enter(facts)
    visit = Visit(journey, first, facts, limits)
    return _issue(_asked(visit), (*commands, WakeAfter(1.0, TICK)))


def view(visit: Visit) -> View:
    """What the screen shows now."""
    warn_s, end_s = _limits(visit)
    on_top = visit.staff or visit.step
    staffs = visit.staff is not None or visit.step.staff_only
    shown = on_top.view(visit.facts)
    told = end_s - visit.idle_s if visit.idle_s >= warn_s and _times_out(visit) else None
    framed = decorate(shown, visit.step, visit.overlay, leaving_s=told)
    return replace(
        framed,
        question=visit.question,
        step=visit.journey.progress(on_top.name),
        step_name=on_top.name,
        voice=None if staffs else visit.facts.voice,  # the hall need not hear of PINs
    )


def step(visit: Visit, event: Event) -> tuple[Visit, tuple[Issued, ...]]:
    """What an event makes of a visit. Never raises on any event."""
    if visit.ended is not None:
        return visit, ()
    match event:
        case LanguageChosen(language):
            return replace(visit, facts=replace(visit.facts, language=language), idle_s=0), ()
        case LargeChosen(on):
            return replace(visit, facts=replace(visit.facts, large=on), idle_s=0), ()
        case Touched() | Focused():
            return replace(visit, idle_s=0), ()
        case VoiceFitted(ready):
            return replace(visit, facts=replace(visit.facts, voice_fitted=ready)), ()
        case VoiceChosen(on):
            return replace(visit, facts=replace(visit.facts, voice_wanted=on), idle_s=0), ()
        case HealthChanged():
            facts = replace(
                visit.facts,
                closing=event.closing,
                limiting=event.limiting,
                notes=event.notes,
                shut=event.shut,
                devices=event.devices,
            )
            return _asked(replace(visit, facts=facts)), ()
        case Woke(tag=tag) if tag == TICK:
            return _tick(visit)
        case PresenceLost():
            # The seat is empty: the countdown is shown at once. A touch still stops it.
            here = not _times_out(visit) or visit.staff is not None or visit.step.staff_only
            warn_s = visit.limits.warn_s
            return (visit if here else replace(visit, idle_s=max(visit.idle_s, warn_s))), ()
        case StaffAsked() | DoorOpened() | PowerFailing():
            return _by_the_panel(visit, event)
        case StaffCame():
            return _staff_came(visit)
        case StaffLeft():
            return _staff_left(visit)
        case Pressed() | Chose() | Entered() | Signed():
            if event.question != visit.question:
                return visit, ()
            visit = replace(visit, idle_s=0)
            if visit.staff is not None:
                return _staff_turn(visit, visit.staff.on(event, visit.facts, None))
            if isinstance(event, Pressed):
                turned = overlay_turn(event.button, visit.step, visit.overlay)
                if turned is not None:
                    return _overlaid(visit, *turned)
            if visit.overlay is not None:
                return visit, ()
            turn = visit.step.on(event, visit.facts, None)
            if turn is None and visit.step.may_go_back and event == Pressed(visit.question, "back"):
                turn = Back()
            return _apply(visit, turn)
        case Woke(id=id) | Told(id=id) | Done(id=id) | Failed(id=id):
            answered = next((one for one in visit.open if one.id == id), None)
            if answered is None:
                return visit, ()
            if not isinstance(event, Told):
                visit = replace(visit, open=tuple(o for o in visit.open if o.id != id))
            if isinstance(event, Told) and event.what in ("pressed", "found"):
                visit = replace(visit, idle_s=0)
            if isinstance(answered.command, STAFF_COMMANDS):
                if visit.staff is None:
                    return visit, ()
                turn = visit.staff.on(event, visit.facts, answered.command)
                return _staff_turn(visit, turn)
            return _apply(visit, visit.step.on(event, visit.facts, answered.command))


def _times_out(visit: Visit) -> bool:
    if visit.step.name == "welcome":
        return visit.staff is not None
    return not visit.step.waits


def _limits(visit: Visit) -> tuple[int, int]:
    """(countdown shown from, end of the visit) in seconds of silence."""
    warn_s, end_s = visit.limits.warn_s, visit.limits.end_s
    card = visit.step.staff_only and not visit.step.hands_over
    if visit.overlay is not Overlay.STAFF_HERE and not card:
        return warn_s, end_s
    return visit.limits.staff_s - (end_s - warn_s), visit.limits.staff_s


def _tick(visit: Visit) -> tuple[Visit, tuple[Issued, ...]]:
    again = WakeAfter(1.0, TICK)
    visit = replace(visit, open=tuple(o for o in visit.open if o.command != again))
    if not _times_out(visit):
        return _issue(replace(visit, idle_s=0), (again,))
    visit = replace(visit, idle_s=visit.idle_s + 1)
    if visit.idle_s < _limits(visit)[1]:
        return _issue(visit, (again,))
    welcome = visit.step.name == "welcome"  # only staff's own page can time out there
    visit, gone = _staff_gone(visit, None)
    turn = None if welcome else visit.step.on(Woke(0, "left"), visit.facts, None) or _leave(visit)
    visit, more = _apply(visit, turn)
    visit, tick = _issue(visit, (again,))
    return visit, (*gone, *more, *tick)


def _by_the_panel(
    visit: Visit, event: StaffAsked | DoorOpened | PowerFailing
) -> tuple[Visit, tuple[Issued, ...]]:
    """The button for help, the service door, the mains."""
    if isinstance(event, PowerFailing):
        return _on_battery(visit)
    if visit.staff is not None or visit.step.staff_only:
        return visit, ()  # they are here, and it is their hand
    turned = None
    if isinstance(event, StaffAsked):
        visit = replace(visit, idle_s=0)
        turned = overlay_turn("staff", visit.step, visit.overlay)
    # Where no screen can say so (welcome, printing) the lamp and the buzzer still do.
    return _overlaid(visit, *turned) if turned else _issue(visit, (CallStaff(True),))


def _on_battery(visit: Visit) -> tuple[Visit, tuple[Issued, ...]]:
    """A visit ends as if time had run out, and the wipe says why.

    What the machine has begun to hand over or to print is finished: the battery is for that.
    """
    kept = tuple(one for one in visit.facts.closing if one != POWER)
    visit = replace(visit, facts=replace(visit.facts, closing=(POWER, *kept)))
    begun = visit.step.name not in ("welcome", "wipe")
    if not begun or visit.step.waits or visit.facts.handed is not None:
        return _asked(visit), ()
    visit, gone = _staff_gone(visit, None)
    turn = visit.step.on(Woke(0, "left"), visit.facts, None) or _leave(visit)
    visit, more = _apply(visit, turn)
    return visit, (*gone, *more)


def _staff_came(visit: Visit) -> tuple[Visit, tuple[Issued, ...]]:
    """Staff are asked for their PIN when they were called, or when no visit has begun.

    In a visit that called nobody a card changes no screen.
    """
    welcome = visit.step.name == "welcome"
    asked = welcome or visit.overlay is Overlay.STAFF or visit.step.hands_over
    if visit.staff is not None or not asked:
        return _issue(visit, ())
    now, commands = StaffPinStep(in_visit=not welcome).enter(visit.facts)
    return _staff_turn(replace(visit, idle_s=0), Stay(now, commands))


def _staff_left(visit: Visit) -> tuple[Visit, tuple[Issued, ...]]:
    """Their card is out: the citizen goes on; a call that nobody answered with a PIN stands."""
    if visit.step.staff_only and not visit.step.hands_over:
        return _apply(visit, _leave(visit))
    if visit.staff is None:
        return visit, ()
    citizen = visit.step.name != "welcome" and not visit.step.staff_only
    called = visit.overlay is Overlay.STAFF_PIN and citizen
    return _staff_gone(visit, Overlay.STAFF if called else None)


def _staff_turn(visit: Visit, turn: Turn | None) -> tuple[Visit, tuple[Issued, ...]]:
    match turn:
        case Stay(now, commands):
            proven = not isinstance(now, StaffPinStep)
            if proven and visit.step.hands_over:
                visit, gone = _staff_gone(visit, None)
                visit, issued = _apply(visit, visit.step.on(StaffCame(), visit.facts, None))
                return visit, (*gone, *issued)
            over = Overlay.STAFF_HERE if proven else Overlay.STAFF_PIN
            return _issue(_asked(replace(visit, staff=now, overlay=over)), commands)
        case Back():
            return _staff_left(visit)
        case Jump():
            visit, gone = _staff_gone(visit, None)
            visit, issued = _apply(visit, turn)
            return visit, (*gone, *issued)
        case _:
            return visit, ()


def _staff_gone(visit: Visit, overlay: Overlay | None) -> tuple[Visit, tuple[Issued, ...]]:
    visit = replace(visit, staff=None, overlay=overlay, idle_s=0)
    return _issue(_asked(visit), tuple(CallOff(kind) for kind in STAFF_COMMANDS))


def _leave(visit: Visit) -> Turn:
    return Jump(WipeStep(outcome=visit.facts.outcome), visit.facts)


def _overlaid(
    visit: Visit, overlay: Overlay | None, commands: tuple[Command, ...], leave: bool
) -> tuple[Visit, tuple[Issued, ...]]:
    visit = replace(visit, overlay=overlay)
    if leave:
        return _apply(visit, _leave(visit))
    return _issue(_asked(visit), commands)


def _apply(visit: Visit, turn: Turn | None) -> tuple[Visit, tuple[Issued, ...]]:
    match turn:
        case None:
            return visit, ()
        case Stay(now, commands):
            return _issue(_asked(replace(visit, step=now)), commands)
        case Next(facts, commands):
            there = visit.journey.after(visit.step.name)
            there = unless_ill([make() for make in visit.journey.steps], there, facts)
            return _enter(visit, there, facts, commands)
        case Back(facts):
            before = visit.journey.before(visit.step.name)
            return _enter(visit, before, facts or visit.facts, ()) if before else (visit, ())
        case Jump(there, facts, commands):
            return _enter(visit, there, facts or visit.facts, commands)
        case End(outcome):
            visit, issued = _close(visit)
            visit, ending = _issue(replace(visit, ended=outcome), (EndVisit(outcome),))
            return visit, (*issued, *ending)


def _enter(
    visit: Visit, there: Step, facts: Facts, commands: tuple[Command, ...]
) -> tuple[Visit, tuple[Issued, ...]]:
    visit, closing = _close(visit)
    entered, wanted = there.enter(facts)
    over = visit.overlay if visit.staff is not None else None  # a person is at the keys
    visit = replace(visit, step=entered, facts=facts, overlay=over, idle_s=0)
    visit, opening = _issue(_asked(visit), (*commands, *wanted))
    return visit, (*closing, *opening)


def _close(visit: Visit) -> tuple[Visit, tuple[Issued, ...]]:
    """Calls off everything the step being left still waits for, and puts its lamps out."""
    stay = [
        o
        for o in visit.open
        if isinstance(o.command, STAFF_COMMANDS)
        or (isinstance(o.command, WakeAfter) and o.command.tag == TICK)
    ]
    stop = tuple(Cancel(o.id) for o in visit.open if o not in stay)
    dark = tuple(Lamp(name, 0.0) for name in sorted(visit.lit))
    return _issue(replace(visit, open=tuple(stay)), (*stop, *dark))


def _issue(visit: Visit, commands: tuple[Command, ...]) -> tuple[Visit, tuple[Issued, ...]]:
    visit, commands = _called_off(visit, commands)
    issued = tuple(Issued(visit.next_id + i, command) for i, command in enumerate(commands))
    lamps = {one.name: one.level for one in commands if isinstance(one, Lamp)}
    lit = visit.lit.difference(lamps).union(name for name, level in lamps.items() if level)
    kept = tuple(one for one in issued if not isinstance(one.command, SILENT))
    return (
        replace(visit, next_id=visit.next_id + len(issued), open=(*visit.open, *kept), lit=lit),
        issued,
    )


def _called_off(visit: Visit, commands: tuple[Command, ...]) -> tuple[Visit, tuple[Command, ...]]:
    """`CallOff`s as `Cancel`s of what is open; an answer that still comes is dropped."""
    kinds = tuple(one.kind for one in commands if isinstance(one, CallOff))
    if not kinds:
        return visit, commands
    off = tuple(one for one in visit.open if isinstance(one.command, kinds))
    visit = replace(visit, open=tuple(one for one in visit.open if one not in off))
    rest = tuple(one for one in commands if not isinstance(one, CallOff))
    return visit, (*(Cancel(one.id) for one in off), *rest)


def _asked(visit: Visit) -> Visit:
    """A new question number when another thing is asked than before."""
    on_top = visit.staff or visit.step
    shown = on_top.view(visit.facts)
    face = (on_top.name, f"{shown.screen}:{shown.heading.key}", str(visit.overlay))
    if face == visit.face:
        return visit
    return replace(visit, face=face, question=visit.question + 1)
