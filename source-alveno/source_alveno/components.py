"""What manifest.yaml cannot say. The first line of each class says why it is none of the CDK's."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import airbyte_cdk as cdk
import requests
from airbyte_cdk.sources.declarative.requesters.error_handlers import DefaultErrorHandler
from airbyte_cdk.sources.declarative.requesters.paginators.strategies import OffsetIncrement
from airbyte_cdk.sources.streams.http.error_handlers import ErrorResolution, ResponseAction
from people_connector.guard import Guarded, config_error, parts_of, seconds_asked, transient_error

from source_alveno.dates import DayReader
from source_alveno.fields import (
    DAYS,
    NULL,
    Row,
    logger,
    map_rows,
    read_flag,
    read_key_names,
    read_timezone,
)
from source_alveno.whole_list import Spool, WholeList, account_of

MOST_WARNINGS = 20
LONGEST_WAIT_S = 600  # for one list, all its repetitions together
_ADDRESS = re.compile(r"\w+://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]+)?(/[^\s?#@]*)?")


@dataclass
class TokenHeader(Guarded, cdk.DeclarativeAuthenticator):
    """ApiKeyAuthenticator sends the token wherever a redirect points, and an empty one too."""

    config: Mapping[str, Any]
    auth_header: str = ""

    @property
    def token(self) -> str:  # type: ignore[override]
        token = str(self.config.get("token") or "").strip()
        if not (token and token.isascii() and token.isprintable()):
            raise config_error(
                "The token is missing, or has characters that no Alveno token has. Make one in "
                "Alveno under Nastavení and paste it into token, without line breaks."
            )
        return token

    def __post_init__(self) -> None:
        if self.config.get("api") == "hr" and not str(self.config.get("tenant") or "").strip():
            raise config_error("The HR API needs the tenant: your 8-digit number, with its zeros.")
        if not _ADDRESS.fullmatch(str(self.config.get("api_url") or "https://default").strip()):
            raise config_error("api_url is no address: https://, a host, a path; no user, ? or #.")

    def read_body(self, response: Any) -> None:
        """To a file: an answer is the whole list, of whatever length."""
        response.body = Spool()
        for part in parts_of(response):
            response.body.write(part)
        response.body.seek(0)
        response._content = b""


_AGAIN = ErrorResolution(ResponseAction.RETRY, cdk.FailureType.transient_error)


@dataclass
class AnswerJudge(DefaultErrorHandler):
    """The CDK takes a broken body with status 200 for an empty list, and logs that of a refusal."""

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        super().__post_init__(parameters)
        kind = parameters["kind"]
        self._key = read_key_names(self.config, parameters)[kind].names.get(f"{kind}_id")
        codes = [re.escape(str(code)) for code in self.config.get("throttle_error_codes") or []]
        self._throttled = re.compile(rf"(?<!\w)(?:{'|'.join(codes) or '(?!)'})(?!\w)")

    def interpret_response(self, response_or_exception: Any) -> ErrorResolution:
        answer = response_or_exception
        if isinstance(answer, requests.TooManyRedirects | ValueError):
            raise config_error(f"api_url cannot be asked ({type(answer).__name__}). Check it.")
        if not isinstance(answer, requests.Response):
            return _AGAIN
        if answer.status_code < 300:
            return self._read(answer)
        text = f"{answer.status_code} {answer.body.read(4096).decode('utf-8', 'replace')}"
        if answer.status_code < 500 and self._throttled.search(text):
            return _AGAIN
        found = super().interpret_response(answer)
        if found.response_action is ResponseAction.FAIL:
            message = f"{found.error_message} (status {answer.status_code})"
            raise cdk.AirbyteTracedException(message, message, found.failure_type)
        return found

    def _read(self, answer: Any) -> ErrorResolution:
        answer.entries = WholeList()
        try:
            answer.entries.add(answer.body, self._key)
        except ValueError as error:
            answer.reason = f"status {answer.status_code} with {error}"
            return _AGAIN
        return ErrorResolution(ResponseAction.SUCCESS)


@dataclass
class RetryAfter(cdk.BackoffStrategy):
    """WaitTimeFromHeader reads no date; and at the end the CDK quotes the body, which is people."""

    config: Mapping[str, Any]

    def backoff_time(self, response_or_exception: Any, attempt_count: int) -> float:
        """Seconds, one less than meant because the CDK adds one; or the end, as a transient error."""
        answer, account = response_or_exception, account_of(self.config)
        # Once nothing answered, four lists that time out six times each would take half an hour.
        attempts = 2 if account.is_unreachable else 6
        seconds = 2.0 ** (attempt_count - 1)
        if isinstance(answer, requests.Response):
            reason = answer.reason if answer.ok else f"status {answer.status_code}"
            said = f"gave no usable answer for {urlsplit(answer.url).path} ({reason})"
            asked = seconds_asked(answer.headers.get("Retry-After", ""))
            seconds = seconds if asked is None else min(asked, 1e6)
        else:
            said = f"could not be reached ({type(answer).__name__}; see api_url and the network)"
        if seconds * attempt_count > LONGEST_WAIT_S:
            raise transient_error(f"Alveno asks to wait {seconds:.0f} s. Run the read again later.")
        if attempt_count >= attempts:
            account.is_unreachable |= not getattr(answer, "ok", False)
            raise transient_error(f"Alveno {said} in {attempts} attempts. Run it again later.")
        return max(seconds - 1, 1e-6)


class ByTotalCount(OffsetIncrement):
    """OffsetIncrement ends at a page shorter than asked for; this API says how many there are."""

    def next_page_token(self, response: Any, **last: Any) -> int | None:  # type: ignore[override]
        page: WholeList = response.entries
        if page.total_count is None and page.length >= int(self.page_size or 0):
            raise transient_error("A full page says no totalCount, so it may not be all of them.")
        offset = int(last["last_page_token_value"] or 0) + page.length
        return offset if page.length and offset < (page.total_count or 0) else None


@dataclass
class WholeListRetriever(cdk.SimpleRetriever):
    """The CDK passes on what arrives; here every list is whole and has its keys before a record."""

    chip_requester: cdk.Requester | None = None

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        super().__post_init__(parameters)
        names = read_key_names(self.config, parameters)
        self._keys, self._chip_keys = names[parameters["kind"]], names["chip"]
        self._id = self._keys.names.get(f"{self._keys.kind}_id")
        account_of(self.config).fetch[self.name] = self._fetch

    def read_records(self, records_schema: Any, stream_slice: Any = None) -> Iterable[Any]:
        whole: Any = account_of(self.config).whole_list(self.name)
        # Without the schema: the CDK would copy each record only to normalise nothing.
        yield from self.record_selector.select_records(whole, {}, {}, stream_slice)

    def _fetch(self) -> WholeList:
        whole = self._read_whole()
        if whole.length:
            self._keys.require(whole.keys)
        elif self._keys.kind in ("employee", "employment") and not self.config.get("allow_empty"):
            raise config_error(
                f"Alveno lists no {self._keys.kind} at all. A token without rights looks like "
                "this too, so nobody is treated as gone. If that is right, set allow_empty."
            )
        if self.chip_requester and (self.config.get("field_names") or {}).get("chip"):
            whole.chips = self._read_chips(self.chip_requester)
        return whole

    def _read_whole(self) -> WholeList:
        """The list, asked for a second time where it does not prove whole."""
        everything = cdk.StreamSlice(partition={}, cursor_slice={})
        for is_last in (False, True):
            whole = WholeList()
            for _ in self._read_pages(lambda answer: whole.merge(answer.entries) or (), everything):  # type: ignore[union-attr, func-returns-value]  # noqa: B023
                pass
            different = whole.count_ids()
            length = whole.length if whole.total_count is None else whole.total_count
            if different == length or self._id not in whole.keys:
                break
            text = f"The list of {self.name} has {length} entries but {different} different ids"
            if not is_last:
                logger.warning(f"{text}. It is read again.")
            elif whole.total_count is not None:
                raise transient_error(f"{text}: it changed while it was read. Run it again later.")
            else:  # no count proves a plain array: total_size tells who lands it what is missing
                logger.warning(f"{text}. Nobody is treated as gone for not being in it.")
        return whole

    def _read_chips(self, requester: cdk.Requester) -> dict[Any, list[str]]:
        """The chips per employee, ended ones left out."""
        answer: Any = requester.send_request()
        if answer.entries.length:
            self._chip_keys.require(answer.entries.keys)
        days = DayReader(read_timezone(self.config))
        today = datetime.now(read_timezone(self.config)).date().isoformat()
        chips: dict[Any, list[str]] = {}
        for rows in answer.entries.chunks():
            for chip in map_rows(rows, self._chip_keys.names, days, {}):
                if chip["number"] and (chip["valid_to"] or today) >= today:
                    chips.setdefault(chip["employee_id"], []).append(chip["number"])
        return chips


@dataclass
class StableNames(cdk.RecordExtractor):
    """Our fields of theirs; AddFields makes a number of "1e5", and takes 20 µs a field."""

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]]
    only_employed: bool = False

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._names = read_key_names(self.config, parameters)
        self._keys = self._names[parameters["kind"]]
        self._zone = read_timezone(self.config)
        self._employer_id = str(self.config.get("tenant") or "").strip() or "alveno"

    def extract_records(self, response: Any) -> Iterable[Row]:
        whole: WholeList = response
        total = sum(map(len, self._chunks(whole))) if self.only_employed else whole.length
        constants = {"employer_id": self._employer_id, "total_size": total}
        days, unreadable, kind = DayReader(self._zone), 0, self._keys.kind
        for rows in self._chunks(whole):
            for record in map_rows(rows, self._keys.names, days, constants, NULL):
                if whole.chips is not None:
                    record["chip_numbers"] = whole.chips.get(record["employee_id"], [])
                for name in DAYS & record.keys() if days.unreadable else ():
                    unreadable += record[name] in days.unreadable
                    if record[name] in days.unreadable and unreadable <= MOST_WARNINGS:
                        logger.warning(
                            f"Unreadable date: {kind} {record[f'{kind}_id']}, field {name}. It is "
                            "sent on marked as unreadable, so that the person is held, not ended."
                        )
                yield record
        if unreadable > MOST_WARNINGS:
            logger.warning(f"{unreadable} unreadable dates in the {kind} list.")

    def _chunks(self, whole: WholeList) -> Iterable[list[Row]]:
        if not self.only_employed:
            return whole.chunks()
        return ([row for row in rows if self._is_employed(row)] for rows in whole.chunks())

    def _is_employed(self, row: Row) -> bool:
        """The HR API has no employments. A person it calls active has one, open at its end."""
        names = self._names["employee"].names
        is_active, is_disabled = row.get(names["is_active"]), row.get(names["is_disabled"])
        return read_flag(is_active) is not False and read_flag(is_disabled) is not True


@dataclass
class TheAccount(StableNames):
    """One row for the account, whatever its list holds; any selector of the CDK needs an entry."""

    def extract_records(self, response: Any) -> Iterable[Row]:
        name = "Alveno" if self._employer_id == "alveno" else f"Alveno {self._employer_id}"
        yield {"employer_id": self._employer_id, "name": name, "total_size": 1}
