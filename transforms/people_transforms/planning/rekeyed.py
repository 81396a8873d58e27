"""People whom HR typed anew under another id: the account goes over from the old record to the new.

The old record is no longer listed, or has ended while the new one is employed. At least three of number,
name, birth date, e-mail and chip must agree and none contradict; then the new id takes over the ledger
row, before anything is compared, so that nobody is ended and nobody is made twice. With less it is a
question (`temp.lookalikes`): the new account and the end of the old one wait.

Nobody is recognised by a chip that differs: people hold several, and hand them back. A number says
nothing against somebody who comes from another employer. Anything that fits two people fits nobody.
"""

from __future__ import annotations

import duckdb

from people_transforms.delivery.vendor import Traits
from people_transforms.planning.identities import folded_values

# A value that so many former people share tells nobody apart (an address of the whole office).
_MOST_SHARED = 20
_FORMER = "('employment_ended', 'no_employment', 'employer_gone')"


def take_over(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str, run_id: str
) -> None:
    """Give accounts of former ids to the ids that HR has for the same people now.

    Fills `temp.taken_over` and `temp.lookalikes`. What follows in a run must see the people of both.
    """
    for table in ("taken_over", "lookalikes"):
        connection.execute(
            f"create or replace temp table {table} "
            "(person_id varchar, employer_id varchar, former_id varchar, former varchar)"
        )
    if not _list_former(connection) or not _list_new(connection, vendor):
        return
    _judge(connection, traits, vendor)
    if connection.execute("select 1 from temp.taken_over limit 1").fetchone():
        _rewrite(connection, vendor, run_id)


def _list_former(connection: duckdb.DuckDBPyConnection) -> bool:
    """Fill `temp.former`: who has an account, and no record or none that goes on."""
    row = connection.execute(
        f"""
        create or replace temp table former as
        select known.*, listed.person_id is not null as is_listed,
        from sync.identities as known
        left join people.people as listed on known.person_id = listed.person_id
        where listed.person_id is null or listed.employment_status in {_FORMER}
        """
    ).fetchone()
    return bool(row and row[0])


def _list_new(connection: duckdb.DuckDBPyConnection, vendor: str) -> bool:
    """Fill `temp.newcomers`: who is listed and has no account yet."""
    row = connection.execute(
        f"""
        create or replace temp table newcomers as
        select people.person_id, people.employer_id, people.spell_starts_on,
            people.employment_status = 'employed' as is_employed,
            {folded_values("people")},
        from people.people as people
        anti join (select person_id from sync.ledger where vendor = ?) as held
            on people.person_id = held.person_id
        where people.employment_status not in ('set_aside', 'deceased')
        """,
        [vendor],
    ).fetchone()
    return bool(row and row[0])


def _judge(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    names = [name for name in ("first_name", "prefix", "last_name") if name in traits.fields]
    shown = ", ".join(f"held.fields ->> '$.{name}'" for name in names)
    connection.execute(
        f"""
        create or replace temp table pairs as
        with
        values_of_former as (
            select person_id, unnest([
                {{kind: 'name', text: first_name || ' ' || last_name}},
                {{kind: 'number', text: personal_number}},
                {{kind: 'email', text: emails[1]}}, {{kind: 'email', text: emails[2]}},
                {{kind: 'chip', text: chip_numbers[1]}}, {{kind: 'chip', text: chip_numbers[2]}}
            ]) as value,
            from temp.former
        ),
        telling as (
            select person_id, value.kind as kind, value.text as text, from values_of_former
            where value.text is not null
            qualify count(*) over (partition by value.kind, value.text) <= {_MOST_SHARED}
        ),
        candidates as (
            {" union ".join(_candidates())}
        ),
        compared as (
            select new.person_id, new.employer_id, former.person_id as former_id,
                new.is_employed, former.is_listed,
                coalesce(new.first_name = former.first_name and new.last_name = former.last_name,
                    false)::int
                + coalesce(new.personal_number = former.personal_number, false)::int
                + coalesce(new.birth_on = former.birth_on, false)::int
                + list_has_any(new.emails, former.emails)::int
                + list_has_any(new.chip_numbers, former.chip_numbers)::int as agreeing,
                coalesce(new.birth_on <> former.birth_on, false) as is_born_otherwise,
                is_born_otherwise
                or coalesce(
                    new.first_name <> former.first_name or new.last_name <> former.last_name, false
                )
                or coalesce(
                    new.personal_number <> former.personal_number
                    and new.employer_id = former.employer_id, false
                )
                or (
                    len(new.emails) > 0 and len(former.emails) > 0
                    and not list_has_any(new.emails, former.emails)
                ) as is_contradicted,
            from candidates
            inner join temp.newcomers as new on candidates.person_id = new.person_id
            inner join temp.former as former on candidates.former_id = former.person_id
        )
        select *, agreeing >= 3 and not is_contradicted as is_same,
        from compared
        where (agreeing >= 3 and not is_born_otherwise) or (agreeing = 2 and not is_contradicted)
        """
    )
    connection.execute(
        f"""
        insert into temp.lookalikes
        select pairs.person_id, pairs.employer_id, pairs.former_id,
            max(concat_ws(', ', nullif(concat_ws(' ', {shown}), ''), former.personal_number)),
        from temp.pairs as pairs
        inner join temp.former as former on pairs.former_id = former.person_id
        inner join sync.ledger as held
            on held.vendor = $vendor and pairs.former_id = held.person_id
        group by all
        """,
        {"vendor": vendor},
    )
    connection.execute(
        """
        insert into temp.taken_over
        with unique_pairs as (
            select * from temp.pairs where is_same
            qualify count(*) over (partition by person_id) = 1
            and count(*) over (partition by former_id) = 1
        )
        select looks.* from temp.lookalikes as looks
        inner join unique_pairs as pairs
            on looks.person_id = pairs.person_id and looks.former_id = pairs.former_id
        -- Of two records that both are there, the one that is employed is the person's.
        where pairs.is_employed or not pairs.is_listed
        """
    )
    connection.execute(
        """
        delete from temp.lookalikes
        where person_id in (select person_id from temp.taken_over)
        or former_id in (select former_id from temp.taken_over)
        """
    )
    connection.execute("drop table temp.pairs")


def _candidates() -> list[str]:
    """Compose one join per telling value: two that agree in two things agree in one of these."""
    compared = {
        "name": "new.first_name || ' ' || new.last_name",
        "number": "new.personal_number",
        "email": "unnest(new.emails)",
        "chip": "unnest(new.chip_numbers)",
    }
    return [
        f"""
        select new.person_id, telling.person_id as former_id,
        from (select person_id, {text} as text from temp.newcomers as new) as new
        inner join telling on telling.kind = '{kind}' and new.text = telling.text
        """
        for kind, text in compared.items()
    ]


def _rewrite(connection: duckdb.DuckDBPyConnection, vendor: str, run_id: str) -> None:
    """Put the new id where the old one stood; the vendor's copy of the id follows with an update."""
    values = {"vendor": vendor}
    connection.execute("begin transaction")
    # A spell of employment that goes on is the same spell, whatever first day was typed now.
    connection.execute(
        """
        update sync.invitations as known set
            person_id = taken.person_id,
            spell_starts_on = if(
                held.state = 'active'
                and held.spell_starts_on is not distinct from known.spell_starts_on,
                new.spell_starts_on, known.spell_starts_on
            )
        from temp.taken_over as taken
        inner join temp.newcomers as new on taken.person_id = new.person_id
        inner join sync.ledger as held
            on held.vendor = $vendor and taken.former_id = held.person_id
        where known.vendor = $vendor and known.person_id = taken.former_id
        and known.account_key = held.account_key
        """,
        values,
    )
    connection.execute(
        """
        update sync.ledger as held set
            person_id = taken.person_id, employer_id = taken.employer_id,
            -- Compared field by field, also where the new record says the same.
            payload_hash = null, updated_run_id = $run_id
        from temp.taken_over as taken
        where held.vendor = $vendor and held.person_id = taken.former_id
        """,
        values | {"run_id": run_id},
    )
    # The change that was refused no longer exists; the new one is tried.
    connection.execute(
        "update sync.dead_letters set settled = true "
        "where person_id in (select former_id from temp.taken_over)"
    )
    connection.execute(
        """
        update sync.identities as known set
            person_id = taken.person_id, employer_id = taken.employer_id, digest = null
        from temp.taken_over as taken where known.person_id = taken.former_id
        """
    )
    connection.execute("commit")
