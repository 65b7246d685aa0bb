# SPDX-License-Identifier: Apache-2.0
import io
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from kiosk.photo import pictures
from kiosk.photo.pictures import PictureError

RAMP = np.add.outer(np.arange(96), np.arange(80)).astype(np.uint8)
COLOUR = np.dstack([RAMP, RAMP[::-1], 255 - RAMP])


def saved(kind, picture=None):
    held = io.BytesIO()
    (picture or PillowImage.fromarray(COLOUR)).save(held, kind)
    return held.getvalue()


FILES = {kind: saved(kind) for kind in ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_is_read_upright_and_in_the_right_order_of_colours(tmp_path, kind):
    path = tmp_path / "x"
    path.write_bytes(FILES[kind])
    found = pictures.read(path)
    assert (found.image.shape, found.image.dtype, found.grey) == ((96, 80, 3), np.uint8, False)
    off = np.abs(found.image[:, :, ::-1].astype(int) - COLOUR).mean()
    assert off < (20 if kind == "GIF" else 8)  # GIF has 256 colours


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kind=st.sampled_from(sorted(FILES)),
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
)
def test_damage_is_a_sentence_or_a_picture_and_nothing_else(tmp_path, kind, cut, changes):
    data = bytearray(FILES[kind])
    for where, byte in changes:
        data[int(where * (len(data) - 1))] = byte
    path = tmp_path / "x"
    path.write_bytes(bytes(data[: round(cut * len(data))]))
    found, told = None, ""
    try:
        found = pictures.read(path)
    except PictureError as refused:
        told = str(refused)
    if found is None:
        assert told
        assert str(tmp_path) not in told
    else:
        assert found.image.ndim == 3
        assert min(found.image.shape[:2]) >= pictures.SIDE_LEAST


@pytest.mark.parametrize("mode", ["L", "1", "LA", "P"])
def test_a_file_without_colour_is_known(tmp_path, mode):
    grey = PillowImage.fromarray(RAMP).convert(mode)
    (tmp_path / "x").write_bytes(saved("PNG", grey))
    assert pictures.read(tmp_path / "x").grey


def test_an_opaque_alpha_channel_is_dropped(tmp_path):
    picture = PillowImage.fromarray(COLOUR)
    picture.putalpha(255)
    (tmp_path / "x").write_bytes(saved("PNG", picture))
    assert np.array_equal(pictures.read(tmp_path / "x").image[:, :, ::-1], COLOUR)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PictureError, match="ordinary"):
        pictures.read(tmp_path / "pipe")


def test_a_file_larger_than_the_limit_is_refused_unread(tmp_path):
    with (tmp_path / "x").open("wb") as file:
        file.truncate(pictures.FILE_MOST + 1)
    with pytest.raises(PictureError, match="more than 100 MB"):
        pictures.read(tmp_path / "x")


def test_writing_follows_a_link_and_replaces_what_it_names(tmp_path):
    real, link = tmp_path / "real.jpg", tmp_path / "link.jpg"
    real.write_bytes(b"old")
    link.symlink_to(real)
    pictures.write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.jpg", "real.jpg"]


def test_a_device_is_never_replaced():
    with pytest.raises(PictureError, match="ordinary"):
        pictures.write(pictures.Path("/dev/null"), b"x")
