"""Which organisations may be one: names without legal forms, domains and places; who is compared with whom."""

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendange.belong.rules import Stand, makes_a_circle, together
from vendange.combine.rules import SUGGESTED, Firm, Known, compared_by, likeness

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


MANY = Known(
    30_000,
    words={"bois": 9_000, "forges": 2_500, "bernard": 28, "leroux": 2, "lozere": 3_000},
    places={"p:69003": 6_000, "t: lyon": 6_000, "p:48000": 9, "t: mende": 9},
    labels={"mail": 900},
    towns=frozenset({"mende", "lyon"}),
)
LYON: dict[str, Any] = {"postal_code": "69003", "city": "Lyon"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Firm(1, "Industrie SAS"), Firm(2, "INDUSTRIE", city="Lyon")),
        (Firm(1, "Groupe Conseil"), Firm(2, "Conseil Groupe SA")),
        (Firm(1, "Conseil Lyon", **LYON), Firm(2, "Lyon Conseil", **LYON)),
        (Firm(1, "Mende", city="Mende"), Firm(2, "Mende SA", city="Mende")),
        (Firm(1, "Lozère"), Firm(2, "Lozère SARL", **LYON)),
        (Firm(1, "Bernard"), Firm(2, "Bernard")),
        (Firm(1, "Forges Bernard", **LYON), Firm(2, "Forges Bernart", **LYON)),
        (Firm(1, "Durand Services", **LYON), Firm(2, "Dupont Service", **LYON)),
        (
            Firm(1, "Forges Bernard", "bernard-a.fr"),
            Firm(2, "Forges Bernard", "fb.fr", city="Mende", postal_code="48000"),
        ),
        (Firm(1, "Forges Leroux", siren="552100554"), Firm(2, "Forges Leroux", siren="732829320")),
        (Firm(1, "Bernard", "bernard.com"), Firm(2, "Bernard", "bernard-2.de")),  # each has its own name for a domain
        (Firm(1, "Bernard Bois", city="Lyon"), Firm(2, "Bernard Bois", "bb.fr", city="Mende")),
        (Firm(1, "Nova Nord", "mail.a.fr"), Firm(2, "Nord Industrie", "mail.b.fr")),
    ],
)
def test_what_many_have_makes_no_two_alike(one: Firm, other: Firm) -> None:
    assert likeness(one, other, MANY).score < SUGGESTED
    assert likeness(one, other, MANY) == likeness(other, one, MANY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Firm(1, "Leroux"), Firm(2, "LEROUX SAS")),
        (Firm(1, "Forges Bernard"), Firm(2, "Forges Bernard SA")),
        (Firm(1, "Bernard", postal_code="48000"), Firm(2, "Bernard", postal_code="48000")),
        (Firm(1, "Groupe Conseil", city="Mende"), Firm(2, "Conseil Groupe", city="Mende")),
        (Firm(1, "Forges Leroux"), Firm(2, "Forge Leroux")),
        (Firm(1, "Forges Leroux", "leroux.fr"), Firm(2, "Forges Leroux", "forges-leroux.com")),
    ],
)
def test_what_few_have_does(one: Firm, other: Firm) -> None:
    assert likeness(one, other, MANY).score >= SUGGESTED


def test_a_group_is_as_warm_as_its_warmest_site_and_hears_every_part() -> None:
    seat = Stand("warm", 1, {"decides": "missing", "pays": "engaged"}, disagreement=False)
    site = Stand("cold", 0, {"decides": "silent", "pays": "missing"}, disagreement=False)
    assert together([seat, site]) == Stand("warm", 1, {"decides": "silent", "pays": "engaged"}, disagreement=True)
    assert together([]) is None


def test_nobody_is_above_themselves() -> None:
    parents = {2: 1, 3: 2, 1: None}
    assert makes_a_circle(1, 3, parents) and makes_a_circle(2, 2, parents)
    assert not makes_a_circle(3, 1, parents)
