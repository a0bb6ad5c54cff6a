"""What every page needs around its content: the rail, the language, the theme, the hour."""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, resolve, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from vendange.web import font
from vendange.web.language import theme_of


class Place(NamedTuple):
    """One entry of the rail; `name` is the name of its URL, and of the `here` that a page gives."""

    name: str
    icon: str
    label: Any


PLACES = (
    Place("home", "house", _("Home")),
    Place("tell", "message-circle-plus", _("Tell")),
    Place("desk", "headphones", _("Desk")),
    Place("my_leads", "target", _("My leads")),
    Place("people", "users", _("People")),
    Place("organisations", "building-2", _("Organisations")),
    Place("team", "split", _("Team")),
    Place("agreement", "handshake", _("Agreement")),
    Place("capture", "inbox", _("Capture")),
)
SETTINGS = Place("settings", "settings", _("Settings"))


class Link(NamedTuple):
    name: str
    icon: str
    label: Any
    url: str
    current: bool


@lru_cache(maxsize=64)
def open_to(name: str) -> tuple[str, frozenset[str]]:
    """Address of a page and the roles that may open it, as its own view says; ("", nobody) when it is not served."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return "", frozenset()
    return url, getattr(resolve(url).func, "allowed", frozenset())


def may_open(role: str, name: str) -> bool:
    return role in open_to(name)[1]


def link(place: Place, path: str) -> Link:
    url = open_to(place.name)[0]
    return Link(*place, url=url, current=path == url or (url != "/" and path.startswith(url)))


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Nothing here asks the database more than the session already did."""
    user = getattr(request, "user", None)
    role = user.role if user and user.is_authenticated else ""
    return {
        "rail": [link(place, request.path) for place in PLACES if may_open(role, place.name)],
        "settings_link": link(SETTINGS, request.path) if may_open(role, SETTINGS.name) else None,
        "find_url": open_to("find")[0] if may_open(role, "find") else "",
        "theme": SimpleLazyObject(lambda: theme_of(request)),
        "languages": settings.LANGUAGES,
        "font_ready": font.is_ready(),
        "now": timezone.now(),
    }
