# SPDX-License-Identifier: Apache-2.0
"""Both doors in one process: the booths' over TLS, the officers' and the pay page beside it."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import sys
from collections.abc import Iterator

import uvicorn

from counter.app import create_apps
from counter.clock import Clock
from counter.examination import examine_waiting
from counter.faults import log_to_stderr
from counter.office import Office, key_folder
from counter.settings import ConsoleDoor, Settings, SettingsError
from counter.tls import TlsProtocol, booth_tls

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: two servers share one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to `serve`."""
        yield


def serve(settings: Settings, clock: Clock | None = None) -> None:
    """Serves until SIGTERM or SIGINT, then finishes running requests and returns.

    Prints one JSON line with both addresses when ready, and tells systemd. Raises SettingsError,
    KeysError, DatabaseError or OSError (a port is taken).
    """
    _check_console(settings.console)
    log_to_stderr()
    office = Office.open(settings, clock)
    try:
        examine_waiting(office)
        asyncio.run(_serve(office))
    finally:
        office.database.close()


async def _serve(office: Office) -> None:
    settings = office.settings
    folder = key_folder(settings)
    booth_socket = _listen(settings.booth.host, settings.booth.port)
    console_socket = _listen(settings.console.host, settings.console.port)
    console_tls = _console_tls(settings.console)
    booth_url = f"https://{_address(settings.booth.host, booth_socket)}"
    scheme = "https" if console_tls else "http"
    console_url = f"{scheme}://{_address(settings.console.host, console_socket)}"
    apps = create_apps(office, console_url)
    tls = booth_tls(folder / "tls.pem", folder / "tls.key", folder / "ca.pem")
    servers = (
        _server(apps.booth, tls, TlsProtocol),
        _server(apps.console, console_tls, TlsProtocol),
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    running = [
        asyncio.create_task(server.serve([door]))
        for server, door in zip(servers, (booth_socket, console_socket), strict=True)
    ]
    while not all(server.started for server in servers) and not any(t.done() for t in running):
        await asyncio.sleep(0.01)
    if all(server.started for server in servers):
        ready = {"device": "counter", "booth_url": booth_url, "console_url": console_url}
        print(json.dumps(ready), flush=True)  # noqa: T201
        _tell_systemd("READY=1")
        beat = asyncio.create_task(_heartbeat(office))
        waiting = asyncio.create_task(stop.wait())
        await asyncio.wait([waiting, *running], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        beat.cancel()
    _tell_systemd("STOPPING=1")
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)


def _server(app: object, tls: ssl.SSLContext | None, protocol: type) -> _Server:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=protocol,
        ws="none",
        lifespan="off",
        log_level="critical",  # its tracebacks would carry what a request held,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        limit_concurrency=200,
        ssl_certfile="given" if tls else None,
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
    )
    return _Server(config)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named, or asyncio leaves Nagle's delay on every answer.
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
    except OSError:
        door.close()
        raise
    return door


def _address(host: str, door: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"{name}:{door.getsockname()[1]}"


def _check_console(console: ConsoleDoor) -> None:
    if (console.tls_cert is None) != (console.tls_key is None):
        raise SettingsError("console: name both tls_cert and tls_key, or neither.")
    if console.tls_cert is None and console.host not in _LOOPBACK:
        raise SettingsError(
            f"console: plain HTTP is served on loopback only, not on '{console.host}'; "
            "name tls_cert and tls_key."
        )


def _console_tls(console: ConsoleDoor) -> ssl.SSLContext | None:
    if console.tls_cert is None or console.tls_key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(console.tls_cert, console.tls_key)
    return context


async def _heartbeat(office: Office) -> None:
    """Pats the watchdog as long as the database answers, at half its interval."""
    interval = os.environ.get("WATCHDOG_USEC", "")
    if not interval.isdecimal():
        return
    while True:
        await asyncio.to_thread(_database_answers, office)
        _tell_systemd("WATCHDOG=1")
        await asyncio.sleep(int(interval) / 2_000_000)


def _database_answers(office: Office) -> None:
    with office.database.read() as session:
        session.connection().exec_driver_sql("SELECT 1")


def _tell_systemd(word: str) -> None:
    """sd_notify(3): one datagram to $NOTIFY_SOCKET, nothing when there is none."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.connect(address)
            line.sendall(word.encode("ascii"))
        except OSError as why:
            print(f"counter: systemd does not listen ({why.strerror})", file=sys.stderr)  # noqa: T201
