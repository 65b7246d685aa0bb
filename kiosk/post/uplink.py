# SPDX-License-Identifier: Apache-2.0
"""The uplink process: `python -m kiosk.post.uplink --config booth.toml`.

Owns the outbox (one process, one connection) and the network. It never sees a readable
application: the front seals before it hands over. Prints one JSON line when it is ready.
"""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sdnotify
import structlog

from idcard.keys import KeyFormatError, SigningKey, VerifyKey
from kiosk import log
from kiosk.config import ConfigError, load
from kiosk.post.carrier import Carrier, Destination
from kiosk.post.counter_line import WHOLE_S, LineFiles
from kiosk.post.desk import Desk
from kiosk.post.errors import OutboxIllError
from kiosk.post.health_post import HealthPost
from kiosk.post.mailbox_server import MailboxServer
from kiosk.post.outbox import Identity, Limits, Outbox

_WATCHDOG_EVERY_S = 5.0
# One exchange with the counter may take this long before the carrier shows life again.
_SILENT_TOO_LONG_S = WHOLE_S + 15.0
SLIPS = "unprinted.json"
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class UplinkSettings:
    """All the uplink needs.

    `keys_dir` holds the booth's files: ca.pem, tls.pem, tls.key, device.key, counter-receipt.pub.
    `allowed_uids` empty: only the user who runs the uplink may use the mailbox.
    """

    state_dir: Path
    socket: Path
    counter_url: str
    keys_dir: Path
    booth_id: str
    station_code: str
    allowed_uids: frozenset[int] = frozenset()
    limits: Limits = field(default_factory=Limits)


def serve(
    settings: UplinkSettings,
    stop: threading.Event | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Runs until `stop` is set; calls `ready` once the mailbox answers.

    Raises OutboxIllError (disk, or another uplink has this outbox), OSError or KeyFormatError
    (keys, socket).
    """
    stop = stop or threading.Event()
    keys = settings.keys_dir
    identity = Identity(
        settings.booth_id,
        settings.station_code,
        SigningKey.from_pem((keys / "device.key").read_bytes()),
    )
    files = LineFiles(keys / "ca.pem", keys / "tls.pem", keys / "tls.key")
    for path in (files.ca, files.certificate, files.key):
        path.open("rb").close()  # a missing file is said at start, not taken for a silent line
    destination = Destination(
        settings.counter_url,
        files,
        VerifyKey.from_pem((keys / "counter-receipt.pub").read_bytes()),
    )
    outbox = Outbox(
        settings.state_dir, identity, now=lambda: datetime.now(UTC), limits=settings.limits
    )
    try:
        if outbox.quarantined:
            _LOG.error("outbox_put_aside")
        health = HealthPost(settings.state_dir / SLIPS)
        carrier = Carrier(outbox, destination, health=health)
        desk = Desk(outbox, carrier, health)
        mailbox = MailboxServer(settings.socket, settings.allowed_uids, desk.answer)
        carrier.start()
        mailbox.start()
        try:
            _watch(stop, ready, lambda: _fit(carrier, mailbox, desk))
        finally:
            mailbox.stop()
            carrier.stop()
    finally:
        outbox.close()


def main(arguments: list[str] | None = None) -> int:
    """The command. Exit status 2: the configuration or keys cannot be used; 1: the disk."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.post.uplink", description="the post")
    parser.add_argument("--config", type=Path, required=True, metavar="BOOTH.TOML")
    asked = parser.parse_args(arguments)
    log.configure()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = _settings(asked.config)
        serve(settings, stop, lambda: _say(settings))
    except ConfigError as wrong:
        return _give_up(str(wrong), 2)
    except (KeyFormatError, OSError) as wrong:
        name = getattr(wrong, "filename", None) or "a key file"
        return _give_up(f"uplink: {name} cannot be used ({type(wrong).__name__})", 2)
    except OutboxIllError as wrong:
        return _give_up(f"uplink: the outbox cannot be used: {wrong}", 1)
    return 0


def _settings(path: Path) -> UplinkSettings:
    found = load(path)
    return UplinkSettings(
        state_dir=found.post.state_dir,
        socket=found.post.socket,
        counter_url=found.post.counter_url,
        keys_dir=found.post.keys_dir,
        booth_id=found.booth.id,
        station_code=found.booth.station_code,
        allowed_uids=frozenset(found.post.allowed_uids),
    )


def _watch(
    stop: threading.Event, ready: Callable[[], None] | None, fit: Callable[[], bool]
) -> None:
    """Tells systemd that the uplink is ready, then that it lives, only with fresh proof of it."""
    notifier = sdnotify.SystemdNotifier()
    notifier.notify("READY=1")
    if ready is not None:
        ready()
    while not stop.wait(_WATCHDOG_EVERY_S):
        if fit():
            notifier.notify("WATCHDOG=1")
        else:
            _LOG.error("uplink_unfit")
    notifier.notify("STOPPING=1")


def _fit(carrier: Carrier, mailbox: MailboxServer, desk: Desk) -> bool:
    """The outbox answers a read, the mailbox listens, the carrier moved not long ago."""
    desk.state()
    return mailbox.alive and carrier.alive and time.monotonic() - carrier.beat < _SILENT_TOO_LONG_S


def _say(settings: UplinkSettings) -> None:
    line = json.dumps({"device": "uplink", "path": str(settings.socket)})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _give_up(sentence: str, status: int) -> int:
    sys.stderr.write(sentence + "\n")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
