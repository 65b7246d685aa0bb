# SPDX-License-Identifier: Apache-2.0
"""What can go wrong with a wire, whatever protocol runs on it.

LinkError
├── LinkLostError        the far side or the port itself is gone: unplugged, never there, torn off
│   └── LinkBusyError    the port is there, but another program holds it
├── LinkTimeoutError     the deadline passed first
└── LinkCancelledError   our own side called the wait off

Drivers turn these into the few errors of ``drivers.errors``. Texts name the port and the system's
name of the error, never bytes of the wire.
"""


class LinkError(Exception):
    """Base of all."""


class LinkLostError(LinkError):
    """The port is not there (any longer). Close, wait, open again by the stable path."""


class LinkBusyError(LinkLostError):
    """Another program has opened the port exclusively."""


class LinkTimeoutError(LinkError):
    """Nothing, or not enough, arrived before the deadline."""


class LinkCancelledError(LinkError):
    """`cancel()` was called, from this or another thread."""
