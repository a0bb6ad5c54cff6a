"""Capture decides: what one incoming thing says, whichever door it came through. Plain Python."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from vendange.agreement.vocabulary import KIND_PATTERN, LEVELS, ROLES
from vendange.engine import addresses, configuration
from vendange.engine.machines import judged, judged_request
from vendange.engine.plain_text import LONGEST_TEXT, MOST_PROPS, bounded, number_of, one_line, seen, snake


@dataclass(frozen=True, slots=True)
class Who:
    """The keys that name a person, and what is declared of them.

    `traits` holds person fields (`first_name`, `last_name`, `job_title`, `level`, `role`, `phone`, `language`,
    `country`, `source`, `regime`) and organisation fields (`organisation`, `domain`, `registry_number`,
    `organisation_id`, `organisation_country`, `employees`, `industry`, `postal_code`, `city`, `region`, `tier`);
    any other field is kept as a fact. Characters that nobody sees are left out of all of them.
    """

    user_id: str = ""
    external_id: str = ""
    anonymous_id: str = ""
    email: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("user_id", "external_id", "email"):
            if not (key := getattr(self, name)).isprintable():
                object.__setattr__(self, name, seen(key))
        if not all(map(str.isprintable, self.traits.values())):
            traits = {name: text for name, value in self.traits.items() if (text := seen(value))}
            object.__setattr__(self, "traits", traits)

    @property
    def is_known(self) -> bool:
        return bool(self.user_id or self.external_id or self.email)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One signal, or (kind "") one declaration that is no signal, ready for `vendange.journey.arrive`."""

    source_id: int
    message_id: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    who: Who
    path: str = ""
    asset: str = ""
    campaign: str = ""
    channel: str = ""
    topic: str = ""
    value: float | None = None
    props: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "observed"
    verdict: str = "human"
    because: str = ""  # what spoke for that verdict, "" when nothing did
    import_batch_id: int | None = None
    by_id: int | None = None
    answered: Mapping[str, Any] = field(default_factory=dict)  # of a form: what its answer holds beside the signal
    address: tuple[str, str] = ("", "")  # of the visitor, and who says so: `engine.addresses`; stored nowhere
    followed: tuple[int, str] | None = None  # a tracked link by its number, and a hash of the network it came through


# Reading what the clients of the Segment protocol send.
OLDEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
FUTURE: Final = timedelta(days=1)
# Nothing but the time is at fault: kept whole, for a human who knows better.
QUARANTINED: Final = frozenset({"time_too_old", "time_in_future", "time_unreadable", "time_without_zone"})
SKEW: Final = timedelta(seconds=60)  # a clock farther from ours is wrong; a smaller difference is the road travelled
LONGEST_KEY: Final = 255


def _names(table: str) -> dict[str, tuple[str, ...]]:
    """Our name first (a semicolon or a line ends an entry), then the names that senders also use for it."""
    lines = (line.split() for line in table.replace(";", "\n").splitlines())
    return {names[0]: tuple(names) for names in lines if names}


PLACE_TRAITS: Final = _names("postal_code zip zip_code postcode; city; region state; country country_code")
COMPANY_TRAITS: Final = _names(
    "domain website; industry; registry_number siren siret; tier;"
    "employees employee_count company_size number_of_employees"
)
PERSON_TRAITS: Final = {**COMPANY_TRAITS, **PLACE_TRAITS} | _names(
    """first_name firstname given_name; last_name lastname family_name surname; phone phone_number mobile telephone
    job_title title position; level seniority; role; language locale lang; source lead_source; regime
    time_zone timezone; organisation organization company company_name; organisation_id company_id"""
)
ORGANISATION_TRAITS: Final = {**COMPANY_TRAITS, **PLACE_TRAITS} | _names(
    "organisation name organization company company_name; organisation_id id company_id"
)
SIGNAL_FIELDS: Final = {
    "asset": (200, ("asset", "asset_name", "content", "document", "file_name", "file")),
    "campaign": (200, ("campaign", "campaign_name", "utm_campaign")),
    "channel": (60, ("channel", "medium", "utm_medium")),
    "topic": (80, ("topic", "category")),
}
VALUES: Final = ("value", "revenue", "amount")
FORM_FIELDS: Final = {"email", "name", "first_name", "last_name", "phone", "job_title", "company", "company_name"}


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be read; `reason` is a code, `detail` says in English what was wrong and what to send instead."""

    reason: str
    detail: str


class _Unreadable(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        self.refused = Refused(reason, detail)


def read_event(
    kind: str,
    payload: Mapping[str, Any],
    *,
    source_id: int,
    message_id: str,
    received_at: datetime,
    sent_at: str,
    ip: str,
    user_agent: str,
    hints: str = "",
    happened_at: datetime | None = None,
) -> Incoming | Refused:
    """One stored event of the Segment protocol as one signal (or declaration, kind ""), or why it cannot be read.

    `happened_at`: what a human says of an event whose own time cannot be believed. `hints`: see `engine.machines`.
    """
    try:
        occurred_at, clock = (
            (happened_at, _clock(payload, sent_at)) if happened_at else _when(payload, sent_at, received_at)
        )
        signal_kind, fields = _what(kind, payload)
        who = _who(kind, payload)
    except _Unreadable as unreadable:
        return unreadable.refused
    props = {**fields.pop("props", {}), **clock}
    context = _inside(payload, "context")
    agent = one_line(context.get("userAgent"), 400) or user_agent
    if kind == "link":
        verdict = judged_request("pixel" if payload.get("pixel") else "link", user_agent=user_agent, hints=hints)
    else:
        verdict = judged(signal_kind, user_agent=agent, hints=hints, automated=context.get("automated") is True)
    return Incoming(
        source_id=source_id,
        message_id=message_id,
        kind=signal_kind,
        occurred_at=occurred_at,
        received_at=received_at,
        who=who,
        props=props,
        origin="observed" if signal_kind and kind != "form" else "declared",
        answered=_inside(payload, "form") if kind == "form" else {},
        verdict=verdict.verdict,
        because=verdict.because,
        address=addresses.of_visitor(payload, ip),
        **fields,
    )


def _what(kind: str, payload: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    if kind in ("identify", "group", "alias"):
        return "", {}
    if kind not in ("page", "screen", "track", "link", "form"):
        raise _Unreadable("unknown_type", f"{kind[:40]!r} is no type of event that we know.")
    name = kind_of_name(payload.get("event")) if kind in ("track", "link", "form") else "page_viewed"
    fields = _signal_fields(payload) | {"path": _path(kind, payload)}
    if name in configuration.KINDS:  # whether it changed anything is told later, against the one before it
        properties = {snake(said): value for said, value in _inside(payload, "properties").items()}
        return configuration.SAVED, configuration.as_fields(properties, fields)
    return name, fields


def kind_of_name(name: object) -> str:
    """The kind of signal that a track event names, in the form of the vocabulary.

    >>> kind_of_name("Quote Requested"), kind_of_name("Démo demandée !"), kind_of_name("videoWatched")
    ('quote_requested', 'demo_demandee', 'video_watched')
    """
    if not isinstance(name, str) or not name.strip():
        raise _Unreadable("no_event_name", 'A track event needs its name in `event`, such as "Quote Requested".')
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", folded)
    kind = re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")
    if not re.fullmatch(KIND_PATTERN, kind):
        because = "makes no kind of signal: write 2 to 50 letters, digits and spaces, a letter first."
        raise _Unreadable("event_name_unusable", f"{name[:80]!r} {because}")
    return kind


def _when(payload: Mapping[str, Any], sent_at: str, received_at: datetime) -> tuple[datetime, dict[str, Any]]:
    """When it happened by our clock; when the sender's clock was wrong, what it said is kept beside."""
    written = time_said(payload)
    if written is None:
        return received_at, {}
    said = _moment(written)
    skew = received_at - _sent(sent_at or payload.get("sentAt"), received_at)
    try:
        happened = said + skew if abs(skew) > SKEW else said
    except OverflowError:
        raise _Unreadable("time_unreadable", f"{written} cannot be a time.") from None
    if happened < OLDEST:
        raise _Unreadable("time_too_old", f"{written} is before the year 2000. Is the sender's clock set?")
    if happened > received_at + FUTURE:
        raise _Unreadable("time_in_future", f"{written} is more than a day ahead of us. Is the sender's clock set?")
    happened = min(happened, received_at)
    return happened, {} if happened == said else _clock(payload, sent_at)


def time_said(payload: Mapping[str, Any]) -> object:
    """When it happened by the sender's clock, as written; None when it does not say."""
    return payload.get("timestamp") or payload.get("originalTimestamp")


def _clock(payload: Mapping[str, Any], sent_at: str) -> dict[str, str]:
    """What the sender's clock said, to be kept beside the time that counts."""
    return {"time_said": one_line(time_said(payload), 40), "sent_at": one_line(sent_at or payload.get("sentAt"), 40)}


def _moment(written: object) -> datetime:
    if not isinstance(written, str):
        raise _Unreadable("time_unreadable", "`timestamp` must be ISO 8601 text, such as 2026-03-04T10:00:00Z.")
    try:
        moment = datetime.fromisoformat(written.strip())
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _Unreadable("time_unreadable", f"{written[:40]!r} is no time: write 2026-03-04T10:00:00Z.") from None
    raise _Unreadable("time_without_zone", f"{written[:40]!r} has no time zone: add Z for UTC, or an offset.")


def _sent(written: object, received_at: datetime) -> datetime:
    """The sender's clock when it sent; ours when it did not say, or not readably."""
    try:
        return _moment(written) if written else received_at
    except _Unreadable:
        return received_at


def _who(kind: str, payload: Mapping[str, Any]) -> Who:
    context = _inside(payload, "context")
    typed = _inside(payload, "properties") if kind == "track" else {}  # a form posts what was typed as properties
    form = {name: value for name, value in typed.items() if snake(name) in FORM_FIELDS}
    declared = {**form, **_inside(context, "traits"), **(_inside(payload, "traits") if kind == "identify" else {})}
    user_id, anonymous_id, traits = _key(payload, "userId"), _key(payload, "anonymousId"), _traits(declared)
    email = traits.pop("email", "") or (user_id if _looks_like_mail(user_id) else "")
    if kind == "group":
        traits |= _organisation_traits(_inside(payload, "traits"), _key(payload, "groupId"))
    if kind == "alias":
        anonymous_id = _key(payload, "previousId") or anonymous_id
    listed = context.get("externalIds")
    external = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], Mapping) else {}
    external_id = one_line(external.get("id"), LONGEST_KEY)
    if not (user_id or anonymous_id or external_id or email):
        raise _Unreadable("nobody", "Neither `userId` nor `anonymousId`: nobody can be meant by this event.")
    return Who(user_id=user_id, external_id=external_id, anonymous_id=anonymous_id, email=email, traits=traits)


def _key(payload: Mapping[str, Any], name: str) -> str:
    given = payload.get(name)
    if given is None:
        return ""
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise _Unreadable("bad_type", f"`{name}` must be text.")
    key = one_line(given, LONGEST_KEY + 1)
    if len(key) > LONGEST_KEY:
        raise _Unreadable("id_too_long", f"`{name}` is longer than {LONGEST_KEY} characters.")
    return key


def _looks_like_mail(text: str) -> bool:
    return bool(re.fullmatch(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+", text)) and len(text) <= 254


def _traits(given: Mapping[str, Any]) -> dict[str, str]:
    """Declared traits under our names; those that we have no field for stay under their own, as facts."""
    named = addresses.without({snake(name): value for name, value in given.items()})
    plain = {name: value for name, value in named.items() if not isinstance(value, Mapping | list)}
    found = _renamed(plain, PERSON_TRAITS)
    address = {snake(name): value for name, value in _inside(given, "address").items()}
    found = _renamed(address, PLACE_TRAITS) | found
    found = _organisation_traits(_inside(given, "company"), "") | found
    if not _looks_like_mail(found.get("email", "")):
        found.pop("email", None)
    name = found.pop("name", "")
    if name and not found.get("last_name"):
        found |= dict(zip(("first_name", "last_name"), _split_name(name), strict=True))
    return _within_vocabulary({name: value for name, value in found.items() if value})


def _organisation_traits(given: Mapping[str, Any], group_id: str) -> dict[str, str]:
    address = _inside(given, "address")
    plain = {snake(k): v for k, v in {**address, **given}.items() if not isinstance(v, Mapping | list)}
    found = {name: text for name, text in _renamed(plain, ORGANISATION_TRAITS).items() if name in ORGANISATION_TRAITS}
    if "country" in found:
        found["organisation_country"] = found.pop("country")
    if group_id:
        found.setdefault("organisation_id", group_id)
    return _within_vocabulary(found)


def _renamed(plain: Mapping[str, Any], table: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    found, used = {}, set()
    for ours, theirs in table.items():
        for name in theirs:
            value = one_line(plain.get(name), 200)
            used.add(name)
            if value and ours not in found:
                found[ours] = value
    rest = [name for name in plain if name and name not in used][:MOST_PROPS]
    return found | {name[:60]: text for name in rest if (text := one_line(plain[name], LONGEST_TEXT))}


def _within_vocabulary(found: dict[str, str]) -> dict[str, str]:
    """Fields with a closed list keep only what is in it; what was said otherwise stays as a fact beside."""
    for name, known in (("level", LEVELS), ("role", ROLES)):
        if name in found and found[name].lower() not in known:
            found[f"{name}_said"] = found.pop(name)
        elif name in found:
            found[name] = found[name].lower()
    for name in ("country", "organisation_country"):
        if name in found and not re.fullmatch(r"[A-Za-z]{2}", found[name]):
            found[f"{name}_name"] = found.pop(name)
        elif name in found:
            found[name] = found[name].upper()
    if "language" in found:
        found["language"] = re.split(r"[-_]", found["language"])[0].lower()[:5]
    if "domain" in found:
        found["domain"] = host(found["domain"])
    return found


def host(website: str) -> str:
    return re.split(r"[/?#:]", re.sub(r"^([a-z]+:)?//", "", website.lower()))[0].removeprefix("www.")


def _split_name(name: str) -> tuple[str, str]:
    """First and last name: the words in capitals, or else the last word, are the last name."""
    words = name.split()
    shouted = [word for word in words if word.isupper() and len(word) > 1]
    if shouted and len(shouted) < len(words):
        return " ".join(w for w in words if w not in shouted), " ".join(shouted)
    return " ".join(words[:-1]), words[-1]


def _signal_fields(payload: Mapping[str, Any]) -> dict[str, Any]:
    properties = {snake(name): value for name, value in _inside(payload, "properties").items()}
    fields: dict[str, Any] = {}
    for ours, (longest, theirs) in SIGNAL_FIELDS.items():
        fields[ours] = next((text for name in theirs if (text := one_line(properties.pop(name, None), longest))), "")
    fields["value"] = next((n for name in VALUES if (n := number_of(properties.get(name))) is not None), None)
    came_by = _campaign(payload)
    fields["campaign"] = fields["campaign"] or came_by.get("name", "")[:200]
    fields["channel"] = fields["channel"] or came_by.get("medium", "")[:60]
    said = {name: given for name, given in properties.items() if name not in ("path", "value")}
    fields["props"] = bounded(addresses.without(said))
    return fields


def _campaign(payload: Mapping[str, Any]) -> dict[str, str]:
    """Name and medium of the campaign: as the library read them, else from the address of the page."""
    context = _inside(payload, "context")
    found = {name: one_line(_inside(context, "campaign").get(name), 200) for name in ("name", "medium")}
    if not any(found.values()):
        search = one_line(_inside(context, "page").get("search") or _inside(payload, "properties").get("search"), 2000)
        query = parse_qs(search.lstrip("?"), max_num_fields=100) if search.count("&") < 100 else {}
        found = {"name": query.get("utm_campaign", [""])[0], "medium": query.get("utm_medium", [""])[0]}
    return found


def _path(kind: str, payload: Mapping[str, Any]) -> str:
    properties, page = _inside(payload, "properties"), _inside(_inside(payload, "context"), "page")
    own = (properties.get("path"), properties.get("url"), payload.get("name") if kind == "screen" else None)
    for given in (*own, page.get("path"), page.get("url")):
        text = one_line(given, 2000)
        if text:
            return _path_of(text)
    return ""


def _path_of(address: str) -> str:
    path = re.sub(r"^([a-z]+:)?//[^/?#]*", "", address, flags=re.IGNORECASE).split("?")[0].split("#")[0]
    return (path if path.startswith("/") else f"/{path}")[:500]


def _inside(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    return found if isinstance(found, Mapping) else {}
