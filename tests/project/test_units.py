# SPDX-License-Identifier: Apache-2.0
"""The systemd units, judged by systemd's own tools on a tree that our installer filled."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from drivers.printer_line import address_of

RELAY = "idbooth-printer-relay"
UNITS = ["idbooth-front", "idbooth-front-again", "idbooth-uplink", "idbooth-counter", RELAY]
OURS = [unit for unit in UNITS if unit not in ("idbooth-front-again", RELAY)]

# Highest exposure (systemd-analyze security, 0 safe to 10 exposed) that each unit may have, times
# ten. What is left: front: the devices; uplink, counter, relay: internet sockets and host network.
CEILING = {
    "idbooth-front": 8,
    "idbooth-front-again": 11,
    "idbooth-uplink": 14,
    "idbooth-counter": 13,
    RELAY: 11,
}

PROGRAMS = (
    "opt/idbooth/.venv/bin/python",
    "usr/bin/sleep",
    "usr/bin/systemctl",
    "usr/lib/systemd/systemd-socket-proxyd",
)


def _install(root: Path, tree: Path, *arguments: str) -> str:
    done = subprocess.run(
        [str(root / "systemd" / "install"), *arguments],
        env={**os.environ, "DESTDIR": str(tree)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root tree: Debian's own units, the programs that ours start, and ours as installed."""
    top = tmp_path_factory.mktemp("tree")
    shutil.copytree("/usr/lib/systemd/system", top / "usr/lib/systemd/system", symlinks=True)
    for program in PROGRAMS:
        (top / program).parent.mkdir(parents=True, exist_ok=True)
        (top / program).write_text("#!/bin/sh\n")
        (top / program).chmod(0o755)
    _install(root, top, "--counter", "192.0.2.7", "--printer", "192.0.2.9", "booth")
    _install(root, top, "counter")
    return top


def _settings(root: Path, unit: str) -> list[tuple[str, str]]:
    text = (root / "systemd" / "units" / f"{unit}.service").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return [(key, value) for key, _, value in (line.partition("=") for line in lines)]


def test_every_unit_in_the_folder_is_tested(root: Path) -> None:
    there = {path.stem for path in (root / "systemd" / "units").iterdir()}
    assert there == set(UNITS)


@pytest.mark.parametrize("unit", [*(f"{unit}.service" for unit in UNITS), f"{RELAY}.socket"])
def test_systemd_has_nothing_to_say_about(unit: str, tree: Path) -> None:
    # An unknown key is only printed, with exit status 0: any output at all is a failure.
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={tree}", unit],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_exposure_stays_under_its_ceiling(unit: str, tree: Path) -> None:
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=yes", "--no-pager", f"--root={tree}"),
            *(f"--threshold={CEILING[unit]}", f"{unit}.service"),
        ],
        capture_output=True,
        text=True,
    )
    last = (done.stdout.strip().splitlines() or [done.stderr])[-1]
    assert done.returncode == 0, last
    assert "exposure level" in last


def test_a_spelling_mistake_in_a_unit_would_be_noticed(tree: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "tree"
    shutil.copytree(tree, wrong, symlinks=True)
    unit = wrong / "etc/systemd/system/idbooth-front.service"
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHouse="))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={wrong}", "idbooth-front.service"],
        capture_output=True,
        text=True,
    )
    assert "ProtectHouse" in done.stdout + done.stderr


@pytest.mark.parametrize("unit", OURS)
def test_the_module_a_unit_starts_is_in_the_checkout(unit: str, root: Path) -> None:
    command = dict(_settings(root, unit))["ExecStart"].split()
    assert command[:2] == ["/opt/idbooth/.venv/bin/python", "-m"]
    module = root.joinpath(*command[2].split("."))
    assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()


@pytest.mark.parametrize("unit", [*OURS, RELAY])
def test_what_a_unit_runs_as_is_created_on_installation(unit: str, tree: Path) -> None:
    root_of = Path(__file__).resolve().parents[2]
    made = subprocess.run(["systemd-sysusers", f"--root={tree}"], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    users = {line.split(":")[0] for line in (tree / "etc/passwd").read_text().splitlines()}
    groups = {line.split(":")[0] for line in (tree / "etc/group").read_text().splitlines()}
    settings = dict(_settings(root_of, unit))
    assert settings["User"] in users
    assert settings["Group"] in groups
    own = [group for group in settings.get("SupplementaryGroups", "").split() if group == "gpio"]
    assert set(own) <= groups


def test_the_front_has_no_network_and_the_uplink_no_devices(root: Path) -> None:
    front, uplink = _settings(root, "idbooth-front"), _settings(root, "idbooth-uplink")
    assert ("PrivateNetwork", "yes") in front
    assert ("RestrictAddressFamilies", "AF_UNIX AF_NETLINK") in front
    assert not [key for key, _ in uplink if key == "DeviceAllow"]
    assert ("PrivateDevices", "yes") in uplink


def test_the_front_may_write_into_the_chip_whose_channel_udev_gives_it_and_nowhere_else_in_sys(
    root: Path,
) -> None:
    front = _settings(root, "idbooth-front")
    assert ("ProtectKernelTunables", "yes") in front
    written = [value for key, value in front if key == "ReadWritePaths"]
    rules = (root / "systemd" / "70-idbooth.rules").read_text(encoding="utf-8")
    given = re.findall(r'SUBSYSTEM=="pwm", KERNEL=="(pwmchip\d+)"', rules)
    # With "-": a booth without such a chip starts all the same.
    assert written == [f"-/sys/class/pwm/{chip}" for chip in given]
    assert len(given) == 1
    assert "gpio" in dict(front)["SupplementaryGroups"].split()


def test_a_front_that_ends_with_its_visit_is_replaced_and_leaves_nothing(root: Path) -> None:
    front = dict(_settings(root, "idbooth-front"))
    assert front["Restart"] == "always"
    assert front["RuntimeDirectory"] == "idbooth-front"
    assert "RuntimeDirectoryPreserve" not in front
    assert front["Type"] == "notify"
    assert int(front["WatchdogSec"]) > 0


def test_front_and_uplink_meet_where_the_settings_say(root: Path) -> None:
    from kiosk.config import Settings

    post = Settings().post
    uplink = dict(_settings(root, "idbooth-uplink"))
    assert str(post.socket.parent) == f"/run/{uplink['RuntimeDirectory']}"
    assert str(post.state_dir) == f"/var/lib/{uplink['StateDirectory']}"
    assert uplink["Group"] == dict(_settings(root, "idbooth-front"))["Group"]
    directories = (root / "systemd" / "booth.tmpfiles.conf").read_text(encoding="utf-8")
    assert f"d {post.keys_dir} " in directories


def test_the_counter_may_write_and_read_where_its_settings_say(root: Path) -> None:
    from counter.settings import Settings

    counter = dict(_settings(root, "idbooth-counter"))
    assert str(Settings().state_dir) == f"/var/lib/{counter['StateDirectory']}"
    directories = (root / "systemd" / "counter.tmpfiles.conf").read_text(encoding="utf-8")
    assert f"d {Settings().keys_dir} 0700 {counter['User']} " in directories


def test_only_the_named_counter_can_be_reached(tree: Path) -> None:
    drop_in = tree / "etc/systemd/system/idbooth-uplink.service.d/counter.conf"
    assert drop_in.read_text() == "[Service]\nIPAddressAllow=192.0.2.7\n"


@pytest.mark.parametrize(
    ("given", "line", "host"),
    [
        ("192.0.2.9", "192.0.2.9:9100", "192.0.2.9"),
        ("192.0.2.9:9101", "192.0.2.9:9101", "192.0.2.9"),
        ("2001:db8::9", "[2001:db8::9]:9100", "2001:db8::9"),
        ("[2001:db8::9]", "[2001:db8::9]:9100", "2001:db8::9"),
        ("[2001:db8::9]:9101", "[2001:db8::9]:9101", "2001:db8::9"),
    ],
)
def test_only_the_named_printer_can_be_reached_by_its_relay(
    root: Path, tmp_path: Path, given: str, line: str, host: str
) -> None:
    said = _install(root, tmp_path, "--printer", given, "booth")
    drop_in = tmp_path / f"etc/systemd/system/{RELAY}.service.d/printer.conf"
    assert drop_in.read_text() == f"[Service]\nEnvironment=PRINTER={line}\nIPAddressAllow={host}\n"
    relay = dict(_settings(root, RELAY))
    assert ("IPAddressDeny", "any") in _settings(root, RELAY)
    assert relay["ExecStart"].endswith(" ${PRINTER}")
    assert f"{RELAY}.socket" in said.splitlines()[-1], "it is started with the others"
    address_of("tcp://" + line)


def test_the_relay_is_the_fronts_alone_and_only_for_a_network_printer(
    root: Path, tmp_path: Path
) -> None:
    from kiosk.config import PrinterTable

    said = _install(root, tmp_path, "booth")
    assert RELAY not in said.splitlines()[-1]
    text = (root / "systemd" / "units" / f"{RELAY}.socket").read_text(encoding="utf-8")
    socket = dict(part.split("=", 1) for part in text.splitlines() if re.match(r"[A-Z]\w+=", part))
    assert (socket["SocketUser"], socket["SocketMode"]) == ("idbooth-front", "0600")
    path = re.search(r'path = "(unix:[^"]+)"', text)
    assert path is not None
    assert PrinterTable(path=path[1]).path == f"unix:{socket['ListenStream']}"


def test_installing_again_keeps_the_wiring_of_this_booth(root: Path, tmp_path: Path) -> None:
    _install(root, tmp_path, "booth")
    rules = tmp_path / "etc/udev/rules.d/70-idbooth.rules"
    rules.write_text("# wired by hand\n")
    said = _install(root, tmp_path, "booth")
    assert rules.read_text() == "# wired by hand\n"
    assert f"keep {rules}" in said


def test_removing_takes_the_units_and_leaves_settings(root: Path, tmp_path: Path) -> None:
    _install(root, tmp_path, "booth")
    settings = tmp_path / "etc/idbooth/booth.toml"
    settings.parent.mkdir()
    settings.write_text("")
    _install(root, tmp_path, "--remove")
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left == [settings]


def test_the_installer_says_what_it_wants(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(root / "systemd" / "install"), "--counter", "counter.example", "booth"],
        env={**os.environ, "DESTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert re.search("takes an IP address", done.stdout)
    assert list(tmp_path.iterdir()) == []


def test_the_printer_too_goes_by_its_address(root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(root / "systemd" / "install"), "--printer", "printer.example", "booth"],
        env={**os.environ, "DESTDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "--printer takes an IP address" in done.stdout
