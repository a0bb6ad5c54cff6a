"""What the head of marketing keeps together: three segments by conditions, and the guests of a dinner by hand."""

from datetime import datetime
from typing import Final

from vendange.models import Person, User
from vendange.segment.actions import add, create, find_members

GUESTS: Final = 12
KEPT: Final = (
    (
        "Cibles chaudes sans commercial",
        "À confier cette semaine",
        "stands: {temperature: hot, tier: [core, target_1], held_by: nobody}",
    ),
    (
        "Lecteurs assidus qui n’ont rien demandé",
        "Pour l’invitation au prochain webinaire",
        "did: {on: [content_read, content_downloaded], within: 60 days, times: 2}\n"
        "did_not: {on: [quote_requested, demo_requested, callback_requested]}\n"
        "consents: {email: not_refused}",
    ),
    (
        "Clients silencieux depuis six mois",
        "",
        "stands: {relationship: customer}\n"
        "did_not: {on: [page_viewed, content_read, email_clicked, booth_visited, webinar_attended], within: 180 days}",
    ),
)


def keep(by: User, now: datetime) -> None:
    for name, about, wording in KEPT:
        one = create(name=name, about=about, wording=wording, by=by, now=now)
        find_members(one, by=by, now=now)
    hand = create(name="Dîner des clients", about="Invités de la direction", kind="hand", by=by, now=now)
    guests = Person.objects.filter(relationship="customer", merged_into=None).order_by("pk")
    add(hand, list(guests.values_list("pk", flat=True)[:GUESTS]), now=now)
