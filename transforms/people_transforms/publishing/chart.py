"""The trend of the last nights as a chart: drawn by pygal as SVG, without script or network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from people_transforms.publishing.report import Night
from people_transforms.publishing.words import Words

FEWEST_NIGHTS = 2


def draw_trend(nights: Sequence[Night], words: Words) -> Markup | None:
    """Draw joiners, changes and leavers per night; None while there is nothing to compare."""
    if len(nights) < FEWEST_NIGHTS:
        return None
    import pygal

    chart = pygal.StackedBar(
        style=_style(),
        js=(),
        disable_xml_declaration=True,
        explicit_size=False,
        height=260,
        width=960,
        legend_at_bottom=True,
        legend_at_bottom_columns=3,
        show_minor_x_labels=False,
        x_labels_major_count=7,
        truncate_label=-1,
        min_scale=2,
    )
    # The id is random by default; a fixed one keeps the same report the same bytes.
    chart.uuid = "trend-chart"
    chart.x_labels = [words.day(night.as_of) for night in nights]
    chart.add(words["joiners"], [night.joining for night in nights])
    chart.add(words["changes"], [night.changing for night in nights])
    chart.add(words["leavers"], [night.leaving for night in nights])
    chart.add_xml_filter(lambda root: _as_still_picture(root, words["trend"]))
    return Markup(chart.render(is_unicode=True))


def _style() -> Any:
    """Colours of the page, so that light, dark and print fit."""
    from pygal.style import Style

    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--quiet)",
        foreground_strong="var(--text)",
        foreground_subtle="var(--line)",
        colors=("var(--joins)", "var(--changes)", "var(--leaves)"),
        font_family="system-ui, sans-serif",
        opacity="1",
        opacity_hover="1",
        transition="0s",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=14,
    )


def _as_still_picture(root: Any, title: str) -> Any:
    """Take the script out and give the picture a name; the figures are in the table below it."""
    for parent in list(root.iter()):
        for child in list(parent):
            if isinstance(child.tag, str) and child.tag.endswith("script"):
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", title)
    return root
