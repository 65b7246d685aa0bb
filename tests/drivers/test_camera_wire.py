# SPDX-License-Identifier: Apache-2.0
"""The ring between two processes, and the cutting of a byte stream into JPEG pictures."""

import os

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.links.video import SLOTS, FrameRing, create_memory
from firmware_io.links.video_picture import JpegSplitter, SourceFormatError, SourceGoneError
from firmware_io.links.video_source import open_source


@pytest.fixture
def ring():
    fd = create_memory(64, 48)
    yield FrameRing(fd)
    os.close(fd)


def flat(value, width=64, height=48):
    return np.full((height, width, 3), value, np.uint8)


def test_an_empty_ring_has_no_frame(ring):
    assert ring.latest() is None
    assert ring.burst(5) == []


def test_the_newest_frame_comes_back_with_its_number_and_time(ring):
    for seq in range(1, 25):
        ring.write(seq, seq * 0.5, flat(seq), 0.0)
    frame = ring.latest()
    assert (frame.seq, frame.stamp, int(frame.image[3, 4, 1])) == (24, 12.0, 24)


def test_a_burst_is_in_order_and_an_overwritten_frame_is_gone(ring):
    for seq in range(1, 25):
        ring.write(seq, 0.0, flat(seq), 0.0)
    assert [f.seq for f in ring.burst(6)] == [19, 20, 21, 22, 23, 24]
    assert [int(f.image[0, 0, 0]) for f in ring.burst(6)] == [19, 20, 21, 22, 23, 24]
    assert ring.read(24 - SLOTS) is None
    assert len(ring.burst(100)) == SLOTS - 2


def test_smaller_pictures_keep_their_shape_and_larger_ones_are_refused(ring):
    ring.write(1, 0.0, flat(9, 32, 16), 0.0)
    assert ring.latest().image.shape == (16, 32, 3)
    with pytest.raises(ValueError, match="fit"):
        ring.write(2, 0.0, flat(9, 320, 240), 0.0)


def test_memory_of_something_else_is_not_taken_for_a_ring():
    fd = os.memfd_create("other")
    os.ftruncate(fd, 8192)
    with pytest.raises(ValueError, match="ring"):
        FrameRing(fd)
    os.close(fd)


def test_a_picture_that_is_being_overwritten_is_not_returned(ring):
    """The writer stopped half-way, as a killed process does: at each of its three stages."""
    ring.write(1, 0.0, flat(1), 0.0)
    words = ring._slot(1)[0]
    before, after = int(words[0]), int(words[1])
    assert (before, after) == (1, 1)
    words[1] = 0  # begun
    assert ring.latest() is None
    words[0] = 1 + SLOTS  # pixels under way
    assert ring.latest() is None
    words[1] = 1  # the reader had seen the number behind before the writer came
    assert ring.latest() is None


def test_a_second_view_sees_what_the_first_one_wrote():
    fd = create_memory(64, 48)
    writer, reader = FrameRing(fd), FrameRing(fd)
    os.close(fd)
    writer.write(1, 2.5, flat(77), 1.5)
    assert (reader.newest, reader.unchanged_since, reader.stamp_of(1)) == (1, 1.5, 2.5)
    assert int(reader.latest().image[0, 0, 0]) == 77


def jpeg(value, quality=80):
    image = np.random.default_rng(value).integers(0, 255, (24, 32, 3), np.uint8)
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


PICTURES = [jpeg(value) for value in range(6)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PICTURES), max_size=6), st.data())
def test_any_portions_give_the_same_pictures(sent, data):
    stream, got, splitter = b"".join(sent), [], JpegSplitter()
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        got += splitter.feed(stream[:cut])
        stream = stream[cut:]
    assert got == sent


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(PICTURES))
def test_after_any_garbage_the_second_good_picture_is_found(garbage, picture):
    splitter = JpegSplitter()
    splitter.feed(garbage)
    assert picture in splitter.feed(picture) + splitter.feed(picture)


def test_a_picture_cut_short_is_dropped_where_the_next_one_starts():
    splitter = JpegSplitter()
    assert splitter.feed(PICTURES[0][:-30] + PICTURES[1]) == [PICTURES[1]]


def test_endless_bytes_without_a_picture_do_not_pile_up():
    splitter = JpegSplitter(largest=1000)
    for _ in range(50):
        assert splitter.feed(b"\xff\xd8\xff" + bytes(200)) == []
    assert len(splitter._rest) <= 1000


def test_a_folder_is_no_camera(tmp_path):
    with pytest.raises(SourceFormatError):
        open_source(str(tmp_path), 64, 48, 30.0)


def test_a_missing_path_is_a_gone_camera(tmp_path):
    with pytest.raises(SourceGoneError):
        open_source(str(tmp_path / "video9"), 64, 48, 30.0)
