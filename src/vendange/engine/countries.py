"""Names of countries in the language of the reader: those of CLDR, as `phonenumbers` brings them."""

from collections.abc import Mapping

from vendange.engine.typed import folded


def countries(language: str) -> list[tuple[str, str]]:
    """ISO code and name of each country, by name."""
    from phonenumbers.geodata.locale import LOCALE_DATA  # a large table: only who shows a list of countries pays

    names = {code: _in_locale(told, language) for code, told in LOCALE_DATA.items() if len(code) == 2}
    return sorted(((code, name) for code, name in names.items() if name), key=lambda one: folded(one[1]))


def _in_locale(told: Mapping[str, str], language: str) -> str:
    """`*xx` in that table: the same as in the language xx."""
    found = told.get(language, "")
    return told.get(found[1:], "") if found.startswith("*") else found
