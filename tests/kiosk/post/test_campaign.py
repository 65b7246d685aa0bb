# SPDX-License-Identifier: Apache-2.0
"""Uploads through a hostile line: a seeded TCP proxy, real TLS, real HTTP.

Counted are ids and hashes, never numbers alone. Two planted mistakes show that the check can fail.
"""

import asyncio
import itertools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response

from idcard.keys import VerifyKey
from idcard.records import Part
from kiosk.post import counter_line
from kiosk.post.counter_line import Answer, CounterLine, LineFiles
from kiosk.post.outbox import Limits, Outbox
from kiosk.post.retry import Verdict
from kiosk.post.upload import Result, Uploader

SEED = 20261201
FAULTS = ("none", "none", "refuse", "cut-request", "cut-answer", "lose-answer", "flip")


class HostileLine:
    """A TCP proxy that treats each connection badly in one seeded way."""

    def __init__(self, target: int, seed: int) -> None:
        self._target, self._rng = target, random.Random(seed)
        self.met: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0)
        )
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _serve(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        fault, at = self._rng.choice(FAULTS), self._rng.randint(0, 12_000)
        self.met[fault] += 1
        if fault == "refuse":
            out.transport.abort()
            return
        far, into = await asyncio.open_connection("127.0.0.1", self._target)
        lost = asyncio.Event()
        request = self._pump(near, into, at, fault, ("cut-request", "flip", "none"), lost)
        answer = self._pump(far, out, at // 3, fault, ("cut-answer", "lose-answer"), lost)
        with suppress(OSError):
            await asyncio.gather(request, answer)
        for writer in (into, out):
            writer.transport.abort()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        at: int,
        fault: str,
        mine: tuple[str, ...],
        lost: asyncio.Event,
    ) -> None:
        passed = 0
        while not lost.is_set() and (piece := await source.read(4096)):
            if fault in mine and passed + len(piece) > at:
                if fault == "flip":
                    place = at - passed
                    if place >= 0:  # once
                        piece = piece[:place] + bytes([piece[place] ^ 1]) + piece[place + 1 :]
                else:
                    lost.set()
                    piece = piece[: at - passed] if fault.startswith("cut") else b""
            passed += len(piece)
            sink.write(piece)
            with suppress(OSError):
                await sink.drain()
            if lost.is_set():
                break
        lost.set()
        source.feed_eof()
        sink.transport.abort() if fault in mine else sink.close()


@dataclass
class Count:
    """What the booth believes, and what it took."""

    done: set[UUID] = field(default_factory=set)
    attempts: int = 0


class Trusting(Uploader):
    """The planted mistake: any 2xx will do."""

    def _received(self, application_id: UUID, answer: Answer) -> Result:
        super()._received(application_id, answer)
        return Result(Verdict.GOOD)


@pytest.fixture
def hostile(serve_far: Any, far_side: Any) -> Iterator[HostileLine]:
    rng = random.Random(SEED)

    def manners(_method: str, _path: str) -> Response | None:
        luck = rng.random()
        if luck < 0.05:
            return Response(status_code=503, headers={"Retry-After": "1"})
        return Response("welcome") if luck < 0.10 else None  # a gateway's login page

    def replaced(_method: str, _path: str) -> Response | None:
        return Response("welcome") if rng.random() < 0.05 else None

    far_side.plan, far_side.after = manners, replaced
    line = HostileLine(serve_far(far_side).port, SEED)
    yield line
    line.close()


Run = Callable[..., Count]


@pytest.fixture
def run(
    hostile: HostileLine,
    open_outbox: Callable[..., Outbox],
    line_files: LineFiles,
    counter_key: VerifyKey,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    # A flipped length leaves the counter waiting for more: the booth gives up after this silence.
    monkeypatch.setattr(counter_line, "SILENCE_S", 1.0)

    def campaign(
        citizens: list[Any],
        kind: type[Uploader] = Uploader,
        on_retry: Callable[[Any], Any] = lambda one: one,
    ) -> Count:
        """Sends until every citizen's application is believed to have arrived."""
        box, count = open_outbox(limits=Limits(records=10_000, free_bytes=0)), Count()
        line = CounterLine(f"https://127.0.0.1:{hostile.port}", line_files)
        uploader = kind(box, line, counter_key)
        for one in citizens:
            while True:
                box.store(one.draft, one.parts)
                count.attempts += 1
                assert count.attempts < 60 * len(citizens), "gets nowhere"
                result = uploader.send(one.id)
                assert result.verdict in (Verdict.GOOD, Verdict.RETRY), result
                if result.verdict is Verdict.GOOD:
                    count.done.add(one.id)
                    break
                one = on_retry(one)
        line.close()
        return count

    return campaign


def faults_found(far_side: Any, citizens: list[Any], count: Count) -> set[str]:
    """The promises broken: lost, changed, doubled."""
    sent = {one.id: one for one in citizens}
    arrived = set(far_side.applications)
    found = set()
    if count.done - arrived:
        found.add("lost")
    if len(arrived) != len(citizens):
        found.add("doubled" if len(arrived) > len(citizens) else "lost")
    if any(far_side.hashes(one) != sent[one].hashes for one in arrived & set(sent)):
        found.add("changed")
    return found


def test_everything_arrives_once_and_unchanged_over_a_hostile_line(
    run: Run, hostile: HostileLine, far_side: Any, stock: list[Any]
) -> None:
    citizens = stock[:80]
    count = run(citizens)
    assert faults_found(far_side, citizens, count) == set()
    assert count.done == {one.id for one in citizens} == set(far_side.applications)
    assert count.attempts > len(citizens)  # it was hostile indeed
    assert all(hostile.met[fault] for fault in FAULTS)


def test_the_check_sees_a_client_that_trusts_any_yes(
    run: Run, far_side: Any, stock: list[Any]
) -> None:
    citizens = stock[80:120]
    manifests = itertools.count(1)

    def gateway(method: str, path: str) -> Response | None:
        """A login page in place of the answer to every fourth manifest, whatever else happens."""
        last = method == "PUT" and "/parts/" not in path
        return Response("welcome") if last and next(manifests) % 4 == 0 else None

    far_side.plan = gateway
    assert "lost" in faults_found(far_side, citizens, run(citizens, Trusting))


def test_the_check_sees_a_client_that_takes_a_new_id_to_try_again(
    run: Run, far_side: Any, stock: list[Any], application: Callable[..., Any]
) -> None:
    citizens = stock[120:160]
    count = run(citizens, on_retry=lambda _one: application(200))
    assert "doubled" in faults_found(far_side, citizens, count)


def test_the_check_sees_a_changed_body(run: Run, far_side: Any, stock: list[Any]) -> None:
    citizens = stock[160:165]
    count = run(citizens)
    far_side.parts[citizens[2].id, Part.PORTRAIT] += b"!"
    assert faults_found(far_side, citizens, count) == {"changed"}
