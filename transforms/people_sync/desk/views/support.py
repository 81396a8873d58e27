"""Support: all connections at a glance, who did what, and the first page of everybody."""

from __future__ import annotations

from starlette.responses import Response

from people_sync.desk.links import onboarding_of
from people_sync.desk.visit import Visit

MOST_ACTIONS = 300


def home(visit: Visit) -> Response:
    """Go to the one connection that somebody has, or show which there are."""
    if visit.who.role == "support":
        return visit.go("/connections")
    if visit.who.role == "customer":
        return visit.go(onboarding_of(visit.who.connection[0]))
    names = [name for name in visit.who.connection if visit.office.connections.find(name)]
    if len(names) == 1:
        return visit.go(f"/c/{names[0]}")
    return visit.show("choose.html.j2", names=names)


def connections(visit: Visit) -> Response:
    """The fleet, worst first."""
    rows = visit.office.fleet.rows(visit.office.connections)
    wanted = visit.asked("q").lower()
    found = [row for row in rows if wanted in row.name.lower()]
    return visit.show("connections.html.j2", rows=found, total=len(rows), asked=visit.asked("q"))


def actions(visit: Visit) -> Response:
    """Who did what: of one connection, or, for support, of all."""
    name = visit.served.name if visit.served else None
    found = visit.office.records.actions(name, MOST_ACTIONS)
    return visit.show("actions.html.j2", actions=found)
