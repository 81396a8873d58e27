"""The last nights as charts: drawn by pygal as SVG, without script, tooltip or network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from people_transforms.publishing.report import Night
from people_transforms.publishing.words import Words

FEWEST_NIGHTS = 2
_TOOLTIPS = {"tooltip", "tooltip-overlay"}


def draw_trend(nights: Sequence[Night], words: Words) -> Markup | None:
    """Draw joiners, changes and leavers per night; None while there is nothing to compare."""
    return _draw(
        "trend",
        words["trend"],
        nights,
        words,
        {
            words["joiners"]: [night.joining for night in nights],
            words["changes"]: [night.changing for night in nights],
            words["leavers"]: [night.leaving for night in nights],
        },
        ("var(--joins)", "var(--changes)", "var(--leaves)"),
    )


def draw_care(nights: Sequence[Night], words: Words) -> Markup | None:
    """Draw what waited and what was to be mended after each night; None if there was nothing."""
    if not any(night.held or night.to_mend for night in nights):
        return None
    return _draw(
        "care",
        words["care"],
        nights,
        words,
        {
            words["held"]: [night.held for night in nights],
            words["findings"]: [night.to_mend for night in nights],
        },
        ("var(--leaves)", "var(--warn)"),
    )


def _draw(
    name: str,
    title: str,
    nights: Sequence[Night],
    words: Words,
    series: Mapping[str, list[int]],
    colors: tuple[str, ...],
) -> Markup | None:
    if len(nights) < FEWEST_NIGHTS:
        return None
    import pygal

    chart = pygal.StackedBar(
        style=_style(colors),
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
        truncate_legend=-1,
        min_scale=2,
    )
    # The id is random by default; a fixed one keeps the same report the same bytes.
    chart.uuid = f"{name}-chart"
    chart.x_labels = [words.day(night.as_of) for night in nights]
    for label, values in series.items():
        chart.add(label, values)
    chart.add_xml_filter(lambda root: _as_still_picture(root, title))
    return Markup(chart.render(is_unicode=True))


def _style(colors: tuple[str, ...]) -> Any:
    """Colours of the page, so that light, dark and print fit."""
    from pygal.style import Style

    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--quiet)",
        foreground_strong="var(--text)",
        foreground_subtle="var(--line)",
        guide_stroke_color="var(--line)",
        major_guide_stroke_color="var(--line)",
        colors=colors,
        font_family="system-ui, sans-serif",
        opacity="1",
        opacity_hover="1",
        transition="0s",
        label_font_size=12,
        major_label_font_size=12,
        legend_font_size=14,
    )


def _as_still_picture(root: Any, title: str) -> Any:
    """Take script, tooltips and style attributes out and give the picture a name.

    The figures are in the table below it. A policy can allow a style sheet, but no attribute.
    """
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            is_script = isinstance(child.tag, str) and child.tag.endswith("script")
            if is_script or _TOOLTIPS & set((child.get("class") or "").split()):
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", title)
    return root
