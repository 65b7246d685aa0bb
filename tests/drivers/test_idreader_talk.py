# SPDX-License-Identifier: Apache-2.0
"""One request and its answer: what is taken for an answer, and what is passed over."""

import os
import threading
import tty
from collections.abc import Iterator

import pytest

from drivers.idreader_talk import GarbledError, SilentError, Talk, answers
from firmware_io.codecs.samv import Reply
from firmware_io.codecs.samv_tables import Command, Status
from firmware_io.links.serial_port import SerialLink

HEAD = "aaaaaa9669"
DONE, FOUND, NUMBER = (
    bytes.fromhex(HEAD + rest)
    for rest in (
        "0004 000090 94",
        "0008 00009f 00000000 97",
        "0014 000090 05000300 f47a3301 87d61200 146a0ace c7",
    )
)


@pytest.mark.parametrize(
    ("command", "reply", "taken"),
    [
        (Command.FIND, Reply(Status.CARD_FOUND, data=bytes(4)), True),
        (Command.FIND, Reply(Status.CARD_FOUND, data=b"\1\2\3\4"), True),
        (Command.FIND, Reply(Status.NOT_FOUND), True),
        (Command.FIND, Reply(Status.SUCCESS, data=bytes(1284)), False),
        (Command.SELECT, Reply(Status.SUCCESS, data=bytes(8)), True),
        (Command.SELECT, Reply(Status.CARD_FOUND, data=bytes(4)), False),
        (Command.READ, Reply(Status.SUCCESS, data=bytes(1284)), True),
        (Command.READ, Reply(Status.SUCCESS, data=bytes(8)), False),
        (Command.READ, Reply(Status.READ_FAILED, 0x69, 0x82), True),
        (Command.READ, Reply(0x7E), True),
        (Command.READ, Reply(Status.READ_FAILED, data=b"x"), False),
        (Command.READ_WITH_FINGERS, Reply(Status.SUCCESS, data=bytes(2310)), True),
        (Command.STATUS, Reply(Status.SUCCESS, data=bytes(8)), False),
    ],
)
def test_an_answer_has_the_shape_of_its_request(
    command: Command, reply: Reply, taken: bool
) -> None:
    assert answers(command, reply) is taken


@pytest.fixture
def wire() -> Iterator[tuple[Talk, int]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    link = SerialLink(os.ttyname(slave), 115200)
    link.open()
    yield Talk(link, silence_s=0.05), master
    link.close()
    os.close(slave)
    os.close(master)


def _answering(master: int, said: bytes) -> threading.Thread:
    """Says `said` once a whole request (10 bytes) has come."""

    def serve() -> None:
        heard = b""
        while len(heard) < 10:
            heard += os.read(master, 64)
        os.write(master, said)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_what_waits_on_the_wire_before_the_request_is_no_answer(wire: tuple[Talk, int]) -> None:
    talk, master = wire
    os.write(master, FOUND)
    thread = _answering(master, bytes.fromhex(HEAD + "0004 000080 84"))
    assert talk.ask(Command.FIND, 2.0).status == Status.NOT_FOUND
    thread.join()


def test_an_answer_of_another_shape_is_passed_over(wire: tuple[Talk, int]) -> None:
    talk, master = wire
    thread = _answering(master, FOUND + DONE + NUMBER)
    assert len(talk.ask(Command.SAM_NUMBER, 2.0).data) == 16
    thread.join()


def test_silence_and_damage_are_told_apart(wire: tuple[Talk, int]) -> None:
    talk, master = wire
    with pytest.raises(SilentError):
        talk.ask(Command.STATUS, 0.05)
    os.read(master, 64)
    for damaged in (DONE[:-1] + b"\0", DONE[:8], NUMBER[:20]):
        thread = _answering(master, damaged)
        with pytest.raises(GarbledError):
            talk.ask(Command.STATUS, 5.0)
        thread.join()
