"""Which organisations may be one, among all: the quick way finds what asking of every two of them finds."""

import random
from itertools import combinations

import pytest

from tests.people import MONDAY, House
from vendange.combine import actions, queries
from vendange.combine.rules import FEW_NAMES, SUGGESTED, Firm, Known, Likeness, compared_by, likeness
from vendange.models import Organisation, OrganisationTwins

WORDS = "Nova Novae Leroux Leroux Forges Forge Atelier Ateliers Industrie Lyon Mende Conseil ABC ANC F.L.N. Société"
DOMAINS = [f"{name}.{end}" for name in ("nova", "leroux", "novaleroux", "abc", "mende") for end in ("fr", "com", "de")]
PLACES = (("Lyon", "69003"), ("LYON", "69005"), ("Mende", "48000"), ("", "48000"), ("", ""))


def somebody(draw: random.Random, domain: str | None) -> Organisation:
    """A company of few words, so that many are alike."""
    words = [*draw.sample(WORDS.split(), draw.choice((1, 1, 2, 2, 2, 3, 3, 6, 7))), draw.choice(("", "SAS", "GmbH"))]
    city, code = draw.choice(PLACES)
    return Organisation(
        name=domain if domain and draw.random() < 0.4 else " ".join(words).strip(),
        domain=domain,
        siren=f"{draw.randrange(10**9):09}" if draw.random() < 0.2 else None,
        external_id=f"X{draw.randrange(10**9)}" if draw.random() < 0.2 else None,
        country=draw.choice(("FR", "FR", "fr", "BE", "")),
        postal_code=code,
        city=city,
        created_at=MONDAY,
    )


def by_asking_of_all(firms: list[Firm], known: Known) -> dict[tuple[int, int], Likeness]:
    """The slow way, which nobody has the time for."""
    together: dict[str, list[int]] = {}
    for one in firms:
        for key in set(compared_by(one)):
            together.setdefault(key, []).append(one.id)
    share = {two for ids in together.values() if len(ids) <= FEW_NAMES for two in combinations(sorted(ids), 2)}
    every_two = ((one, other) for one, other in combinations(firms, 2) if (one.id, other.id) in share)
    rated = {(one.id, other.id): likeness(one, other, known) for one, other in every_two if one.group != other.group}
    return {two: alike for two, alike in rated.items() if alike.score >= SUGGESTED}


@pytest.mark.parametrize("seed", range(6))
def test_the_quick_way_finds_what_asking_of_every_two_finds(house: House, seed: int) -> None:
    draw = random.Random(seed)
    head = Organisation.objects.create(name="Nova", created_at=MONDAY)
    rows = [somebody(draw, domain) for domain in [*DOMAINS, *[None] * 125]]
    for row in draw.sample(rows, 5):
        row.parent = head
    Organisation.objects.bulk_create(rows)
    firms = list(queries.firms(list(Organisation.objects.values_list("pk", flat=True))).values())
    known = queries.shared_keys().known
    wanted = by_asking_of_all(firms, known)
    actions.run(actions.ask(by=house.alice, now=MONDAY), lambda _what, _done, _total: None, lambda: False)
    found = {
        (one.first_id, one.second_id): Likeness(one.score, tuple(one.because))
        for one in OrganisationTwins.objects.all()
    }
    assert len(wanted) > 12
    assert found == wanted
