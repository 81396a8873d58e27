"""How a night ended, for the program that started it: what it would else ask of the file just published.

It is told only where such a program named a file for it, in the variable `ASKS_FOR_END`, and only at the
end of a night that came to its own, or of one that another run kept out. Where nothing is told, whoever wants
to know looks into the store.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from people_transforms.exit_codes import ASKS_FOR_END
from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.headline import headline
from people_transforms.publishing.phrases import can_approve
from people_transforms.publishing.report import Report
from people_transforms.publishing.words import load_words


def end_of(report: Report, page: Path, published: Path | None) -> dict[str, Any]:
    """Say of a report, in English, what the command line tells of a night: it names nobody."""
    words = load_words("en")
    counts = report.counts
    return {
        "status": report.run.status,
        "headline": headline(report, words),
        "run_id": report.run.run_id,
        "plan_hash": report.run.plan_hash,
        "counts": {
            "joining": counts.joining,
            "changing": counts.changing,
            "leaving": counts.leaving,
            "held": counts.held,
            "parked": counts.parked,
            "findings": report.findings_total,
            "skipped": report.skipped.total,
        },
        "held": [
            {
                "hold": group.hold,
                "operation": group.operation,
                "rows": group.rows,
                "why": words.name("holds", group.hold),
                "reason": group.reason,
                "can_be_approved": group.hold in RELEASABLE,
            }
            for group in report.held
        ],
        "is_approvable": bool(report.run.plan_hash) and can_approve(report),
        "report": str(page) if page.is_file() else None,
        "staging": str(published) if published else None,
    }


def refused_of(counts: Mapping[str, int]) -> dict[str, int]:
    """Count the people of whom the platform refuses something: since tonight, and since before."""
    return {name: int(counts.get(f"refused {name}", 0)) for name in ("new", "still")}


def tell_end(report: Report, counts: Mapping[str, int], page: Path, published: Path | None) -> None:
    """Tell whoever asked how the night ended, and where it is published."""
    if _is_asked():
        _tell(end_of(report, page, published) | {"refused": refused_of(counts)})


def tell_kept_out() -> None:
    """Tell whoever asked that there was no night: what the store says is another run's."""
    if _is_asked():
        _tell({"is_kept_out": True})


def _is_asked() -> bool:
    return bool(os.environ.get(ASKS_FOR_END))


def _tell(told: Mapping[str, Any]) -> None:
    Path(os.environ[ASKS_FOR_END]).write_text(json.dumps(told, default=str), "utf-8")
