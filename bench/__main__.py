# SPDX-License-Identifier: Apache-2.0
"""``python -m bench``: measures, shows, writes `bench/results`."""

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench import report
from bench.row import Course, Row
from bench.rows import subjects

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results"
SCRATCH = ROOT / "build" / "bench"  # a real disk, as /tmp may be memory


def main(arguments: list[str] | None = None) -> int:
    """The command. Exit status 1 when a subject could not be measured; a missed target is 0."""
    known = subjects()
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Performance figures beside their baselines.",
        epilog="subjects: " + "; ".join(f"{one.name}: {one.about}" for one in known.values()),
    )
    parser.add_argument(
        "--only", action="append", choices=sorted(known), help="this subject (may be repeated)"
    )
    parser.add_argument("--runs", type=int, help="how often, in place of each subject's own number")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the files go")
    given = parser.parse_args(arguments)
    if given.runs is not None and given.runs < 1:
        parser.error("--runs is 1 or more")
    names = given.only or list(known)
    where, console = report.machine(), Console()
    latest = given.results / "latest.json"
    failed: list[str] = []
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[now]}"),
        console=console,
    ) as progress:
        for name in names:
            task = progress.add_task(name, total=None, now="")
            scratch = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=SCRATCH))
            course = Course(
                given.runs,
                scratch,
                lambda text, task=task: progress.update(task, now=text),
                lambda done, of, task=task: progress.update(task, completed=done, total=of),
            )
            rows: list[Row] = []
            try:
                rows = known[name].measure(course)
            except Exception as wrong:  # the other subjects are measured all the same
                failed.append(name)
                console.print(f"{name} could not be measured: {type(wrong).__name__}: {wrong}")
                console.print(f"its logs are in {scratch}")
            else:
                shutil.rmtree(scratch, ignore_errors=True)
            progress.update(task, now="")
            # After each subject: what is measured is not lost when a later one is interrupted.
            named = [replace(one, name=f"{name}: {one.name}") for one in rows]
            table = report.merged(report.read(latest), named, where["at"], where["load_1m"])
            report.write(given.results, table, where)
    report.show(report.read(latest), console)
    console.print(f"{latest} and {latest.with_suffix('.md')}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
