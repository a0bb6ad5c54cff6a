"""Writes trade shows."""

from datetime import date, datetime

from django.db import transaction

from vendange.agreement.sentence import Cannot, Incomplete, sentence
from vendange.models import Source, TradeShow, User
from vendange.models.trail import record as tell


class ShowTaken(Cannot):
    """Two shows of one name could not be told apart."""

    def __init__(self, name: str) -> None:
        super().__init__(sentence("There is already a show or source named {name}. Choose another name.", name=name))


@transaction.atomic
def add_show(
    *, name: str, place: str, topic: str, kind: str, days: tuple[date, date], source: Source, by: User, now: datetime
) -> TradeShow:
    """A show whose signals are those of `source`; raises ShowTaken, or Incomplete when it ends before it begins."""
    check_days(days)
    if TradeShow.objects.filter(name__iexact=name).exists() or TradeShow.objects.filter(source=source).exists():
        raise ShowTaken(name)
    show = TradeShow.objects.create(
        name=name,
        place=place,
        topic=topic,
        kind=kind,
        from_day=days[0],
        to_day=days[1],
        source=source,
        created_at=now,
        by=by,
    )
    tell("show.added", show, at=now, by=by, detail={"name": name, "from": str(days[0]), "to": str(days[1])})
    return show


@transaction.atomic
def change_show(
    *, show: TradeShow, place: str, topic: str, kind: str, days: tuple[date, date], by: User, now: datetime
) -> None:
    """Its name stays: it is the campaign of the signals that it brought. What has come in is not changed."""
    check_days(days)
    show.place, show.topic, show.kind = place, topic, kind
    show.from_day, show.to_day = days
    show.save(update_fields=["place", "topic", "kind", "from_day", "to_day"])
    tell("show.changed", show, at=now, by=by, detail={"from": str(days[0]), "to": str(days[1]), "kind": kind})


def check_days(days: tuple[date, date]) -> None:
    """Raises Incomplete."""
    if days[1] < days[0]:
        raise Incomplete({"to_day": sentence("The last day is before the first.")})
    if (days[1] - days[0]).days > 60:
        raise Incomplete({"to_day": sentence("A show of more than two months is a mistake of the dates.")})
