"""Invented names: people, companies, addresses and telephone numbers that belong to nobody."""

import random
import unicodedata
from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST: Final = {
    "FR": _words(
        """Camille Julien Claire Thomas Isabelle Nicolas Sandrine Olivier Céline Laurent Aurélie Philippe Karim Émilie
        Sébastien Nathalie Vincent Hélène Mathieu Sylvie Romain Valérie Antoine Caroline Guillaume Inès Benoît Marion
        Stéphane Leïla Fabrice Anne Jérôme Delphine Patrick Élise Mehdi Corinne Yann Laure Christophe Agnès Samuel
        Pauline Cédric Véronique Arnaud Florence Didier Noémie"""
    ),
    "DE": _words("Anke Jürgen Katrin Stefan Birgit Matthias Silke Markus Heike Torsten Ulrike Dieter Sabine Holger"),
    "IT": _words("Chiara Marco Elena Luca Paola Giorgio Silvia Davide Laura Stefano Federica Alessandro"),
}
LAST: Final = {
    "FR": _words(
        """Moreau Garnier Lefèvre Chevallier Rousselot Marchand Perrin Besson Delorme Fontanel Gauthier
        Jacquemin Carlier Vasselin Thibault Renaudin Bonnard Colombet Dumortier Escoffier Ferrand Grosjean
        Haddad Imbert Joly Kerouanton Lambertin Meunier Naudin Ollivier Pasquier Quentin Ravier Sabatier
        Tissot Urbain Verdier Wattel Benali Cordier Duvernay Estève Faucher Gillard Hamon Jourdan Lacroix
        Maillet Nicolaï Pelletan Roudier Simonet Traoré Vial Bourdin Chaumont Drouet Favier Guérin Hubertin
        Masson Poncet Rivoire Saulnier Teissier Vernay"""
    ),
    "DE": _words("Bachmann Engelhardt Fröhlich Grünwald Hartung Kessler Lindner Reuter Seifert Vogt Wieland Zeller"),
    "IT": _words("Bellini Carraro Donati Ferraris Galliano Marchetti Olivieri Pavesi Rinaldi Santoro Tedeschi Valenti"),
}
NAMED_LIKE: Final = {"BE": "FR"}

TRADES: Final = _words(
    """Mécanique|25.62 Usinage|25.62 Décolletage|25.62 Outillages|C25 Forges|C25 Fonderies|C24 Hydraulique|C28
        Engrenages|C28 Aéro|30.30 Précision|25.62 Transmissions|C29 Ferroviaire|C30 Plasturgie|C22 Emballages|C17
        Optique|C26 Tôlerie|C25"""
)
STARTS: Final = _words("Val Mor Bri Cha Dau Fon Gri Lor Mar Nor Per Ros Sau Tor Ver Aub Bel Cor Dru Esc")
MIDDLES: Final = _words("be vi la mo ri so ta ge ro di")
ENDS: Final = _words("rac gny lles vaux sart tière nnes court zac mont res vie")
FORMS: Final = {
    "FR": ("{trade} {core}", "{core} {trade}", "Ateliers {core}", "Établissements {core}", "{core} Industries"),
    "DE": ("{core} Feinmechanik GmbH", "{core} Maschinenbau GmbH"),
    "IT": ("Officine {core} Srl", "{core} Meccanica SpA"),
    "BE": ("{core} Mécanique SA", "Constructions {core} SA"),
}
TITLES: Final = {
    "executive": ("Directeur général", "Présidente", "Gérant", "Directrice générale"),
    "director": ("Directeur industriel", "Directrice des achats", "Directeur de production", "Directrice technique"),
    "manager": ("Responsable méthodes", "Chef d'atelier", "Responsable achats", "Responsable maintenance"),
    "staff": ("Technicien méthodes", "Programmeuse FAO", "Acheteur", "Ingénieure process", "Régleur"),
    "student": ("Étudiant BTS usinage", "Étudiante ingénieure", "Étudiant en alternance"),
}
ROLE_OF: Final = {"executive": "decides", "director": "pays", "manager": "advises", "staff": "uses", "student": ""}

# Ranges that the regulators keep for fiction; other countries have none, so nobody there has a number.
FRENCH_NUMBERS: Final = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
GERMAN_NUMBERS: Final = ("030 23125", "069 90009", "040 66969", "0221 4710", "089 99998")


def company(rng: random.Random, country: str) -> tuple[str, str]:
    """A name that no company has, and the code of its industry."""
    trade, industry = rng.choice(TRADES).split("|")
    core = rng.choice(STARTS) + rng.choice(MIDDLES) + rng.choice(ENDS)
    form = rng.choice(FORMS[country])
    return form.format(trade=trade, core=core), industry if "{trade}" in form else rng.choice(("C25", "25.62", "C28"))


def person(rng: random.Random, country: str) -> tuple[str, str]:
    like = NAMED_LIKE.get(country, country)
    return rng.choice(FIRST[like]), rng.choice(LAST[like])


def phone(rng: random.Random, country: str) -> str:
    if country == "FR":
        return f"{rng.choice(FRENCH_NUMBERS)} {rng.randrange(100):02} {rng.randrange(100):02}"
    return f"{rng.choice(GERMAN_NUMBERS)} {rng.randrange(1000):03}" if country == "DE" else ""


def slug(name: str) -> str:
    """A name as it stands in an address.

    >>> slug("Établissements Valberac")
    'etablissements-valberac'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())
