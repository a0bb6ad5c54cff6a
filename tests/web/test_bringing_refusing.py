"""Why rows are refused is told in the words of the page, not in those of a map in YAML."""

from django.utils.translation import override

from vendange.agreement.sentence import sentence
from vendange.sheets.cells import RowRefused, checked
from vendange.web.bringing.refusing import of_row

HOW = {"map": {"columns": {"organisation": "Boîte", "last_name": "Nom"}}}


def test_a_column_is_named_as_in_the_file_with_the_word_on_screen() -> None:
    try:
        checked("organisation", "SociÃ©tÃ©")
    except RowRefused as why:
        told = of_row(why.sentence, HOW)
        with override("fr"):
            french = of_row(why.sentence, HOW)
    assert told.startswith("Boîte (") and "organisation" not in told
    assert french.startswith("Boîte (")


def test_dates_are_chosen_on_the_page() -> None:
    told = sentence(
        "{date} can be read in two ways. Say in the map which one is meant: {formats}.",
        date="03/04/2026",
        formats="date: {format: DD/MM/YYYY}",
    )
    assert of_row(told, HOW) == "03/04/2026 can be read in two ways. Choose which one is meant under “Dates”."
