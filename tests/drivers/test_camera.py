# SPDX-License-Identifier: Apache-2.0
"""The driver with a real child process on a real pipe or file; pictures are small and made here."""

import itertools
import os
import signal
import subprocess
import sys
import time
import zipfile

import cv2
import numpy as np
import pytest

from drivers.camera import Camera, is_slow
from drivers.health import State
from firmware_io.emulators.camera import LOOKS, CameraEmulator

DEADLINE_S = 60.0
SIZE = (320, 180)


def until(what, deadline=DEADLINE_S):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.005)
    raise AssertionError("did not happen in time")


def reason(camera):
    return camera.health().reason


def picture(brightness, number):
    """A flat picture with a square that moves, so that no two are alike."""
    image = np.full((SIZE[1], SIZE[0], 3), brightness, np.uint8)
    image[20:60, 8 * number % 280 : 8 * number % 280 + 40] = 255 - brightness
    return image


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for place, look in enumerate(LOOKS):
        with zipfile.ZipFile(folder / f"{look}.zip", "w") as archive:
            for number in range(10):
                _good, jpeg = cv2.imencode(".jpg", picture(9 * place, number))
                archive.writestr(f"{number:04d}.jpg", jpeg.tobytes())
    return folder


@pytest.fixture
def emulator(clips, tmp_path):
    with CameraEmulator(tmp_path / "video", clips) as emulator:
        yield emulator


@pytest.fixture
def open_camera():
    cameras = []

    def start(source, **options):
        cameras.append(Camera(str(source), width=SIZE[0], height=SIZE[1], **options))
        cameras[-1].start()
        return cameras[-1]

    yield start
    for camera in cameras:
        camera.close()


@pytest.fixture
def camera(emulator, open_camera):
    camera = open_camera(emulator.path)
    until(camera.latest)
    until(lambda: camera.health().state is State.READY)
    return camera


def child_of(camera):
    return camera._host.process.pid


def test_pictures_arrive_in_order_and_fresh(camera):
    seen = [camera.latest()]
    while len(seen) < 20:
        newest = until(camera.latest)
        if newest.seq != seen[-1].seq:
            seen.append(newest)
    assert all(a.seq < b.seq and a.stamp < b.stamp for a, b in itertools.pairwise(seen))
    assert seen[-1].image.shape == (SIZE[1], SIZE[0], 3)


def test_a_burst_is_consecutive_and_its_pictures_are_whole(camera):
    until(lambda: camera.latest().seq > 8)
    burst = camera.burst(6)
    assert [frame.seq for frame in burst] == list(range(burst[0].seq, burst[0].seq + 6))
    for frame in burst:  # one square of its own on an even ground
        bright = (frame.image[40] > 128).all(axis=1).sum()
        assert bright == pytest.approx(40, abs=3)


def test_a_picture_is_the_caller_s_own(camera):
    first = camera.latest()
    kept = first.image.copy()
    until(lambda: camera.latest().seq > first.seq + 15)
    assert np.array_equal(first.image, kept)


def test_the_sitter_changes_while_the_camera_runs(camera, emulator):
    assert emulator.control({"look": "two"}) == {"ok": True, "look": "two"}
    wanted = 9 * list(LOOKS).index("two")
    until(lambda: abs(int(until(camera.latest).image[150, 5, 0]) - wanted) < 4)


def test_unplugged_is_told_and_plugged_in_again_it_works(camera, emulator):
    last = camera.latest().seq
    emulator.control({"unplug": True})
    until(lambda: reason(camera) == "camera.absent")
    assert camera.health().remedy == "camera.absent.remedy"
    until(lambda: camera.latest() is None)
    assert camera.burst() == []
    emulator.control({"replug": True})
    assert until(camera.latest).seq > last
    until(lambda: camera.health().state is State.READY)


def test_each_new_word_is_told_at_once_and_the_same_word_never_again(camera, emulator):
    words = [camera.health()]
    camera.on_change = lambda: words.append(camera.health())
    emulator.control({"unplug": True})
    until(lambda: reason(camera) == "camera.absent")
    emulator.control({"replug": True})
    until(lambda: camera.health().state is State.READY)
    until(lambda: words[-1].state is State.READY)
    assert "camera.absent" in [one.reason for one in words]
    assert all(a != b for a, b in itertools.pairwise(words))


def test_steady_pictures_are_looked_at_seldom_and_doubtful_ones_often(camera, emulator):
    pauses = []
    count = camera._pause_s
    camera._pause_s = lambda: pauses.append(count()) or pauses[-1]
    until(lambda: pauses[-2:] == [0.4, 0.4])
    emulator.control({"fault": {"freeze": True}})
    until(lambda: reason(camera) == "camera.frozen")
    assert pauses[-1] < 0.1


def test_a_camera_that_falls_silent_gets_a_new_process_and_comes_back(camera, emulator):
    before = child_of(camera)
    emulator.control({"fault": {"stop": True}})
    until(lambda: reason(camera) == "camera.silent")
    until(lambda: camera.latest() is None)
    emulator.control({"fault": {}})
    until(camera.latest)
    assert child_of(camera) != before


def test_a_hung_process_is_replaced(camera):
    hung = child_of(camera)
    os.kill(hung, signal.SIGSTOP)  # as good as stuck in a driver
    until(lambda: reason(camera) == "camera.silent")
    until(camera.latest)
    assert child_of(camera) != hung
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)


def test_one_picture_repeated_is_frozen_until_it_moves(camera, emulator):
    emulator.control({"fault": {"freeze": True}})
    until(lambda: reason(camera) == "camera.frozen")
    emulator.control({"fault": {}})
    until(lambda: camera.health().state is State.READY)


def test_a_frozen_camera_is_started_anew_but_not_called_well(camera, emulator):
    before = child_of(camera)
    emulator.control({"fault": {"freeze": True}})
    until(lambda: reason(camera) == "camera.frozen")
    until(lambda: camera._host is not None and child_of(camera) != before)
    until(camera.latest)
    assert reason(camera) == "camera.frozen"


def test_torn_pictures_are_dropped_and_the_next_whole_one_is_shown(camera, emulator):
    emulator.control({"fault": {"torn": 5}})
    last = camera.latest().seq
    until(lambda: camera.latest().seq > last + 10)
    assert camera.health().state is State.READY


@pytest.mark.parametrize(
    ("fault", "reason_then"),
    [
        ({"torn": -1}, "camera.torn"),
        ({"raw": True}, "camera.format"),
        ({"slow": 3}, "camera.slow"),
        ({"busy": True}, "camera.busy"),
    ],
)
def test_each_fault_has_its_own_word_and_ends_by_itself(camera, emulator, fault, reason_then):
    last = camera.latest().seq
    assert emulator.control({"fault": fault}) == {"ok": True}
    until(lambda: reason(camera) == reason_then)
    assert camera.health().remedy == f"{reason_then}.remedy"
    emulator.control({"fault": {}})
    until(lambda: camera.health().state is State.READY)
    assert until(camera.latest).seq > last


def test_no_picture_is_ever_made_of_two(camera, emulator):
    """Cut and whole pictures in turn: each one that arrives has its one square."""
    last = camera.latest().seq
    for _ in range(20):
        emulator.control({"fault": {"torn": 1}})
        frame = until(lambda last=last: (f := camera.latest()) and f.seq > last and f)
        bright = (frame.image[40] > 128).all(axis=1).sum()
        assert bright == pytest.approx(40, abs=3)
        assert (frame.image[100:] < 40).all()
        last = frame.seq


def test_a_second_user_of_one_camera_finds_it_busy(camera, emulator, open_camera):
    second = open_camera(emulator.path)
    until(lambda: reason(second) == "camera.busy")
    assert camera.health().state is State.READY
    camera.close()
    until(lambda: second.health().state is State.READY)


@pytest.mark.parametrize(("turn", "corner"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_a_turned_camera_gives_upright_pictures(open_camera, tmp_path, turn, corner):
    """The bright top left corner of what the camera sends is found where the turn brings it."""
    image = np.full((180, 320, 3), 40, np.uint8)
    image[:60, :100] = 220
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, SIZE)
    for number in range(6):
        image[150:, 200 + number * 9] = 255
        writer.write(image)
    writer.release()
    camera = open_camera(path, turn=turn)
    frame = until(camera.latest)
    assert frame.image.shape == ((320, 180, 3) if turn != 180 else (180, 320, 3))
    assert frame.image[corner].mean() > 180
    assert frame.image[0, 0].mean() < 100
    assert until(lambda: camera.burst(4))[0].image.shape == frame.image.shape


def test_a_camera_is_turned_by_a_quarter_or_not_at_all():
    with pytest.raises(ValueError, match="degrees"):
        Camera("/dev/video0", turn=45)


@pytest.mark.parametrize(
    ("size", "turn", "serves"),
    [
        ((640, 480), 0, True),
        ((640, 360), 0, False),
        ((480, 360), 90, True),
        ((320, 240), 90, False),
    ],
)
def test_pictures_must_hold_a_portrait_when_they_stand_upright(
    open_camera, tmp_path, size, turn, serves
):
    """358 x 441 pixels are cut out (GA 461): what is smaller would be enlarged."""
    path = tmp_path / "film.avi"
    video(path, size)
    camera = Camera(str(path), turn=turn, least=(358, 441))
    try:
        camera.start()
        until(lambda: camera.health().state is not State.BUSY)
        assert reason(camera) == ("" if serves else "camera.small")
    finally:
        camera.close()


@pytest.mark.parametrize(
    ("gaps", "slow"),
    [
        ([0.033] * 30, False),
        ([0.1] * 10, False),
        ([0.25] * 5, False),  # four a second still do
        ([0.3] * 5, True),
        ([0.033] * 20 + [0.95], False),  # a stall alone
        ([0.033] * 20 + [0.5, 0.45], True),
        ([0.033] * 20 + [2.0], False),  # silence is another matter
    ],
)
def test_slow_is_fewer_than_four_a_second_and_more_than_one_stall(gaps, slow):
    stamps = list(itertools.accumulate(gaps[:-1], initial=100.0))
    assert is_slow(stamps, stamps[-1] + gaps[-1]) is slow


def test_nothing_at_the_path_is_absent_and_appears_later(open_camera, clips, tmp_path):
    camera = open_camera(tmp_path / "later")
    until(lambda: reason(camera) == "camera.absent")
    with CameraEmulator(tmp_path / "later", clips):
        until(camera.latest)


def test_a_file_that_is_no_video_has_the_wrong_format(open_camera, tmp_path):
    path = tmp_path / "notes.avi"
    path.write_text("this is no video")
    camera = open_camera(path)
    until(lambda: reason(camera) == "camera.format")


def video(path, size, frames=12, rate=30):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, size)
    for number in range(frames):
        writer.write(cv2.resize(picture(40, number), size))
    writer.release()


def test_a_video_file_plays_by_the_clock_and_starts_over(open_camera, tmp_path):
    path = tmp_path / "film.avi"
    video(path, SIZE)
    camera = open_camera(path)
    first = until(camera.latest)
    later = until(lambda: (f := camera.latest()) and f.seq > first.seq + 30 and f)
    rate = (later.seq - first.seq) / (later.stamp - first.stamp)
    assert rate <= 30.5  # a camera does not run ahead; late pictures are dropped
    assert camera.health().detail == "320x180 FILE, 30 a second"


def test_pictures_larger_than_agreed_are_refused(open_camera, tmp_path):
    path = tmp_path / "large.avi"
    video(path, (640, 360))
    camera = open_camera(path)
    until(lambda: reason(camera) == "camera.format")


def test_closing_leaves_no_process_and_can_be_repeated(camera):
    child = child_of(camera)
    camera.close()
    camera.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert camera.latest() is None


def test_the_child_ends_when_the_booth_dies(emulator):
    """The booth is killed without a chance to tidy up."""
    script = (
        "import sys, time\n"
        "from drivers.camera import Camera\n"
        f"camera = Camera({emulator.path!r}, width=320, height=180)\n"
        "camera.start()\n"
        "while camera.latest() is None: time.sleep(0.01)\n"
        "print(camera._host.process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    booth = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert booth.stdout is not None
    child = int(booth.stdout.readline())
    booth.kill()
    booth.wait()
    until(lambda: not alive(child))


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_pictures_lie_in_memory_without_a_name(camera):
    before = set(os.listdir("/dev/shm"))
    with open(f"/proc/{os.getpid()}/maps", encoding="ascii") as maps:
        ours = [line for line in maps if "idbooth-video" in line]
    assert ours
    assert all("(deleted)" in line for line in ours)
    assert not any("idbooth" in name for name in before)


def test_a_killed_child_is_replaced_and_numbers_go_on(camera):
    killed, last = child_of(camera), camera.latest().seq
    os.kill(killed, signal.SIGKILL)
    until(lambda: reason(camera) == "camera.silent")
    assert until(camera.latest).seq > last
    assert child_of(camera) != killed
    until(lambda: camera.health().state is State.READY)


def test_the_memory_of_a_dead_child_is_given_back(camera):
    """Each child has a ring of its own; the old one must not stay mapped in the booth."""
    until(lambda: camera.health().state is State.READY)
    os.kill(child_of(camera), signal.SIGKILL)
    until(lambda: reason(camera) == "camera.silent")
    until(lambda: camera.health().state is State.READY)
    until(lambda: rings() == 1)


def rings():
    with open(f"/proc/{os.getpid()}/maps", encoding="ascii") as maps:
        return sum("idbooth-video" in line for line in maps)
