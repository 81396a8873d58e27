"""Which fields of an account differ, and to what: the SQL for one list per row, by operation."""

from __future__ import annotations

from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import differs as different


def changed_fields(traits: Traits) -> str:
    """Compose the list of changed fields of a row, by operation."""
    if_changing = [_compared(name, traits) for name in traits.fields]
    return f"""
        case
            when operation in ('create', 'update', 'reactivate')
                then list_filter([{", ".join(if_changing)}], lambda c : c.differs)
            when operation = 'deactivate' then {fields_at_end(traits)}
            else []
        end
    """


def fields_at_end(traits: Traits) -> str:
    """Compose the list of fields that change with the end of an account.

    What may be somebody else's now is emptied, and the last day is told where the vendor takes one:
    `ends_on`, but never a day to come. Reads `before_…` of `fields_read_at_end`.
    """
    changing = [
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
        changing.append(
            f"{{field: '{name}', before: before_{name}, after: ({last_day})::varchar, "
            f"differs: ({last_day})::varchar is distinct from before_{name}}}"
        )
    else:
        changing.append(
            "{field: '', before: null::varchar, after: null::varchar, "
            "differs: $yesterday::date is null}"
        )
    return f"list_filter([{', '.join(changing)}], lambda c : c.differs)"


def fields_read_at_end(traits: Traits) -> tuple[str, ...]:
    """Name the delivered values that `fields_at_end` reads."""
    days = (traits.last_day_field, traits.first_day_field)
    return tuple(dict.fromkeys((*traits.released_fields, *(day for day in days if day))))


def as_changes(changed: str) -> str:
    """Compose the JSON object of a list of changed fields: field → [before, after]."""
    return f"""
        if(
            len({changed}) = 0, '{{}}',
            to_json(map_from_entries(
                list_transform({changed}, lambda c : (c.field, [c.before, c.after]))
            ))::varchar
        )
    """


def _compared(name: str, traits: Traits) -> str:
    # E-mail and chip are the same value in any case; vendors normalise them.
    ignores_case = name in traits.unique_fields
    differs = f"({different(f'{name}::varchar', f'before_{name}', ignores_case=ignores_case)})"
    if name in traits.create_only:
        differs = f"operation = 'create' and {name} is not null"
    elif name in traits.kept_when_empty or name in traits.required_fields:
        differs = f"{name} is not null and {differs}"
    return f"{{field: '{name}', before: before_{name}, after: {name}::varchar, differs: {differs}}}"
