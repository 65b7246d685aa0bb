# SPDX-License-Identifier: Apache-2.0
"""A child process that does not come, does not answer or refuses is told with its log."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.stack.process import Process, StackError

ECHO = """
import json, sys
print(json.dumps({"device": "echo", "path": "here"}), flush=True)
print("a word that is no JSON", flush=True)
for line in sys.stdin:
    said = json.loads(line)
    if said.get("sleep"):
        continue
    if said.get("end"):
        sys.exit(3)
    print(json.dumps({"ok": not said.get("no"), "reason": "not today"}), flush=True)
"""
DEAF = "import signal, sys; signal.signal(15, signal.SIG_IGN); print('{}', flush=True)\n" + (
    "for line in sys.stdin: pass"
)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    started: list[Process] = []

    def launch(program: str) -> Process:
        module = tmp_path / "far_side.py"
        module.write_text(program, encoding="utf-8")
        environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
        log = tmp_path / "logs" / "far.log"
        started.append(Process("far", ["far_side"], log, environment=environment))
        return started[-1]

    yield launch
    for one in started:
        one.kill()


def test_a_ready_line_and_answers_come_in_order(start: Callable[[str], Process]) -> None:
    far = start(ECHO)
    assert far.ready() == {"device": "echo", "path": "here"}
    assert far.control({"yes": True})["ok"]
    assert far.running


def test_a_process_that_never_gets_ready_is_told_with_seconds_and_log(
    start: Callable[[str], Process], tmp_path: Path
) -> None:
    far = start("import time; time.sleep(60)")
    with pytest.raises(StackError) as late:
        far.ready(timeout_s=0.2)
    assert str(late.value) == f"far did not get ready in 0.2 s; see {tmp_path}/logs/far.log"


def test_a_process_that_ends_at_once_is_told_and_its_fault_lies_in_the_log(
    start: Callable[[str], Process], tmp_path: Path
) -> None:
    far = start("raise SystemExit('no such device')")
    with pytest.raises(StackError, match=r"far has ended; see .*far\.log"):
        far.ready()
    assert "no such device" in (tmp_path / "logs" / "far.log").read_text()
    with pytest.raises(StackError, match="far has ended"):
        far.control({"yes": True})


def test_a_refusal_carries_its_reason_and_silence_its_deadline(
    start: Callable[[str], Process],
) -> None:
    far = start(ECHO)
    far.ready()
    with pytest.raises(StackError, match="far refused: not today"):
        far.control({"no": True})
    with pytest.raises(StackError, match=r"far did not answer in 0\.2 s"):
        far.control({"sleep": True}, timeout_s=0.2)


def test_one_that_does_not_obey_is_ended_anyway(start: Callable[[str], Process]) -> None:
    far = start(DEAF)
    far.ready()
    far.stop(timeout_s=0.2)
    assert not far.running
    assert far.wait(5.0) == -9


def test_an_exit_status_can_be_waited_for(start: Callable[[str], Process]) -> None:
    far = start(ECHO)
    far.ready()
    with pytest.raises(StackError):
        far.control({"end": True})
    assert far.wait(10.0) == 3
