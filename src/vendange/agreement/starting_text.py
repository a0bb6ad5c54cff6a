"""Writes answers as an agreement in YAML: a text that people go on editing, in the order and the words of the docs."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from vendange.agreement.items import RESERVED
from vendange.agreement.label import Label
from vendange.agreement.presets import PRESETS
from vendange.agreement.promises import WEEKDAYS
from vendange.agreement.starting import (
    CELLS,
    CELLS_WITHOUT_FIT,
    ENGAGEMENT,
    FIT,
    PEOPLE,
    SOONER,
    Answers,
    Asked,
    Reason,
)
from vendange.agreement.terms import Span

LONGEST: Final = 120  # characters of a label
PLAIN: Final = re.compile(r"[^\W\d_][\w'’ ./()+-]*")
OF_YAML: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n"})
SHARES: Final = (0.75, 0.5, 0.25)  # of the points that fit can give: A, B, C
COOL_DOWN: Final = "90 days"

TRAIT_LABELS: Final[Mapping[str, Label]] = {
    "level": Label("The right rank", "Le bon niveau hiérarchique"),
    "sectors": Label("One of our industries", "Un de nos secteurs"),
    "size": Label("The right size", "La bonne taille"),
    "countries": Label("In a country that we serve", "Dans un pays que nous servons"),
    "roles": Label("The right part in the purchase", "Le bon rôle dans l'achat"),
}
PEOPLE_LABELS: Final[Mapping[str, Label]] = {
    "student": Label("Student", "Étudiant"),
    "trainee": Label("Trainee or apprentice", "Stagiaire ou apprenti"),
}

# What stands above each section, in the language of those who will edit it.
HEAD: Final = Label(
    "What marketing and sales agreed, written with the questions of Vendange. Change words and figures as you\n"
    "# learn; whatever is changed, both heads sign again. Keep it to two printed pages.",
    "Ce que marketing et ventes ont convenu, rédigé avec les questions de Vendange. Changez mots et chiffres au\n"
    "# fil de l'expérience ; à chaque changement, les deux responsables signent de nouveau. Restez sur deux pages.",
)
NOTES: Final[Mapping[str, Label]] = {
    "calendar": Label("When working time runs.", "Quand court le temps de travail."),
    "lead_types": Label("Which intentions we tell apart.", "Les intentions que nous distinguons."),
    "target": Label(
        "Who is a target, and whom nobody calls, whatever they do. What we do not know rules nobody out.",
        "Qui est dans la cible, et qui personne n'appelle, quoi qu'il fasse. Ce qu'on ignore n'écarte personne.",
    ),
    "fit": Label("Who they are: points that do not fade.", "Qui ils sont : des points qui ne s'effacent pas."),
    "engagement": Label(
        "What they do: points that halve with time. A cap, so that volume alone calls nobody.",
        "Ce qu'ils font : des points qui diminuent de moitié avec le temps. Un plafond, pour que le volume seul\n"
        "# n'appelle personne.",
    ),
    "acts": Label("One of these is enough to call a human.", "Un seul de ces actes suffit à appeler un humain."),
    "grades": Label(
        "From how many points each letter (fit) and each digit (engagement) begins, and the cells that call a human.",
        "À partir de combien de points commence chaque lettre (adéquation) et chaque chiffre (engagement), et les\n"
        "# cases qui appellent un humain.",
    ),
    "cool_down": Label(
        "After an alert, a score alone does not call again for so long.",
        "Après une alerte, un score seul n'appelle pas de nouveau avant ce délai.",
    ),
    "organisation": Label(
        "Where a whole company stands: how many of its people are engaged, and the roles that we want to know.",
        "Où en est l'entreprise entière : combien de ses gens sont engagés, et les rôles que nous voulons connaître.",
    ),
    "desk": Label(
        "What is checked before a lead changes hands.", "Ce qui est vérifié avant qu'une piste change de mains."
    ),
    "straight": Label(
        "No lead desk: a salesperson has the lead at once.", "Pas de bureau : un commercial a la piste aussitôt."
    ),
    "delays": Label(
        "What sales owes for each lead, and within which delay.",
        "Ce que doivent les ventes pour chaque piste, et quand.",
    ),
    "returns": Label(
        "Why sales may give a lead back, and what that does.",
        "Pourquoi les ventes peuvent rendre une piste, et ce qui s'ensuit.",
    ),
    "recycling": Label("Where leads wait until they are ripe.", "Où les pistes attendent d'être mûres."),
    "volumes": Label("What marketing promises, each month.", "Ce que promet le marketing, chaque mois."),
    "reports": Label("What sales tells after the call.", "Ce que les ventes racontent après l'appel."),
    "pressure": Label(
        "How often one person may be contacted, all campaigns together.",
        "Combien de fois une même personne peut être contactée, toutes campagnes confondues.",
    ),
}
VOLUME: Final = Label("Leads passed each month", "Pistes transmises chaque mois")
OF_FIT: Final = Label("Leads of fit {rows} passed each month", "Pistes d'adéquation {rows} transmises chaque mois")
OUR_TARGET: Final = Label("Our target", "Notre cible")


def write(answers: Answers, language: str) -> str:
    """The agreement in YAML, with comments in this language; valid when `starting.refusals` finds nothing."""
    sections = (
        _calendar(answers),
        _lead_types(answers),
        _target(answers),
        *_score(answers),
        _acts(answers),
        *_thresholds(answers),
        _kept(answers, "organisation"),
        _desk(answers),
        _delays(answers),
        ("returns", ["returns:", *(f"  - {_reason(one)}" for one in answers.returns)]),
        _kept(answers, "recycling"),
        _volumes(answers),
        _kept(answers, "reports"),
        _kept(answers, "pressure"),
    )
    start = [f"# {HEAD.in_language(language)}", f"agreement: {scalar(answers.name)}"]
    told = [_told(note, lines, language) for note, lines in sections if lines]
    return "\n\n".join(["\n".join(start), *told]) + "\n"


def _told(note: str, lines: Sequence[str], language: str) -> str:
    return "\n".join([f"# {NOTES[note].in_language(language)}", *lines])


Section = tuple[str, list[str]]  # which note stands above, and the lines; no lines: the section is left out


def _calendar(one: Answers) -> Section:
    lines = ["calendar:", f"  time_zone: {one.time_zone}"]
    if one.holidays:
        lines.append(f"  holidays: {scalar(one.holidays)}")
    return "calendar", [*lines, "  hours:", *(f"    {line}" for line in _hours(one.hours))]


def _hours(hours: Iterable[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Days in a row with the same hours together: mon-fri."""
    known = {day: periods for day, periods in hours if periods}
    for periods, group in groupby(WEEKDAYS, key=known.get):
        days = list(group)
        if periods:
            name = days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"
            yield f"{name}: [{', '.join(json.dumps(period) for period in periods)}]"


def _lead_types(one: Answers) -> Section:
    return "lead_types", [
        "lead_types:",
        *(f"  - {{id: {each.id}, label: {pair(each.label)}}}" for each in one.lead_types),
    ]


def _target(one: Answers) -> Section:
    lines = []
    conditions = [condition(one, trait) for trait in one.knows()]
    if conditions and (one.only_target or not one.scored):
        lines += ["  personas:", f"    - id: target\n      label: {pair(OUR_TARGET)}"]
        lines += _where(conditions, 6)
    asides = [
        *((code, PEOPLE_LABELS[code], _people(code)) for code in one.aside),
        *((each.id, each.label, begins(each.sectors)) for each in one.aside_sectors if each.sectors),
    ]
    if asides:
        lines.append("  set_aside:")
    for code, label, where in asides:
        lines += [f"    - id: {code}", f"      label: {pair(label)}", *_where([where], 6)]
    return "target", ["target:", *lines] if lines else []


def _people(code: str) -> str:
    titles = [f"person.job_title: {{contains: {title}}}" for title in PEOPLE[code]]
    ranks = ["person.level: student"] if code == "student" else []
    return f"any: [{', '.join(f'{{{one}}}' for one in (*ranks, *titles))}]"


def condition(one: Answers, trait: str) -> str:
    """What an answer about the target asks, as a field of a `where`."""
    if trait == "level":
        return f"person.level: {{at_least: {one.level}}}"
    if trait == "sectors":
        return begins(one.sectors)
    if trait == "countries":
        return f"person.country: [{', '.join(map(scalar, one.countries))}]"
    if trait == "roles":
        return f"person.role: [{', '.join(one.roles)}]"
    return f"organisation.employees: {_size(one.smallest, one.largest)}"


def _size(smallest: int | None, largest: int | None) -> str:
    if largest is None:
        return f"{{at_least: {smallest}}}"
    return f"{{at_most: {largest}}}" if smallest is None else f"{{between: [{smallest}, {largest}]}}"


def _where(conditions: Sequence[str], indent: int) -> list[str]:
    """On one line when it is short, else each condition on its own, and each choice of a list of choices too."""
    inline = f"{' ' * indent}where: {{{', '.join(conditions)}}}"
    if len(inline) <= LONGEST:
        return [inline]
    lines = [f"{' ' * indent}where:"]
    for one in conditions:
        if len(one) + indent <= LONGEST or not one.startswith("any: ["):
            lines.append(f"{' ' * (indent + 2)}{one}")
        else:
            choices = one.removeprefix("any: [").removesuffix("]").split(", {")
            lines.append(f"{' ' * (indent + 2)}any:")
            lines += [f"{' ' * (indent + 4)}- {{{choice.removeprefix('{')}" for choice in choices]
    return lines


def begins(sectors: Sequence[str]) -> str:
    each = [f"organisation.industry: {{starts_with: {scalar(one)}}}" for one in sectors]
    return each[0] if len(each) == 1 else f"any: [{', '.join(f'{{{one}}}' for one in each)}]"


def _score(one: Answers) -> Iterator[Section]:
    fit = [
        line
        for trait, much in one.rows()
        for line in (
            f"  - id: {trait}",
            f"    label: {pair(TRAIT_LABELS[trait])}",
            *_where([condition(one, trait)], 4),
            f"    points: {FIT[much]}",
        )
    ]
    yield "fit", ["fit:", *fit] if fit else []
    if not one.scored:
        return
    rules = []
    for each in one.weighed:
        points, cap = ENGAGEMENT[each.much]
        name = each.kind.replace("_", "-")
        rules.append(f"    - {{id: {name}, label: {pair(each.label)}, on: {each.kind}, points: {points}, cap: {cap}}}")
    yield "engagement", ["engagement:", f"  half_life: {one.half_life_days} days", "  rules:", *rules]


def _acts(one: Answers) -> Section:
    lines = []
    for each in one.acts:
        on = each.on[0] if len(each.on) == 1 else f"[{', '.join(each.on)}]"
        of = "" if len(one.lead_types) == 1 else f", lead_type: {each.lead_type}"
        lines.append(f"  - {{id: {each.id}, label: {pair(each.label)}, on: {on}{of}}}")
    return "acts", ["acts:", *lines] if lines else []


def thresholds(one: Answers) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """From how many points A, B, C and 1, 2, 3 begin. Where the rules give less in all, less is asked."""
    most = min(100, sum(FIT[much] for _, much in one.rows()) or 100)
    top, middle, low = (max(1, round(share * most)) for share in SHARES)
    held = min(100, sum(ENGAGEMENT[each.much][1] for each in one.weighed) or 100)
    first, second, third = (max(1, points * held // 100) for points in SOONER[one.sooner])
    return (top, middle, low), (first, second, third)


def cells(one: Answers) -> tuple[str, ...]:
    return (CELLS if one.rows() else CELLS_WITHOUT_FIT)[one.sooner]


def _thresholds(one: Answers) -> Iterator[Section]:
    if not one.scored:
        return
    fit, acted = thresholds(one)
    lines = ["grades:"]
    if one.rows():
        lines.append(f"  fit: {{A: {fit[0]}, B: {fit[1]}, C: {fit[2]}}}")
    lines.append(f"  engagement: {{1: {acted[0]}, 2: {acted[1]}, 3: {acted[2]}}}")
    yield "grades", [*lines, f"alert: [{', '.join(cells(one))}]"]
    yield "cool_down", [f"cool_down: {COOL_DOWN}"]


def _desk(one: Answers) -> Section:
    lines = ["desk:"]
    if not one.has_desk:
        lines.append("  straight_to_sales: true")
    else:
        lines += [f"  judge_within: {span(one.judge_within)}", f"  minutes_per_lead: {one.minutes_per_lead}"]
        if one.minutes_per_week is not None:
            lines.append(f"  minutes_per_week: {one.minutes_per_week}")
    if one.criteria:
        lines.append("  criteria:")
    return "desk" if one.has_desk else "straight", [*lines, *(f"    - {_asked(each)}" for each in one.criteria)]


def _asked(one: Asked) -> str:
    ask = f"\n      ask: {pair(one.ask)}" if one.ask else ""
    return f"id: {one.id}\n      label: {pair(one.label)}\n      asked_by: {one.by}{ask}"


def _delays(one: Answers) -> Section:
    names = ("accept", "call", "reassign", "report")
    return "delays", ["delays:", *(f"  {name}: {span(getattr(one, name))}" for name in names)]


def _reason(one: Reason) -> str:
    after = f", after: {one.after_days} days" if one.effect in {"nurture", "cool"} else ""
    return f"{{id: {one.id}, label: {pair(one.label)}, effect: {one.effect}{after}}}"


def _volumes(one: Answers) -> Section:
    if one.volume is None:
        return "volumes", []
    rows = one.volume_rows if one.rows() else ()
    label = VOLUME
    if rows:
        label = Label(OF_FIT.en.format(rows=" or ".join(rows)), OF_FIT.fr.format(rows=" ou ".join(rows)))
    grades = f", grades: [{', '.join(rows)}]" if rows else ""
    return "volumes", ["volumes:", f"  - {{id: monthly, label: {pair(label)}{grades}, at_least: {one.volume}}}"]


def _kept(one: Answers, name: str) -> Section:
    """A section of the preset, as it stands there; where a company stands is told from its engagement only."""
    text = PRESETS[one.preset].kept.get(name, "")
    if not text or (name == "organisation" and not one.scored):
        return name, []
    if "\n" not in text and text.startswith("{"):
        return name, [f"{name}: {text}"]
    return name, [f"{name}:", *(f"  {line}" for line in text.splitlines())]


def span(one: Span) -> str:
    """4 working hours"""
    unit = one.unit.replace("_", " ")
    return f"{one.amount} {unit.removesuffix('s') if one.amount == 1 else unit}"


def pair(label: Label) -> str:
    """In both languages; a language that was left empty follows the other one."""
    if not (label.en and label.fr):
        return scalar(label.en or label.fr)
    return f"{{en: {scalar(label.en)}, fr: {scalar(label.fr)}}}"


def scalar(text: str) -> str:
    """A text as YAML reads it back, in quotes where it must be."""
    text = clean(text)
    plain = PLAIN.fullmatch(text) and text.casefold() not in OF_YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


def clean(text: str) -> str:
    """What can be seen of a text, on one line and short enough for a label."""
    seen = "".join(" " if unicodedata.category(sign) in {"Cc", "Zl", "Zp"} else sign for sign in text)
    seen = "".join(sign for sign in seen if unicodedata.category(sign)[0] != "C")
    return " ".join(seen.split())[:LONGEST].strip()


def identifier(text: str, taken: Iterable[str] = ()) -> str:
    """An id made of a name, other than those taken.

    >>> identifier("Étude à chiffrer"), identifier("Quote", ["quote"]), identifier("2026")
    ('etude-a-chiffrer', 'quote-2', 'x-2026')
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    name = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:40].strip("-")
    name = name if name[:1].isalpha() else f"x-{name}".strip("-")
    name = f"{name}-1" if name in {*OF_YAML, *RESERVED} else name
    known = set(taken)
    return next(one for one in (name, *(f"{name}-{number}" for number in range(2, 10_000))) if one not in known)
