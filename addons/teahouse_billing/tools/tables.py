"""Tables of a report, free of Odoo: shown on screen, printed, or written to XLSX."""

import dataclasses
import io

import xlsxwriter

#: What a column holds; money and numbers stand to the right.
TEXT, NUMBER, MONEY = "text", "number", "money"


@dataclasses.dataclass
class Table:
    """A titled table with a row of totals.

    :param title: above the table, and the name of its sheet
    :param columns: pairs of a heading and what the column holds
    :param rows: tuples of values, as many as columns
    :param total: whether numbers and money are summed below
    :param note: a sentence below the title
    :param summed: the kinds of columns that may be summed
    """

    title: str
    columns: list
    rows: list
    total: bool = True
    note: str = ""
    summed: tuple = (NUMBER, MONEY)

    def totals(self):
        """Return the last row: sums where they mean something, else None."""
        if not self.total or len(self.rows) < 2:
            return None
        return [
            round(sum(row[i] or 0 for row in self.rows), 2)
            if kind in self.summed
            else None
            for i, (_name, kind) in enumerate(self.columns)
        ]


def _sheet_name(title, taken):
    """Return a name that Excel takes: short, without its special signs, once."""
    name = "".join(sign for sign in title if sign not in "[]:*?/\\'")[:28] or "-"
    unique, count = name, 2
    while unique.lower() in taken:
        unique, count = f"{name} {count}", count + 1
    taken.add(unique.lower())
    return unique


def to_xlsx(title, subtitle, tables, total_label):
    """Return a workbook with one sheet for each table.

    Text is written as text: a name that begins with ``=`` is no formula.

    :rtype: bytes
    """
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream, {"in_memory": True, "strings_to_formulas": False}
    )
    head = book.add_format({"bold": True, "font_size": 14})
    grey = book.add_format({"font_color": "#6c757d"})
    column = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef3ee"})
    right = book.add_format(
        {"bold": True, "bottom": 1, "bg_color": "#eef3ee", "align": "right"}
    )
    formats = {
        TEXT: (book.add_format(), book.add_format({"bold": True, "top": 1})),
        NUMBER: (
            book.add_format({"num_format": "#,##0"}),
            book.add_format({"num_format": "#,##0", "bold": True, "top": 1}),
        ),
        MONEY: (
            book.add_format({"num_format": "#,##0.00"}),
            book.add_format({"num_format": "#,##0.00", "bold": True, "top": 1}),
        ),
    }
    taken = set()
    for table in tables:
        sheet = book.add_worksheet(_sheet_name(table.title, taken))
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, f"{title} · {table.title}", head)
        sheet.write_string(1, 0, subtitle, grey)
        if table.note:
            sheet.write_string(2, 0, table.note, grey)
        for i, (name, kind) in enumerate(table.columns):
            sheet.write_string(4, i, name, column if kind == TEXT else right)
            sheet.set_column(i, i, _width(table, i))
        rows = [(row, 0) for row in table.rows]
        if totals := table.totals():
            rows.append(([total_label, *totals[1:]], 1))
        for line, (row, bold) in enumerate(rows, start=5):
            for i, (_name, kind) in enumerate(table.columns):
                _write(sheet, line, i, row[i], formats[kind][bold])
        sheet.freeze_panes(5, 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    book.close()
    return stream.getvalue()


def _write(sheet, line, column, value, style):
    if value is None:
        sheet.write_blank(line, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(line, column, value, style)
    else:
        sheet.write_number(line, column, value, style)


def _width(table, i):
    """Return a width that shows the values; Chinese signs take two places."""

    def places(value):
        return sum(2 if ord(sign) > 0x2E80 else 1 for sign in str(value))

    kind = table.columns[i][1]
    longest = max(
        [places(table.columns[i][0]), *(places(row[i]) for row in table.rows[:200])]
        if kind == TEXT
        else [places(table.columns[i][0]), 14]
    )
    return min(48, longest + 2)
