# SPDX-License-Identifier: Apache-2.0
"""The workbench: a local page that does what hands do in a hall."""

import json
import tempfile
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import Any

from kiosk.stack.process import StackError
from kiosk.stack.stack import Stack

LONGEST = 4096  # bytes of a control line


class Workbench:
    """Serves the page on loopback while the block lasts."""

    def __init__(self, stack: Stack, port: int, officer: str, password: str) -> None:
        self._stack = stack
        self._facts = {"console": stack.console_url, "officer": officer, "password": password}
        self._roll = tempfile.TemporaryDirectory(prefix="workbench-")
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        except OSError:
            self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The page."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Workbench":
        threading.Thread(target=self._server.serve_forever, name="workbench", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._roll.cleanup()

    def receipt(self) -> bytes:
        """What has come out of the printer since it was last torn off, as PNG; b"": nothing."""
        if not self._stack.control("printer", {"status": True}).get("rows_to_take", 0):
            return b""
        path = Path(self._roll.name) / "roll.png"
        path.unlink(missing_ok=True)
        self._stack.control("printer", {"render": str(path)})
        return path.read_bytes() if path.exists() else b""

    def obey(self, said: Any) -> dict[str, Any]:
        """One control line of the page."""
        match said:
            case {"device": str(device), "control": dict(line)}:
                try:
                    return {"ok": True, **self._stack.control(device, line)}
                except StackError as wrong:
                    return {"ok": False, "reason": str(wrong)}
        return {"ok": False, "reason": "unknown"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bench = self
        page = resources.files("kiosk.stack").joinpath("workbench.html").read_bytes()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/":
                    self._send(page, "text/html; charset=utf-8")
                elif self.path == "/facts":
                    self._send(json.dumps(bench._facts).encode(), "application/json")
                elif self.path.startswith("/receipt.png"):
                    self._send(bench.receipt(), "image/png")
                else:
                    self.send_error(HTTPStatus.NOT_FOUND)

            def do_POST(self) -> None:
                local = f"http://{self.headers.get('Host', '')}"
                if self.headers.get("Origin", local) != local:
                    self.send_error(HTTPStatus.FORBIDDEN)
                    return
                length = min(int(self.headers.get("Content-Length", "0")), LONGEST)
                try:
                    said = json.loads(self.rfile.read(length))
                except ValueError:
                    said = None
                self._send(json.dumps(bench.obey(said)).encode(), "application/json")

            def _send(self, body: bytes, kind: str) -> None:
                self.send_response(HTTPStatus.OK if body else HTTPStatus.NO_CONTENT)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Nothing of a visit goes to a log."""

        return Handler
