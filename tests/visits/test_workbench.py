# SPDX-License-Identifier: Apache-2.0
"""The workbench in real Chromium: what its buttons do, the booth's devices feel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from kiosk.stack.stack import Stack
from kiosk.stack.workbench import Workbench

pytestmark = [pytest.mark.visit, pytest.mark.timeout(120), pytest.mark.xdist_group("visits-b")]

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("bench"), factor=0.2) as running:
        yield running


@pytest.fixture
def page(stack: Stack) -> Iterator[Page]:
    with Workbench(stack, 0, "officer1", "a password") as bench, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        opened = browser.new_page()
        opened.goto(bench.url)
        yield opened
        browser.close()


def test_a_card_placed_on_the_page_lies_on_the_reader(page: Page, stack: Stack) -> None:
    page.get_by_role("button", name="Place the card").click()
    expect(page.get_by_role("status")).to_have_text("idreader: done")
    assert stack.control("idreader", {"status": True})["card"] != "none"
    page.get_by_role("button", name="Place the card").click()
    expect(page.get_by_role("status")).to_contain_text("remove it first")
    page.get_by_role("button", name="Take it off").click()
    expect(page.get_by_role("status")).to_have_text("idreader: done")


def test_paper_line_and_plugs_obey_the_page(page: Page, stack: Stack) -> None:
    page.get_by_role("button", name="Paper out").click()
    expect(page.get_by_role("status")).to_have_text("printer: done")
    assert stack.control("printer", {"status": True})["paper"] == "out"
    page.get_by_role("button", name="Cut").click()
    expect(page.get_by_role("status")).to_have_text("line: done")
    assert stack.control("line", {"status": True})["cut"] is True
    page.get_by_role("button", name="Unplug").click()
    expect(page.get_by_role("status")).to_have_text("idreader: done")
    assert not Path(stack.folder.device("idreader")).exists()


def test_the_counter_s_console_is_one_click_away(page: Page, stack: Stack) -> None:
    link = page.get_by_role("link", name="Open the counter's console")
    expect(link).to_have_attribute("href", stack.console_url)
