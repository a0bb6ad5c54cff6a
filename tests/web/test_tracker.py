"""The page of a source: the tag, the modes, and what came by each."""

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.timezone import localtime

from tests.people import House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.journey.arrive import arrive
from vendange.models import AudienceCount, Person, Signal

NOW = timezone.now()


def seen(house: House, path: str, times: int, verdict: str = "human") -> None:
    AudienceCount.objects.create(
        key=f"{path}{verdict}", source=house.source.pk, day=localtime(NOW).date(), kind="page_viewed", path=path,
        verdict=verdict, times=times,
    )  # fmt: skip


def test_the_tag_stands_with_its_key_and_sets_nothing_before_consent(house: House) -> None:
    page = browser(house.carole).get(f"/capture/sources/{house.source.public_id}/").content.decode()
    assert f"{settings.BASE_URL}/v1/tracker.js" in page and f"data-key=&quot;{house.source.write_key}&quot;" in page
    assert "vendange(&#x27;consent&#x27;, true" in page and "connect-src" in page and "localStorage" not in page


def test_what_came_is_told_by_mode_and_verdict(house: House) -> None:
    seen(house, "/prices", 7)
    seen(house, "/about", 9)
    seen(house, "/about", 100, "machine")
    arrive(signals=[house.signal("page_viewed", "camille@nova.example", NOW)], now=NOW)
    context = browser(house.carole).get(f"/capture/sources/{house.source.public_id}/").context
    assert [list(mode.counts) for mode in context["modes"]] == [[16, 0, 100], [1, 0, 0]]
    assert context["pages"] == [("/about", 9), ("/prices", 7)]


def test_as_many_questions_for_twice_as_many_pages(house: House) -> None:
    client, address = browser(house.carole), f"/capture/sources/{house.source.public_id}/"
    seen(house, "/a", 1)
    before = questions(client, address)
    for n in range(20):
        seen(house, f"/{n}", 1)
    assert questions(client, address) == before


@pytest.mark.parametrize(("language", "reason"), [("en", "a known robot"), ("fr", "un robot connu")])
def test_why_something_counts_for_nothing_stands_on_the_timeline(house: House, language: str, reason: str) -> None:
    arrive(signals=[house.signal("page_viewed", "camille@nova.example", NOW)], now=NOW)
    Signal.objects.update(verdict="machine", because="robot")
    house.carole.language = language
    house.carole.save()
    page = browser(house.carole).get(f"/people/{Person.objects.latest('id').public_id}/").content.decode()
    assert reason in page
