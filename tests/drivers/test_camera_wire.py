# SPDX-License-Identifier: Apache-2.0
"""The ring between two processes, and the cutting of a byte stream into JPEG pictures."""

import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_io.links.video import SLOTS, FrameRing, create_memory
from firmware_io.links.video_picture import (
    JpegSplitter,
    SourceFormatError,
    SourceGoneError,
    decode,
)
from firmware_io.links.video_source import open_source

ROOT = Path(__file__).parents[2]


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


def test_pictures_from_a_writer_at_full_speed_are_each_of_one_piece():
    """Another process overwrites the ring all the time; the slot read is the next to be written."""
    fd = create_memory(640, 480)
    ring = FrameRing(fd)
    writer = (
        "import sys, numpy as np\n"
        "from firmware_io.links.video import FrameRing\n"
        f"ring, seq = FrameRing({fd}), 0\n"
        "while True:\n"
        "    seq += 1\n"
        "    ring.write(seq, 0.0, np.full((480, 640, 3), seq % 251, np.uint8), 0.0)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", writer], pass_fds=(fd,), cwd=ROOT)
    os.close(fd)
    try:
        whole, gone, end = 0, 0, time.monotonic() + 60.0
        while whole < 200 or gone < 5:
            assert time.monotonic() < end, (whole, gone)
            newest = ring.newest
            for seq in (newest, newest - SLOTS + 1, newest - SLOTS + 2):
                if (frame := ring.read(seq)) is None:
                    gone += seq > 0
                    continue
                whole += 1
                assert frame.seq == seq
                assert (frame.image == seq % 251).all()
    finally:
        process.kill()
        process.wait()


def test_a_writer_that_stores_out_of_order_gives_no_torn_picture(ring):
    """As a processor may that keeps no order: the numbers are there before the pixels."""
    ring.write(1, 0.0, flat(1), 0.0)
    pixels = ring._slot(1)[2]
    pixels[: 64 * 24 * 3] = 200
    assert ring.latest() is None


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_cut_picture_is_no_picture_though_opencv_decodes_it(cut):
    whole = PICTURES[0]
    piece = whole[: int(len(whole) * cut)]
    assert decode(whole) is not None
    assert decode(piece) is None
    assert decode(whole + bytes(64)) is not None  # padding, as USB cameras send it


def test_bytes_of_another_kind_are_told_from_pictures_in_pieces():
    splitter = JpegSplitter()
    splitter.feed(bytes(70_000))
    assert splitter.foreign
    splitter.feed(PICTURES[0][:-9])
    assert not splitter.foreign
    before = splitter.torn
    splitter.feed(PICTURES[1])
    assert splitter.torn == before + 1


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_of_another_kind_is_no_camera(path):
    with pytest.raises(SourceFormatError):
        open_source(path, 64, 48, 30.0)
