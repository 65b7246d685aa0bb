# SPDX-License-Identifier: Apache-2.0
"""The real process: both doors, real TLS with real certificates, the command beside it."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from counter.__main__ import main
from idcard.devca import write_development_keys
from idcard.records import Part

pytestmark = pytest.mark.xdist_group("serve")  # one counter is started for all

COUNTER = [sys.executable, "-m", "counter"]


@dataclass
class Running:
    process: subprocess.Popen[str]
    booth_url: str
    console_url: str
    options: list[str]
    told: socket.socket

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The command as a program of its own, beside the serving one."""
        command = [*COUNTER, *words, *self.options]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def quick(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The same command inside this process, without the second a start takes."""
        out, err, status = StringIO(), StringIO(), 0
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["counter", *words, *self.options])
            try:
                main()
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 0
            finally:
                structlog.reset_defaults()
        return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def with_certificate(folder: Path, ca: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    context.load_cert_chain(folder / "tls.pem", folder / "tls.key")
    return context


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, keys_dir: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("serve")
    options = ["--state-dir", str(folder / "state"), "--keys", str(keys_dir)]
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.bind(str(folder / "notify"))
    told.settimeout(30)
    process = subprocess.Popen(
        [*COUNTER, "serve", "--booth-port", "0", "--console-port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=(folder / "stderr").open("w"),
        text=True,
        env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")},
    )
    assert process.stdout is not None
    ready = json.loads(process.stdout.readline())
    assert ready.pop("device") == "counter"
    held = Running(process, options=options, told=told, **ready)
    held.quick("seed", "--people")
    yield held
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    logged = [json.loads(entry) for entry in (folder / "stderr").read_text().splitlines()]
    assert {entry["event"] for entry in logged} <= {"booth_cut_the_line"}
    told.close()


@pytest.fixture
def line(running: Running, keys_dir: Path) -> Iterator[httpx.Client]:
    booth = keys_dir / "booth"
    tls = with_certificate(booth, booth / "ca.pem")
    with httpx.Client(base_url=running.booth_url, verify=tls) as client:
        yield client


def test_the_booth_is_known_by_its_certificate(line: httpx.Client) -> None:
    assert line.get("/api/v1/hello").json()["booth_id"] == "B03"


def test_without_a_certificate_there_is_no_answer(running: Running, keys_dir: Path) -> None:
    tls = ssl.create_default_context(cafile=str(keys_dir / "ca.pem"))
    with (
        httpx.Client(base_url=running.booth_url, verify=tls) as client,
        pytest.raises(httpx.TransportError),
    ):
        client.get("/api/v1/hello")


def test_a_certificate_of_another_authority_is_not_let_in(
    running: Running, keys_dir: Path, tmp_path: Path
) -> None:
    write_development_keys(tmp_path, "B03", now=datetime.now(UTC))
    tls = with_certificate(tmp_path / "booth", keys_dir / "ca.pem")
    with (
        httpx.Client(base_url=running.booth_url, verify=tls) as client,
        pytest.raises(httpx.TransportError),
    ):
        client.get("/api/v1/hello")


def test_systemd_is_told_when_both_doors_are_open(running: Running) -> None:
    assert running.told.recv(100) == b"READY=1"


def test_an_application_travels_over_tls_and_the_command_shows_it(
    running: Running, line: httpx.Client, booth: Any, tmp_path: Path
) -> None:
    booth.clock.at = datetime.now(UTC)
    with httpx.Client(base_url=running.console_url) as phone:
        identity = booth.identity(old_card_end=booth.clock.at.date())
        made = booth.paid(line, phone, identity=identity)
    answer = made.send(line)
    assert answer.status_code == 201
    number = answer.json()["progress"]["acceptance_no"]
    out = tmp_path / "portrait.jpg"
    shown = running.command("show", number, "--json", "--portrait", str(out))
    held = json.loads(shown.stdout)
    assert held["id"] == str(made.id)
    assert held["state"] == "ACCEPTED"
    assert held["identity"]["name"] == "张静"
    assert (held["portrait"]["width"], held["portrait"]["height"]) == (358, 441)
    assert held["parts"][0]["sha256"] == made.manifest.envelope.parts[0].sha256
    assert [event["to"] for event in held["events"] if event["to"]] == ["RECEIVED", "ACCEPTED"]
    assert out.read_bytes() == made.jpeg
    booth_number = made.manifest.envelope.booth_number
    assert held == json.loads(running.quick("show", booth_number, "--json").stdout)
    listed = json.loads(running.quick("list", "--json").stdout)
    assert listed[0]["acceptance_no"] == number
    assert "张静" not in json.dumps(listed, ensure_ascii=False)
    assert "chain whole" in running.quick("verify").stdout


def test_a_cut_upload_leaves_nothing_and_the_next_one_works(
    running: Running, line: httpx.Client, booth: Any, keys_dir: Path
) -> None:
    booth.clock.at = datetime.now(UTC)
    booth.seq = 50
    made = booth.make(booth.identity("110101199003070011", "何伟"))
    tls = with_certificate(keys_dir / "booth", keys_dir / "ca.pem")
    address = httpx.URL(running.booth_url)
    assert address.port is not None
    plain = socket.create_connection(("127.0.0.1", address.port), timeout=10)
    with tls.wrap_socket(plain, server_hostname="127.0.0.1") as cut:
        path = f"/api/v1/applications/{made.id}/parts/portrait"
        cut.sendall(
            f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
            f"Content-SHA256: {'0' * 64}\r\nContent-Length: 20000\r\n\r\n".encode()
        )
        cut.sendall(made.sealed[Part.PORTRAIT][:5000])
    assert made.send(line).status_code == 201


def test_the_api_describes_itself(running: Running, line: httpx.Client, tmp_path: Path) -> None:
    told = line.get("/api/openapi.json").json()
    assert "/api/v1/applications/{application_id}" in told["paths"]
    out = tmp_path / "openapi.json"
    running.options, kept = [], running.options
    assert running.quick("openapi", "--out", str(out)).returncode == 0
    running.options = kept
    assert json.loads(out.read_text("utf-8")) == told


def test_an_account_is_added_once_and_opens_the_console(running: Running, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("right-and-long\n")
    words = ("--name", "officer7", "--role", "accepting", "--password-file", str(secret))
    assert running.quick("user", "add", *words).returncode == 0
    again = running.quick("user", "add", *words)
    assert again.returncode == 2
    assert again.stderr == "counter: the account 'officer7' exists already.\n"
    with httpx.Client(base_url=running.console_url, follow_redirects=True) as browser:
        page = browser.post("/login", data={"name": "officer7", "password": "right-and-long"})
        assert page.url.path == "/applications"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (["show", "nothing"], 1, "no such application"),
        (["serve", "--config", "/nonexistent.toml"], 2, "cannot be read"),
    ],
)
def test_mistakes_end_in_one_sentence(
    running: Running, words: list[str], status: int, told: str
) -> None:
    answer = running.quick(*words)
    assert answer.returncode == status
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_taken_port_is_told(running: Running) -> None:
    port = str(httpx.URL(running.booth_url).port)
    answer = running.quick("serve", "--booth-port", port, "--console-port", "0")
    assert answer.returncode == 2
    assert "in use" in answer.stderr
