# SPDX-License-Identifier: Apache-2.0
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from idcard.records import Payment, PaymentQuestion, PaymentState, Progress
from kiosk.post.errors import (
    ConflictError,
    LineDownError,
    MailboxDownError,
    OutboxFullError,
    OutboxIllError,
    RefusedByCounterError,
)
from kiosk.post.mailbox import KeptMailbox, Mailbox
from kiosk.post.mailbox_server import MailboxServer
from kiosk.post.messages import LONGEST_FRAME, AwaitReceived, HandOver, PostState, Reply, Stored

Serve = Callable[..., Mailbox]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    servers: list[MailboxServer] = []

    def start(
        answer: Callable[[BaseModel], Reply], allowed: frozenset[int] = frozenset()
    ) -> Mailbox:
        path = tmp_path / "mailbox.sock"
        server = MailboxServer(path, allowed, answer)
        server.start()
        servers.append(server)
        return Mailbox(path)

    yield start
    for server in servers:
        server.stop()


def test_each_request_gets_its_own_answer(serve: Serve, application: Any) -> None:
    one, asked = application(), []
    payment = Payment(
        payment_id="p1",
        amount_fen=2000,
        state=PaymentState.WAITING,
        qr="http://x",
        expires_at=datetime(2026, 12, 1, tzinfo=UTC),
    )
    state = PostState(line="", full="", unsent=0, parked=0, oldest_unsent_s=None)
    replies = iter(
        [
            Reply(stored=Stored(booth_number="B03-261201-0007-K", seq=7, hash8="0" * 8)),
            Reply(sealed=b"\x00\xff"),
            Reply(payment=payment),
            Reply(payment=payment),
            Reply(payment=payment),
            Reply(nothing=True),
            Reply(progress=Progress(application_id=one.id, state="stored")),
            Reply(state=state),
        ]
    )

    def answer(request: BaseModel) -> Reply:
        asked.append(request)
        return next(replies)

    mailbox = serve(answer)
    assert mailbox.hand_over(one.draft, one.parts).booth_number == "B03-261201-0007-K"
    assert mailbox.eligibility(b"sealed") == b"\x00\xff"
    question = PaymentQuestion(application_id=one.id, amount_fen=2000)
    assert mailbox.open_payment(question) == payment
    assert mailbox.payment("p1") == payment
    assert mailbox.cancel_payment("p1") == payment
    assert mailbox.await_received(one.id, 0.5) is None
    assert mailbox.progress(one.id).state == "stored"
    assert mailbox.state() == state
    assert isinstance(asked[0], HandOver)
    assert (asked[0].draft, asked[0].parts) == (one.draft, one.parts)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("line_down", LineDownError),
        ("full", OutboxFullError),
        ("disk", OutboxIllError),
        ("refused", RefusedByCounterError),
        ("conflict", ConflictError),
        ("bad_request", ValueError),
        ("unknown", ValueError),
    ],
)
def test_each_refusal_arrives_as_its_own_error(
    serve: Serve, error: str, kind: type[Exception]
) -> None:
    mailbox = serve(lambda _request: Reply(error=error, detail="word"))
    with pytest.raises(kind):
        mailbox.eligibility(b"sealed")


def test_an_answer_to_something_else_is_no_yes(serve: Serve, application: Any) -> None:
    one, mailbox = application(), serve(lambda _request: Reply(nothing=True))
    with pytest.raises(MailboxDownError):
        mailbox.hand_over(one.draft, one.parts)


def test_no_uplink_is_said_at_once_and_a_silent_one_within_the_deadline(
    serve: Serve, tmp_path: Path
) -> None:
    with pytest.raises(MailboxDownError):
        Mailbox(tmp_path / "none.sock").state()
    release = threading.Event()
    mailbox = serve(lambda _request: Reply(nothing=release.wait(20)))
    with pytest.raises(MailboxDownError):
        mailbox.state(timeout_s=0.2)
    release.set()


def test_a_long_wait_holds_up_nobody_else(serve: Serve) -> None:
    release = threading.Event()
    state = PostState(line="", full="", unsent=0, parked=0, oldest_unsent_s=None)

    def answer(request: BaseModel) -> Reply:
        if isinstance(request, AwaitReceived):
            assert release.wait(20)
            return Reply(nothing=True)
        return Reply(state=state)

    mailbox = serve(answer)
    waiting = threading.Thread(target=mailbox.await_received, args=(UUID(int=1), 15))
    waiting.start()
    assert mailbox.state() == state
    assert waiting.is_alive()
    release.set()
    waiting.join(10)
    assert not waiting.is_alive()


WELL = PostState(line="", full="", unsent=0, parked=0, oldest_unsent_s=None)


def test_a_kept_connection_carries_question_after_question_in_one_thread(
    serve: Serve, tmp_path: Path
) -> None:
    threads: list[int] = []

    def answer(_request: BaseModel) -> Reply:
        threads.append(threading.get_ident())
        return Reply(state=WELL)

    serve(answer)
    kept = KeptMailbox(tmp_path / "mailbox.sock")
    assert [kept.state() for _ in range(5)] == [WELL] * 5
    assert len(set(threads)) == 1
    kept.close()
    assert kept.state() == WELL
    kept.close()


def test_a_kept_connection_is_made_anew_after_the_uplink_was_and_ends_with_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mailbox.sock"
    kept = KeptMailbox(path)
    for _ in range(3):
        server = MailboxServer(path, frozenset(), lambda _request: Reply(state=WELL))
        server.start()
        assert kept.state() == WELL
        server.stop()
        with pytest.raises(MailboxDownError):
            kept.state()
    kept.close()


def test_a_reply_that_comes_too_late_is_not_taken_for_the_next_ones(
    serve: Serve, tmp_path: Path
) -> None:
    late = threading.Event()
    said = iter([WELL, PostState(**{**WELL.model_dump(), "unsent": 9}), WELL])

    def answer(_request: BaseModel) -> Reply:
        state = next(said)
        if state.unsent:
            late.wait(20)
        return Reply(state=state)

    serve(answer)
    kept = KeptMailbox(tmp_path / "mailbox.sock")
    assert kept.state() == WELL  # the connection is kept from here on
    with pytest.raises(MailboxDownError):
        kept.state(timeout_s=0.2)
    late.set()
    assert kept.state() == WELL
    kept.close()


def test_a_user_who_is_not_on_the_list_gets_no_answer(serve: Serve) -> None:
    asked: list[BaseModel] = []

    def answer(request: BaseModel) -> Reply:
        asked.append(request)
        return Reply(nothing=True)

    mailbox = serve(answer, frozenset({os.getuid() + 4711}))
    with pytest.raises(MailboxDownError):
        mailbox.state()
    assert asked == []


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x04junk",
        b'\x00\x00\x00\x11{"verb":"format"}',
        (LONGEST_FRAME + 1).to_bytes(4, "big"),
        b"\x00\x00",
        b"",
    ],
)
def test_junk_on_the_socket_is_refused_and_the_next_request_is_answered(
    serve: Serve, tmp_path: Path, raw: bytes
) -> None:
    state = PostState(line="", full="", unsent=0, parked=0, oldest_unsent_s=None)
    mailbox = serve(lambda _request: Reply(state=state))
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(10)
        link.connect(str(tmp_path / "mailbox.sock"))
        link.sendall(raw)
        link.shutdown(socket.SHUT_WR)
        said = link.recv(65536)
    assert said == b"" or b"bad_request" in said
    assert mailbox.state() == state


def test_a_socket_left_by_a_killed_uplink_does_not_stop_the_next(
    serve: Serve, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "mailbox.sock"))
    mailbox = serve(lambda _request: Reply(nothing=True))
    assert mailbox.await_received(uuid4(), 0.0) is None
    assert (tmp_path / "mailbox.sock").stat().st_mode & 0o777 == 0o660


def test_no_call_outlives_its_deadline_while_bytes_trickle(tmp_path: Path) -> None:
    path, stop = tmp_path / "slow.sock", threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def trickle() -> None:
            link, _ = listener.accept()
            with link:
                link.sendall((1000).to_bytes(4, "big"))
                while not stop.wait(0.02):
                    try:
                        link.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(MailboxDownError):
            Mailbox(path).state(timeout_s=0.3)
        assert time.monotonic() - begun >= 0.3  # it waited, and it ended
        stop.set()
        thread.join(10)
