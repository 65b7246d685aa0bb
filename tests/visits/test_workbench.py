# SPDX-License-Identifier: Apache-2.0
"""The workbench in real Chromium: what its buttons do, the booth's devices feel."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from kiosk.stack.stack import Stack
from kiosk.stack.workbench import Workbench

pytestmark = [pytest.mark.visit, pytest.mark.timeout(900), pytest.mark.xdist_group("visits-b")]

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("bench"), factor=0.2, fits=("bins", "dispenser")) as running:
        yield running


@pytest.fixture
def page(stack: Stack) -> Iterator[Page]:
    with Workbench(stack, 0, "officer1", "a password") as bench, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        opened = browser.new_page()
        opened.goto(bench.url)
        yield opened
        browser.close()


def comes(true: Callable[[], bool]) -> None:
    """Waits until something is so; fails after a minute."""
    end = time.monotonic() + 60.0
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


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


def test_doors_and_cards_of_the_bins_obey_the_page(page: Page, stack: Stack) -> None:
    status = page.get_by_role("status")

    def held() -> dict[str, Any]:
        return stack.control("bins", {"status": True})

    page.get_by_role("combobox", name="Door").select_option("7")
    page.get_by_role("button", name="Take it out").last.click()
    expect(status).to_contain_text("that door is shut")
    page.get_by_role("button", name="Open it with the key").click()
    expect(status).to_have_text("bins: done")
    page.get_by_role("button", name="Lay a card in").click()
    expect(status).to_have_text("bins: done")
    # The page said the same before; what the cabinet holds tells when the second click is through.
    comes(lambda: (held()["open"], list(held()["cards"])) == (["1/7"], ["1/7"]))
    page.get_by_role("button", name="Shut the open door").click()
    expect(status).to_have_text("bins: done")
    comes(lambda: held()["open"] == [])


def test_cards_of_the_dispenser_obey_the_page(page: Page, stack: Stack) -> None:
    before = len(stack.control("dispenser", {"status": True})["hopper"])
    page.get_by_role("button", name="Load 20 cards").click()
    expect(page.get_by_role("status")).to_have_text("dispenser: done")
    assert len(stack.control("dispenser", {"status": True})["hopper"]) == before + 20
    page.get_by_role("button", name="Take the card").click()
    expect(page.get_by_role("status")).to_contain_text("no card is in the mouth")
    page.get_by_role("button", name="Empty its hopper").click()
    expect(page.get_by_role("status")).to_have_text("dispenser: done")
    assert stack.control("dispenser", {"status": True})["hopper"] == []


def test_the_counter_s_console_is_one_click_away(page: Page, stack: Stack) -> None:
    link = page.get_by_role("link", name="Open the counter's console")
    expect(link).to_have_attribute("href", stack.console_url)
