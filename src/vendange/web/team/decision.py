"""Why a lead went to whom it went: points that add up, who else was considered, who was left out and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vendange.models import Assignment, Salesperson, User
from vendange.words import Word, word


@dataclass(frozen=True, slots=True)
class Term:
    words: Word
    detail: str
    points: int


@dataclass(frozen=True, slots=True)
class Candidate:
    name: str
    user: User | None  # whose colour the avatar has
    load: str
    total: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Explained:
    assignment: Assignment
    terms: Sequence[Term]
    total: int
    candidates: Sequence[Candidate]
    out: Sequence[tuple[str, Word]]


def explained(one: Assignment) -> Explained:
    terms = [term_of(reason) for reason in one.reasons]
    weighed = [row for row in one.candidates if not row.get("out_because")]
    known = Salesperson.objects.select_related("user").filter(pk__in=[row["salesperson"] for row in weighed])
    users = {seller.pk: seller.user for seller in known}
    return Explained(
        assignment=one,
        terms=terms,
        total=sum(term.points for term in terms),
        candidates=[
            Candidate(
                row["name"],
                users.get(row["salesperson"]),
                f"{row.get('load', '–')}/{row.get('capacity', '–')}",
                row.get("total", 0),
                row["salesperson"] == one.salesperson_id,
            )
            for row in weighed
        ],
        out=[(row["name"], word("excluded", row["out_because"])) for row in one.candidates if row.get("out_because")],
    )


def term_of(reason: dict[str, Any]) -> Term:
    return Term(word("route_reason", reason["code"]), str(reason.get("detail") or ""), int(reason.get("points") or 0))
