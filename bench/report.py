# SPDX-License-Identifier: Apache-2.0
"""Rows as files and as a table."""

import json
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.row import Row

Plain = dict[str, Any]


def machine() -> Plain:
    """Where and when; `load_1m` is the load average at the start of the run."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": _processor(),
        "virtual": "hypervisor" in _cpuinfo(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_1m": round(os.getloadavg()[0], 2),
        "commit": _commit(),
    }


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return ""


def _processor() -> str:
    for line in _cpuinfo().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    root = Path(__file__).resolve().parents[1]
    asked = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(asked, capture_output=True, check=False, text=True)
    return done.stdout.strip()


def merged(before: Iterable[Plain], rows: Iterable[Row], at: str, load: float) -> list[Plain]:
    """`rows` in place of those of the same name in `before`; new ones at the end."""
    table = {one["name"]: one for one in before}
    for one in rows:
        plain = asdict(one)
        plain["spread"] = list(one.spread)
        table[one.name] = {**plain, "at": at, "load_1m": load}
    return list(table.values())


def read(path: Path) -> list[Plain]:
    """The rows of an earlier run; none when there was none."""
    try:
        rows: list[Plain] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return rows


def write(folder: Path, rows: list[Plain], where: Mapping[str, Any]) -> None:
    """latest.json, machine.json and latest.md in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _put(folder / "latest.json", json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    _put(folder / "machine.json", json.dumps(where, ensure_ascii=False, indent=1) + "\n")
    _put(folder / "latest.md", markdown(rows, where))


def _put(path: Path, text: str) -> None:
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def figure(value: float | None) -> str:
    """Three or four digits, as one reads them."""
    if value is None:
        return "–"
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value)}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def verdict(one: Plain) -> str:
    """The target in words: met, missed, or none."""
    if one["target"] is None:
        return ""
    return f"{one['target']}: {'met' if one['met'] else 'MISSED'}"


def markdown(rows: Iterable[Plain], where: Mapping[str, Any]) -> str:
    """The page to read."""
    lines = [
        "# Bench",
        "",
        f"{where['cores']} cores, {where['processor']}"
        f"{' (virtual machine)' if where['virtual'] else ''}, Python {where['python']};"
        f" last run {where['at']} at commit {where['commit']}, load average"
        f" {where['load_1m']} when it began. A row tells its own time and load in latest.json.",
        "",
        "Ours is the median of all runs unless the name says otherwise; the spread is the smallest"
        " and the largest; nothing was left out.",
        "",
        "| figure | unit | ours | spread | baseline | ratio | target | the baseline is |",
        "| --- | --- | ---: | --- | ---: | ---: | --- | --- |",
    ]
    for one in rows:
        low, high = one["spread"]
        cells = (
            one["name"],
            one["unit"],
            figure(one["ours"]),
            f"{figure(low)} to {figure(high)} ({one['runs']})",
            figure(one["baseline"]),
            figure(one["ratio"]),
            verdict(one),
            one["baseline_is"],
        )
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def show(rows: Iterable[Plain], console: Console) -> None:
    """The table on a terminal."""
    table = Table(title="bench", title_justify="left")
    table.add_column("figure")
    for name in ("ours", "spread", "baseline", "ratio"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("target")
    for one in rows:
        colour = {True: "green", False: "red", None: "default"}[one["met"]]
        low, high = one["spread"]
        table.add_row(
            one["name"],
            f"{figure(one['ours'])} {one['unit']}",
            f"{figure(low)}..{figure(high)}",
            figure(one["baseline"]),
            figure(one["ratio"]),
            f"[{colour}]{verdict(one)}[/]",
        )
    console.print(table)
