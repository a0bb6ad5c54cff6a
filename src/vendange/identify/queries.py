"""Finding people."""

from collections.abc import Mapping, Sequence

from vendange.models import Identity, Person


def by_key(kind: str, values: Sequence[str]) -> Mapping[str, Person]:
    """The persons who hold these keys, by key."""
    rows = Identity.objects.filter(kind=kind, value__in=list(values)).select_related("person__organisation")
    return {row.value: row.person for row in rows}


def by_email(email: str) -> Person | None:
    return Person.objects.filter(email__iexact=email.strip()).order_by("id").first()
