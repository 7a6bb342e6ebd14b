"""Charts as SVG that stands inside a page: no script, no address, the page's own colours."""

import xml.etree.ElementTree as ET
from pygal import Config, Line, StackedBar
from pygal.style import Style

from nexy.cli.loadtest.charts import Chart, number

WIDTH, HEIGHT = 880, 300
TIME_LABELS = 12  # at most, along the axis
COLOURS = 5  # that the page has: --line-1, …
DASHES = ("", "6,3", "2,3", "8,3,2,3", "1,4")  # lines are told apart without their colours too
SVG = "{http://www.w3.org/2000/svg}"
TEXT = "var(--text)"
MUTED = "var(--muted)"


def svg(chart: Chart, id_prefix: str) -> str:
    """The picture. What it says in words is `id_prefix`-words in the page, its title `id_prefix`-title."""
    config = _config(chart)
    drawn = StackedBar(config) if chart.stacked else Line(config)
    drawn.x_labels = [number(at) for at in chart.times]
    for (name, values), dash in zip(chart.lines.items(), DASHES, strict=False):
        drawn.add(name, list(values), stroke_style={"dasharray": dash, "width": 2} if dash else {"width": 2})
    root = ET.fromstring(drawn.render(is_unicode=True))  # noqa: S314 - made here
    return ET.tostring(_for_a_page(root, id_prefix), encoding="unicode")


def _config(chart: Chart) -> Config:
    return Config(
        width=WIDTH,
        height=HEIGHT,
        js=[],
        disable_xml_declaration=True,
        style=Style(
            background="transparent",
            plot_background="transparent",
            foreground=TEXT,
            foreground_strong=TEXT,
            foreground_subtle=MUTED,
            guide_stroke_color="var(--guide)",
            major_guide_stroke_color="var(--guide)",
            font_family="system-ui, sans-serif",
            label_font_size=12,
            major_label_font_size=12,
            legend_font_size=13,
            title_font_size=13,
            opacity="1",
            stroke_opacity="1",
            transition="0s",
            colors=tuple(f"var(--line-{number + 1})" for number in range(COLOURS)),
        ),
        show_dots=False,
        show_legend=len(chart.lines) > 1,
        legend_at_bottom=True,
        legend_at_bottom_columns=len(chart.lines),
        legend_box_size=12,
        show_minor_x_labels=False,
        x_labels_major_every=max(1, -(-len(chart.times) // TIME_LABELS)),
        truncate_label=-1,
        truncate_legend=-1,
        x_title="seconds since the start",
        y_title=chart.unit or None,
        include_x_axis=True,
        margin=4,
        value_formatter=number,
        no_data_text="",
    )


def _for_a_page(root: ET.Element, id_prefix: str) -> ET.Element:
    """Without what needs a script, and named for those who do not see it."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{SVG}script", f"{SVG}title", f"{SVG}desc"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
    root.set("role", "img")
    root.set("aria-labelledby", f"{id_prefix}-title")
    root.set("aria-describedby", f"{id_prefix}-words")
    return root
