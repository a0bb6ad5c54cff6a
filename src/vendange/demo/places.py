"""Towns where the invented companies stand: real towns, so that territories and maps make sense."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Town:
    """A town; `region` is a French department, "" elsewhere."""

    country: str
    postal_code: str
    city: str

    @property
    def region(self) -> str:
        return self.postal_code[:2] if self.country == "FR" else ""


def _towns(country: str, table: str) -> tuple[Town, ...]:
    """One town a line or semicolon: postal code, then name."""
    cells = (cell.split(maxsplit=1) for cell in table.replace(";", "\n").splitlines() if cell.strip())
    return tuple(Town(country, code, city.strip()) for code, city in cells)


FRENCH: Final = _towns(
    "FR",
    """69003 Lyon; 69400 Villefranche-sur-Saône; 42000 Saint-Étienne; 42300 Roanne; 38000 Grenoble; 38500 Voiron
    74000 Annecy; 74300 Cluses; 73000 Chambéry; 01000 Bourg-en-Bresse; 01100 Oyonnax; 26000 Valence
    63300 Thiers; 63000 Clermont-Ferrand; 21000 Dijon; 25000 Besançon; 39100 Dole; 71100 Chalon-sur-Saône
    67000 Strasbourg; 68100 Mulhouse; 57000 Metz; 54000 Nancy; 88000 Épinal; 10000 Troyes; 51100 Reims
    59000 Lille; 59140 Dunkerque; 62300 Lens; 80000 Amiens; 60200 Compiègne; 76600 Le Havre; 14000 Caen
    27000 Évreux; 35000 Rennes; 44600 Saint-Nazaire; 49300 Cholet; 72000 Le Mans; 85000 La Roche-sur-Yon
    37000 Tours; 45000 Orléans; 86100 Châtellerault; 87000 Limoges; 33700 Mérignac; 64000 Pau; 31000 Toulouse
    81100 Castres; 34000 Montpellier; 13400 Aubagne; 84000 Avignon; 77000 Melun; 78200 Mantes-la-Jolie
    91100 Corbeil-Essonnes; 95100 Argenteuil""",
)
ABROAD: Final = (
    *_towns("DE", "70173 Stuttgart; 72764 Reutlingen; 78532 Tuttlingen; 79098 Freiburg im Breisgau; 66111 Saarbrücken"),
    *_towns("IT", "10121 Torino; 20121 Milano; 24121 Bergamo; 25121 Brescia"),
    *_towns("BE", "4000 Liège; 6000 Charleroi; 5000 Namur; 7000 Mons"),
)
# Departments by sales territory. Each stands in two salespeople's territories, so that a lead taken back finds another.
RHONE_ALPES: Final = ("69", "42", "38", "74", "73", "01", "26", "63")
EAST: Final = ("21", "25", "39", "71", "67", "68", "57", "54", "88", "10", "51")
NORTH: Final = ("59", "62", "80", "60", "76", "14", "27", "77", "78", "91", "95")
WEST: Final = ("35", "44", "49", "72", "85", "37", "45", "86", "87", "33", "64", "31", "81", "34", "13", "84")
