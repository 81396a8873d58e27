"""People who take no part are forgotten after each night but for a keyed pseudonym.

HR lists them every night, and the rules need their records to see that they take no part; so these are
read, judged, and deleted with everything else that is known of them before anything is published.
What stays, under a pseudonym, is what the counts of a report and a later return need: the verdict, an
account that ended, an invitation. The next night gives those rows their person back before it plans.
Of whoever had an account each word that tells the person stays as a pseudonym of its own: HR may have
given the id to somebody else in between, and what is still the same is known again.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.models.contracts import RawStream
from people_transforms.models.purposes import purpose_of
from people_transforms.privacy.pseudonyms import PREFIX, pseudonym_of
from people_transforms.privacy.records import delete_records
from people_transforms.privacy.remembered import count_answers, count_removals
from people_transforms.privacy.tables import columns_of_tables
from people_transforms.same_value import define

_RETURNING = ("sync.ledger", "sync.invitations", "sync.verdicts", "sync.answered")
# Rows of past runs that name a person; who has any of this run is left alone until the next.
_PAST = (
    "sync.deliveries", "sync.dead_letters", "sync.reversals", "sync.findings_history",
)  # fmt: skip
# What tells whose account it is.
_WORDS, _LISTS = ("personal_number", "first_name", "last_name"), ("emails", "chip_numbers")
_ALWAYS_KEPT = {"person_id", "employer_id", "employment_status"}


def restore(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Give rows under a pseudonym their person back, if HR lists the person.

    The connection must know the store's key (`pseudonyms.use_key`).
    """
    connection.execute(
        f"""
        create or replace temp table returning_people as
        select wanted.person_id, any_value(wanted.external_id) as external_id,
            {pseudonym_of("wanted.person_id")} as pseudonym
        from {traits.mart} as wanted group by wanted.person_id
        """
    )
    for table in _RETURNING:
        external = ", external_id = known.external_id" if table == "sync.ledger" else ""
        connection.execute(
            f"update {table} as kept set person_id = known.person_id{external} "
            "from temp.returning_people as known where kept.person_id = known.pseudonym"
        )
    _know_again(connection)
    connection.execute("drop table temp.returning_people")


def _know_again(connection: duckdb.DuckDBPyConnection) -> None:
    """Put what HR still says of a person in the place of its pseudonym; what is another stays one."""
    define(connection)

    def same(name: str) -> str:
        return f"{name} = if(kept.{name} = {pseudonym_of(f'now.{name}')}, now.{name}, kept.{name})"

    def same_of(name: str) -> str:
        is_one = f"{pseudonym_of('word')} = one"
        word = f"list_filter(now.{name}, lambda word: {is_one})[1]"
        return f"{name} = list_transform(kept.{name}, lambda one: coalesce({word}, one))"

    is_born_then = f"kept.birth_pseudonym = {pseudonym_of('now.birth_on::varchar')}"
    connection.execute(
        f"""
        update sync.identities as kept set
            person_id = now.person_id,
            {", ".join(map(same, _WORDS))}, {", ".join(map(same_of, _LISTS))},
            birth_on = if({is_born_then}, now.birth_on, null),
            birth_pseudonym = if({is_born_then}, null, kept.birth_pseudonym)
        from (
            select known.pseudonym, people.person_id, people.birth_on,
                typed(people.personal_number) as personal_number,
                typed(people.first_name) as first_name, typed(people.last_name) as last_name,
                typed_emails(people.business_email, people.private_email) as emails,
                typed_chips(people.chip_numbers) as chip_numbers,
            from temp.returning_people as known
            inner join people.people as people on known.person_id = people.person_id
        ) as now where kept.person_id = now.pseudonym
        """
    )


def are_some_hidden(connection: duckdb.DuckDBPyConnection) -> bool:
    """Tell whether any row is under a pseudonym."""
    rows = " union all ".join(f"select person_id from {table}" for table in _RETURNING)
    found = connection.execute(
        f"select 1 from ({rows}) as kept where starts_with(person_id, '{PREFIX}') limit 1"
    )
    return found.fetchone() is not None


def find(connection: duckdb.DuckDBPyConnection, person_id: str) -> str | None:
    """Give the pseudonym under which somebody is kept, if they are."""
    row = connection.execute(
        f"select person_id from sync.verdicts where person_id = {pseudonym_of('$person')} limit 1",
        {"person": person_id.strip()},
    ).fetchone()
    return str(row[0]) if row else None


def hide(
    connection: duckdb.DuckDBPyConnection,
    traits: Traits,
    streams: Collection[RawStream],
    *,
    source_system: str,
    run_id: str,
) -> int:
    """Forget whoever takes no part and has no active account; gives the number of deleted rows."""
    _list_hidden(connection, traits, run_id)
    connection.execute("begin transaction")
    gone = delete_records(connection, streams, "temp.hidden")
    count_removals(connection, "temp.hidden")
    count_answers(connection, "person_id in (select person_id from temp.hidden)", run_id)
    for table in _PAST:
        gone += _delete(connection, table)
    gone += _delete(connection, "sync.plan", " and operation <> 'none'")
    row = connection.execute(
        "delete from sync.rejected_records as refused using temp.hidden as hidden "
        "where refused.employer_id = hidden.employer_id "
        "and list_contains(string_split(refused.record_key, '/'), hidden.employee_id)"
    ).fetchone()
    gone += int(row[0]) if row else 0
    _pseudonymise(connection, "sync.verdicts", ())
    _pseudonymise(connection, "sync.invitations", ())
    _pseudonymise(connection, "sync.answered", ())
    _keep_days(connection, traits)
    _hide_identities(connection)
    _pseudonymise(connection, "sync.ledger", ("external_id", "adopted", "payload_hash", "ends_on"))
    _pseudonymise(
        connection, "sync.plan",
        ("external_id", "account_id", "changes", "starts_on", "ends_on", "spell_starts_on",
         "payload_hash", "row_hash"),
    )  # fmt: skip
    _pseudonymise(connection, "sync.findings", ("typed_value", "args"))
    for table, columns in columns_of_tables(connection).items():
        if not table.startswith(("people.", "mart.")) or "person_id" not in columns:
            continue
        if table in ("people.people", traits.mart) or table.endswith("findings"):
            _pseudonymise(connection, table, _personal(table, columns, source_system))
        else:
            gone += _delete(connection, table)
    connection.execute("commit")
    connection.execute("drop table temp.hidden")
    return gone


def _list_hidden(connection: duckdb.DuckDBPyConnection, traits: Traits, run_id: str) -> None:
    connection.execute(
        f"""
        create or replace temp table hidden as
        with judged as (
            select person_id from {traits.mart}
            group by person_id
            having bool_and(list_contains($reasons, reason))
        )
        select person_id, people.employer_id, people.employee_id,
            {pseudonym_of("person_id")} as pseudonym
        from judged inner join people.people as people using (person_id)
        anti join (
            select person_id from sync.ledger where state = 'active'
            union all select person_id from sync.dead_letters where not coalesce(settled, false)
            union all select person_id from sync.deliveries where run_id = $run
            union all
            select person_id from sync.plan where run_id = $run and operation <> 'none'
        ) as busy using (person_id)
        """,
        {"reasons": list(traits.out_of_scope), "run": run_id},
    )


def _keep_days(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Of what an ended account was given, keep its days: on return the last one is taken back."""
    days = [day for day in (traits.first_day_field, traits.last_day_field) if day]
    listed = ", ".join(f"'{day}', fields ->> '$.{day}'" for day in days)
    connection.execute(
        f"update sync.ledger as kept set fields = {f'json_object({listed})' if days else 'null'} "
        "from temp.hidden as hidden where kept.person_id = hidden.person_id"
    )


def _hide_identities(connection: duckdb.DuckDBPyConnection) -> None:
    def hidden(word: str) -> str:
        # What was not known again tonight is one already.
        return f"if(starts_with({word}, '{PREFIX}'), {word}, {pseudonym_of(word)})"

    words = [f"{name} = {hidden(f'kept.{name}')}" for name in _WORDS]
    words += [
        f"{name} = list_transform(kept.{name}, lambda one: {hidden('one')})" for name in _LISTS
    ]
    born = pseudonym_of("kept.birth_on::varchar")
    connection.execute(
        f"""
        update sync.identities as kept set
            person_id = hidden.pseudonym, digest = null, birth_on = null, {", ".join(words)},
            birth_pseudonym = coalesce({born}, kept.birth_pseudonym)
        from temp.hidden as hidden where kept.person_id = hidden.person_id
        """
    )


def _personal(table: str, columns: list[str], source_system: str) -> list[str]:
    """Name the columns that a row under a pseudonym may not have."""

    def is_personal(column: str) -> bool:
        purpose = purpose_of(table, column, source_system)
        return purpose is None or purpose.data not in ("none", "access")

    return [name for name in columns if name not in _ALWAYS_KEPT and is_personal(name)]


def _pseudonymise(
    connection: duckdb.DuckDBPyConnection, table: str, emptied: Collection[str]
) -> None:
    values = "".join(f", {name} = null" for name in emptied)
    connection.execute(
        f"update {table} as kept set person_id = hidden.pseudonym{values} "
        "from temp.hidden as hidden where kept.person_id = hidden.person_id"
    )


def _delete(connection: duckdb.DuckDBPyConnection, table: str, condition: str = "") -> int:
    row = connection.execute(
        f"delete from {table} where person_id in (select person_id from temp.hidden){condition}"
    ).fetchone()
    return int(row[0]) if row else 0
