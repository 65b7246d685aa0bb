# SPDX-License-Identifier: Apache-2.0
"""The booth on a camera that plays pictures out of memory, through the real engine."""

import threading
import time

import cv2
import numpy as np
import pytest

from drivers.camera import Frame
from drivers.errors import AskAgainError, CancelledError, OutOfServiceError
from drivers.health import Health
from kiosk.photo.booth import PhotoBooth

DEADLINE_S = 40.0


class Playing:
    """A camera by the clock: the newest picture is the one of this 1/30 s."""

    def __init__(self, images):
        self.images, self.state, self.stopped_at = images, Health.ready("camera"), None

    def _now(self):
        return int((self.stopped_at or time.monotonic()) * 30)

    def _frame(self, seq):
        return Frame(seq, seq / 30, self.images[seq % len(self.images)])

    def latest(self):
        return self._frame(self._now())

    def burst(self, n=6):
        return [self._frame(seq) for seq in range(self._now() - n + 1, self._now() + 1)]

    def health(self):
        return self.state


def until(what):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if what():
            return
        time.sleep(0.01)
    raise AssertionError("did not happen in time")


@pytest.fixture
def camera(pictures):
    return Playing(pictures("good", 12))


@pytest.fixture
def booth(engine, camera):
    booth = PhotoBooth(engine, camera)
    booth.start()
    yield booth
    booth.close()


def shows(booth, reason):
    until(lambda: booth.guidance().reason == reason)


def test_a_smile_with_teeth_is_mentioned_and_photographed_all_the_same(booth):
    shows(booth, "photo.mouth")
    assert not booth.guidance().blocks_shutter
    take = booth.shoot()
    assert (take.advice, take.size) == ("photo.mouth", (358, 441))
    assert not take.verdict.blocks
    decoded = cv2.imdecode(np.frombuffer(take.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (441, 358, 3)


def test_the_guidance_names_the_frame_it_rests_on(booth, camera):
    shows(booth, "photo.mouth")
    told = booth.guidance()
    assert 0 < told.seq <= camera.latest().seq
    assert told.stamp == told.seq / 30


def test_takes_can_follow_each_other_and_come_from_frames_already_seen(booth, camera):
    shows(booth, "photo.mouth")
    for _ in range(3):
        before = camera.latest().seq
        take = booth.shoot()
        assert before - 11 <= take.seq <= camera.latest().seq  # a third of a second at 30 a second


@pytest.mark.parametrize(
    ("look", "reason"),
    [
        ("empty", "photo.no_face"),
        ("two", "photo.several_faces"),
        ("far", "photo.too_far"),
        ("near", "photo.too_close"),
        ("left", "photo.off_centre.right"),
        ("dark", "photo.too_dark"),
    ],
)
def test_no_portrait_is_made_where_there_can_be_none(booth, camera, pictures, look, reason):
    camera.images = pictures(look, 6)
    shows(booth, reason)
    assert booth.guidance().blocks_shutter
    with pytest.raises(AskAgainError) as refused:
        booth.shoot()
    assert refused.value.code == reason


def test_eyes_closed_are_known_by_the_person_s_own_open_ones(booth, camera, pictures):
    shows(booth, "photo.mouth")
    until(lambda: booth._watcher.person.usual_openness() is not None)
    camera.images = pictures("closed", 6)
    shows(booth, "photo.eyes")
    assert not booth.guidance().blocks_shutter
    assert booth.shoot().advice == "photo.eyes"


def test_a_take_with_fewer_faults_ranks_higher(booth, camera, pictures):
    shows(booth, "photo.mouth")
    good = booth.shoot()
    camera.images = pictures("tilt", 6)
    shows(booth, "photo.tilted")
    assert booth.shoot().rank < good.rank


def test_a_camera_that_stops_is_told_and_no_old_picture_is_taken(booth, camera):
    shows(booth, "photo.mouth")
    camera.stopped_at = time.monotonic() - 2
    camera.state = Health.ill("camera", "camera.silent")
    shows(booth, "camera.silent")
    assert booth.guidance().blocks_shutter
    with pytest.raises(OutOfServiceError) as refused:
        booth.shoot()
    assert refused.value.code == "camera.silent"
    camera.stopped_at, camera.state = None, Health.ready("camera")
    shows(booth, "photo.mouth")


def test_a_frozen_camera_gives_no_take_though_its_pictures_look_fresh(booth, camera):
    shows(booth, "photo.mouth")
    camera.state = Health.ill("camera", "camera.frozen")
    with pytest.raises(OutOfServiceError) as refused:
        booth.shoot()
    assert refused.value.code == "camera.frozen"


def test_closing_ends_the_thread_and_refuses_further_takes(engine, camera):
    booth = PhotoBooth(engine, camera)
    booth.start()
    shows(booth, "photo.mouth")
    booth.close()
    booth.close()
    assert not [t for t in threading.enumerate() if t.name == "photo-booth"]
    with pytest.raises(CancelledError):
        booth.shoot()


def test_without_networks_a_portrait_is_still_made(haar, camera):
    booth = PhotoBooth(haar, camera)
    booth.start()
    try:
        shows(booth, "photo.ok")
        take = booth.shoot()
    finally:
        booth.close()
    assert "hair_estimated" in take.portrait.flags
    assert take.advice == ""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_in_the_analysis_leaves_nobody_waiting(camera, engine):
    class Broken(type(engine)):
        def __init__(self):
            pass

        def look(self, *_args, **_options):
            raise TypeError("a program's own mistake")

    booth = PhotoBooth(Broken(), camera)
    booth.start()
    until(lambda: not [t for t in threading.enumerate() if t.name == "photo-booth"])
    with pytest.raises(CancelledError):
        booth.shoot()
    booth.close()
