"""Who is meant by each id: what tells one person from another, as it was when last accepted.

An id that HR gives to somebody else would make of one person's account the other's. So whoever has an
account is remembered by number, name, birth date, addresses and chips, folded (NFC, lower case, no
blanks at the ends), and compared every night. What is no longer said is kept: a column that doesn't
arrive changes nobody.
"""

from __future__ import annotations

import duckdb

from people_transforms.delivery.vendor import Traits

_TYPED = ("personal_number", "first_name", "last_name", "business_email", "private_email")
_SCALARS = ("personal_number", "first_name", "last_name", "birth_on")
_LISTS = ("emails", "chip_numbers")
_VALUES = (*_SCALARS, *_LISTS)


def folded_values(people: str) -> str:
    """Compose the columns that are compared, from those of `people.people` under an alias."""
    folded = {name: f"lower(trim(nfc_normalize({people}.{name})))" for name in _TYPED}
    addresses = f"[{folded['business_email']}, {folded['private_email']}]"
    return ", ".join(
        [f"nullif({folded[name]}, '') as {name}" for name in _SCALARS if name in folded]
        + [
            f"{people}.birth_on",
            f"list_distinct(list_filter({addresses}, lambda one : one <> '')) as emails",
            f"list_transform(coalesce({people}.chip_numbers, []), lambda one : lower(trim(one))) "
            "as chip_numbers",
        ]
    )


def meet(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `temp.met`: who is known and not as last accepted; `is_stranger` if nothing fits.

    Somebody else seems to have the id when last name, number or birth date, and e-mail are all others
    than before. Of whom no address is known, the first name takes its place.
    """
    _meet(connection, "inner join", "true")


def _meet(connection: duckdb.DuckDBPyConnection, join: str, condition: str) -> None:
    typed = ", ".join(f"coalesce(people.{name}, chr(0))" for name in _TYPED)
    known = ", ".join(f"known.{name} as known_{name}" for name in _VALUES)
    connection.execute(
        f"""
        create or replace temp table met as
        with
        listed as (
            select people.*,
                md5(concat_ws(
                    chr(31), {typed}, coalesce(people.birth_on::varchar, chr(0)),
                    coalesce(people.chip_numbers::varchar, chr(0)), people.employer_id
                )) as digest,
            from people.people as people
            where {condition}
        ),
        differing as (
            select listed.person_id, listed.employer_id, listed.digest,
                {folded_values("listed")}, {known},
            from listed
            {join} sync.identities as known on listed.person_id = known.person_id
            where listed.digest is distinct from known.digest
        )
        select *,
            coalesce(last_name <> known_last_name, false)
            and (
                coalesce(personal_number <> known_personal_number, false)
                or coalesce(birth_on <> known_birth_on, false)
            )
            and case
                when len(emails) > 0 and len(known_emails) > 0
                    then not list_has_any(emails, known_emails)
                else coalesce(first_name <> known_first_name, false)
            end as is_stranger,
        from differing
        """
    )


def note_strangers(connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str) -> None:
    """Fill `temp.strangers`: whose account would become somebody else's, and whose it is by its name."""
    names = [name for name in ("first_name", "prefix", "last_name") if name in traits.fields]
    owner = ", ".join(f"held.fields ->> '$.{name}'" for name in names)
    connection.execute(
        f"""
        create or replace temp table strangers as
        select met.person_id, met.employer_id, min(concat_ws(' ', {owner})) as owner,
        from temp.met as met
        inner join sync.ledger as held
            on held.vendor = $vendor and met.person_id = held.person_id
        where met.is_stranger
        and (
            held.state = 'active'
            or met.person_id in (select person_id from temp.plan_changes)
        )
        group by all
        """,
        {"vendor": vendor},
    )


def accept(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Remember everybody with an account as they are now, but strangers only once they were released.

    A change of a stranger that was confirmed is one that a person has approved.
    """
    # Accounts made or found tonight are new here; in a store of an earlier release all are.
    whom = "select person_id from sync.ledger"
    if connection.execute("select 1 from sync.identities limit 1").fetchone():
        whom = f"{whom} where updated_run_id = '{run_id}' union select person_id from temp.met"
    _meet(connection, "left join", f"people.person_id in ({whom})")
    kept = [f"coalesce({name}, known_{name}) as {name}" for name in _SCALARS]
    kept += [
        f"if(len({name}) > 0, {name}, coalesce(known_{name}, [])) as {name}" for name in _LISTS
    ]
    connection.execute(
        f"""
        create or replace temp table accepted as
        select person_id, employer_id, {", ".join(kept)}, digest, $run_id as run_id,
        from temp.met
        where not is_stranger or person_id in (
            select changes.person_id from temp.plan_changes as changes
            inner join temp.plan_outcomes as done on changes.row_hash = done.row_hash
            where done.outcome in ('confirmed', 'partly')
        )
        """,
        {"run_id": run_id},
    )
    if not connection.execute("select 1 from temp.accepted limit 1").fetchone():
        return
    connection.execute("begin transaction")
    connection.execute(
        "delete from sync.identities where person_id in (select person_id from temp.accepted) "
        "or person_id not in (select person_id from sync.ledger)"
    )
    connection.execute("insert into sync.identities by name select * from temp.accepted")
    connection.execute("commit")
