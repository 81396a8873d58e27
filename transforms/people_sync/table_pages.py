"""One page per table of the staging file, written from the comments that are in the file itself."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

from people_transforms.folders import SHARED, make_folder

SCHEMAS = {
    "report": "Plain views with names, days and reasons: begin here",
    "people": "People, employers and employments in our common words, with all rules applied",
    "mart": "Exactly what the benefit platform takes",
    "sync": "What the sync knows about its own work: runs, plans, accounts, calls, findings",
    "staging": "The current record of each list, renamed and typed",
    "raw": "Every version of every record that was read",
}


def write_pages(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    """Write `README.md` and a page per table; pages of tables that are gone are removed."""
    make_folder(folder, SHARED)
    tables = connection.execute(
        """
        select schema_name, table_name, comment from duckdb_tables()
        where database_name = current_database()
        union all
        select schema_name, view_name, comment from duckdb_views()
        where database_name = current_database() and not internal
        order by all
        """
    ).fetchall()
    columns = defaultdict(list)
    for schema, table, *column in connection.execute(
        """
        select schema_name, table_name, column_name, data_type, comment from duckdb_columns()
        where database_name = current_database() and not internal
        order by schema_name, table_name, column_index
        """
    ).fetchall():
        columns[schema, table].append(column)
    pages = {
        f"{schema}.{table}.md": _page(schema, table, comment, columns[schema, table])
        for schema, table, comment in tables
        if schema in SCHEMAS
    }
    pages["README.md"] = _contents([row for row in tables if row[0] in SCHEMAS])
    for stale in set(folder.glob("*.*.md")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in sorted(pages, key=lambda name: (name != "README.md", name))]


def _contents(tables: list[tuple[str, str, str | None]]) -> str:
    lines = ["# Tables of the staging file", ""]
    for schema, title in SCHEMAS.items():
        rows = [row for row in tables if row[0] == schema]
        if not rows:
            continue
        lines += [f"## {schema}", "", f"{title}.", "", "| table | what is in it |", "|---|---|"]
        lines += [
            f"| [{table}]({schema}.{table}.md) | {_cell(comment)} |" for _, table, comment in rows
        ]
        lines.append("")
    return "\n".join(lines)


def _page(schema: str, table: str, comment: str | None, columns: list[list[str]]) -> str:
    lines = [f"# {schema}.{table}", "", *([comment, ""] if comment else [])]
    lines += ["| column | type | what it is |", "|---|---|---|"]
    lines += [f"| {name} | {kind.lower()} | {_cell(said)} |" for name, kind, said in columns]
    first = ", ".join(name for name, _, _ in columns[:4])
    query = f"select {first} from {schema}.{table} limit 10;"  # noqa: S608
    lines += ["", "```sql", query, "```", ""]
    return "\n".join(lines)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")
