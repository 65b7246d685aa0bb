# SPDX-License-Identifier: Apache-2.0
"""Processor time of this process' threads, one by one: true on a busy machine as well."""

import threading
import time


def threads_here() -> frozenset[int]:
    """Those that run now, by their identity: the measuring ones, to be left out later."""
    return frozenset(one.ident for one in threading.enumerate() if one.ident is not None)


def thread_times(without: frozenset[int] = frozenset()) -> dict[str, float]:
    """Seconds that each thread of Python's has run so far, summed by thread name.

    From the kernel's own clock of each thread (pthread_getcpuclockid(3)). A thread that ends takes
    its figure with it.
    """
    found: dict[str, float] = {}
    for thread in threading.enumerate():
        if thread.ident is None or thread.ident in without:
            continue
        try:
            spent = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        except OSError:  # it has just ended
            continue
        found[thread.name] = found.get(thread.name, 0.0) + spent
    return found


def process_time(pid: int) -> float:
    """Seconds that another process has run so far, to the nanosecond (clock_getcpuclockid(3)).

    Raises OSError when there is none.
    """
    return time.clock_gettime(~pid << 3 | 2)  # its number and CPUCLOCK_SCHED, as Linux packs them
