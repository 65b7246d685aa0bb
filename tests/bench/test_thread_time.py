# SPDX-License-Identifier: Apache-2.0
import os
import threading
import time

from bench.thread_time import process_time, thread_times, threads_here


def test_a_thread_has_its_own_figure_and_the_measuring_ones_none() -> None:
    measuring = threads_here()
    done, end = threading.Event(), threading.Event()

    def work() -> None:
        while time.thread_time() < 0.05:
            pass
        done.set()
        end.wait(40.0)

    worker = threading.Thread(target=work, name="spinner")
    idle = threading.Thread(target=end.wait, args=(40.0,), name="sleeper")
    worker.start()
    idle.start()
    try:
        assert done.wait(40.0)
        found = thread_times(measuring)
        assert set(found) == {"spinner", "sleeper"}
        assert found["spinner"] >= 0.05 > found["sleeper"]
        assert "MainThread" in thread_times()
    finally:
        end.set()
        worker.join()
        idle.join()


def test_another_process_has_its_figure_too() -> None:
    before, seen = process_time(os.getpid()), time.process_time()
    after = process_time(os.getpid())
    assert before <= seen <= after
