"""French company numbers are checked as their registers say; others are kept as they are written."""

import pytest

from vendange.engine.company_numbers import read_number


@pytest.mark.parametrize(
    ("written", "siren", "siret"),
    [
        ("552100554", "552100554", ""),
        ("552 100 554", "552100554", ""),
        ("552.100.554", "552100554", ""),
        ("732 829 320 00074", "732829320", "73282932000074"),
        ("SIREN : 552 100 554", "552100554", ""),
        ("R.C.S. Paris 552 100 554", "552100554", ""),
        ("RCS Lyon B 552 100 554", "552100554", ""),
        ("FR 40 303 265 045", "303265045", ""),
        ("TVA FR40303265045", "303265045", ""),
        ("FRK7399859412", "399859412", ""),  # a key with a letter
        ("FR4Z123456782", "123456782", ""),
        ("356 000 000 00048", "356000000", "35600000000048"),  # La Poste, its seat: as all others
        ("356 000 000 00015", "356000000", "35600000000015"),  # a site of La Poste: the digits make a multiple of five
    ],
)
def test_what_is_right_is_read_however_it_is_written(written: str, siren: str, siret: str) -> None:
    found = read_number(written, "FR")
    assert (found.siren, found.siret, found.wrong) == (siren, siret, "")


@pytest.mark.parametrize(
    ("written", "wrong"),
    [
        ("552100553", "digits"),
        ("73282932000075", "digits"),
        ("55210055300013", "digits"),  # its first nine digits are no SIREN
        ("35600000000017", "digits"),  # of La Poste, and neither way right
        ("000000000", "digits"),
        ("5521005", "length"),
        ("not known", "length"),
        ("FR99303265045", "vat_key"),
        ("FR40303265046", "digits"),
    ],
)
def test_what_is_wrong_says_why_and_is_no_number(written: str, wrong: str) -> None:
    found = read_number(written, "FR")
    assert (found.siren, found.siret, found.wrong, found.written) == ("", "", wrong, written)


@pytest.mark.parametrize(
    ("written", "country"),
    [("HRB 6684", "DE"), ("DE811569869", ""), ("BE 0403.053.608", ""), ("552100554", "US"), ("552100553", "")],
)
def test_numbers_of_other_countries_are_kept_and_not_judged(written: str, country: str) -> None:
    found = read_number(written, country)
    assert (found.written, found.siren, found.wrong) == (written, "", "")


def test_a_right_number_of_an_unknown_country_is_taken_for_french() -> None:
    assert read_number("552100554").siren == "552100554"
