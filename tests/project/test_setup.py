# SPDX-License-Identifier: Apache-2.0
"""Set-up on a machine that lacks things: what it does, what it says, and that it can be repeated.

The real programs run: venv, pip and a wheel made here; only apt-get, dpkg and sudo are replaced on
the path, since a test may not change the machine.
"""

import base64
import fcntl
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

# The environment that tests take copies of is made once.
pytestmark = pytest.mark.xdist_group("setup")

SMOKE = "import boothtest; assert boothtest.ANSWER == 42"


@pytest.fixture(scope="module")
def setting_up(root: Path) -> Iterator[ModuleType]:
    """The package scripts/setting_up with its modules."""
    sys.path.insert(0, str(root / "scripts"))
    try:
        for name in ("debian", "environment", "programs", "telling"):
            importlib.import_module(f"setting_up.{name}")
        yield importlib.import_module("setting_up")
    finally:
        sys.path.remove(str(root / "scripts"))


def _wheel(folder: Path) -> str:
    """Writes the smallest wheel, boothtest 1.0, into `folder`; returns its SHA-256."""
    info = "boothtest-1.0.dist-info"
    members = {
        "boothtest.py": "ANSWER = 42\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: boothtest\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = [
        f"{name},sha256="
        + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        + f",{len(text)}"
        for name, text in members.items()
    ]
    path = folder / "boothtest-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of wheels as pip's only source; the hash of the one wheel in it."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "cache"))
    return _wheel(tmp_path)


@pytest.fixture(scope="module")
def empty_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds only pip; tests take copies, which is quicker than making one."""
    venv = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    return venv


def _copy(environment: Path, to: Path) -> None:
    shutil.copytree(environment, to, symlinks=True)
    command = to / "bin" / "pip"
    command.write_text(command.read_text().replace(str(environment), str(to)))


def _make(setting_up: ModuleType, tmp_path: Path, digest: str, smoke: str = SMOKE) -> Path:
    lock = tmp_path / "dev.lock"
    lock.write_text(f"boothtest==1.0 \\\n    --hash=sha256:{digest}\n")
    build_lock = tmp_path / "build.lock"
    build_lock.write_text("")
    setting_up.environment.make(
        tmp_path / "venv",
        lock,
        build_lock,
        smoke,
        setting_up.programs.Programs(tmp_path / "log"),
        setting_up.telling.Teller(1),
    )
    return tmp_path / "venv"


def test_an_environment_is_made_kept_and_made_anew_after_an_interruption(
    setting_up: ModuleType, index: str, tmp_path: Path
) -> None:
    venv = _make(setting_up, tmp_path, index)
    assert setting_up.environment.healthy(venv)
    assert "boothtest-1.0.dist-info" in setting_up.environment.distributions(venv)

    (venv / "mine").touch()  # a second run changes nothing ...
    _make(setting_up, tmp_path, index)
    assert (venv / "mine").exists()

    (venv / ".unfinished").touch()  # ... unless the first was killed while pip worked
    assert not setting_up.environment.healthy(venv)
    _make(setting_up, tmp_path, index)
    assert setting_up.environment.healthy(venv)
    assert not (venv / "mine").exists()


def test_a_package_that_is_not_the_locked_one_is_refused_by_name(
    setting_up: ModuleType, index: str, tmp_path: Path, empty_environment: Path
) -> None:
    _copy(empty_environment, tmp_path / "venv")
    with pytest.raises(setting_up.telling.SetupError) as refused:
        _make(setting_up, tmp_path, "0" * 64)
    assert "not the one that the lock file names" in refused.value.what
    assert not setting_up.environment.healthy(tmp_path / "venv")


def test_an_environment_that_was_moved_is_made_anew(
    setting_up: ModuleType, tmp_path: Path, empty_environment: Path
) -> None:
    _copy(empty_environment, tmp_path / "venv")
    assert setting_up.environment.healthy(tmp_path / "venv")
    (tmp_path / "venv").rename(tmp_path / "elsewhere")
    assert not setting_up.environment.healthy(tmp_path / "elsewhere")


def test_no_network_is_told_as_such(
    setting_up: ModuleType, index: str, tmp_path: Path, empty_environment: Path
) -> None:
    _copy(empty_environment, tmp_path / "venv")
    (tmp_path / "boothtest-1.0-py3-none-any.whl").unlink()
    with pytest.raises(setting_up.telling.SetupError) as refused:
        _make(setting_up, tmp_path, index)
    assert "could not download" in refused.value.what
    assert "Check the network" in refused.value.remedy


def test_an_environment_that_cannot_import_is_not_called_ready(
    setting_up: ModuleType, index: str, tmp_path: Path, empty_environment: Path
) -> None:
    _copy(empty_environment, tmp_path / "venv")
    with pytest.raises(setting_up.telling.SetupError) as refused:
        _make(setting_up, tmp_path, index, smoke="import a_library_that_is_missing")
    assert "a_library_that_is_missing" in refused.value.what
    assert not setting_up.environment.healthy(tmp_path / "venv")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole path; dpkg knows swig, apt-get does what apt-get.sh says."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "env", "cat", "grep"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    _program(programs / "dpkg-query", 'cat "$0.installed"')
    (programs / "dpkg-query.installed").write_text("installed swig\nconfig-files gcc\n")
    _program(programs / "dpkg", "exit 0")
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return programs


def _program(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _install(setting_up: ModuleType, tmp_path: Path, *names: str) -> None:
    packages = [setting_up.debian.Wanted(name, "base", "test") for name in names]
    setting_up.debian.install(
        packages, setting_up.programs.Programs(tmp_path / "log"), setting_up.telling.Teller(1)
    )


def test_only_what_dpkg_holds_as_installed_counts(setting_up: ModuleType, machine: Path) -> None:
    packages = [setting_up.debian.Wanted(name, "base", "") for name in ("swig", "gcc", "xvfb")]
    missing = [package.name for package in setting_up.debian.missing(packages)]
    assert missing == ["gcc", "xvfb"]


def test_packages_are_installed_without_questions_and_extras(
    setting_up: ModuleType, machine: Path, tmp_path: Path
) -> None:
    _program(
        machine / "apt-get",
        f'echo "$DEBIAN_FRONTEND $*" >>{tmp_path}/said\n'
        f'echo "installed gcc" >>{machine}/dpkg-query.installed',
    )
    _install(setting_up, tmp_path, "gcc")
    update, install = (tmp_path / "said").read_text().splitlines()
    assert update.startswith("noninteractive")
    assert update.endswith("update")
    assert install.startswith("noninteractive")
    assert install.endswith("install --no-install-recommends -- gcc")


@pytest.mark.parametrize(
    ("apt_says", "told", "remedy"),
    [
        ("E: Failed to fetch x  Temporary failure resolving 'y'", "could not download", "network"),
        ("E: You don't have enough free space in /var/cache", "disk is full", "Free at least"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "Another package", "Wait until"),
        ("E: Unable to locate package gcc", "does not know one", "Debian 12"),
        ("E: Something nobody foresaw", "Something nobody foresaw", "setup.log"),
    ],
)
def test_each_way_apt_can_fail_has_its_remedy(
    setting_up: ModuleType, machine: Path, tmp_path: Path, apt_says: str, told: str, remedy: str
) -> None:
    _program(machine / "apt-get", f'echo "{apt_says}"; exit 100')
    with pytest.raises(setting_up.telling.SetupError) as refused:
        _install(setting_up, tmp_path, "gcc")
    assert told in refused.value.what
    assert remedy in refused.value.remedy


def test_without_root_and_sudo_the_command_for_an_administrator_is_given(
    setting_up: ModuleType, machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(machine / "apt-get", "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(setting_up.telling.SetupError) as refused:
        _install(setting_up, tmp_path, "gcc", "xvfb")
    assert "may not install" in refused.value.what
    assert "apt-get install --no-install-recommends gcc xvfb" in refused.value.remedy


def test_sudo_is_used_by_whoever_has_it(
    setting_up: ModuleType, machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(machine / "apt-get", f'echo "installed gcc" >>{machine}/dpkg-query.installed')
    _program(machine / "sudo", f'echo "$*" >>{tmp_path}/asked; shift; exec "$@"')
    _program(machine / "true", "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    _install(setting_up, tmp_path, "gcc")
    assert "-n env DEBIAN_FRONTEND=noninteractive apt-get" in (tmp_path / "asked").read_text()


def test_not_debian_is_said_plainly(setting_up: ModuleType, machine: Path, tmp_path: Path) -> None:
    with pytest.raises(setting_up.telling.SetupError, match="no apt-get"):
        _install(setting_up, tmp_path, "gcc")


def test_every_listed_package_has_a_role_and_a_reason(setting_up: ModuleType, root: Path) -> None:
    listing = root / "scripts" / "apt-packages.txt"
    everything = setting_up.debian.wanted(listing, "dev")
    lines = [x for x in listing.read_text().splitlines() if x.strip() and not x.startswith("#")]
    assert len(everything) == len(lines)
    assert all(package.why for package in everything)
    booth = {package.name for package in setting_up.debian.wanted(listing, "booth")}
    assert "vsmartcard-vpcd" not in booth  # it listens on every address, without a password
    counter = {package.name for package in setting_up.debian.wanted(listing, "counter")}
    assert counter < booth


def test_the_commands_run_this_checkout(setting_up: ModuleType, tmp_path: Path) -> None:
    venv, checkout = tmp_path / "venv", tmp_path / "checkout"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    for name in ("kiosk", "counter"):
        (checkout / name).mkdir(parents=True)
        (checkout / name / "__init__.py").touch()
        (checkout / name / "__main__.py").write_text(f"def main(): print('this is {name}')\n")
    assert not setting_up.environment.commands_there(venv)
    setting_up.environment.write_commands(venv, checkout)
    assert setting_up.environment.commands_there(venv)
    (venv / "pyvenv.cfg").write_text(f"home = {Path(sys.base_prefix) / 'bin'}\n")
    said = subprocess.run(
        [str(venv / "bin" / "kiosk")], capture_output=True, text=True, cwd=tmp_path
    )
    assert said.stdout == "this is kiosk\n", said.stderr


def test_a_killed_set_up_is_waited_for_by_the_next(setting_up: ModuleType, tmp_path: Path) -> None:
    # What was killed is imitated by closing its own hold on the lock while its program runs on.
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    os.mkfifo(begun)
    os.mkfifo(go_on)
    lock = (tmp_path / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    programs = setting_up.programs.Programs(tmp_path / "log", lock.fileno())
    script = f"echo yes >{begun}; read line <{go_on}"
    left = threading.Thread(target=programs.run, args=(["sh", "-c", script],))
    left.start()
    assert begun.read_text() == "yes\n"
    lock.close()
    with (tmp_path / "lock").open("w") as second:
        with pytest.raises(BlockingIOError):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        go_on.write_text("end\n")
        left.join()
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_set_up_finds_nothing_to_do_where_it_has_just_run(root: Path) -> None:
    # `make test` has set this checkout up before any test runs.
    done = subprocess.run(
        [sys.executable, str(root / "scripts" / "setup"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("set-up: all in place")


def test_set_up_can_be_asked_without_changing_anything(root: Path, tmp_path: Path) -> None:
    for name in ("scripts", "requirements"):
        shutil.copytree(root / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "scripts" / "setup"), "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == "set-up: not complete; run make setup\n"
    assert not (tmp_path / ".venv").exists()
