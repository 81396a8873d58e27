"""What was sent on a business day, all its runs together, and what of the latest plan waits."""

from __future__ import annotations

# What earlier runs of a day did stays true after a later one.
RUNS_OF_THE_DAY = """(
    select runs.run_id from sync.runs as runs
    inner join sync.runs as this on this.run_id = $run and runs.as_of = this.as_of
    where runs.run_id <= $run
)"""
# A move is one event: the new account stands for it, the end of the old one is not a leaver.
KIND = """case
    when rows.operation in ('create', 'adopt', 'reactivate')
        then if(rows.moves_from is null, 'joined', 'changed')
    when rows.operation = 'update' then 'changed'
    when rows.operation = 'invite' then 'invited'
    when rows.operation = 'deactivate' and (
        rows.leaving_kind is distinct from 'routed_away' or not exists (
            select 1 from sync.plan as other
            where other.run_id = rows.run_id and other.person_id = rows.person_id
            and other.moves_from = rows.account_key
        )
    ) then 'left'
end"""
SENT = f"rows.outcome in ('confirmed', 'partly') and rows.run_id in {RUNS_OF_THE_DAY}"
# A preview shows what would be sent, and says so.
PLANNED = "rows.run_id = $run and rows.operation <> 'none'"
WAITING = "rows.run_id = $run and rows.operation <> 'none' and rows.hold <> 'dead_letter'"
