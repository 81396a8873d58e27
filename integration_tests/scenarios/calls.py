"""The call that stands for each operation of the night in which everything happens, and for each list."""

from __future__ import annotations

from .all_operations import Eve
from .connections import Connection


def calls_of(eve: Eve) -> dict[str, str]:
    """The call that stands for each operation, as a pattern on method and path."""
    if eve.connection.platform == "lunchdrive":
        ids = {row["personal_number"]: row["id"] for row in eve.accounts}
        one = "PATCH /clients/32567/diners/{}"
        return {
            "update": one.format(ids["P2"]), "deactivate": one.format(ids["P3"]),
            "opt out": one.format(ids["P11"]), "release": one.format(ids["P6"]),
            "adopt": one.format(ids["P10"]), "reactivate": one.format(ids["P5"]),
            "move": "POST /clients/32568/diners", "take along": one.format(ids["P4"]),
            "revive": one.format(ids["P12"]),
            "create": "POST /clients/32567/diners", "invite": "POST /clients/*/invitation",
        }  # fmt: skip
    by_email = {row["email"]: (row["company_id"], row["id"]) for row in eve.accounts}
    company = eve.accounts[0]["company_id"]

    def one_of(number: int, method: str = "PATCH", tail: str = "") -> str:
        return "{} /companies/{}/employees/{}{}".format(
            method, *by_email[f"person{number}@example.nl"], tail
        )

    return {
        "update": one_of(1), "hand over": one_of(6), "take over": one_of(7), "adopt": one_of(5),
        "deactivate": one_of(2, "POST", "/deactivate"),
        "reactivate": one_of(4, "POST", "/activate"), "bring up to date": one_of(4),
        "revive": one_of(8, "POST", "/activate"), "make ours": one_of(8),
        "create": f"POST /companies/{company}/employees",
    }  # fmt: skip


def lists_of(connection: Connection) -> dict[str, str]:
    if connection.platform == "lunchdrive":
        return {"places": "GET /clients", "accounts": "GET /clients/32567/diners"}
    return {
        "token": "POST /oauth/token",
        "places": "GET /companies",
        "accounts": "GET /companies/*/employees",
    }
