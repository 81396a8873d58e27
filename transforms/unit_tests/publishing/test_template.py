"""What Jinja made of the page's template is kept, and never stands in a page's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment
from people_transforms.publishing.template import open_template


def compilings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every template that is compiled from here on."""
    seen: list[str] = []
    compile_ = Environment.compile

    def noted(self: Environment, source: str, name: str, *more: object) -> object:
        seen.append(name)
        return compile_(self, source, name, *more)  # type: ignore[call-overload]

    monkeypatch.setattr(Environment, "compile", noted)
    return seen


def test_the_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = compilings(monkeypatch)
    open_template(tmp_path)
    (kept,) = tmp_path.iterdir()
    again = open_template(tmp_path)
    assert seen == ["page.html.j2"]
    # The folder is made where Python, told to keep nothing, has made none.
    elsewhere = tmp_path / "elsewhere"
    assert again.blocks.keys() == open_template(elsewhere).blocks.keys()
    assert len(list(elsewhere.iterdir())) == 1
    kept.unlink()
    open_template(tmp_path)
    assert len(seen) == 3


@pytest.mark.parametrize("damage", [b"", b"\0" * 5000, b"of another release"])
def test_what_is_damaged_is_made_anew(
    tmp_path: Path, damage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_template(tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    seen = compilings(monkeypatch)
    for content in (damage, whole[: len(whole) // 2]):
        kept.write_bytes(content)
        open_template(tmp_path)
        assert kept.read_bytes() == whole
    assert len(seen) == 2


def test_where_it_cannot_be_kept_the_page_is_rendered_all_the_same(tmp_path: Path) -> None:
    assert open_template(tmp_path / "no" / "such folder").name == "page.html.j2"
