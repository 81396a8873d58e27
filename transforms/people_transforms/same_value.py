"""When two spellings are one value: what HR typed, what the ledger holds, what a vendor gives back.

Vendors trim, write addresses and chips in their own case, and store accents as one sign or as two.
A domain has a readable spelling and one in ASCII (`xn--…`); either may come back.
"""

from __future__ import annotations

import unicodedata

import duckdb

from people_transforms.delivery.vendor import Traits

_PUNYCODE = "xn--"
_SPELLINGS = "domain_spellings"


def folded(value: str) -> str:
    """Compose the SQL of a value as it is compared where case does not count.

    Domains in ASCII are read as `know_domains` found them on this connection.
    """
    plain = f"lower(nfc_normalize(trim({value})))"
    domain = f"split_part({plain}, '@', 2)"
    spellings = f"cast(getvariable('{_SPELLINGS}') as map(varchar, varchar))"
    return (
        f"case when contains({value}, '@') and contains(lower({value}), '{_PUNYCODE}') "
        f"then split_part({plain}, '@', 1) || '@' || coalesce({spellings}[{domain}], {domain}) "
        f"else {plain} end"
    )


def differs(one: str, other: str, *, ignores_case: bool = True) -> str:
    """Compose the SQL of whether two values, null included, are different ones."""
    written = folded if ignores_case else _composed
    # Nearly all are equal sign by sign, which is seen faster.
    return (
        f"case when {one} is not distinct from {other} then false "
        f"else {written(one)} is distinct from {written(other)} end"
    )


def fold(value: str) -> str:
    """Give a value as it is compared where case does not count."""
    plain = unicodedata.normalize("NFC", value.strip(" ")).lower()
    name, at, domain = plain.partition("@")
    return f"{name}{at}{readable_domain(domain)}" if _PUNYCODE in domain else plain


def readable_domain(domain: str) -> str:
    """Spell a domain in its own letters; a label that is no punycode stays as it is."""
    return ".".join(_readable_label(label) for label in domain.lower().split("."))


def define(connection: duckdb.DuckDBPyConnection) -> None:
    """Define as macros what the models of the plan call by name: these, and what people are told by.

    `typed` is a value that HR types, without case and blanks at its ends; null where nothing is left.
    `digest_of` tells whether anything is new of a person; `question_of` is what an approval answers: what
    was to be made may be to change the same night; `count_values` counts none, one and two
    exactly, and more nearly.
    """
    connection.execute(f"create or replace temp macro folded(one) as {folded('one')}")
    connection.execute(
        "create or replace temp macro differs(one, other, ignores_case) as "
        f"case when ignores_case then {differs('one', 'other')} "
        f"else {differs('one', 'other', ignores_case=False)} end"
    )
    connection.execute(
        """
        create or replace temp macro typed(one) as
            nullif(lower(trim(nfc_normalize(one))), '');
        create or replace temp macro typed_emails(business, private) as
            list_distinct(list_filter([typed(business), typed(private)], lambda one: one <> ''));
        create or replace temp macro typed_chips(chips) as
            list_transform(coalesce(chips, []), lambda one: lower(trim(one)));
        create or replace temp macro account_name(fields, name_fields) as coalesce(array_to_string(
            list_transform(name_fields, lambda field: fields ->> ('$.' || field)), ' '), '');
        create or replace temp macro name_words(name) as list_filter(
            string_split_regex(folded(name), '[^\\pL]+'), lambda one: length(one) > 1);
        create or replace temp macro digest_of(
            personal_number, first_name, last_name, business_email, private_email, birth_on,
            chip_numbers, employer_id
        ) as md5(concat_ws(
            chr(31), coalesce(personal_number, chr(0)), coalesce(first_name, chr(0)),
            coalesce(last_name, chr(0)), coalesce(business_email, chr(0)),
            coalesce(private_email, chr(0)), coalesce(birth_on::varchar, chr(0)),
            coalesce(chip_numbers::varchar, chr(0)), employer_id
        ));
        create or replace temp macro question_of(operation) as
            if(operation in ('create', 'adopt', 'update', 'reactivate'), 'write', operation);
        create or replace temp macro count_values(one) as case
            when min(one) < max(one) then greatest(2, approx_count_distinct(one))
            else least(count(one), 1)
        end;
        """
    )


def know_domains(connection: duckdb.DuckDBPyConnection, traits: Traits) -> None:
    """Let `folded` read the domains in ASCII that HR, the ledger or the vendor's lists have."""
    define(connection)
    names = ", ".join(f"{name}::varchar" for name in traits.unique_fields)
    rows = connection.execute(
        f"""
        with texts as (
            select fields::varchar as text from sync.ledger
            union all
            select fields from temp.plan_vendor_accounts
            union all
            select unnest([{names}]::varchar[]) from {traits.mart}
        )
        select distinct unnest(
            regexp_extract_all(lower(nfc_normalize(text)), '@([^@"\\s]*xn--[^@"\\s]+)', 1)
        )
        from texts where contains(lower(text), '{_PUNYCODE}') order by 1
        """  # noqa: S608  (our own names)
    ).fetchall()
    domains = [domain for (domain,) in rows]
    connection.execute(
        f"set variable {_SPELLINGS} = map(?::varchar[], ?::varchar[])",
        [domains, [readable_domain(domain) for domain in domains]],
    )


def _composed(value: str) -> str:
    return f"nfc_normalize({value})"


def _readable_label(label: str) -> str:
    if not label.startswith(_PUNYCODE):
        return label
    try:
        readable = label.removeprefix(_PUNYCODE).encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError):
        return label
    return unicodedata.normalize("NFC", readable).lower()
