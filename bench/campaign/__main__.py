# SPDX-License-Identifier: Apache-2.0
"""``python -m bench.campaign``: torments, judges, writes `bench/results/campaign.json`."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bench import report
from bench.campaign.registry import subjects
from bench.campaign.state import Progressed, State, digest
from bench.campaign.subject import Subject
from bench.campaign.workers import Slice, run

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results" / "campaign.json"
STATE = ROOT / "build" / "campaign" / "state.json"
GROWTH_MB = 16.0  # a worker that grows by more holds on to something
PLANTED_SLICES = 4  # so soon a planted fault must be noticed

Step = Callable[[int, Progressed], None]


def slices(subject: Subject, asked: int) -> list[Slice]:
    """The campaign of `asked` units, cut up."""
    size = subject.slice_size
    return [Slice(number, min(size, asked - at)) for number, at in enumerate(range(0, asked, size))]


def torment(
    subject: Subject, state: State, seed: int, asked: int, jobs: int, plant: str, step: Step
) -> Progressed:
    """Runs what is not yet done of one subject."""
    progress = state.subject(subject.name, seed, asked)
    progress.restarted()
    left = [one for one in slices(subject, asked) if one.number not in progress.slices]
    before, since = progress.took_s, time.monotonic()
    for done in run(subject, seed, left, plant, jobs):
        progress.take(done)
        progress.took_s = before + time.monotonic() - since
        if not plant:
            state.save()
        step(progress.tally.done, progress)
        if plant and progress.tally.flawed:
            break
    if progress.growth_mb > GROWTH_MB and not plant:
        progress.tally.flaw("growth", -1, f"{progress.growth_mb:.1f} MB over one worker's slices")
    return progress


def planted(subject: Subject, seed: int, jobs: int) -> dict[str, Any]:
    """Whether the campaign notices each fault that it can build in."""
    found: dict[str, Any] = {}
    for plant in subject.plants:
        asked = subject.slice_size * PLANTED_SLICES
        state = State(Path("/nonexistent"), resume=False)
        seen = torment(subject, state, seed, asked, jobs, plant, lambda *_: None).tally
        found[plant] = {
            "caught": seen.flawed > 0,
            "after": seen.done,
            "as": seen.flaws[0].kind if seen.flaws else "",
        }
    return found


def result(
    subject: Subject, progress: Progressed, jobs: int, faults: dict[str, Any]
) -> dict[str, Any]:
    """One subject's entry of the result file."""
    tally = progress.tally
    return {
        "name": subject.name,
        "about": subject.about,
        "unit": subject.unit,
        "made_of": progress.made_of,
        "seed": progress.seed,
        "asked": progress.asked,
        "done": tally.done,
        "slices": len(progress.slices),
        "jobs": jobs,
        "took_s": round(progress.took_s, 1),
        "counts": dict(sorted(tally.counts.items())),
        "flawed": tally.flawed,
        "flaws": [
            {"kind": one.kind, "slice": one.slice, "at": one.at, "words": one.words}
            for one in tally.flaws
        ],
        "longest_overrun_ms": round(tally.longest_overrun_ms, 3),
        "rss_before_mb": round(progress.rss_before_mb, 1),
        "rss_after_mb": round(progress.rss_after_mb, 1),
        "growth_mb": round(progress.growth_mb, 1),
        "planted": faults,
        "sound": not tally.flawed
        and tally.done >= progress.asked
        and all(one["caught"] for one in faults.values()),
    }


def write(path: Path, entries: list[dict[str, Any]]) -> None:
    """`entries` in place of those of the same name; the others stay."""
    try:
        kept = json.loads(path.read_text("utf-8"))["subjects"]
    except (OSError, ValueError, KeyError):
        kept = []
    table = {one["name"]: one for one in (*kept, *entries)}
    whole = {"machine": report.machine(), "subjects": list(table.values())}
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    fresh.replace(path)


def main(arguments: list[str] | None = None) -> int:
    """The command. Exit status 0 only when every subject is sound; 1 otherwise."""
    known = subjects()
    parser = argparse.ArgumentParser(
        prog="python -m bench.campaign",
        description="Hostile bytes and dialogues by the million, judged against the truth.",
        epilog="subjects: " + "; ".join(f"{one.name}: {one.about}" for one in known.values()),
    )
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help="all of them when none")
    parser.add_argument("--seed", type=int, default=1, help="of all chance (1)")
    parser.add_argument("--bytes", type=int, help="for each subject that counts bytes")
    parser.add_argument("--dialogues", type=int, help="for each subject that counts dialogues")
    parser.add_argument("--jobs", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--resume", action="store_true", help="go on where it was interrupted")
    parser.add_argument(
        "--plant",
        metavar="FAULT",
        help="build this fault in ("
        + ", ".join(sorted({plant for one in known.values() for plant in one.plants}))
        + "); then it must fail, and writes no result",
    )
    parser.add_argument("--slice", type=int, help="run this slice only, write no result")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the result goes")
    parser.add_argument("--state", type=Path, default=STATE, help="where --resume looks")
    given = parser.parse_args(arguments)
    if unknown := set(given.subjects) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    chosen = [known[name] for name in given.subjects or known]
    if given.plant:
        chosen = [one for one in chosen if given.plant in one.plants]
        if not chosen:
            parser.error(f"none of them can plant {given.plant}")
    console, entries = Console(), []
    state = State(given.state, resume=given.resume, made_of=digest())
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[said]}"),
    )
    # No thread of its own: workers are forked while it shows.
    with Progress(*columns, console=console, auto_refresh=False) as bar:
        for subject in chosen:
            asked = (given.bytes if subject.unit == "bytes" else given.dialogues) or subject.usual
            task = bar.add_task(subject.name, total=asked, said="")

            def step(done: int, seen: Progressed, task: Any = task) -> None:
                said = f"{seen.tally.flawed} flaws, {seen.growth_mb:+.1f} MB"
                bar.update(task, completed=done, said=said, refresh=True)

            if given.slice is not None:
                part = [one for one in slices(subject, asked) if one.number == given.slice]
                seen = Progressed(given.seed, sum(one.amount for one in part))
                for done in run(subject, given.seed, part, given.plant or "", 1):
                    seen.take(done)
            else:
                one = State(given.state, resume=False) if given.plant else state
                seen = torment(subject, one, given.seed, asked, given.jobs, given.plant or "", step)
            faults: dict[str, Any] = {}
            if not given.plant and given.slice is None:
                bar.update(task, said="planting faults", refresh=True)
                faults = planted(subject, given.seed, given.jobs)
            entry = result(subject, seen, given.jobs, faults)
            entries.append(entry)
            bar.update(task, said="sound" if entry["sound"] else "NOT SOUND", refresh=True)
            for flaw in entry["flaws"][:5]:
                console.print(f"{subject.name}: {flaw}", markup=False)
            if not given.plant and given.slice is None:
                write(given.results, entries)
    if not given.plant and given.slice is None:
        console.print(f"{given.results}")
    return 0 if all(entry["sound"] for entry in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
