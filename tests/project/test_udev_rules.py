# SPDX-License-Identifier: Apache-2.0
"""The udev rules: their syntax, and the names that the booth's settings expect.

Debian 12's udevadm cannot check a rules file by itself (`udevadm verify` came with systemd 254), so
the grammar of udev(7) is checked here.
"""

import re
from pathlib import Path

import pytest

from kiosk.config import Settings

PART = re.compile(r'^([A-Z]+)(\{[^{}]+\})?(==|!=|\+=|-=|:=|=)"([^"]*)"$')
MATCH_KEYS = {"KERNEL", "KERNELS", "SUBSYSTEM", "SUBSYSTEMS", "ATTR", "ATTRS", "ENV", "ACTION"}
ASSIGN_KEYS = {"SYMLINK", "GROUP", "MODE", "OWNER", "ENV", "TAG", "NAME"}


@pytest.fixture
def rules(root: Path) -> list[list[tuple[str, str, str, str]]]:
    """Each rule as its parts: key, attribute in braces, operator, value."""
    found = []
    for line in (root / "systemd" / "70-idbooth.rules").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            parts = [PART.match(part.strip()) for part in line.split(",")]
            assert all(parts), line
            found.append([(p[1], p[2] or "", p[3], p[4]) for p in parts if p])
    assert found
    return found


def test_every_part_is_a_key_that_udev_knows(
    rules: list[list[tuple[str, str, str, str]]],
) -> None:
    for rule in rules:
        for key, attribute, operator, value in rule:
            assert key in (MATCH_KEYS if operator in ("==", "!=") else ASSIGN_KEYS), rule
            assert bool(attribute) == (key in {"ATTR", "ATTRS", "ENV"}), rule
            assert value, rule


def test_matches_come_before_assignments(rules: list[list[tuple[str, str, str, str]]]) -> None:
    for rule in rules:
        kinds = [operator in ("==", "!=") for _, _, operator, _ in rule]
        assert kinds == sorted(kinds, reverse=True)
        assert kinds[0]


def test_no_device_is_open_to_everyone(rules: list[list[tuple[str, str, str, str]]]) -> None:
    for rule in rules:
        said = {key: value for key, _, operator, value in rule if operator == "="}
        assert said["MODE"] == "0660"
        assert said["GROUP"] in {"dialout", "lp", "video", "gpio"}


def test_the_names_are_those_that_the_settings_open(
    rules: list[list[tuple[str, str, str, str]]],
) -> None:
    named = {f"/dev/{value}" for rule in rules for key, _, _, value in rule if key == "SYMLINK"}
    devices = Settings().devices
    assert named == {
        devices.fingerprint.path,
        devices.idreader.path,
        devices.printer.path,
        devices.camera.source,
        devices.bins.path,
        devices.dispenser.path,
    }


def test_each_device_hangs_on_its_own_port(
    rules: list[list[tuple[str, str, str, str]]],
) -> None:
    ports: dict[str, str] = {}
    for rule in rules:
        said = {key: value for key, _, _, value in rule}
        if "SYMLINK" in said:
            assert ports.setdefault(said["KERNELS"], said["SYMLINK"]) == said["SYMLINK"]
    assert len(ports) == 6
