"""Every folder that this program makes is closed to others, also where the umask lets everybody in."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from people_sync.connection.atomic_file import replace_file
from people_sync.connection.run_lock import run_lock
from people_sync.desk.onboarding.journey import JourneyFile
from people_transforms.folders import make_folder
from people_transforms.publishing.publish import publish_staging, publish_text
from people_transforms.settings import WarehouseSettings
from people_transforms.store.warehouse import open_store, store_paths


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    old = os.umask(0)
    yield
    os.umask(old)


def write(folder: Path) -> None:
    """What `write` of a destination leaves."""
    paths = store_paths(WarehouseSettings(), "alleo", folder)
    with open_store(paths) as store:
        publish_staging(store, paths.staging)
    publish_text(paths.folder / "report.html", "<p>")


def run(folder: Path) -> None:
    with run_lock(folder / ".people-sync" / "a" / "state.json"):
        pass


def onboard(folder: Path) -> None:
    JourneyFile(folder / ".people-sync" / "a" / "x.json").change(lambda journey: None)


def state(folder: Path) -> None:
    replace_file(folder / ".people-sync" / "a" / "state.json", b"[]")


@pytest.mark.parametrize("makes", [write, run, onboard, state])
def test_nobody_else_may_look_into_a_folder_or_write_there(
    makes: Callable[[Path], None], tmp_path: Path
) -> None:
    makes(tmp_path)
    made = [tmp_path / ".people-sync", *(tmp_path / ".people-sync").rglob("*")]
    assert len(made) > 2
    for path in made:
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode & 0o027 == 0, (path, oct(mode))


def test_a_folder_that_is_there_keeps_the_rights_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(mode=0o775)
    make_folder(tmp_path / "shared" / "a" / "b")
    modes = [
        stat.S_IMODE((tmp_path / name).stat().st_mode)
        for name in ("shared", "shared/a", "shared/a/b")
    ]
    assert modes == [0o775, 0o700, 0o700]
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        make_folder(tmp_path / "file" / "below")
