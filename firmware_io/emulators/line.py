# SPDX-License-Identifier: Apache-2.0
"""The line to the counter, as something that can be cut: a TCP relay with a switch.

``python -m firmware_io.emulators.line --to HOST:PORT`` listens on a free loopback port, prints
``{"device": "line", "path": "127.0.0.1:PORT"}`` and takes JSON lines on stdin:

    {"cut": true}      every connection is dropped and new ones are refused at once
    {"cut": false}     the line is back
    {"fault": {"drop_answers": true}}   requests arrive, their answers are lost
    {"fault": {}}      no fault
    {"status": true}   counts

Each line is answered on stdout. Runs until SIGTERM.
"""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import dataclass, field
from typing import Any

from firmware_io.emulators.desk import leave, say


@dataclass
class Line:
    """The relay's state."""

    host: str
    port: int
    cut: bool = False
    drop_answers: bool = False
    passed: int = 0
    refused: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relays one connection until either side ends it or the line is cut."""
        if self.cut:
            self.refused += 1
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        self.passed += 1
        self.open |= {writer, far_writer}
        await asyncio.gather(
            self._pump(reader, far_writer, answers=False),
            self._pump(far_reader, writer, answers=True),
        )
        self.open -= {writer, far_writer}

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        try:
            while chunk := await source.read(65_536):
                if answers and self.drop_answers:
                    self.break_off()
                    return
                sink.write(chunk)
                await sink.drain()
        except (ConnectionError, OSError):
            pass
        finally:
            if not sink.is_closing():
                sink.close()

    def break_off(self) -> None:
        """Drops every open connection."""
        for writer in list(self.open):
            writer.transport.abort()

    def control(self, said: dict[str, Any]) -> dict[str, Any]:
        """Does what one JSON line asks."""
        match said:
            case {"cut": bool(cut)}:
                self.cut = cut
                if cut:
                    self.break_off()
            case {"fault": {"drop_answers": bool(drop)}}:
                self.drop_answers = drop
            case {"fault": {}}:
                self.drop_answers = False
            case {"status": True}:
                return {"ok": True, "cut": self.cut, "passed": self.passed, "refused": self.refused}
            case _:
                return {"ok": False, "reason": "unknown: try cut, fault, status"}
        return {"ok": True}


async def serve(host: str, port: int, listen: int) -> None:
    """Runs the relay until SIGTERM or SIGINT."""
    line = Line(host, port)
    server = await asyncio.start_server(line.connected, "127.0.0.1", listen)
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, done.set)
    say({"device": "line", "path": f"127.0.0.1:{server.sockets[0].getsockname()[1]}"})
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    reading = asyncio.create_task(_obey(line, stdin))
    await done.wait()
    reading.cancel()
    line.break_off()
    server.close()


async def _obey(line: Line, stdin: asyncio.StreamReader) -> None:
    while raw := await stdin.readline():
        try:
            said = json.loads(raw)
        except ValueError:
            said = None
        say(line.control(said) if isinstance(said, dict) else {"ok": False, "reason": "not JSON"})


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="line", description="a line that can be cut")
    parser.add_argument("--to", required=True, help="HOST:PORT of the counter")
    parser.add_argument("--listen", type=int, default=0, help="port, 0: any free one")
    given = parser.parse_args(arguments)
    host, _, port = given.to.rpartition(":")
    asyncio.run(serve(host, int(port), given.listen))
    return 0


if __name__ == "__main__":
    leave(main())
