"""What the network of a visit says of a company, in words: how sure, why, and why not. Shown wherever it counts."""

from collections.abc import Mapping
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from vendange.models import Person
from vendange.reveal.rules import WEIGHTS, sureness
from vendange.web import figures
from vendange.words import Word

SURE: Final[Mapping[str, Word]] = {
    "high": pgettext_lazy("company by network", "almost certain"),
    "likely": pgettext_lazy("company by network", "likely"),
    "perhaps": pgettext_lazy("company by network", "perhaps"),
}
REASONS: Final[Mapping[str, Word]] = {
    "apart_from_provider": gettext_lazy("registered under a name that is not the provider’s"),
    "own_network": gettext_lazy("its own network, and used for business"),
    "provider_not_known": gettext_lazy("a registered name; the provider is not known"),
    "domain_alone": gettext_lazy("only a domain is known"),
    "domain_like_name": gettext_lazy("the domain is made of its name"),
    "domain": gettext_lazy("a domain of its own"),
    "corporate": gettext_lazy("a company’s line"),
    "business": gettext_lazy("used for business"),
    "home_line": gettext_lazy("a line that homes use too"),
    "wide_network": gettext_lazy("a very wide network"),
    "shared_exit": gettext_lazy("several companies leave through it"),
}
FIELDS: Final[Mapping[str, Word]] = {
    "organisation": gettext_lazy("company"),
    "isp": gettext_lazy("provider"),
    "carrier": gettext_lazy("operator of the network"),
    "domain": gettext_lazy("domain"),
    "carrier_domain": gettext_lazy("operator’s domain"),
    "connection": gettext_lazy("kind of line"),
    "user": gettext_lazy("kind of user"),
    "carrier_type": gettext_lazy("kind of operator"),
    "flag.anonymous": gettext_lazy("hidden visitors (VPN, proxy, Tor)"),
    "flag.hosting": gettext_lazy("hosting"),
    "flag.mobile": gettext_lazy("mobile network"),
    "flag.consumer": gettext_lazy("homes"),
    "flag.shared_exit": gettext_lazy("shared exits"),
}
BARRED: Final[Mapping[str, Word]] = {
    "office": gettext_lazy("Our own office"),
    "provider": gettext_lazy("An access provider"),
    "objection": gettext_lazy("They object"),
}


def sure(confidence: float) -> Word:
    return SURE[sureness(confidence)]


def percent(confidence: float) -> str:
    return figures.rate(confidence, 1)


def reason(code: str) -> Word:
    """With the weight of each, as it stands in docs/rules/companies.md."""
    return REASONS.get(code) or code.replace("_", " ")


def speaks_for(code: str) -> bool:
    return WEIGHTS.get(code, 0) > 0


def tag(person: Person) -> SafeString:
    """Beside the company of a visitor: how sure it is, when only the network says so; nothing for all others."""
    if person.organisation_confidence is None:
        return SafeString("")
    told = _("by the network of a visit: %(sure)s") % {"sure": sure(person.organisation_confidence)}
    share = percent(person.organisation_confidence)
    return format_html('<span class="tag declared num" title="{0}">{1}<span class="vh"> {0}</span></span>', told, share)


def employer(person: Person) -> str:
    """The name of their company in one line of text, with how sure it is when it is a guess; "" without one."""
    company = person.organisation
    if company is None:
        return ""
    if person.organisation_confidence is None:
        return company.name
    return _("%(name)s (%(share)s sure)") % {
        "name": company.name,
        "share": percent(person.organisation_confidence),
    }
