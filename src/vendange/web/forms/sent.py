"""What a visitor sent to our page of a form, in whatever charset; and the page for what cannot be shown or read."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import override

from vendange.engine.charsets import texts_of
from vendange.engine.form_words import FORM_WORDS, MOST_FIELDS, NO_FORM, UNREADABLE
from vendange.web.show import show
from vendange.words import said

LONGEST = 20_000  # characters of one answer that the page shows again


class CannotRead(Exception):
    """Too much, or no form at all; `status` to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def given(request: HttpRequest) -> Mapping[str, Sequence[str]]:
    """Names with what was typed under each. Raises CannotRead."""
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            raw = QueryDict(request.body, encoding="latin-1")  # Django itself takes these in UTF-8 only
        else:
            request.encoding = "latin-1"
            raw = request.POST
    except RequestDataTooBig:
        raise CannotRead(413, "too_large") from None
    except SuspiciousOperation:
        raise CannotRead(413, "too_many_fields") from None
    except (BadRequest, ValueError):
        raise CannotRead(400, "") from None
    if sum(len(texts) for _, texts in raw.lists()) > MOST_FIELDS:
        raise CannotRead(413, "too_many_fields")
    fields = texts_of(dict(raw.lists()), request.headers.get("Content-Type", ""))
    return {name: texts for name, texts in fields.items() if all(len(text) < LONGEST for text in texts)}


def refused(request: HttpRequest, why: CannotRead, *, title: str, language: str) -> HttpResponse:
    with override(language):
        return page(request, title=title, what=said(UNREADABLE[why.reason]), status=why.status)


def closed(request: HttpRequest, *, title: str, language: str) -> HttpResponse:
    with override(language):
        return page(request, title=title, what=said(FORM_WORDS["closed"]), status=410)


def nowhere(request: HttpRequest, what: str) -> HttpResponse:
    """In the language of the browser: what is not there has none. `what`: said instead of that no form is here."""
    title, told = (said(one) for one in NO_FORM)
    return page(request, title=_("There is no such page here") if what else title, what=what or told, status=404)


def page(request: HttpRequest, *, title: str, what: str, status: int) -> HttpResponse:
    response = show(request, page="forms/gone.html", context={"title": title, "what": what}, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
