"""Access to both systems: consent at an authorization server, or pasted keys that are checked."""

from __future__ import annotations

from people_transforms.errors import ConfigError, RetryableError
from starlette.responses import RedirectResponse, Response

from people_sync.desk.onboarding.consent import ask, begin_consent, end_consent, exchange
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.onboarding.steps.link import mark_done
from people_sync.desk.onboarding.support import note_news
from people_sync.desk.onboarding.visit import Visit

BACK = "consent/back"


def source(visit: Visit) -> Response:
    if not visit.onboarding.source.consent:
        return _keys(visit, "source", "destination")
    if not visit.is_post:
        return visit.show("consent.html.j2")
    onboarding = visit.onboarding
    config = onboarding.config(onboarding.file.source)
    has_consent = bool(
        (config.get(onboarding.source.consent["settings"]) or {}).get("refresh_token")
    )
    if has_consent and not visit.is_fresh:
        return visit.sign_in_again()
    if not visit.may("program"):
        return visit.too_often()
    server = onboarding.source.server(config)
    asked = ask(server, _back(visit))
    now = onboarding.clock()
    onboarding.journey.change(lambda journey: begin_consent(journey, visit.signed_in, asked, now))
    return RedirectResponse(asked.url, 303)


def destination(visit: Visit) -> Response:
    return _keys(visit, "destination", "congratulations")


def consent_back(visit: Visit) -> Response:
    """Take the answer of the authorization server: a code, or a refusal."""
    onboarding, query = visit.onboarding, visit.request.query_params
    now, state = onboarding.clock(), query.get("state", "")
    verifier = onboarding.journey.change(
        lambda journey: end_consent(journey, visit.signed_in, state, now) if state else None
    )
    if verifier is None:
        return visit.show("consent_strange.html.j2", 400)
    if query.get("error") == "access_denied":
        return visit.show("consent_denied.html.j2", 403)
    code = query.get("code")
    if not code:
        return visit.show("consent_failed.html.j2", 502, sentence="")
    server = onboarding.source.server(onboarding.config(onboarding.file.source))
    try:
        tokens = exchange(server, code, verifier, _back(visit), now)
    except (ConfigError, RetryableError) as error:
        return visit.show("consent_failed.html.j2", 502, sentence=str(error))
    settings = onboarding.source.consent["settings"]
    credentials = {**onboarding.config(onboarding.file.source).get(settings, {}), **tokens}
    checked = onboarding.check_source({settings: credentials})
    if not checked.is_fine:
        return visit.show("consent_incomplete.html.j2", 422, sentence=checked.sentence)
    _note_change(visit, "source")
    mark_done(visit, "source")
    return visit.go("destination")


def _keys(visit: Visit, end: str, following: str) -> Response:
    onboarding = visit.onboarding
    connector, described = onboarding.end(end)

    def shown(status: int, sentence: str) -> Response:
        return visit.show(
            "keys.html.j2",
            status,
            sentence=sentence,
            stored=onboarding.has_keys(end),
            end=end,
            described=described,
            following=following,
        )

    if not visit.is_post:
        return shown(200, "")
    if not visit.may("keys"):
        return visit.too_often()
    typed = {key["setting"]: visit.value(key["setting"]) for key in described.keys}
    changes = {setting: value for setting, value in typed.items() if value}
    stored = onboarding.config(connector)
    if any(stored.get(setting) for setting in changes) and not visit.is_fresh:
        return visit.sign_in_again()
    if not changes and not onboarding.has_keys(end):
        sentence = "missing"
    else:
        verify = onboarding.check_source if end == "source" else onboarding.check_destination_keys
        checked = verify(changes)
        sentence = "" if checked.is_fine else checked.sentence or "no answer"
    if sentence:
        return shown(422, sentence)
    if changes:
        _note_change(visit, end)
    mark_done(visit, end)
    return visit.go(end)


def _note_change(visit: Visit, end: str) -> None:
    """Note for everybody that other keys or another consent are in use from now on."""
    _, described = visit.onboarding.end(end)

    def note(journey: Journey) -> None:
        note_news(
            visit.onboarding, journey, "access_changed", f"access to {described.title} was changed."
        )

    visit.onboarding.journey.change(note)


def _back(visit: Visit) -> str:
    return f"{visit.onboarding.base_url}/{BACK}"
