# SPDX-License-Identifier: Apache-2.0
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from idcard.devca import write_development_keys
from idcard.records import PaymentQuestion, PaymentState
from kiosk.post import counter_line
from kiosk.post.counter_line import CounterLine, LineFiles
from kiosk.post.errors import LineDownError, RefusedByCounterError
from kiosk.post.retry import Verdict


def test_questions_and_payments_go_over_the_line_with_the_booths_certificate(
    serve_far: Any, far_side: Any, line_files: LineFiles
) -> None:
    heard: list[str] = []
    line = CounterLine(serve_far(far_side).url, line_files, heard.append)
    assert line.hello().verdict is Verdict.GOOD
    assert line.eligibility(b"abc") == b"cba"
    question = PaymentQuestion(application_id=uuid4(), amount_fen=2000)
    assert line.open_payment(question).state is PaymentState.WAITING
    assert line.payment("0" * 32).state is PaymentState.PAID
    assert line.cancel_payment("0" * 32).state is PaymentState.CANCELLED
    with pytest.raises(RefusedByCounterError) as refused:
        line.progress(UUID(int=1))
    assert refused.value.reason == "unknown_application"
    assert set(heard) == {""}
    line.close()


def test_a_counter_that_cannot_prove_itself_gets_nothing(
    serve_far: Any, far_side: Any, line_files: LineFiles, tmp_path: Path
) -> None:
    write_development_keys(tmp_path, "B03", now=datetime.now(UTC))
    strangers = LineFiles(tmp_path / "ca.pem", line_files.certificate, line_files.key)
    heard: list[str] = []
    line = CounterLine(serve_far(far_side).url, strangers, heard.append)
    with pytest.raises(LineDownError) as down:
        line.eligibility(b"abc")
    assert (down.value.why, heard) == ("tls", ["tls"])


@pytest.mark.parametrize(
    ("status", "why"), [(503, "busy"), (429, "busy"), (401, "not_admitted"), (403, "not_admitted")]
)
def test_what_is_no_answer_is_told_by_its_kind(
    serve_far: Any, far_side: Any, status: int, why: str
) -> None:
    far_side.plan = lambda _m, _p: Response(status_code=status)
    heard: list[str] = []
    line = CounterLine(serve_far(far_side, tls=False).url, None, heard.append)
    with pytest.raises(LineDownError) as down:
        line.eligibility(b"abc")
    assert (down.value.why, heard) == (why, [why])


def test_an_answer_of_the_wrong_shape_is_no_answer(serve_far: Any, far_side: Any) -> None:
    far_side.plan = lambda _m, _p: JSONResponse({"state": "paid"})
    line = CounterLine(serve_far(far_side, tls=False).url, None)
    with pytest.raises(LineDownError):
        line.payment("0" * 32)


def test_retry_after_is_read_as_seconds_or_as_a_date(serve_far: Any, far_side: Any) -> None:
    headers = iter(
        [
            {"Retry-After": "17"},
            {"Retry-After": formatdate(time.time() + 1000, usegmt=True)},
            {"Retry-After": "soon"},
            {},
        ]
    )
    far_side.plan = lambda _m, _p: Response(status_code=503, headers=next(headers))
    line = CounterLine(serve_far(far_side, tls=False).url, None)
    seconds, until_a_date, unreadable, none = (line.hello().retry_after_s for _ in range(4))
    assert (seconds, unreadable, none) == (17, 0, 0)
    assert 900 < until_a_date <= 1001


def test_a_kept_connection_that_the_counter_closed_costs_the_citizen_nothing() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve_one_request_a_connection() -> None:
            for _ in range(2):
                link, _ = listener.accept()
                with link:
                    link.recv(65536)
                    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        thread = threading.Thread(target=serve_one_request_a_connection)
        thread.start()
        line = CounterLine(f"http://127.0.0.1:{listener.getsockname()[1]}", None)
        assert [line.eligibility(b"q") for _ in range(2)] == [b"ok", b"ok"]
        thread.join(10)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n",
        b"SSH-2.0-nothing of the kind\r\n",
        b"",
    ],
)
def test_a_cut_or_foreign_answer_is_a_line_that_is_down(answer: bytes) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(10)

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                link.recv(65536)
                link.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        line = CounterLine(f"http://127.0.0.1:{listener.getsockname()[1]}", None)
        with pytest.raises(LineDownError):
            line.eligibility(b"q")
        thread.join(10)


def test_an_endless_answer_is_dropped(
    serve_far: Any, far_side: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter_line, "LONGEST_ANSWER", 100)
    far_side.plan = lambda _m, _p: Response(b"x" * 101)
    line = CounterLine(serve_far(far_side, tls=False).url, None)
    with pytest.raises(LineDownError):
        line.eligibility(b"q")


def test_nobody_there_is_a_line_that_is_down(free_port: int) -> None:
    down: Callable[[], object] = CounterLine(f"http://127.0.0.1:{free_port}", None).hello
    with pytest.raises(LineDownError):
        down()
