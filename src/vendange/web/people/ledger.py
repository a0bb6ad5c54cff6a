"""The ledger of facts: what is known, side by side by origin, never overwritten; and which value is in use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language

from vendange.agreement.terms import Agreement, ReportField
from vendange.agreement.vocabulary import ORIGINS
from vendange.ask.queries import asked_of
from vendange.ask.rules import Question
from vendange.belong.rules import ORGANISATION_FIELDS
from vendange.identify.rules import PERSON_FIELDS
from vendange.journey.queries import facts_of
from vendange.models import Fact, Person
from vendange.vouch.queries import proved
from vendange.vouch.rules import COLUMNS, FEWEST
from vendange.web.answers_said import answer_said
from vendange.web.people.labels import FIELDS, field_name, field_value
from vendange.words import FAMILIES, Word, word

ALWAYS = ("declared", "observed", "verified")
NAMES = (
    "first_name",
    "last_name",
    "name",
)  # at the top of the page anyway: told here only where somebody says otherwise


@dataclass(frozen=True, slots=True)
class Cell:
    fact: Fact | None
    value: str
    source: str
    in_use: bool
    may_take: bool  # a human may make it what the record says


@dataclass(frozen=True, slots=True)
class Row:
    """`verified`, `true`: of all who declared this, how many answers were verified, and how many were true (R23)."""

    name: Word
    cells: Sequence[Cell]
    differ: bool
    verified: int = 0
    true: int = 0

    @property
    def share(self) -> float | None:
        """Percent of verified answers that had been true; None when there are too few to tell."""
        return 100 * self.true / self.verified if self.verified >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Columns are origins; a column that nobody uses is left out."""

    origins: Sequence[str]
    rows: Sequence[Row]


def ledger_of(person: Person, agreement: Agreement | None = None) -> Ledger:
    """`agreement` gives the words of what salespeople answered in their reports."""
    asked = {one.id: one for one in agreement.reports} if agreement else {}
    questions = questions_of(person)
    facts = {field: found for field, found in facts_of(person).items() if field not in NAMES or _differ(found, person)}
    used = {origin for found in facts.values() for origin in found}
    origins = [origin for origin in ("reported", "inferred", *ALWAYS) if origin in ALWAYS or origin in used]
    fields = sorted(facts, key=lambda field: (list(FIELDS).index(field) if field in FIELDS else 99, field))
    true = proved(fields)
    return Ledger(
        origins,
        [
            row_of(field, facts[field], origins, person, asked.get(field) or questions.get(field), true.get(field))
            for field in fields
        ],
    )


def questions_of(person: Person) -> Mapping[str, Question]:
    """What they were asked in forms of our customer's own making, by the fact that the answer is."""
    found: dict[str, Question] = {}
    for one in asked_of(person):
        if one.field not in FIELDS and one.label.strip():
            found.setdefault(one.field, one)
    return found


def _differ(found: Mapping[str, Fact], person: Person) -> bool:
    return any(
        fact.value.casefold() != str(getattr(person, fact.field, fact.value)).casefold() for fact in found.values()
    )


def row_of(
    field: str,
    found: Mapping[str, Fact],
    origins: Sequence[str],
    person: Person,
    asked: ReportField | Question | None,
    true: tuple[int, int] | None,
) -> Row:
    used = origin_in_use(field, found, person)
    cells = []
    for origin in origins:
        fact = found.get(origin)
        value, source = (answer(field, fact.value, asked), source_of(fact)) if fact else ("", "")
        may_take = fact is not None and origin != used and field in COLUMNS
        cells.append(Cell(fact, value, source, origin == used, may_take))
    differ = len({fact.value.casefold() for fact in found.values()}) > 1
    return Row(name_of(field, asked), cells, differ, *(true or (0, 0)))


def name_of(field: str, asked: ReportField | Question | None) -> Word:
    """What was asked, in the words of the agreement or of the form; else the name of the field."""
    if isinstance(asked, Question):
        return asked.label.strip()
    return asked.label.in_language(get_language() or "en") if asked else field_name(field)


def answer(field: str, value: str, asked: ReportField | Question | None) -> str:
    """The value as people say it: the word of a choice, else the name of a code."""
    if isinstance(asked, Question):
        return answer_said(asked.kind, value)
    choices = dict(asked.choices) if asked else {}
    return choices[value].in_language(get_language() or "en") if value in choices else field_value(field, value)


def source_of(fact: Fact) -> str:
    """Where it was said; a kind of signal, a channel or an act of a colleague by its word, a name as it is."""
    family = next((one for one in ("said_through", "kind") if fact.source in FAMILIES[one]), "")
    return str(word(family, fact.source)) if family else fact.source


def origin_in_use(field: str, found: Mapping[str, Fact], person: Person) -> str:
    """The origin of the value that the product works with; of a fact without a column, the strongest."""
    strongest_first = [origin for origin in reversed(ORIGINS) if origin in found]
    holds = value_in_use(field, person)
    if holds is None:
        return strongest_first[0]
    return next((origin for origin in strongest_first if found[origin].value.casefold() == holds.casefold()), "")


def value_in_use(field: str, person: Person) -> str | None:
    """What the person's or company's own column holds; None when the fact has no column."""
    if field == "phone":
        return str(person.phone_raw or person.phone)
    if field in ("email", *PERSON_FIELDS):
        return str(getattr(person, field))
    column = ORGANISATION_FIELDS.get(field)
    if column and person.organisation:
        held = getattr(person.organisation, column)
        return "" if held is None else str(held)
    return None
