"""Run translated models on Spark: a process of its own, as Spark's threads outlive a session.

python run_models.py JOB. The job is JSON: `tables` (name to Parquet file), `models` (pairs of
name and text, each after those it reads) and `folder`, where each model's rows go as Parquet.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any


def nfc_normalize(text: str | None) -> str | None:
    """Compose letters and their accents."""
    return None if text is None else unicodedata.normalize("NFC", text)


def seen(text: str | None) -> str | None:
    """What `models/typed_text.py` promises, written another way; the others too."""
    return None if text is None else _trimmed(unicodedata.normalize("NFC", text)) or None


def wide(text: str | None) -> str | None:
    """Write signs of other shapes as plain Latin ones."""
    if text is None:
        return None
    shapes = ("<wide>", "<narrow>", "<small>", "<font>", "<compat>", "<noBreak>")
    signs = []
    for sign in unicodedata.normalize("NFC", text):
        plain = unicodedata.normalize("NFKC", sign)
        is_ours = len(plain) == 1 or sign in "Ĳĳﬀﬁﬂﬃﬄﬅﬆ"
        is_ours = is_ours and plain < "ɐ" and unicodedata.decomposition(sign).startswith(shapes)
        signs.append(plain if is_ours else sign)
    return "".join(signs)


def plain(text: str | None) -> str | None:
    """Write plain signs, and trim what can't be seen."""
    return None if text is None else _trimmed(wide(text) or "") or None


def plain_each(texts: list[str | None] | None) -> list[str | None] | None:
    """Do it to every text of a list: Spark calls no Python inside a lambda."""
    return None if texts is None else [plain(text) for text in texts]


def before_hidden(text: str | None) -> str | None:
    """Cut the text at its first hidden sign."""
    at = [place for place, sign in enumerate(text or "") if _is_hidden(sign)]
    return text[: at[0]] if text and at else None


def without_hidden(text: str | None) -> str | None:
    """Leave hidden signs out, but for line ends; mark where one parts two digits."""
    if text is None:
        return None
    kept, parted = "", False
    for sign in text:
        if _is_hidden(sign) and sign != "\n":
            parted = True
            continue
        both = kept[-1:] in _DIGITS and kept != "" and sign in _DIGITS
        kept += ("\N{REPLACEMENT CHARACTER}" if parted and both else "") + sign
        parted = False
    return kept


def latin(text: str | None) -> str | None:
    """Write letters that look like Latin ones as these."""
    from people_transforms.models.typed_text import LATIN, LOOKALIKES

    return None if text is None else text.translate(str.maketrans(LOOKALIKES, LATIN))


def lookalike(text: str | None) -> str | None:
    """Give the first letter that only looks Latin."""
    from people_transforms.models.typed_text import LOOKALIKES

    return next((sign for sign in text or "" if sign in LOOKALIKES), None)


_DIGITS = "0123456789"


def _trimmed(text: str) -> str:
    unseen = {sign for sign in text if _is_hidden(sign) or unicodedata.category(sign) == "Zs"}
    return text.strip("".join(unseen)) if unseen else text


def _is_hidden(sign: str) -> bool:
    drawn_as_nothing = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    return (
        unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")
        or sign in drawn_as_nothing
        or "\ufe00" <= sign <= "\ufe0f"
        or "\U000e0100" <= sign <= "\U000e01ef"
    )


def json_type(text: str | None, path: str) -> str | None:
    """Say in DuckDB's words what stands at a path."""
    if text is None:
        return None
    value = json.loads(text)
    for key in path.split(".")[1:]:
        if not isinstance(value, dict) or key not in value:
            return None
        value = value[key]
    if isinstance(value, int) and not isinstance(value, bool):
        return "BIGINT" if value < 0 else "UBIGINT"
    kinds = {dict: "OBJECT", list: "ARRAY", str: "VARCHAR", float: "DOUBLE", bool: "BOOLEAN"}
    return kinds.get(type(value), "NULL")


def to_hex(number: Decimal | None) -> str | None:
    """Write a number of any size in sixteens."""
    return None if number is None else f"{int(number):X}"


TYPED_TEXT = (seen, wide, plain, before_hidden, without_hidden, latin, lookalike)
USER_FUNCTIONS = (nfc_normalize, json_type, to_hex, plain_each, *TYPED_TEXT)
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "3g",
    # A statement is run once over few rows: what compiling it would save is never earned.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}


def main(job: dict[str, Any]) -> None:
    """Run the models in order; the first that Spark refuses ends the run, with its text."""
    folder = Path(job["folder"])
    session = start(folder)
    for schema in ("raw", "staging", "people", "mart", "sync"):
        session.sql(f"create database {schema}")
    for name, path in job["tables"].items():
        session.sql(f"create table {name} using parquet location '{path}'")
    for name, text in job["models"]:
        path = str(folder / name)
        try:
            _write(session.sql(text), path)
        except Exception as error:
            raise SystemExit(f"{name}: {str(error)[:3000]}\n{text}") from error
        session.sql(f"create table {name} using parquet location '{path}'")
    session.stop()


def _write(rows: Any, path: str) -> None:
    # Parquet has no column of nothing but nulls.
    kinds = [(name, "string" if kind == "void" else kind) for name, kind in rows.dtypes]
    rows.selectExpr(*(f"cast(`{n}` as {k}) as `{n}`" for n, k in kinds)).write.parquet(path)


def start(folder: Path) -> Any:
    """Start Spark with our functions."""
    from pyspark.sql import SparkSession

    # Else Spark calls our functions in the `python3` of the path, which may lack our packages.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    builder = builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
    session = builder.getOrCreate()
    for function in USER_FUNCTIONS:
        kind = "array<string>" if function is plain_each else "string"
        session.udf.register(function.__name__, function, kind)
    return session


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
