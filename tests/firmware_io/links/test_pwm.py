# SPDX-License-Identifier: Apache-2.0
"""A PWM channel is taken, set and given back as the kernel's rules want it.

The rules are those of Linux drivers/pwm/core.c (pwm_apply_state: no period, or a duty longer than
it, is EINVAL; a request for a channel that somebody has is EBUSY) and drivers/pwm/sysfs.c.
"""

import errno
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.links import pwm
from firmware_io.links.errors import LinkLostError
from firmware_io.links.pwm import PERIOD_NS, PwmChannel, channel_path

FRESH = [("export", 0), ("period", 40_000), ("enable", 1)]


class Kernel:
    """A chip with two channels behind the names of sysfs.

    `held`: channels that another driver has. `raced`: somebody exports a channel just before us.
    `late`: so many writes udev is behind. `least_ns`: the shortest period that this chip can.
    """

    def __init__(self, chip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chip, self.held = chip, set[int]()
        self.raced, self.late, self.least_ns = False, 0, 1
        self.state = {n: {"period": 0, "duty_cycle": 0, "enable": 0} for n in range(2)}
        self.wrote: list[tuple[str, int]] = []
        chip.mkdir(parents=True)
        monkeypatch.setattr(pwm, "put", self.put)
        monkeypatch.setattr(pwm, "read", self.read)

    def put(self, path: Path, value: int) -> None:
        if path.parent == self.chip and self.chip.is_dir():
            self.wrote.append((path.name, value))
            self._channels(path.name, value)
            return
        state = self._state(path)
        if self.late:
            self.late -= 1
            raise OSError(errno.EACCES, "udev has not come by")
        self.wrote.append((path.name, value))
        fresh = state | {path.name: value}
        if not fresh["period"] or fresh["duty_cycle"] > fresh["period"]:
            raise OSError(errno.EINVAL, "pwm_apply_state")
        if fresh["period"] < self.least_ns:
            raise OSError(errno.EINVAL, "the chip's clock is too slow")
        state.update(fresh)

    def read(self, path: Path) -> int:
        return self._state(path)[path.name]

    def _state(self, path: Path) -> dict[str, int]:
        if not path.parent.is_dir():
            raise OSError(errno.ENOENT, "gone")
        return self.state[int(path.parent.name.removeprefix("pwm"))]

    def _channels(self, file: str, number: int) -> None:
        folder = self.chip / f"pwm{number}"
        if number not in self.state or (file == "unexport" and not folder.exists()):
            raise OSError(errno.ENODEV, "no such channel")
        if file == "unexport":
            folder.rmdir()
        elif number in self.held or folder.exists() or self.raced:
            if self.raced:
                folder.mkdir()
            raise OSError(errno.EBUSY, "requested already")
        else:
            folder.mkdir()


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kernel:
    return Kernel(tmp_path / "pwmchip0", monkeypatch)


@pytest.fixture
def channel(kernel: Kernel) -> PwmChannel:
    return PwmChannel(kernel.chip / "pwm0")


def test_a_fresh_channel_gets_its_period_first_and_runs_dark_at_25_khz(kernel, channel) -> None:
    channel.open()
    assert kernel.wrote == FRESH
    assert kernel.state[0] == {"period": 40_000, "duty_cycle": 0, "enable": 1}


def test_one_left_lit_with_a_longer_period_is_dark_before_its_period_changes(
    kernel: Kernel, channel: PwmChannel
) -> None:
    kernel.state[0] = {"period": 1_000_000, "duty_cycle": 800_000, "enable": 1}
    channel.path.mkdir()
    with pytest.raises(OSError, match="pwm_apply_state"):  # what the other order meets
        kernel.put(channel.path / "period", PERIOD_NS)
    kernel.wrote.clear()
    channel.open()
    assert kernel.wrote == [("duty_cycle", 0), ("period", 40_000), ("enable", 1)]


def test_one_that_is_exported_already_is_taken(kernel: Kernel, channel: PwmChannel) -> None:
    (kernel.chip / "pwm0").mkdir()
    channel.open()
    assert kernel.wrote == FRESH[1:]


def test_one_that_another_program_exports_at_this_moment_is_taken(
    kernel: Kernel, channel: PwmChannel
) -> None:
    kernel.raced = True
    channel.open()
    assert kernel.wrote == FRESH


@pytest.mark.parametrize(("number", "word"), [(1, "EBUSY"), (7, "ENODEV")])
def test_one_that_another_driver_holds_or_that_is_not_there_is_told(
    kernel: Kernel, number: int, word: str
) -> None:
    kernel.held = {1}
    with pytest.raises(LinkLostError, match=f"pwmchip0/pwm{number}: {word}"):
        PwmChannel(kernel.chip / f"pwm{number}").open(40.0)


def test_a_chip_that_is_not_there_is_told_when_patience_ends(tmp_path: Path) -> None:
    with pytest.raises(LinkLostError, match="pwmchip3/pwm0: ENOENT"):
        PwmChannel(tmp_path / "pwmchip3" / "pwm0").open(0.05)


def test_udev_may_come_by_a_moment_later(kernel: Kernel, channel: PwmChannel) -> None:
    kernel.late = 3
    with pytest.raises(LinkLostError, match="EACCES"):
        channel.open()
    channel.open(40.0)
    assert kernel.wrote == FRESH


def test_a_chip_that_cannot_be_so_quick_is_told_at_once(
    kernel: Kernel, channel: PwmChannel
) -> None:
    kernel.least_ns = 655_360  # an NXP PCA9685 at its quickest: 1526 Hz
    with pytest.raises(LinkLostError, match="EINVAL"):
        channel.open(40.0)
    assert kernel.state[0]["enable"] == 0


@pytest.mark.parametrize(
    ("level", "duty"), [(1.0, 40_000), (0.57, 22_800), (0.25, 10_000), (0.01, 400), (0.0, 0)]
)
def test_a_level_is_that_share_of_the_period(kernel, channel, level: float, duty: int) -> None:
    channel.open()
    channel.set(level)
    assert kernel.state[0] == {"period": 40_000, "duty_cycle": duty, "enable": 1}


@settings(deadline=None)
@given(level=st.floats(0.0, 1.0))
def test_no_level_is_longer_than_the_period(
    tmp_path_factory: pytest.TempPathFactory, level: float
) -> None:
    channel = PwmChannel(tmp_path_factory.mktemp("chip") / "pwmchip0" / "pwm0")
    channel.path.mkdir(parents=True)
    (channel.path / "duty_cycle").touch()
    channel.set(level)
    duty = pwm.read(channel.path / "duty_cycle")
    assert 0 <= duty <= PERIOD_NS
    assert abs(duty / PERIOD_NS - level) <= 0.5 / PERIOD_NS


def test_dark_is_a_running_channel_and_what_is_given_back_stays_dark(kernel, channel) -> None:
    channel.open()
    channel.set(0.8)
    kernel.wrote.clear()
    channel.off()
    channel.close()
    assert kernel.wrote == [("duty_cycle", 0), ("unexport", 0)]
    assert kernel.state[0]["enable"] == 1
    channel.close()  # again: nothing to say
    channel.open()
    assert kernel.state[0]["duty_cycle"] == 0


def test_a_chip_that_goes_away_is_told_by_every_act(kernel: Kernel, channel: PwmChannel) -> None:
    channel.open()
    channel.look()
    shutil.rmtree(kernel.chip)
    for act in (channel.look, channel.off, channel.open):
        with pytest.raises(LinkLostError, match="ENOENT"):
            act()
    channel.close()


def test_a_channel_that_another_program_stops_is_told(kernel: Kernel, channel: PwmChannel) -> None:
    channel.open()
    kernel.state[0]["enable"] = 0
    with pytest.raises(LinkLostError, match="stopped by another program"):
        channel.look()
    channel.open()
    channel.look()


@pytest.mark.parametrize(
    "path",
    [
        "/sys/class/pwm/pwmchip0/pwm0",
        "/sys/devices/platform/soc/fe20c000.pwm/pwm/pwmchip2/pwm11",
        "/pwmchip0/pwm0",
    ],
)
def test_a_channel_has_this_form(path: str) -> None:
    assert channel_path(Path(path)) == Path(path)


@pytest.mark.parametrize(
    "path",
    ["", "pwmchip0/pwm0", "/sys/class/pwm/pwmchip0", "/sys/class/pwm/pwmchip0/pwm", "/dev/pwm0"],
)
def test_another_form_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is named like"):
        PwmChannel(Path(path))


def test_a_number_replaces_the_one_before_in_one_write(tmp_path: Path) -> None:
    file = tmp_path / "duty_cycle"
    file.write_text("40000\n")
    pwm.put(file, 0)
    assert file.read_bytes() == b"0\n"
    assert pwm.read(file) == 0
    file.write_text("")
    with pytest.raises(OSError, match="no number"):
        pwm.read(file)


def test_a_file_that_is_not_there_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pwm.put(tmp_path / "export", 0)
    assert list(tmp_path.iterdir()) == []
