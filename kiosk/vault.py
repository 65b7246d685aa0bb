# SPDX-License-Identifier: Apache-2.0
"""The bytes of one visit: pictures, templates, sealed parts. Memory only; dropped at the wipe."""

import threading


class Vault:
    """Bytes by name, such as ``take-1`` or ``slip``. Callable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, bytes] = {}

    def put(self, name: str, held: bytes) -> str:
        """Keeps bytes and answers their name."""
        with self._lock:
            self._held[name] = held
        return name

    def get(self, name: str) -> bytes:
        """The bytes, or b"" when there are none by this name."""
        with self._lock:
            return self._held.get(name, b"")

    def remove(self, name: str) -> None:
        """Forgets exactly this name; one that is not there is no matter."""
        with self._lock:
            self._held.pop(name, None)

    def drop(self, *prefixes: str) -> int:
        """Forgets every name that begins with one of `prefixes`; answers how many."""
        with self._lock:
            gone = [name for name in self._held if name.startswith(prefixes)]
            for name in gone:
                del self._held[name]
            return len(gone)
