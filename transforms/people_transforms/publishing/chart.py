"""Headcount as a small picture: a line, and who joined and left under it. Drawn as SVG, no library."""

from __future__ import annotations

from markupsafe import Markup

from people_transforms.publishing.report import Headcount

WIDTH, LINE_HEIGHT, BAR_HEIGHT = 300, 46, 14
_PAD = 4


def draw_headcount(place: Headcount, label: str) -> Markup:
    """Draw one place; its figures are said in `label` and in the words beside it."""
    people = [day.people for day in place.days]
    low, high = min(people), max(people)
    step = WIDTH / max(len(people) - 1, 1)
    scale = (LINE_HEIGHT - 2 * _PAD) / max(high - low, 4)
    heights = [LINE_HEIGHT - _PAD - (count - low) * scale for count in people]
    points = " ".join(f"{i * step:.1f},{y:.1f}" for i, y in enumerate(heights))
    axis = LINE_HEIGHT + BAR_HEIGHT
    most = max([*(day.joined for day in place.days), *(day.left for day in place.days), 1])
    bars = "".join(
        _bar(i * step, axis, day.joined / most, "up")
        + _bar(i * step, axis, -day.left / most, "down")
        for i, day in enumerate(place.days)
    )
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {axis + BAR_HEIGHT}" role="img" aria-label="{{}}">'
        f'<polyline class="line" points="{points}"/>'
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{axis}" y2="{axis}"/>{bars}</svg>'
    ).format(label)


def _bar(x: float, axis: float, share: float, name: str) -> str:
    if not share:
        return ""
    height = max(abs(share) * (BAR_HEIGHT - 1), 2)
    top = axis - height if share > 0 else axis
    left = min(max(x - 1.5, 0), WIDTH - 3)
    return f'<rect class="{name}" x="{left:.1f}" y="{top:.1f}" width="3" height="{height:.1f}"/>'
