"""Where the report is written is looked at before a night sends anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_transforms.errors import ConfigError
from people_transforms.night import refuse_report_folder
from people_transforms.settings import Settings


def test_a_report_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    def settings(path: Path | None) -> Settings:
        named = {"report_dir": str(path)} if path else {}
        return Settings(vendor="memory", source_system="test", **named)

    (tmp_path / "file").write_text("somebody's")
    with pytest.raises(ConfigError, match="`report_dir` must be the path of a folder"):
        refuse_report_folder(settings(tmp_path / "file"))
    # The control: a folder, one that is made later, and none.
    for path in (tmp_path, tmp_path / "later", None):
        refuse_report_folder(settings(path))
