# SPDX-License-Identifier: Apache-2.0
"""The udev rules: their syntax, and the names that the booth's settings expect.

Debian 12's udevadm cannot check a rules file by itself (`udevadm verify` came with systemd 254), so
the grammar of udev(7) is checked here.
"""

import grp
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from kiosk.config import Settings

PART = re.compile(r'^([A-Z]+)(\{[^{}]+\})?(==|!=|\+=|-=|:=|=)"([^"]*)"$')
MATCH_KEYS = {"KERNEL", "KERNELS", "SUBSYSTEM", "SUBSYSTEMS", "ATTR", "ATTRS", "ENV", "ACTION"}
ASSIGN_KEYS = {"SYMLINK", "GROUP", "MODE", "OWNER", "ENV", "TAG", "NAME", "RUN"}


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
        if any(key == "RUN" for key, _, _, _ in rule):
            continue  # no node; see below
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


def test_a_pwm_channels_files_are_opened_to_the_group_and_nothing_else_is(
    rules: list[list[tuple[str, str, str, str]]], tmp_path: Path
) -> None:
    """The rule's own command on a chip as the kernel shows it, for a group that is here."""
    (rule,) = [rule for rule in rules if any(key == "RUN" for key, _, _, _ in rule)]
    said = {key: value for key, _, _, value in rule}
    chip = tmp_path / "devices" / "pwm" / said["KERNEL"]
    (chip / "pwm0" / "power").mkdir(parents=True)
    modes = {"export": 0o200, "unexport": 0o200, "npwm": 0o444, "uevent": 0o644}
    modes |= {f"pwm0/{name}": 0o644 for name in ("period", "duty_cycle", "enable", "polarity")}
    modes["pwm0/power/control"] = 0o644
    for name, mode in modes.items():
        (chip / name).touch()
        (chip / name).chmod(mode)
    group = grp.getgrgid(os.getgid()).gr_name
    shell, flag, command = shlex.split(said["RUN"].replace("$$", "$").replace("%p", "/devices/pwm"))
    command = command.replace("/sys/devices/pwm", str(chip)).replace("chgrp gpio", f"chgrp {group}")
    subprocess.run([shell, flag, command], check=True)
    changed = {n for n, mode in modes.items() if (chip / n).stat().st_mode & 0o777 != mode}
    assert changed == {"export", "unexport", "pwm0/period", "pwm0/duty_cycle", "pwm0/enable"}
    assert {n: oct((chip / n).stat().st_mode & 0o777) for n in ("export", "pwm0/period")} == {
        "export": "0o220",
        "pwm0/period": "0o664",
    }
