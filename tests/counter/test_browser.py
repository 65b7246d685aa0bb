# SPDX-License-Identifier: Apache-2.0
"""The console in a real Chromium, served by the real process-wide servers on real sockets."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from counter.app import create_apps
from counter.office import Office
from counter.staff import add_account

pytestmark = pytest.mark.browser
PASSWORD = "right-and-long"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture
def console_url(office: Office) -> Iterator[str]:
    add_account(office, "officer1", "accepting", "320402001", PASSWORD)
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{door.getsockname()[1]}"
    app = create_apps(office, url).console
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([door])))
    thread.start()
    yield url
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def page(console_url: str) -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800}, base_url=console_url)
        page.set_default_timeout(20_000)
        expect.set_options(timeout=20_000)
        yield page
        browser.close()


def log_in(page: Any) -> None:
    page.goto("/")
    page.get_by_label("用户名").fill("officer1")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="申请").wait_for()


def is_ours(message: Any) -> bool:
    """Errors of the page; a refresh cut off by going to another page is none."""
    return message.type == "error" and "Failed to fetch" not in message.text


def test_an_officer_finds_opens_checks_and_accepts_an_application(
    page: Any, api: Any, booth: Any
) -> None:
    from playwright.sync_api import expect

    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if is_ours(message) else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    made = booth.make()
    made.send(api)
    log_in(page)
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name=made.manifest.envelope.booth_number).click()
    portrait = page.get_by_role("img", name="相片")
    expect(portrait).to_be_visible()
    page.wait_for_function("document.querySelector('.portrait img').naturalWidth > 0")
    assert portrait.evaluate("img => [img.naturalWidth, img.naturalHeight]") == [358, 441]
    number = page.locator("#person-number")
    expect(number).to_have_text("341522**********25")
    page.get_by_role("button", name="显示姓名").click()
    expect(number).to_have_text("341522199811070025")
    page.get_by_label("工本费怎么办的").select_option(label="工本费已在窗口收清")
    page.get_by_role("button", name="受理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已办理")
    expect(page.get_by_role("heading", level=1)).to_have_text("320402 001 20261201 00001")
    expect(number).to_have_text("341522**********25")
    assert told == []  # no script error, nothing the content policy had to stop


def test_a_new_application_appears_in_the_list_by_itself(page: Any, api: Any, booth: Any) -> None:
    from playwright.sync_api import expect

    log_in(page)
    expect(page.get_by_text("没有符合条件的申请")).to_be_visible()
    made = booth.make()
    made.send(api)
    link = page.get_by_role("link", name=made.manifest.envelope.booth_number)
    expect(link).to_be_visible(timeout=20_000)


def test_the_pay_page_takes_one_press(page: Any, api: Any, console_url: str) -> None:
    from playwright.sync_api import expect

    application = "0193b3a0-0000-7000-8000-000000000001"
    opened = api.post("/api/v1/payments", json={"application_id": application, "amount_fen": 2000})
    page.goto(f"{console_url}/testpay/{opened.json()['payment_id']}")
    page.get_by_role("button", name="支付").click()
    expect(page.get_by_role("status")).to_have_text("已支付")
    expect(page.get_by_role("button", name="拒绝")).to_have_count(0)
