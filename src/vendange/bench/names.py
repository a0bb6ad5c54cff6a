"""Names of people and companies that nobody bears, drawn from a random number generator."""

import random
from typing import Final

FIRST: Final = (
    "Camille Paul Marie Jean Sarah Luc Anne Pierre Claire Hugo Inès Louis Emma Jules Léa Adam Zoé Noël Chloé Marc"
    " Jürgen Anna Søren Björn Giulia Marco José María João Ana Łukasz Zofia François Hélène Théo Agnès Gérard Odile"
)
START: Final = "Ber Le Du Mar Gar Ri Pe Mo Ro Vi Fon Ha Bou La Che De Gi Mé Sau Val Fa Kel Schu Mül Ol Pel Tri Bon"
MIDDLE: Final = "na ri ti fè man lan bre vo ca do gi ru che so té mi pe li ba no"
END: Final = "rd er eau ot in ère et on ault ier and vre sky ez son mann ti ski oux ert"
TRADE: Final = "Atelier Forges Tôlerie Mécanique Scierie Fonderie Outillage Robotique Usinage Énergie Béton Verrerie"
FORM: Final = "SA SAS SARL GmbH Ltd SpA"
TITLE: Final = ("Acheteur", "Directrice des achats", "Ingénieur méthodes", "PDG", "Comptable", "Chef d’atelier", "")


def word_of(words: str, draw: random.Random) -> str:
    return draw.choice(words.split())


def last_name(draw: random.Random) -> str:
    middle = "".join(word_of(MIDDLE, draw) for _ in range(min(3, int(draw.expovariate(0.7)))))
    return word_of(START, draw) + middle + word_of(END, draw)


def firm_name(draw: random.Random) -> str:
    return f"{word_of(TRADE, draw)} {last_name(draw)} {word_of(FORM, draw)}"
