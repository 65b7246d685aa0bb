# SPDX-License-Identifier: Apache-2.0
"""One off-screen window for all tests of the screens: Kivy has only one per process."""

import os
from pathlib import Path

import pytest

os.environ["SDL_VIDEODRIVER"] = "offscreen"
os.environ.pop("DISPLAY", None)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> object:
    """A real window in memory (EGL and software GL)."""
    os.environ["KIVY_HOME"] = str(tmp_path_factory.mktemp("kivy"))
    from ui.gallery import Stage

    return Stage()


@pytest.fixture(scope="session")
def shots(request: pytest.FixtureRequest) -> Path:
    """Where the pictures of the screens go, for people to look at."""
    folder = Path(request.config.rootpath) / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
