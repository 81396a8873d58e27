"""Access to both systems: consent at an authorization server, or pasted keys that are checked."""

from __future__ import annotations

from people_transforms.errors import ConfigError, RetryableError
from starlette.responses import RedirectResponse, Response

from people_sync.desk.onboarding.consent import ask, begin_consent, end_consent, exchange
from people_sync.desk.onboarding.steps.link import mark_done
from people_sync.desk.visit import Visit
from people_sync.desk.web.headers import policy

BACK = "consent/back"


def source(visit: Visit) -> Response:
    if not visit.onboarding.source.consent:
        return _keys(visit, "source", "destination")
    if not visit.is_post:
        return _with_consent(visit)
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
    begin_consent(visit.office.records, visit.whose, visit.connection.name, asked, visit.now)
    return RedirectResponse(asked.url, 303)


def destination(visit: Visit) -> Response:
    return _keys(visit, "destination", "congratulations")


def consent_back(visit: Visit) -> Response:
    """Take the answer of the authorization server: a code, or a refusal.

    One address for all connections, which is registered there: the state says which one is meant.
    """
    query, office, now = visit.request.query_params, visit.office, visit.now
    asked = end_consent(office.records, visit.whose, query.get("state", ""), now)
    served = visit.find(asked[0]) if asked else None
    if asked is None or served is None:
        return _strange(visit)
    visit.turn_to(served)
    onboarding, verifier = visit.onboarding, asked[1]
    if query.get("error") == "access_denied":
        return _with_consent(visit, "denied", 403)
    code = query.get("code")
    if not code:
        return _with_consent(visit, "failed", 502, sentence="")
    server = onboarding.source.server(onboarding.config(onboarding.file.source))
    try:
        tokens = exchange(server, code, verifier, _back(visit), now)
    except (ConfigError, RetryableError) as error:
        return _with_consent(visit, "failed", 502, sentence=str(error))
    settings = onboarding.source.consent["settings"]
    credentials = {**onboarding.config(onboarding.file.source).get(settings, {}), **tokens}
    checked = onboarding.check_source({settings: credentials})
    if not checked.is_fine:
        return _with_consent(visit, "incomplete", 422, sentence=checked.sentence)
    _note_change(visit, "source")
    mark_done(visit, "source")
    return visit.go_to("destination")


def _strange(visit: Visit) -> Response:
    """Say that an answer was not asked for here; with the way back where there is one way only."""
    names = visit.who.connection
    served = visit.find(names[0]) if len(names) == 1 else None
    if served is None or visit.office.onboarding(served) is None:
        return visit.show("not_found.html.j2", 400)
    visit.turn_to(served)
    return _with_consent(visit, "strange", 400)


def _with_consent(visit: Visit, name: str = "", status: int = 200, **values: str) -> Response:
    """Show a page with the button that leads to the authorization server."""
    template = f"onboarding/consent{'_' + name if name else ''}.html.j2"
    response = visit.show(template, status, **values)
    response.headers["Content-Security-Policy"] = policy(visit.onboarding.origin())
    return response


def _keys(visit: Visit, end: str, following: str) -> Response:
    onboarding = visit.onboarding
    connector, described = onboarding.end(end)

    def shown(status: int, sentence: str) -> Response:
        return visit.show(
            "onboarding/keys.html.j2",
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
    return visit.go_to(end)


def _note_change(visit: Visit, end: str) -> None:
    """Note for everybody that other keys or another consent are in use from now on."""
    visit.note("access_changed", end=end)


def _back(visit: Visit) -> str:
    return f"{visit.office.base_url}/{BACK}"
