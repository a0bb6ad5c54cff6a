"""Written by no step: whose number, or id in another system, a text is."""

from typing import Any, Final

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from vendange.engine.company_numbers import read_number
from vendange.models.identity import Identity
from vendange.models.organisation import Organisation

LONGEST: Final = 190
KEYS: Final = ("external_id", "user_id")


def bearers(kind: str, text: str) -> list[int]:
    """People by their id, companies by id, SIREN, SIRET or VAT number, however it is written; a merged one as its heir.

    Texts without a digit are taken for words.
    """
    text = text.strip()
    if len(text) > LONGEST or "\x00" in text or not any(map(str.isdigit, text)):
        return []
    if kind == "person":
        held = Identity.objects.filter(kind__in=KEYS, value=text, claimed=False)
        return list(held.values_list("person_id", flat=True))
    found: Any = Organisation.objects.filter(_says(text)).values_list(Coalesce(F("merged_into_id"), F("pk")), flat=True)
    return list(dict.fromkeys(found))


def _says(text: str) -> Q:
    number = read_number(text)
    said = Q(external_id=text)
    if number.siren:
        said |= Q(siren=number.siren)
    if number.siret:
        said |= Q(siret=number.siret)
    return said
