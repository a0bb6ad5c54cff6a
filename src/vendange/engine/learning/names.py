"""Names of columns that sound like the outcome, or like what came after it, in English and French: they only ask."""

import re
import unicodedata
from typing import Final

TELLING: Final = (
    "status stage outcome result results reason reasons duration close closed closing won win winner lost loss lose "
    "convert converted conversion disposition deal opportunity order ordered contract signed signature invoice "
    "invoiced invoicing paid payment churn churned cancelled resolution verdict accepted rejected qualified "
    "disqualified delivered purchase purchased bought sold turnover booked statut etape issue resultat resultats "
    "motif motifs raison raisons duree cloture clos fermeture ferme gagne gagnee perdu perdue perte vente vendu "
    "vendue converti convertie affaire commande commandee contrat signe signee facture facturation paye payee "
    "paiement resiliation resilie annule annulee decision accepte refuse qualifie disqualifie livre livraison achat "
    "achete encaisse"
)
KNOWN: Final = frozenset(TELLING.split())
COMPANY: Final = re.compile(r"raison[ _-]?sociale", re.IGNORECASE)  # the name of a company, no reason
WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def telling_word(name: str) -> str:
    """The first word of the name that tells of an outcome; "" when none does.

    >>> telling_word("dealStage"), telling_word("date_de_clôture"), telling_word("landing_page_id")
    ('deal', 'cloture', '')
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = (word.lower() for word in WORD.findall(COMPANY.sub("", plain)))
    return next((word for word in words if word in KNOWN), "")
