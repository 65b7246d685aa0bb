# SPDX-License-Identifier: Apache-2.0
import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response
from fastapi.responses import JSONResponse

from idcard.keys import VerifyKey
from kiosk.post.carrier import Carrier, Destination
from kiosk.post.errors import RefusedByCounterError
from kiosk.post.outbox import Outbox

Carry = Callable[[str], Carrier]


@pytest.fixture
def box(open_outbox: Callable[[], Outbox]) -> Outbox:
    return open_outbox()


@pytest.fixture
def carry(box: Outbox, counter_key: VerifyKey) -> Iterator[Carry]:
    started: list[Carrier] = []

    def start(url: str) -> Carrier:
        carrier = Carrier(
            box, Destination(url, None, counter_key), rng=random.Random(5), pulse_s=0.05
        )
        started.append(carrier)
        carrier.start()
        return carrier

    yield start
    for carrier in started:
        carrier.stop()


def test_what_is_handed_over_is_carried_at_once(
    carry: Carry, box: Outbox, serve_far: Any, far_side: Any, application: Any
) -> None:
    carrier, one = carry(serve_far(far_side, tls=False).url), application()
    box.store(one.draft, one.parts)
    carrier.wake()
    arrival = carrier.await_received(one.id, 20)
    assert arrival is not None
    assert arrival.receipt.body.parts == one.hashes
    assert carrier.why_down == ""


def test_a_counter_that_comes_back_gets_everything_exactly_once(
    carry: Carry,
    box: Outbox,
    serve_far: Any,
    far_side: Any,
    stock: list[Any],
    free_port: int,
    until: Any,
) -> None:
    carrier = carry(f"http://127.0.0.1:{free_port}")
    for one in stock[:4]:
        box.store(one.draft, one.parts)
    carrier.wake()
    assert carrier.await_received(stock[0].id, 0.3) is None
    assert carrier.why_down == "line"
    assert len(box.unsent()) == 4
    serve_far(far_side, tls=False, port=free_port)
    until(lambda: not box.unsent(), 20)
    assert set(far_side.applications) == {one.id for one in stock[:4]}
    assert all(far_side.hashes(one.id) == one.hashes for one in stock[:4])


def test_one_that_the_counter_refuses_is_parked_and_blocks_nobody(
    carry: Carry, box: Outbox, serve_far: Any, far_side: Any, stock: list[Any]
) -> None:
    poison, good = stock[0], stock[1]
    refusal = JSONResponse({"detail": "other_content"}, 409)
    far_side.plan = lambda _m, path: refusal if str(poison.id) in path else None
    for one in (poison, good):
        box.store(one.draft, one.parts)
    carrier = carry(serve_far(far_side, tls=False).url)
    assert carrier.await_received(good.id, 20) is not None
    with pytest.raises(RefusedByCounterError) as refused:
        carrier.await_received(poison.id, 20)
    assert refused.value.reason == "other_content"
    assert (box.tally().unsent, box.tally().parked) == (0, 1)


def test_one_that_makes_the_counter_stumble_blocks_nobody(
    carry: Carry, box: Outbox, serve_far: Any, far_side: Any, stock: list[Any]
) -> None:
    poison = stock[0]
    far_side.plan = lambda _m, path: Response(status_code=500) if str(poison.id) in path else None
    for one in stock[:3]:
        box.store(one.draft, one.parts)
    carrier = carry(serve_far(far_side, tls=False).url)
    assert carrier.await_received(stock[2].id, 20) is not None
    assert carrier.await_received(stock[1].id, 20) is not None
    assert box.unsent() == (poison.id,)


def test_a_booth_that_is_not_admitted_stops_keeps_all_and_goes_on_once_it_is(
    carry: Carry, box: Outbox, serve_far: Any, far_side: Any, stock: list[Any], until: Any
) -> None:
    asked: list[str] = []

    def bar(_method: str, path: str) -> Response:
        asked.append(path)
        return JSONResponse({"detail": "unknown_booth"}, 403)

    far_side.plan = bar
    for one in stock[:3]:
        box.store(one.draft, one.parts)
    carrier = carry(serve_far(far_side, tls=False).url)
    until(lambda: sum(path.endswith("/hello") for path in asked) >= 4)
    assert carrier.why_down == "not_admitted"
    assert sum("/parts/" in path for path in asked) == 1  # nothing more was tried
    assert len(box.unsent()) == 3
    far_side.plan = lambda _m, _p: None
    until(lambda: not box.unsent(), 20)


def test_nobody_waits_for_an_application_that_is_not_here(carry: Carry, free_port: int) -> None:
    with pytest.raises(KeyError):
        carry(f"http://127.0.0.1:{free_port}").await_received(UUID(int=1), 5)
