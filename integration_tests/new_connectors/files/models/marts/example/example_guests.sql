-- grain: person_id, account_key
-- What the canteen should have: who is a guest, who leaves, who is left alone, and why.
select
    person_id,
    if(obstacle is null, house_id, '*') as account_key,
    employer_id,
    person_id as external_id,
    case
        when obstacle is null then 'active'
        when obstacle in ('deceased', 'employment_ended', 'between_employments') then 'ended'
        when obstacle in (
            'starts_later', 'start_unknown', 'no_employment', 'gap_bridged',
            'badge_missing', 'name_missing'
        ) then 'update_only'
        else 'untouched'
    end as desired_state,
    case
        when obstacle in ('deceased', 'employment_ended', 'between_employments') then 'ended'
    end as leaving_kind,
    coalesce(obstacle, 'entitled') as reason,
    starts_on,
    ends_on,
    spell_starts_on,
    unbroken_since_on,
    []::varchar[] as kept_fields,
    md5(concat_ws(
        chr(31),
        coalesce(first_name, chr(0)),
        coalesce(last_name, chr(0)),
        coalesce(badge, chr(0))
    )) as payload_hash,
    first_name,
    last_name,
    badge,
from mart.example_candidates
