"""The word for every code, in the language of the reader. Codes live below; people read these."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, override, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from vendange.agreement.label import Label
from vendange.agreement.sentence import Cannot, Code, Sentence
from vendange.agreement.terms import Agreement
from vendange.contact_words import CONTACT
from vendange.engine.rows import LIMIT

Word = str | Promise

FAMILIES: Final[Mapping[str, Mapping[str, Word]]] = {
    **CONTACT,
    "stage": {
        "alert": _("To judge"),
        "judging": _("Being judged"),
        "passed": _("Passed to sales"),
        "accepted": _("Accepted"),
        "working": _("In work"),
        "opportunity": _("Opportunity"),
        "won": _("Won"),
        "lost": _("Lost"),
        "recycled": _("Recycled"),
        "eliminated": _("Eliminated"),
        "returned": _("Given back, replaced"),
    },
    "holder": {
        "person": _("A colleague"),
        "desk": _("The desk"),
        "nurture": _("Nurturing"),
        "nobody": _("Nobody yet"),
    },
    "nobody_because": {
        "no_salesperson": _("No salesperson is known to routing"),
        "full": _("Everybody who fits carries all they can"),
        "away": _("Everybody who fits is away"),
        "other_language": _("Nobody with room speaks the language"),
        "other_lead_type": _("Nobody takes leads of this type"),
        "other_territory": _("Nobody covers this place"),
        "had_it_before": _("Everybody who fits has had it before"),
        "not_taking_leads": _("Nobody takes new leads now"),
    },
    "route_reason": {
        "room": _("has room"),
        "home_territory": _("it is their territory"),
        "knows_person": _("has dealt with this person before"),
        "knows_company": _("knows the company"),
        "chosen_by_hand": _("chosen by a colleague"),
        "imported": _("known from a file"),
    },
    "excluded": {
        "not_taking_leads": _("Takes no leads now"),
        "had_it_before": _("Had this lead before"),
        "other_territory": _("Another territory"),
        "other_lead_type": _("Another type of lead"),
        "other_language": _("Another language"),
        "away": _("Away"),
        "full": _("Carries all they can"),
    },
    "lawful": {
        "professional": _("professional, no objection,"),
        "consent": _("agreed to calls, no objection,"),
        "odd_hour": _("outside office hours there,"),
        "set_aside": _("set aside as off target,"),
        "objected": _("asked not to be called,"),
        "no_number": _("no phone number is known,"),
        "no_consent": _("no recorded consent to calls, and not known as a professional: write instead,"),
        "consent_expired": _("their consent to calls has ended: write and ask again,"),
        "attempts_used_up": _("all attempts are used: write instead,"),
    },
    "outcome": {"pass": _("Pass to sales"), "recycle": _("Recycle"), "eliminate": _("Eliminate")},
    "user_role": {
        "marketing": _("Marketing"),
        "ldr": _("Lead desk"),
        "sales": _("Sales"),
        "manager": _("Sales manager"),
        "admin": _("Administrator"),
    },
    "side": {"marketing": _("Marketing"), "sales": _("Sales")},
    "level": {
        "student": _("Student"),
        "staff": _("Staff"),
        "manager": _("Manager"),
        "director": _("Director"),
        "executive": _("Executive"),
    },
    "buying_role": {
        "uses": _("Uses"),
        "advises": _("Advises"),
        "checks": _("Checks"),
        "pays": _("Pays"),
        "decides": _("Decides"),
    },
    "who": {
        "uses": _("the one who uses"),
        "advises": _("the one who advises"),
        "checks": _("the one who checks"),
        "pays": _("the one who pays"),
        "decides": _("the one who decides"),
    },
    "rank": {"level": _("level"), "role": _("role"), "tier": _("tier"), "origin": _("origin")},
    "tier": {"core": _("Core account"), "target_1": _("First target"), "target_2": _("Second target")},
    "kind": {
        "page_viewed": _("Viewed a page"),
        "content_read": _("Read an article"),
        "content_downloaded": _("Downloaded a document"),
        "video_watched": _("Watched a video"),
        "email_clicked": _("Clicked in an e-mail"),
        "email_replied": _("Replied to an e-mail"),
        "email_opened": _("Opened an e-mail"),
        "newsletter_subscribed": _("Subscribed to the newsletter"),
        "form_submitted": _("Filled in a form"),
        "webinar_registered": _("Registered for a webinar"),
        "webinar_attended": _("Attended a webinar"),
        "event_registered": _("Registered for an event"),
        "booth_visited": _("Visited our booth"),
        "partner_conversation": _("Spoke with a partner"),
        "social_post": _("Posted on a social network"),
        "call_received": _("Called us"),
        "meeting_held": _("Met us"),
        "news_heard": _("Something else was heard"),
        "configuration_saved": _("Saved a configuration"),
        "configuration_changed": _("Changed a saved configuration"),
        "sample_requested": _("Asked for a sample"),
        "demo_requested": _("Asked for a demo"),
        "quote_requested": _("Asked for a quote"),
        "callback_requested": _("Asked to be called back"),
        "purchase_recorded": _("Bought"),
        "time_spent": _("Stayed on a page"),
        "link_followed": _("Followed a link to another site"),
        "consent_given": _("Agreed to be recognised on the site"),
        "consent_withdrawn": _("Wants not to be recognised on the site"),
    },
    "origin": {
        "inferred": _("inferred"),
        "declared": _("declared"),
        "reported": _("reported"),
        "observed": _("observed"),
        "verified": _("verified"),
    },
    "verdict": {"human": _("human"), "machine": _("machine"), "unknown": _("not sure")},
    "because": {
        "robot": _("a known robot"),
        "automated": _("a browser driven by a program"),
        "program": _("a program, not a browser"),
        "prefetch": _("fetched before anybody asked"),
        "burst": _("too many pages in a few seconds"),
        "no_agent": _("the sender does not say what it is"),
        "fast": _("a form filled in faster than hands can"),
        "head": _("asked what is there, without looking"),
        "embedded": _("loaded as a part of another page"),
        "gateway": _("a program that checks mail"),
        "image_proxy": _("loaded in advance by a mail service"),
        "head_first": _("asked what is there before following"),
        "many_links": _("several links of a mail in a few seconds"),
        "just_sent": _("within seconds of the mail's delivery"),
        "one_network": _("many people through one network at once"),
        "stayed": _("then stayed on the page"),
    },
    "not_followed": {
        "no_consent": _("never agreed to be followed"),
        "refused": _("refused to be followed"),
        "withdrawn": _("withdrew their consent"),
        "objected": _("objected to everything"),
        "unknown": _("not known to us"),
        "no_address": _("not an e-mail address"),
    },
    "link_kind": {"link": _("Link"), "pixel": _("Pixel")},
    "law": {"law": _("law"), "authority": _("authority's decision"), "prudence": _("our prudence")},
    "criterion": {"met": _("Met"), "not_met": _("Not met"), "unknown": _("Unknown")},
    "call_result": {
        "reached": _("Reached"),
        "no_answer": _("No answer"),
        "message": _("Left a message"),
        "call_back": _("Call back"),
    },
    "way": {
        "act": _("Revealing act"),
        "pattern": _("Acts close together"),
        "change": _("Burst of interest"),
        "score": _("Score"),
        "dimension": pgettext_lazy("what called", "Engagement by product or topic"),
        "report": _("Reported by a colleague"),
        "import": _("Known from a file"),
    },
    "next_step": {
        "judge": _("Judge"),
        "wake_up": _("Wake up"),
        "accept": _("Accept"),
        "call": _("Call"),
        "report": _("Report"),
        "follow_up": _("Follow up"),
        "find_owner": _("Find an owner"),
    },
    "relationship": {"suspect": _("Suspect"), "prospect": _("Prospect"), "customer": _("Customer")},
    "temperature": {"hot": _("Hot"), "warm": _("Warm"), "cold": _("Cold")},
    "category": {
        "hot": _("Hot prospect"),
        "warm": _("Warm prospect"),
        "cold": _("Cold prospect"),
        "customer": _("Customer"),
        "suspect": _("Suspect"),
    },
    "category_short": {  # beside the others, where all are people
        "hot": pgettext_lazy("a person", "Hot"),
        "warm": pgettext_lazy("a person", "Warm"),
        "cold": pgettext_lazy("a person", "Cold"),
        "customer": _("Customer"),
        "suspect": _("Suspect"),
    },
    "coverage": {"engaged": _("engaged"), "silent": _("silent"), "missing": _("nobody known")},
    "regime": {
        "consumer": _("Private person"),
        "professional": _("Professional"),
        "unknown": _("Private or professional, not known"),
    },
    "deal": {
        "open": pgettext_lazy("deal", "Open"),
        "won": pgettext_lazy("deal", "Won"),
        "lost": pgettext_lazy("deal", "Lost"),
    },
    "effect": {
        "wake_up": _("Comes back on the date you say"),
        "nurture": _("Nurtured, without calls"),
        "keep": _("The lead stays with you, the contact is added"),
        "linked_lead": _("This lead closes, another one opens, linked"),
        "cool": _("Nurtured, the temperature falls"),
    },
    "ended_because": {
        "returned": _("given back"),
        "declined": _("declined"),
        "not_called": _("not called in time"),
        "won": _("won"),
        "lost": pgettext_lazy("why an assignment ended", "lost"),
        "replaced": _("reassigned"),
    },
    "agreement": {
        "draft": _("Draft"),
        "signed": _("Signed"),
        "withdrawn": pgettext_lazy("agreement", "Withdrawn"),
        "refused": pgettext_lazy("agreement", "Refused"),
        "superseded": pgettext_lazy("agreement", "Superseded"),
    },
    "import": {
        "draft": pgettext_lazy("import", "To be mapped"),
        "waiting": pgettext_lazy("import", "Waiting"),
        "running": _("Running"),
        "done": _("Done"),
        "stopped": _("Stopped"),
        "failed": pgettext_lazy("import", "Failed"),
        "reverting": pgettext_lazy("import", "Being taken back"),
        "reverted": pgettext_lazy("import", "Taken back"),
    },
    "source": {
        "segment": _("Website"),
        "import": _("File"),
        "form": _("Form"),
        "desk": _("Typed by a colleague"),
        "link": _("Tracked links"),
        "mail": _("Mail that comes back"),
    },
    "temperament": {"": _("Either"), "hunter": _("Hunter"), "farmer": _("Farmer")},
}


def word(family: str, code: str) -> Word:
    """The word for a code; a code that we do not know (a kind of signal of their own) is shown as words.

    >>> str(word("kind", "trial_started"))
    'Trial started'
    """
    known = FAMILIES[family].get(code)
    if known is not None:
        return known
    return code.replace("_", " ").replace("-", " ").strip().capitalize()


# Where the agreement keeps the name of what called, by way; a score is named by the rule that gave most.
NAMED_IN: Final[Mapping[str, str]] = {
    "act": "acts",
    "pattern": "patterns",
    "change": "topics",
    "dimension": "dimensions",
    "score": "engagement",
}


def reason(agreement: Agreement, way: str, rule: str, lines: Sequence[Mapping[str, Any]] = ()) -> Label:
    """What called a human, as the agreement names it; empty when nobody but a colleague or a file spoke of them.

    `lines`: the measure of that moment. A rule that the agreement does not know is named by its id.
    """
    if way not in NAMED_IN:
        return Label("", "")
    given = [line for line in lines if line["side"] == "engagement" and line["count"]] if way == "score" else []
    most = max(given, key=lambda line: line["points"], default=None)
    found = most["rule"] if most else rule
    return agreement.labels().get(f"{NAMED_IN[way]}/{found}") or Label(found, found)


def line_label(agreement: Agreement, side: str, rule: str) -> Label:
    """What a line of a measure is called: its rule, or the limit that took points away."""
    if rule == LIMIT:
        most = agreement.engagement_cap if side == "engagement" else 100
        return Label(*(_translated(_("Kept between 0 and %(most)s"), one, most=f"{most:g}") for one in ("en", "fr")))
    if rule.startswith(f"{LIMIT}:"):
        return _group_label(agreement, rule.removeprefix(f"{LIMIT}:"))
    return agreement.labels().get(f"{side}/{rule}") or Label(rule, rule)


def _group_label(agreement: Agreement, group: str) -> Label:
    """ "Papers and films: at most 30"."""
    stated = next((one for one in agreement.groups if one.id == group), None)
    if stated is None or stated.cap is None:
        return Label(group, group)
    said = _("%(group)s: at most %(most)s")
    told = {one: {"group": stated.label.in_language(one), "most": f"{stated.cap:g}"} for one in ("en", "fr")}
    return Label(_translated(said, "en", **told["en"]), _translated(said, "fr", **told["fr"]))


def _translated(text: Word, language: str, **values: str) -> str:
    with override(language):
        return str(text) % values


def said(told: Sentence | Cannot) -> str:
    """A sentence of the lower floors, or that of a refusal, in the language of the reader."""
    one = told.sentence if isinstance(told, Cannot) else told
    return gettext(one.template).format(**{name: _filling(value) for name, value in one.values.items()})


def said_each(problems: Mapping[str, Sentence]) -> dict[str, str]:
    """The sentence of each field, in the language of the reader."""
    return {name: said(one) for name, one in problems.items()}


def _filling(value: object) -> object:
    """A day as people write it; a code as its word, with a small letter as it stands inside a sentence."""
    if isinstance(value, Code):
        found = str(word(value.family, value.code))
        return found[:1].lower() + found[1:]
    if isinstance(value, date):
        return date_format(value, pgettext("format of a day and year in a heading", "j F Y"))
    return said(value) if isinstance(value, Sentence) else value
