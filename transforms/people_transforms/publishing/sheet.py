"""The same rows as a workbook, for those whose spreadsheet puts a line of CSV into one cell.

Optional: XlsxWriter comes with `people-transforms[people-sync]`. A connector alone stays small and
writes only the CSV.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from people_transforms.safe_text import shortened

# As Excel counts them: characters of its usual font.
_WIDTHS = (10, 60)


def write_sheet(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> bytes | None:
    """Write a workbook of one sheet, every cell of it a text; None where XlsxWriter is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        return None
    content = [tuple(columns), *(tuple(map(_text, row)) for row in rows)]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for number, cells in enumerate(content):
            for column, text in enumerate(cells):
                # As a string: nothing that somebody typed is a formula, a link or a number here.
                sheet.write_string(number, column, text, wrapped if number else bold)
        for column, texts in enumerate(zip(*content, strict=True)):
            longest = max(map(len, texts)) + 2
            sheet.set_column(column, column, min(max(longest, _WIDTHS[0]), _WIDTHS[1]))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(content) - 1, len(columns) - 1)
    return file.getvalue()


def _text(value: object) -> str:
    return "" if value is None else shortened(str(value))
