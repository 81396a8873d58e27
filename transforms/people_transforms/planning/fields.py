"""Which fields of an account differ, and to what: the SQL for one list per row, by operation."""

from __future__ import annotations

from people_transforms.delivery.vendor import Traits


def changed_fields(traits: Traits) -> str:
    """Compose the list of changed fields of a row, by operation."""
    if_changing = [_compared(name, traits) for name in traits.fields]
    if_ending = [
        f"{{field: '{name}', before: before_{name}, after: null::varchar, "
        f"differs: before_{name} is not null}}"
        for name in traits.released_fields
    ]
    if traits.last_day_field:
        name = traits.last_day_field
        last_day = "least(coalesce(ends_on, $yesterday::date), $yesterday::date)"
        if traits.first_day_field:
            # Of a rehire that HR took back nothing is left but that day.
            first_day = f"try_cast(before_{traits.first_day_field} as date)"
            last_day = f"greatest({last_day}, {first_day})"
        if_ending.append(
            f"{{field: '{name}', before: before_{name}, after: ({last_day})::varchar, "
            f"differs: ({last_day})::varchar is distinct from before_{name}}}"
        )
    else:
        if_ending.append(
            "{field: '', before: null::varchar, after: null::varchar, "
            "differs: $yesterday::date is null}"
        )
    return f"""
        list_filter(
            case
                when operation in ('create', 'update', 'reactivate') then [{", ".join(if_changing)}]
                when operation = 'deactivate' then [{", ".join(if_ending)}]
                else []
            end,
            lambda c : c.differs
        )
    """


def _compared(name: str, traits: Traits) -> str:
    differs = f"{name}::varchar is distinct from before_{name}"
    if name in traits.unique_fields:
        # E-mail and chip are the same value in any case; vendors normalise them.
        differs = f"lower(trim({name}::varchar)) is distinct from lower(trim(before_{name}))"
    if name in traits.create_only:
        differs = f"operation = 'create' and {name} is not null"
    elif name in traits.kept_when_empty or name in traits.required_fields:
        differs = f"{name} is not null and {differs}"
    return f"{{field: '{name}', before: before_{name}, after: {name}::varchar, differs: {differs}}}"
