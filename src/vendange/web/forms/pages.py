"""The page of a form. It posts to the collector, which brings back here what has to be mended (307)."""

import secrets
import time
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from vendange.ask import queries
from vendange.ask.rules import Checked, Definition, check, next_questions
from vendange.engine.form_words import FORM_WORDS
from vendange.models import Form
from vendange.web.access import public
from vendange.web.forms import sent
from vendange.web.forms.asked import asked, boxes
from vendange.web.show import show
from vendange.words import said_each

TRAP = "contact_url"  # as in collect.published
NONE = Checked({}, (), {})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@public
def hosted(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The form, empty; or, when the collector sends a visitor back, as it was filled in, with what to mend."""
    form, definition = _found(public_id)
    if form.closed_at is not None:
        return sent.closed(request, title=definition.title, language=definition.language)
    try:
        given = sent.given(request) if request.method == "POST" else {}
    except sent.CannotRead as why:
        return sent.refused(request, why, title=definition.title, language=definition.language)
    checked = check(definition, given, _ids(given)) if request.method == "POST" else NONE
    with override(definition.language):
        context = _context(request, form, definition, given, checked)
        response = show(request, page="forms/form.html", context=context, status=422 if checked.problems else 200)
    return _framed(response, form, definition)


@require_GET
@public
def thanks(request: HttpRequest, public_id: UUID) -> HttpResponse:
    form, definition = _found(public_id)
    if form.closed_at is not None:
        return sent.closed(request, title=definition.title, language=definition.language)
    with override(definition.language):
        context = {"form": definition, "words": words_of(), "title": definition.title}
        response = show(request, page="forms/thanks.html", context=context)
    return _framed(response, form, definition)


def _found(public_id: UUID) -> tuple[Form, Definition]:
    """A form that was published, also a closed one."""
    form = Form.objects.select_related("source").filter(public_id=public_id).first()
    version = queries.published(form) if form else None
    if form is None or version is None:
        raise Http404
    return form, queries.definition_of(version)


def words_of() -> Mapping[str, str]:
    """What forms say of their own, in the language that is spoken now."""
    return said_each(FORM_WORDS)


def _ids(given: Mapping[str, Sequence[str]]) -> frozenset[str] | None:
    return frozenset(",".join(given["_asked"]).split(",")) if "_asked" in given else None


def _context(
    request: HttpRequest,
    form: Form,
    definition: Definition,
    given: Mapping[str, Sequence[str]],
    checked: Checked,
) -> Mapping[str, object]:
    wanted = _ids(given)
    questions = next_questions(definition, frozenset())
    if wanted is not None or checked.problems:
        named = {*(wanted or ()), *checked.problems, *checked.answers} | {one.id for one in questions if one.required}
        questions = tuple(one for one in definition.questions if one.id in named)
    words = words_of()
    found = asked(questions, given, checked.problems, definition.language, words)
    return {
        "form": definition,
        "title": definition.title,
        "words": words,
        "asked": found,
        "problems": [one for one in found if one.problem],
        "boxes": boxes(definition, queries.boxes_of(definition), given),
        "action": f"/v1/forms/{form.public_id}",
        "hidden": _hidden(request, given, ",".join(one.id for one in questions)),
        "trap": TRAP,
        "trapped": _first(given, TRAP),
    }


def _hidden(request: HttpRequest, given: Mapping[str, Sequence[str]], ids: str) -> Mapping[str, str]:
    """What goes with the answer: its own number, when it was drawn, from which page and campaign it comes."""
    if request.method == "POST":
        kept = {name: _first(given, name) for name in given if name.startswith("utm_") or name in KEPT}
        return {"_message_id": secrets.token_urlsafe(12), **kept, "_asked": ids}
    return {
        "_message_id": secrets.token_urlsafe(12),
        "_shown": str(int(time.time() * 1000)),
        "_page": request.build_absolute_uri()[:2000],
        "_referrer": request.headers.get("Referer", "")[:2000],
        "_asked": ids,
    }


KEPT = frozenset({"_message_id", "_shown", "_page", "_referrer", "_anonymous_id"})


def _first(given: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(given.get(name, ())), "")


def _framed(response: HttpResponse, form: Form, definition: Definition) -> HttpResponse:
    """Only the sites that may embed the form may frame its page. Browsers hold form-action against redirects too."""
    origins = list(form.source.allowed_origins)
    thanks = urlsplit(definition.thanks_url)
    onward = [f"https://{thanks.netloc}"] if thanks.netloc else []
    policy = {"frame-ancestors": origins or ["'none'"], "form-action": ["'self'", *onward]}
    response._csp_replace = policy  # type: ignore[attr-defined]
    response.xframe_options_exempt = bool(origins)
    response.headers["Content-Language"] = definition.language
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
