# SPDX-License-Identifier: Apache-2.0
"""The child process that alone talks to the smart-card service: JSON lines in, JSON lines out.

``python -m firmware_io.links.pcsc_host``, started by `firmware_io.links.pcsc`. A call into the
smart-card library may hang for ever with a dead card or reader; in here it hangs alone, and the
parent ends this process and starts another.

A request is ``{"id": n, "do": ...}``; its answer is one line with the same id:

    status                          {"service": "up|down|forbidden", "readers": [{"name", "card",
                                    "mute", "atr", "changes"}]}
    connect  {"reader": name}       {"atr": hex}
    transmit {"apdu": hex}          {"answer": hex}      data, SW1 SW2
    disconnect                      {}                   resets the card and its PIN state

or ``{"error": "service|reader|no_card|removed|busy|failed", "number": n}``. The service's own
monitors are not used: they end for good when it restarts. Each status asks afresh, with the event
state of the time before, so that a card taken out and put back in between still counts.
Nothing of an exchange is logged.
"""

import json
import os
import queue
import signal
import sys
import threading
from typing import Any, Final

from smartcard import scard

_GONE: Final = {  # what pcsc-lite 1.9 answers, run against it
    scard.SCARD_E_NO_SERVICE: "service",
    scard.SCARD_E_SERVICE_STOPPED: "service",
    scard.SCARD_E_INVALID_HANDLE: "service",
    scard.SCARD_E_UNKNOWN_READER: "reader",
    scard.SCARD_E_READER_UNAVAILABLE: "reader",
    scard.SCARD_E_NO_SMARTCARD: "no_card",
    scard.SCARD_W_REMOVED_CARD: "removed",
    scard.SCARD_E_NOT_TRANSACTED: "removed",
    scard.SCARD_W_RESET_CARD: "removed",
    scard.SCARD_W_UNPOWERED_CARD: "removed",
    scard.SCARD_W_UNRESPONSIVE_CARD: "no_card",
    scard.SCARD_E_SHARING_VIOLATION: "busy",
}
_FORBIDDEN: Final = 0x8010006A  # SCARD_W_SECURITY_VIOLATION: the system's access rules say no


class _ServiceError(Exception):
    """A call into the service failed with `number`."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number & 0xFFFFFFFF
        self.kind = _GONE.get(self.number, "failed")


class Host:
    """Holds the context with the service, and at most one card."""

    def __init__(self) -> None:
        self._context: Any = None
        self._states: dict[str, int] = {}
        self._card: Any = None
        self._protocol = 0
        self._lost = False  # the card in hand has failed an exchange

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request, without its id."""
        try:
            match request.get("do"):
                case "status":
                    return self._status()
                case "connect":
                    return self._connect(str(request["reader"]))
                case "transmit":
                    return self._transmit(bytes.fromhex(request["apdu"]))
                case "disconnect":
                    self._disconnect()
                    return {}
        except _ServiceError as error:
            if error.kind == "service":
                self._forget()
            return {"error": error.kind, "number": error.number}
        return {"error": "failed", "number": 0}

    def _establish(self) -> Any:
        if self._context is None:
            result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            _check(result)
            self._context = context
        return self._context

    def _status(self) -> dict[str, Any]:
        for attempt in (1, 2):
            try:
                return {"service": "up", "readers": self._readers()}
            except _ServiceError as error:
                # The old context outlives a restart of the service without a word: ask once anew.
                self._forget()
                if error.number == _FORBIDDEN:
                    return {"service": "forbidden", "readers": []}
                if attempt == 2:
                    return {"service": "down", "readers": []}
        raise AssertionError

    def _readers(self) -> list[dict[str, Any]]:
        context = self._establish()
        result, names = scard.SCardListReaders(context, [])
        if result == scard.SCARD_E_NO_READERS_AVAILABLE:
            self._states = {}
            return []
        _check(result)
        asked = [
            (name, self._states.get(name, scard.SCARD_STATE_UNAWARE))
            for name in dict.fromkeys(names)
        ]
        result, states = scard.SCardGetStatusChange(context, 0, asked)
        if result != scard.SCARD_E_TIMEOUT:
            _check(result)
        self._states = {name: state for name, state, _ in states}
        return [
            {
                "name": name,
                "card": bool(state & scard.SCARD_STATE_PRESENT),
                "mute": bool(state & scard.SCARD_STATE_MUTE),
                "atr": bytes(atr).hex(),
                "changes": state >> 16,
            }
            for name, state, atr in states
            if not state & scard.SCARD_STATE_UNKNOWN
        ]

    def _connect(self, reader: str) -> dict[str, Any]:
        self._disconnect()
        result, card, protocol = scard.SCardConnect(
            self._establish(),
            reader,
            scard.SCARD_SHARE_SHARED,
            scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1,
        )
        _check(result)
        self._card, self._protocol, self._lost = card, protocol, False
        _check(scard.SCardBeginTransaction(card))
        result, _, _, _, atr = scard.SCardStatus(card)
        _check(result)
        return {"atr": bytes(atr).hex()}

    def _transmit(self, apdu: bytes) -> dict[str, Any]:
        if self._card is None:
            raise _ServiceError(scard.SCARD_E_NO_SMARTCARD)
        pci = (
            scard.SCARD_PCI_T0 if self._protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        )
        result, answer = scard.SCardTransmit(self._card, pci, list(apdu))
        self._lost = result != scard.SCARD_S_SUCCESS or len(answer) < 2
        _check(result)
        if self._lost:  # a card pulled in the middle of an exchange: "success", and nothing
            raise _ServiceError(scard.SCARD_W_REMOVED_CARD)
        return {"answer": bytes(answer).hex()}

    def _disconnect(self) -> None:
        if self._card is not None:
            card, self._card = self._card, None
            scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
            # Asked to reset a card that has gone, the service takes the reader for empty until the
            # next removal, also when a card was put in meanwhile.
            scard.SCardDisconnect(
                card, scard.SCARD_LEAVE_CARD if self._lost else scard.SCARD_RESET_CARD
            )

    def _forget(self) -> None:
        self._card = None
        if self._context is not None:
            context, self._context = self._context, None
            scard.SCardReleaseContext(context)
        self._states = {}


def _check(result: int) -> None:
    if result != scard.SCARD_S_SUCCESS:
        raise _ServiceError(result)


def main() -> int:
    """Serves stdin until it ends: the parent has closed it, or has died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the parent's matter
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    # The library is called from a second thread, so that a call that hangs cannot hide the end of
    # stdin: then this process ends without waiting for it.
    threading.Thread(target=_serve, args=(requests,), daemon=True).start()
    _say({"ready": True})
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)


def _serve(requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    host = Host()
    while True:
        request = requests.get()
        _say({"id": request.get("id"), **host.answer(request)})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
