"""People: search over all places of a connection, one person's story, and the list as CSV."""

from __future__ import annotations

from typing import Any

from people_transforms.places import load_places
from people_transforms.safe_text import as_csv
from starlette.responses import Response

from people_sync.commands.store import last_run, look_at
from people_sync.desk.queries import ask
from people_sync.desk.visit import Visit
from people_sync.explaining.story import tell_story

MOST_SHOWN = 100
MOST_EXPORTED = 200_000
_MOST_WORDS = 8
_COLUMNS = (
    "person_name",
    "personal_number",
    "email",
    "employer_name",
    "employment_status",
    "starts_on",
    "ends_on",
    "active",
    "ended",
)


def people(visit: Visit) -> Response:
    """The search, with who is at which place."""
    with look_at(visit.connection.store) as database:
        found = _search(visit, database, MOST_SHOWN)
        places = ask(database, "accounts")
        names = load_places(database)
    return visit.show(
        "people.html.j2",
        found=found,
        total=found[0]["total"] if found else 0,
        places=places,
        names={key: name or key for key, name in names.items()},
        asked=visit.asked("q"),
        place=visit.asked("place"),
        address=visit.request.url.query,
    )


def export(visit: Visit) -> Response:
    """The people that the search found, as CSV; who takes it is kept."""
    with look_at(visit.connection.store) as database:
        found = _search(visit, database, MOST_EXPORTED)
    visit.note("people_exported", people=len(found))
    rows = [[_cell(row[column]) for column in _COLUMNS] for row in found]
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    # The mark tells spreadsheets that it is UTF-8.
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + as_csv(_COLUMNS, rows)
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=headers)


def person(visit: Visit) -> Response:
    """Why one person is in or not."""
    person_id = visit.request.path_params["person"]
    with look_at(visit.connection.store) as database:
        found = [
            one
            for one in ask(database, "people", words=[person_id], account="", most=MOST_SHOWN)
            if one["person_id"] == person_id
        ]
        names = {key: name or key for key, name in load_places(database).items()}
        words = visit.office.pages.words[visit.language]
        story = (
            tell_story(database, person_id, last_run(database), words, name=found[0]["person_name"])
            if found
            else None
        )
    if story is None:
        return visit.show("not_found.html.j2", 404)
    return visit.show("person.html.j2", found=found[0], story=story, names=names)


def _search(visit: Visit, database: Any, most: int) -> list[dict[str, Any]]:
    words = visit.asked("q").split()[:_MOST_WORDS]
    return ask(database, "people", words=words, account=visit.asked("place"), most=most)


def _cell(value: object) -> object:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else value
