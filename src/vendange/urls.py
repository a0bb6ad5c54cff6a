"""Every address that the pages answer. Each screen brings its own list; here they stand one after the other."""

from collections.abc import Mapping
from typing import Final

from django.urls import URLPattern, URLResolver, include, path

from vendange.api.v1 import api
from vendange.web import faults, font, language, third_party

# Views that are not ours and so carry no mark of `vendange.web.access`: name of the route -> who may open it.
THIRD_PARTY: Final[Mapping[str, str]] = third_party.WHO

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("language", language.choose_language, name="language"),
    path("theme", language.choose_theme, name="theme"),
    path("font/inter.woff2", font.inter, name="font"),
    path("desk/", include("vendange.web.desk.urls")),
    path("", include("vendange.web.home.urls")),
    path("my-leads/", include("vendange.web.my_leads.urls")),
    path("leads/", include("vendange.web.lead.urls")),
    path("find/", include("vendange.web.finding.urls")),
    path("people/", include("vendange.web.people.urls")),
    path("organisations/", include("vendange.web.organisations.urls")),
    path("team/", include("vendange.web.team.urls")),
    path("agreement/", include("vendange.web.agreement.urls")),
    path("capture/", include("vendange.web.capture.urls")),
    path("tell/", include("vendange.web.told.urls")),
    path("settings/", include("vendange.web.settings.urls")),
    path("f/", include("vendange.web.forms.urls")),
    path("accounts/", include(third_party.urlpatterns)),
]

handler400 = faults.bad_request
handler403 = faults.not_allowed
handler404 = faults.not_found
handler500 = faults.broken
