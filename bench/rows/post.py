# SPDX-License-Identifier: Apache-2.0
"""The post: a durable hand-over, and one application to the counter, beside the bare acts."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import requests

from bench.row import Course, Row, Subject, row
from bench.sample import BOOTH, STATION, Sample, sample
from idcard.canonical import sha256_hex
from idcard.devca import write_development_keys
from idcard.keys import SigningKey, VerifyKey
from kiosk.config import load
from kiosk.post.counter_line import CounterLine, LineFiles
from kiosk.post.outbox import Identity, Limits, Outbox, Outgoing
from kiosk.post.outbox_file import PRAGMAS, connect
from kiosk.post.retry import Verdict
from kiosk.post.upload import Uploader
from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack

COMMITS = 40
UPLOADS = 20
TIMEOUT_S = 20.0


def measure(course: Course) -> list[Row]:
    """Ours and bare in turn, on one disk and one counter."""
    return [_commit(course), *_upload(course)]


def _outbox(folder: Path, keys: Path) -> Outbox:
    device = SigningKey.from_pem((keys / "booth" / "device.key").read_bytes())
    return Outbox(
        folder,
        Identity(BOOTH, STATION, device),
        now=lambda: datetime.now(UTC),
        limits=Limits(records=10_000),
    )


def _ms(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _commit(course: Course) -> Row:
    runs = course.times(COMMITS)
    keys = course.scratch / "keys"
    write_development_keys(keys, BOOTH, now=datetime.now(UTC))
    outbox = _outbox(course.scratch / "outbox", keys)
    bare = _bare_file(course.scratch / "bare.db")
    ours_ms: list[float] = []
    bare_ms: list[float] = []
    course.say("hand-overs")
    for number in range(runs):
        course.step(number, runs)
        made = sample(keys, number)
        ours_ms.append(_ms(lambda made=made: outbox.store(made.draft, made.parts)))
        bare_ms.append(_ms(lambda made=made: _bare_commit(bare, made)))
    outbox.close()
    bare.close()
    return row(
        "hand-over stored durably",
        "ms",
        ours_ms,
        bare_ms,
        "one bare SQLite transaction of the same bytes with the same PRAGMAs; ours also checks and"
        " hashes the parts, signs the manifest and syncs the log of numbers",
    )


def _bare_file(path: Path) -> sqlite3.Connection:
    file = connect(path)
    for name, value, _answer in PRAGMAS:
        file.execute(f"PRAGMA {name} = {value}")
    file.execute("CREATE TABLE parts(id TEXT, part TEXT, bytes BLOB)")
    return file


def _bare_commit(file: sqlite3.Connection, made: Sample) -> None:
    file.execute("BEGIN IMMEDIATE")
    file.executemany(
        "INSERT INTO parts VALUES (?, ?, ?)",
        [(str(made.id), part.value, raw) for part, raw in made.parts.items()],
    )
    file.execute("COMMIT")


def _upload(course: Course) -> list[Row]:
    runs = course.times(UPLOADS)
    ours_ms: list[float] = []
    bare_ms: list[float] = []
    lengths: list[float] = []
    course.say("a counter")
    with Stack(course.scratch / "booth", factor=0.0) as stack:
        url = load(stack.folder.booth_toml).post.counter_url
        booth = stack.folder.keys / "booth"
        files = LineFiles(booth / "ca.pem", booth / "tls.pem", booth / "tls.key")
        counter = VerifyKey.from_pem((booth / "counter-receipt.pub").read_bytes())
        outbox = _outbox(course.scratch / "sent", stack.folder.keys)
        uploader = Uploader(outbox, CounterLine(url, files), counter)
        course.say("uploads")
        with requests.Session() as session:
            session.trust_env = False  # as ours: no bundle or proxy of the machine
            session.verify = str(files.ca)
            session.cert = (str(files.certificate), str(files.key))
            for number in range(2 * runs):
                course.step(number, 2 * runs)
                made = sample(stack.folder.keys, number)
                outbox.store(made.draft, made.parts)
                outgoing = outbox.outgoing(made.id)
                if number % 2:
                    bare_ms.append(_ms(lambda o=outgoing: _bare_upload(session, url, o)))
                    continue
                lengths.append(made.length)
                ours_ms.append(_ms(lambda made=made: _sent(uploader, made)))
        outbox.close()
    course.step(2 * runs, 2 * runs)
    return [
        row(
            "one application to the counter, receipt kept",
            "ms",
            ours_ms,
            bare_ms,
            "five bare requests PUTs of an application of the same kind to the same counter over"
            " one kept TLS connection; ours also reads and proves the parts, checks the signed"
            " receipt, stores it and deletes the parts, both synced to disk",
        ),
        row("one application, sealed", "byte", lengths),
    ]


def _sent(uploader: Uploader, made: Sample) -> None:
    result = uploader.send(made.id)
    if result.verdict is not Verdict.GOOD:
        raise StackError(f"the counter did not take it: {result.reason}")


def _bare_upload(session: requests.Session, url: str, outgoing: Outgoing) -> None:
    address = f"{url}/api/v1/applications/{outgoing.manifest.envelope.id}"
    for part, sealed in outgoing.parts.items():
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-SHA256": sha256_hex(sealed),
        }
        session.put(
            f"{address}/parts/{part.value}", data=sealed, headers=headers, timeout=TIMEOUT_S
        ).raise_for_status()
    session.put(
        address,
        data=outgoing.manifest.model_dump_json().encode(),
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT_S,
    ).raise_for_status()


SUBJECT = Subject("post", "storing and sending an application, beside the bare acts", measure)
