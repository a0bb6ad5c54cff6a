"""What the engine says of a person, a company and a call, as values: the API and `vendange explain` give the same."""

from collections.abc import Mapping, Sequence
from typing import Any

from vendange.agree.queries import terms_of
from vendange.agreement.label import Label
from vendange.engine.grades import category_of
from vendange.models import AgreementVersion, Heat, Measure, Organisation
from vendange.words import reason


def standing_of(measure: Measure, relationship: str) -> dict[str, Any]:
    """Category, dimensions, interests, bursts, when something falls; labels are those of the agreement that judged."""
    agreement = terms_of(measure.agreement).agreement
    labels = agreement.labels()
    return {
        "category": category_of(relationship, measure.temperature),
        "temperature": measure.temperature,
        "next_change_at": measure.next_change_at,
        "set_aside": measure.set_aside,
        "dimensions": [
            {"id": one, "label": both(labels.get(f"dimensions/{one}"), one), "engagement": points, "grade": cell}
            for one, (points, cell) in measure.dimensions.items()
        ],
        "interests": [
            {
                "id": one,
                "label": both(labels.get(f"topics/{one}"), one),
                "points": points,
                "has_burst": one in measure.changes,
            }
            for one, points in measure.interests.items()
        ],
    }


def heat_of(organisation: Organisation | None) -> dict[str, Any] | None:
    """Where the company stands as a whole; None when it was never measured so. Ask with `heat__agreement`."""
    heat: Heat | None = getattr(organisation, "heat", None)
    if heat is None:
        return None
    return {
        "temperature": heat.temperature,
        "engaged": heat.engaged,
        "roles": heat.covered,
        "disagreement": heat.disagreement,
        "as_of": heat.as_of,
        "agreement": heat.agreement.number,
    }


def called_by(version: AgreementVersion, way: str, rule: str, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What called a human: the way, the id of the rule or the cell, and how the agreement names it."""
    label = reason(terms_of(version).agreement, way, rule, lines)
    return {"way": way, "rule": rule, "label": {"en": label.en, "fr": label.fr}}


def both(label: Label | None, code: str) -> dict[str, str]:
    return {"en": label.en, "fr": label.fr} if label else {"en": code, "fr": code}
