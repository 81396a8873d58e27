"""One run, from lines on standard input to accounts at the vendor.

    land → model → plan → gate → deliver → publish → acknowledge

Each step's promise is in the design, section 2. The clock is read once, at the edge, and passed in.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from people_transforms.conclusion import Night, close_run, conclude
from people_transforms.delivery import ledger
from people_transforms.delivery.call import fetch
from people_transforms.delivery.deliver import Delivery
from people_transforms.delivery.ratelimit import Pace
from people_transforms.delivery.refusals import note_refusals
from people_transforms.delivery.vendor import Vendor
from people_transforms.errors import ConfigError, RetryableError, in_our_words
from people_transforms.findings import store_findings
from people_transforms.landing.catalog import Catalog
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, read_messages
from people_transforms.models import runner
from people_transforms.models.contracts import raw_streams
from people_transforms.places import store_places
from people_transforms.planning import calendar, gate, history, identities, plan, same_platform
from people_transforms.planning.holds import DISTRUSTED
from people_transforms.privacy import out_of_scope, retention
from people_transforms.privacy.pseudonyms import load_key, use_key
from people_transforms.publishing.formats import report_language
from people_transforms.publishing.publish import publish_end, publish_run
from people_transforms.publishing.report import Report
from people_transforms.publishing.uploads import publish_uploads
from people_transforms.runs import begin_run
from people_transforms.settings import Settings, resolve
from people_transforms.status import status_of_error
from people_transforms.store.sync_tables import SCHEMAS
from people_transforms.store.warehouse import (
    Store,
    StorePaths,
    compact_when_closed,
    has_doubled,
    json_text,
)

logger = logging.getLogger("airbyte")

# A connection of the lake that had no night for so long keeps nobody any more.
_ALIVE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Run:
    """What the steps of one night share; `night` is what becomes of it."""

    store: Store
    vendor: Vendor
    settings: Settings
    now: dt.datetime
    night: Night

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.store.connection

    @property
    def id(self) -> str:
        return self.night.run_id


def run_night(
    store: Store,
    vendor: Vendor,
    settings: Settings,
    lines: Iterable[bytes],
    *,
    catalog: Catalog,
    now: dt.datetime,
    verify: Callable[[], list[str]] = list,
) -> Night:
    """Take the lines of one source run through the whole path; `catalog` is what was asked for.

    `verify` names what is wrong between the settings and the vendor; then nothing is read.
    Returns what happened, with the states that may be acknowledged. Raises the errors of
    `people_transforms.errors` where nothing could be planned; deliveries are settled, and what
    people read says so by then.
    """
    run = _begin(store, vendor, settings, now)
    night = run.night
    try:
        _verify(run, verify)
        intake = _land(run, catalog, lines)
        if intake.is_cleared(catalog.replaces):
            return _leave_as_it_was(run, intake)
        _model(run)
        _plan(run)
        _deliver(run)
        night.states = intake.states if night.outcome != "failed" else []
    except Exception as error:
        with contextlib.suppress(duckdb.Error):
            run.connection.execute("rollback")
        night.outcome, night.causes = "failed", [type(error).__name__]
        night.status = status_of_error(error, night.doing)
        night.message = in_our_words(error)
        # What people read must say so; whatever prevents that is not the error to tell.
        with contextlib.suppress(Exception):
            close_run(run.connection, vendor, night)
            publish_uploads(run.connection, report_folder(store.paths, settings), run.id)
            _publish(run, publish_end)
        raise
    close_run(run.connection, vendor, night)
    _tidy(run)
    publish_uploads(run.connection, report_folder(store.paths, settings), run.id)
    night.report = _publish(run, publish_run)
    with night.step("keep") as facts:
        facts.update(store.make_durable(SCHEMAS))
    return night


def _begin(store: Store, vendor: Vendor, settings: Settings, now: dt.datetime) -> Run:
    as_of = settings.today(now)
    if as_of != settings.calendar_day(now):
        logger.warning(
            "The setting `as_of` makes this run act as on %s; today is %s. Remove it after a test: "
            "nobody joins or leaves on a day that stands still.",
            as_of,
            settings.calendar_day(now),
        )
    run_id = begin_run(
        store.connection,
        started_at=now,
        as_of=as_of,
        source_system=settings.source_system,
        vendor=settings.vendor,
        timezone=settings.timezone,
    )
    return Run(store, vendor, settings, now, Night(run_id=run_id, as_of=as_of))


def _verify(run: Run, verify: Callable[[], list[str]]) -> None:
    with run.night.step("verify"):
        wrong = fetch(verify, run.vendor, Pace())
        if wrong:
            raise ConfigError(" ".join(wrong))


def _land(run: Run, catalog: Catalog, lines: Iterable[bytes]) -> Intake:
    streams = raw_streams(run.settings.source_system)
    intake = Intake()
    landing = Landing(
        run.connection,
        streams,
        run_id=run.id,
        folder=run.store.paths.work.parent,
        settings=run.settings.configuration,
        catalog=catalog,
    )
    with run.night.step("land") as facts:
        landing.begin()
        for batch in read_messages(lines, frozenset(streams), intake):
            landing.land(batch)
        if intake.is_cleared(catalog.replaces):
            return intake
        if landing.has_nothing():
            raise RetryableError(
                "Nothing that the source sent could be read, so nothing was done. See the source's "
                "log: it was probably stopped or refused.",
                unreadable_lines=len(intake.unreadable_lines) or None,
                unknown_streams=" ".join(sorted(intake.unknown_streams)) or None,
            )
        landing.finish(intake)
        facts["records"] = sum(intake.record_counts.values())
        facts["unreadable_lines"] = len(intake.unreadable_lines)
        if landing.forgotten:
            facts["of_erased_people"] = landing.forgotten
    for stream, count in intake.unknown_streams.items():
        logger.warning("Stream %s is not known and was not stored (%d records).", stream, count)
    if intake.unreadable_lines:
        listed = ", ".join(map(str, intake.unreadable_lines[:20]))
        logger.warning("Input lines that are no Airbyte message were skipped: %s.", listed)
    _warn_unread(run.connection, run.id)
    _warn_rejected(run.connection, run.id)
    return intake


def _leave_as_it_was(run: Run, intake: Intake) -> Night:
    """End a Clear, in which nobody was asked anything: it is no night, and the last one still stands."""
    run.connection.execute("rollback")
    run.connection.execute("delete from sync.runs where run_id = ?", [run.id])
    run.night.outcome = "cleared"
    run.night.message = "Streams were cleared: nothing was read and nothing was changed. The next sync reads everything."
    run.night.states = intake.states
    return run.night


def _warn_unread(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    rows = connection.execute(
        """
        select stream, verdict, count(*), any_value(missing_columns) from sync.evidence
        where run_id = ? and (verdict in ('partial', 'not_read') or len(missing_columns) > 0)
        group by all order by all
        """,
        [run_id],
    ).fetchall()
    for stream, verdict, lists, columns in rows:
        if verdict in ("partial", "not_read"):
            how = "only in part" if verdict == "partial" else "not at all"
            logger.warning(
                "%s was read %s (lists: %d); nothing ends because of it.", stream, how, lists
            )
        elif columns:
            logger.warning("Columns of %s do not arrive: %s.", stream, ", ".join(columns))


def _warn_rejected(connection: duckdb.DuckDBPyConnection, run_id: str) -> None:
    rows = connection.execute(
        """
        select stream, coalesce(field, if(record_key is null, 'the whole line', null)), count(*),
            min(line)
        from sync.rejected_records where run_id = ? group by all order by all
        """,
        [run_id],
    ).fetchall()
    for stream, column, count, line in rows:
        if column is None:
            logger.warning(
                "%d records of %s came twice with different values and were set aside.",
                count,
                stream,
            )
            continue
        logger.warning(
            "%d records of %s can't be read and were set aside: %s (first on line %d).",
            count,
            stream,
            column,
            line,
        )


def _model(run: Run) -> None:
    settings, connection = run.settings, run.connection
    with run.night.step("model") as facts:
        places = fetch(run.vendor.places, run.vendor, Pace())
        keys = [place.account_key for place in places]
        store_places(connection, settings.vendor, places)
        variables = {
            "as_of": run.night.as_of,
            "run_id": run.id,
            "source_system": settings.source_system,
            "vendor": settings.vendor,
            "settings": json_text(settings.configuration),
            "known_account_keys": keys,
        }
        for name, value in variables.items():
            connection.execute(f"set variable {name} = ?", [value])
        pair = {"source_system": settings.source_system, "vendor": settings.vendor}
        runner.build(connection, **pair)
        runner.audit(connection)
        run.store.refuse_anothers_people(
            run.vendor.traits.mart,
            run.now - dt.timedelta(days=_ALIVE_DAYS),
            same_platform.mark_of(settings),
        )
        runner.comment(connection, **pair)
        row = connection.execute("select count(*) from people.people").fetchone()
        facts["people"] = row[0] if row else 0


def _plan(run: Run) -> None:
    connection, vendor, settings = run.connection, run.vendor, run.settings
    night = run.night
    with night.step("plan") as facts:
        if out_of_scope.are_some_hidden(connection):
            use_key(connection, load_key(run.store.paths.work.parent))
            out_of_scope.restore(connection, vendor.traits)
        keys = [place.account_key for place in fetch(vendor.places, vendor, Pace())]
        night.plan_hash = plan.make_plan(
            connection, vendor, settings, run_id=run.id, as_of=night.as_of, account_keys=keys
        )
        gated = gate.hold(
            connection,
            settings,
            vendor.traits,
            plan_hash=night.plan_hash,
            as_of=night.as_of,
            now=run.now,
            strikes=run.store.strikes,
        )
        night.holds, night.plan_hash = gated.holds, gated.plan_hash
        runner.audit_plan(connection)
        connection.execute("begin transaction")
        plan.store_plan(connection, run.id, night.plan_hash)
        store_findings(connection, run.id)
        connection.execute("commit")
        planned = connection.execute(
            "select operation, count(*) from temp.plan_planned where operation <> 'none' "
            "group by all order by all"
        ).fetchall()
        facts.update(planned)
        facts["hash"] = night.plan_hash
        night.counts.update({f"planned {operation}": count for operation, count in planned})
    for held in night.holds:
        night.counts[f"held {held.kind}"] = held.count
        logger.warning("Held: %d changes (%s): %s.", held.count, held.kind, held.reason)


def _deliver(run: Run) -> None:
    connection, vendor, settings = run.connection, run.vendor, run.settings
    night = run.night
    with night.step("deliver") as facts:
        delivery = Delivery(run.store, vendor, settings, run_id=run.id, as_of=night.as_of)
        delivery.run()
        facts.update(sorted(delivery.counts.items()))
        is_stopped = delivery.stopped_by is not None
        plan.store_outcomes(connection, run.id, is_stopped=is_stopped)
        note_refusals(connection, vendor.traits, settings.vendor, run.id)
        history.remember(connection, run.id)
        is_believed = not any(held.kind in DISTRUSTED for held in night.holds)
        if is_believed and calendar.is_accepted(connection, run.id, night.as_of):
            ledger.carry_forward(connection, settings.vendor, night.as_of)
            identities.accept(connection, run.id)
    night.counts.update(delivery.counts)
    conclude(connection, night, delivery, settings)


def _tidy(run: Run) -> None:
    """Let go of what was kept long enough, and see that the working file doesn't grow for ever."""
    connection, paths, settings = run.connection, run.store.paths, run.settings
    streams = raw_streams(settings.source_system).values()
    with run.night.step("tidy") as facts:
        facts["rows"] = retention.apply(
            connection, settings.retention, streams, run_id=run.id, as_of=run.night.as_of
        )
        if settings.retention.out_of_scope == "pseudonyms":
            use_key(connection, load_key(paths.work.parent))
            facts["rows"] += out_of_scope.hide(
                connection,
                run.vendor.traits,
                streams,
                source_system=settings.source_system,
                run_id=run.id,
            )
        if facts["rows"]:
            runner.store_again(
                connection, source_system=settings.source_system, vendor=settings.vendor
            )
        if facts["rows"] or has_doubled(paths):
            compact_when_closed(paths)


def _publish(run: Run, publish: Callable[..., Report]) -> Report:
    paths, settings = run.store.paths, run.settings
    with run.night.step("publish") as facts:
        report = publish(
            run.connection,
            run_id=run.id,
            staging_path=paths.published,
            key=paths.key,
            report_dir=report_folder(paths, settings),
            language=report_language(
                settings.report_language, settings.configuration.get("language")
            ),
            desk=settings.desk_url,
        )
        if paths.publishes_file:
            facts["file"] = paths.staging.name
    return report


def refuse_report_folder(settings: Settings) -> None:
    """Refuse a report folder that is none, before anything is sent: at the end of a night it is late."""
    folder = resolve(settings.report_dir) if settings.report_dir else None
    if folder is not None and folder.exists() and not folder.is_dir():
        raise ConfigError("`report_dir` must be the path of a folder, and is a file.", path=folder)


def report_folder(paths: StorePaths, settings: Settings) -> Path:
    """Tell where the report of a connection is written."""
    return resolve(settings.report_dir) if settings.report_dir else paths.folder
