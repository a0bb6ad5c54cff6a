"""Which organisations may be one: names without legal forms, domains and places; who is compared with whom."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.belong.rules import Stand, makes_a_circle, together
from vendange.combine.rules import SUGGESTED, Firm, compared_by, likeness, worth

NOVA = Firm(1, "Atelier Nova", "atelier-nova.fr", country="FR", postal_code="69003", city="Lyon")


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (Firm(2, "ATELIER NOVA SAS"), "name"),
        (Firm(2, "Atelier Nova", postal_code="31000", city="Toulouse"), "name"),
        (Firm(2, "Nova (Atelier) S.A.R.L."), "name"),
        (Firm(2, "Ateliernova"), "name"),
        (Firm(2, "Atelier Nov", postal_code="69003"), "nearly"),
        (Firm(2, "Ateliers Nova", city="LYON"), "nearly"),
        (Firm(2, "atelier-nova.com", "atelier-nova.com"), "domain"),
    ],
)
def test_one_company_under_two_names_is_suggested(other: Firm, because: str) -> None:
    alike = likeness(NOVA, other)
    assert alike.score >= SUGGESTED and because in alike.because
    assert likeness(other, NOVA) == alike
    assert set(compared_by(NOVA)) & set(compared_by(other))


def test_initials_and_the_domain_together_suggest() -> None:
    long = Firm(1, "Société Nationale des Chemins de Fer Français", "sncff.fr")
    assert likeness(long, Firm(2, "NCFF", "sncff.com")).score >= SUGGESTED


@pytest.mark.parametrize(
    "other",
    [
        Firm(2, "Atelier Nora"),  # nearly the same name alone is not enough
        Firm(2, "Atelier Nova", country="BE", postal_code="1000"),
        Firm(2, "Nova"),
        Firm(2, "Menuiserie Durand", postal_code="69003", city="Lyon"),
        Firm(2, "SAS"),
        Firm(2, "Atelier Norac", city="Lyon"),
    ],
)
def test_what_only_resembles_is_not(other: Firm) -> None:
    assert likeness(NOVA, other).score < SUGGESTED


def test_two_numbers_are_two_companies() -> None:
    one, other = Firm(1, "Nova", siren="552100554"), Firm(2, "Nova SA", siren="732829320")
    alike = likeness(one, other)
    assert alike.score < 0.2 and "other_number" in alike.because


NAMES = st.text(string.ascii_letters + " .&'-éèç", min_size=1, max_size=30)


@given(NAMES, NAMES)
def test_whoever_would_be_suggested_by_name_or_domain_is_compared(one: str, other: str) -> None:
    first, second = Firm(1, one, city="Lyon"), Firm(2, other, city="Lyon")
    alike = likeness(first, second)
    if "name" in alike.because or "initials" in alike.because:
        assert set(compared_by(first)) & set(compared_by(second))
    assert 0 <= alike.score <= 1


PLACES = st.sampled_from(("", "Lyon", "Paris"))
DOMAINS = st.sampled_from(("", "nova.fr", "nova.com", "ateliernova.fr", "an.fr"))
CLOSE = st.sampled_from(("Atelier Nova", "Ateliers Nova", "Nova", "Nova Atelier SAS", "AN", "A B C Nova", "ABCN"))


@given(st.one_of(NAMES, CLOSE), st.one_of(NAMES, CLOSE), PLACES, PLACES, DOMAINS, DOMAINS)
def test_nobody_who_would_be_suggested_is_passed_over(
    one: str, other: str, town: str, other_town: str, domain: str, other_domain: str
) -> None:
    first, second = Firm(1, one, domain, city=town), Firm(2, other, other_domain, city=other_town)
    if likeness(first, second).score >= SUGGESTED:
        assert worth(first, second)


def test_a_group_is_as_warm_as_its_warmest_site_and_hears_every_part() -> None:
    seat = Stand("warm", 1, {"decides": "missing", "pays": "engaged"}, disagreement=False)
    site = Stand("cold", 0, {"decides": "silent", "pays": "missing"}, disagreement=False)
    assert together([seat, site]) == Stand("warm", 1, {"decides": "silent", "pays": "engaged"}, disagreement=True)
    assert together([]) is None


def test_nobody_is_above_themselves() -> None:
    parents = {2: 1, 3: 2, 1: None}
    assert makes_a_circle(1, 3, parents) and makes_a_circle(2, 2, parents)
    assert not makes_a_circle(3, 1, parents)
