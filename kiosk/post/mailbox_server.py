# SPDX-License-Identifier: Apache-2.0
"""The uplink's side of the mailbox: a Unix socket that answers only known users of this machine."""

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog
from pydantic import BaseModel, ValidationError

from kiosk.post.messages import REQUEST, Reply, receive_frame, send_frame

REQUEST_S = 10.0  # also for the next request on a connection that is kept
REPLY_S = 5.0
_MOST_AT_ONCE = 16
_LOG = structlog.get_logger()

Answer = Callable[[BaseModel], Reply]


class MailboxServer:
    """Listens at `path` and answers each connection's requests in a thread of its own."""

    def __init__(self, path: Path, allowed_uids: frozenset[int], answer: Answer) -> None:
        """`allowed_uids` empty: only the user who runs the uplink. Raises OSError."""
        self._path, self._answer = path, answer
        self._allowed = allowed_uids or frozenset({os.getuid()})
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._stopping = threading.Event()
        self._turn = threading.Lock()  # guards the next
        self._links: set[socket.socket] = set()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o660)  # the group is the first fence, the user id the second
        self._socket.listen(32)
        self._thread = threading.Thread(target=self._accept, name="mailbox", daemon=True)

    def start(self) -> None:
        """Begins to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Takes no more requests, ends the connections, and removes the socket."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # ends accept, as a close would not
        if self._thread.ident is not None:
            self._thread.join(2.0)
        self._socket.close()
        with self._turn:
            for link in self._links:
                with contextlib.suppress(OSError):
                    link.shutdown(socket.SHUT_RD)  # a reply on its way still arrives
        self._path.unlink(missing_ok=True)

    @property
    def alive(self) -> bool:
        """Whether it still listens."""
        return self._thread.is_alive()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                link, _ = self._socket.accept()
            except OSError:
                return
            if not self._places.acquire(blocking=False):
                link.close()  # the caller sees MailboxDown and asks again
                continue
            threading.Thread(target=self._serve, args=(link,), name="letter", daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        try:
            with link:
                if _peer_uid(link) not in self._allowed:
                    _LOG.warning("mailbox_stranger")
                    return
                with self._turn:
                    self._links.add(link)
                while not self._stopping.is_set() and _says_more(link):
                    raw = receive_frame(link, time.monotonic() + REQUEST_S)
                    reply = self._reply(raw)
                    send_frame(link, reply.model_dump_json().encode(), time.monotonic() + REPLY_S)
        except OSError:
            _LOG.info("mailbox_cut")
        finally:
            with self._turn:
                self._links.discard(link)
            self._places.release()

    def _reply(self, raw: bytes) -> Reply:
        try:
            request = REQUEST.validate_json(raw)
        except ValidationError:
            return Reply(error="bad_request")
        return self._answer(request)


def _says_more(link: socket.socket) -> bool:
    """Whether a request begins within `REQUEST_S`; not when the other side ends or falls silent."""
    link.settimeout(REQUEST_S)
    try:
        return bool(link.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False


def _peer_uid(link: socket.socket) -> int:
    """The user of the process at the other end, as the kernel knows it (SO_PEERCRED)."""
    packed = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _pid, uid, _gid = struct.unpack("3i", packed)
    return uid
