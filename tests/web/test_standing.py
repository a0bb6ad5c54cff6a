"""What the engine says, on the pages: one reason for every way, limits, interests, bursts, and a company as a whole."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone, translation

from tests.cli.typed import vendange
from tests.people import House
from tests.web.test_organisations import staff
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.agree.queries import terms_of
from vendange.agreement.terms import Agreement
from vendange.journey.arrive import arrive
from vendange.models import Decision, Heat, Lead, Measure, Organisation, Person
from vendange.web.called import called
from vendange.web.desk.why import engagement_of, note_of, side_of
from vendange.web.heat import stand_of
from vendange.web.lead import known
from vendange.web.moments import day
from vendange.web.people.interest import interest_of
from vendange.web.people.labels import standing
from vendange.web.people.score import score_of
from vendange.web.people.score import side_of as person_side
from vendange.web.points import in_tenths, points_of
from vendange.words import line_label

NOW = timezone.now()


def agreement_of(house: House) -> Agreement:
    return terms_of(house.version).agreement


def line(rule: str, points: float, **more: Any) -> dict[str, Any]:
    kept = {"side": "engagement", "given": points, "count": 2, "last_at": 0, "half_life_days": 21.0, "capped": False}
    return {"rule": rule, "points": points, "signal_ids": [], **kept, **more}


@pytest.mark.parametrize(
    ("way", "rule", "english", "french"),
    [
        ("act", "quote", "Revealing act: asks for a quote", "Acte révélateur\u00a0: demande un devis"),
        (
            "pattern",
            "talk-about-it",
            "Acts close together: two of them read the prices around a webinar",
            "Actes rapprochés\u00a0: à deux sur les tarifs autour d'un webinaire",
        ),
        ("change", "financing", "Burst of interest: leasing and aid", "Pic d’intérêt\u00a0: crédit-bail et aides"),
        ("score", "A2", "Score: reads the prices", "Score\u00a0: lit les tarifs"),
        (
            "dimension",
            "lathes",
            "Engagement by product or topic: lathes",
            "Engagement par produit ou thème\u00a0: tours",
        ),
        ("report", "other_lead", "Reported by a colleague", "Rapportée par un collègue"),
        ("import", "imported", "Known from a file", "Connu par un fichier"),
        ("act", "gone-since", "Revealing act: gone-since", "Acte révélateur\u00a0: gone-since"),
    ],
)
def test_one_reason_for_every_way(house: House, way: str, rule: str, english: str, french: str) -> None:
    evidence = [line("looks-at-machines", 3.0), line("reads-prices", 20.0), line("limit:content", -2.0, count=0)]
    lead = Lead(way=way, reason=rule, evidence=evidence)
    assert called(lead, agreement_of(house)).full == english
    with translation.override("fr"):
        assert called(lead, agreement_of(house)).full == french


def test_limits_are_named_and_what_they_held_back_is_said(house: House) -> None:
    agreement = agreement_of(house)
    assert line_label(agreement, "engagement", "limit:content").en == "Papers and films: at most 30"
    assert line_label(agreement, "engagement", "limit").fr == "Maintenu entre 0 et 100"
    told = [
        note_of(line(rule, 5.0, capped=True), "engagement", agreement, NOW, full=full)
        for rule, full in (("reads-prices", False), ("compares", False), ("compares", True))
    ]
    assert told == ["×2 · cap 24", "×2 · limited", "×2 · cap 16, 8 per content"]
    assert note_of(line("limit:content", -4.0, count=0, capped=True), "engagement", agreement, NOW) == ""


def test_lines_with_a_limit_still_add_up(house: House) -> None:
    evidence = [
        line("compares", 16.0),
        line("watches", 15.0),
        line("limit:content", -1.0, count=0, half_life_days=None),
    ]
    side = side_of("engagement", 30.0, "3", evidence, agreement_of(house), NOW)
    assert sum(one.points for one in side.lines) == side.total == 30


def test_every_page_rounds_points_alike_and_they_add_up(house: House) -> None:
    lines = [
        line("replies", 24.96, given=25.0),
        line("reads-prices", 4.17),
        line("compares", 1.13),
        line("looks-at-machines", 0.03),
        line("limit:content", -0.04, count=0, half_life_days=None),
    ]
    shown = in_tenths(lines, "engagement")
    assert shown.total == 30.2 and round(sum(left for _line, left in shown.lines), 1) == 30.2
    panel = points_of(lines, agreement_of(house), NOW, at=NOW).engagement
    card = side_of("engagement", 30.25, "3", lines, agreement_of(house), NOW).lines
    measure = Measure(grade="A3", lines=lines)
    table = person_side("engagement", 30.25, measure, agreement_of(house), NOW).lines
    lead = known.scored(Lead(evidence=lines, agreement=house.version), "engagement")
    assert [one.points for one in panel] == [one.points for one in card] == [one.now for one in table]
    assert [one.points for one in lead] == [one.points for one in panel]
    assert all(abs(one.points) >= 0.1 for one in panel)


def test_points_of_another_day_say_which(house: House) -> None:
    at = NOW - timedelta(days=9)
    measure = Measure(grade="D3", as_of=at, lines=[line("reads-prices", 12.0, given=20.0)], agreement=house.version)
    with translation.override("en"):
        that_day = day(at, NOW)
        told = score_of(measure, NOW)
        assert told.moment == f"On {that_day}"
        assert told.points.engagement[0].fades == f"halves in 21 days, 12.0 of 20 left on {that_day}"
        measure.as_of = NOW
        told = score_of(measure, NOW)
        assert told.moment == "Now" and told.points.engagement[0].fades.endswith("12.0 of 20 left")


def test_lead_of_a_dimension_shows_the_engagement_that_its_lines_explain(house: House) -> None:
    lead = Lead(way="dimension", reason="lathes", grade="A1", engagement=46.0, evidence=[line("replies", 72.0)])
    assert engagement_of(lead, agreement_of(house)) == (72.0, "1")


@pytest.mark.parametrize(
    ("relationship", "temperature", "code"),
    [
        ("suspect", "hot", "suspect"),
        ("customer", "hot", "customer"),
        ("prospect", "hot", "hot"),
        ("prospect", "warm", "warm"),
        ("prospect", "", "cold"),
    ],
)
def test_everybody_is_one_of_five(relationship: str, temperature: str, code: str) -> None:
    person: Any = SimpleNamespace(relationship=relationship)
    person.measure = SimpleNamespace(temperature=temperature) if temperature else None
    assert standing(person).code == code


def reader(house: House, recent: int, past: int) -> Measure:
    """Somebody who read `recent` articles about machining this week, and `past` ones last spring."""
    email = "ana@nova.example"
    days = [*range(1, recent + 1), *(100 + number for number in range(past))]
    seen = [house.signal("content_read", email, NOW - timedelta(days=day)) for day in days]
    arrive(signals=seen, now=NOW)
    person = Person.objects.get(email=email)
    person.signals.update(topic="machining")
    Measure.objects.filter(person=person).update(
        interests={"machining": 4.5, "financing": 0.0, "workshop": 1.5},
        changes=["machining"],
        dimensions={"lathes": [46.0, "A1"], "five-axes": [0.0, "A4"]},
        as_of=NOW,
    )
    return Measure.objects.select_related("agreement").get(person=person)


def test_a_burst_is_told_with_its_figures(house: House) -> None:
    told = interest_of(reader(house, recent=5, past=16))
    assert told and list(told.bursts) == ["Machining: 5 signals in 14 days, 4 times their usual pace"]
    assert next((one.label, one.share, one.has_burst) for one in told.topics) == ("Machining", 100.0, True)
    assert [one.label for one in told.topics] == ["Machining", "The paperless workshop"]
    assert next((one.label, one.cell, one.is_alert_cell) for one in told.dimensions) == ("Lathes", "A1", True)


def test_a_burst_out_of_nothing(house: House) -> None:
    told = interest_of(reader(house, recent=5, past=0))
    assert told and list(told.bursts) == ["Machining: 5 signals in 14 days, none in the 180 days before"]


def test_person_page_tells_interests_apart_from_the_score(house: House) -> None:
    measure = reader(house, recent=5, past=16)
    measure.next_change_at = NOW + timedelta(days=9)
    measure.save()
    page = browser(house.alice).get(f"/people/{measure.person.public_id}/").content.decode()
    assert "not part of the score" in page and "4 times their usual pace" in page and "as it is until" in page


def shared_lead(house: House) -> Lead:
    """Two colleagues look at the prices, and the second one registers for a webinar: a pattern of their company."""
    staff_ = {"company": "Atelier Nova", "company_domain": "atelier-nova.example"}
    acts = [
        ("page_viewed", "ana", 4),
        ("page_viewed", "ana", 3),
        ("page_viewed", "ana", 2),
        ("webinar_attended", "ben", 1),
    ]
    seen = [
        house.signal(
            kind, f"{who}@atelier-nova.example", NOW - timedelta(days=days), "", {"name": who, **staff_}, "/tarifs"
        )
        for kind, who, days in acts
    ]
    arrive(signals=seen, now=NOW)
    return Lead.objects.select_related("person").get(way="pattern", reason="talk-about-it")


def test_a_lead_of_a_pattern_names_what_the_colleagues_did(house: House) -> None:
    lead = shared_lead(house)
    page = browser(house.marc).get(f"/leads/{lead.public_id}/").content.decode()
    assert "Acts close together: two of them" in page
    assert "ana@atelier-nova.example" in page and "Viewed a page (/tarifs)" in page and "Attended a webinar" in page
    unnamed = known.acts(lead, house.bob, NOW)
    assert [one.who for one in unnamed][1:] == ["Known to marketing"] * 3 and "ana" not in str(unnamed)
    said = vendange("explain", "lead", lead.public_id)
    assert said.out.count("page_viewed") >= 3 and "of the same organisation" in said.out
    told = vendange("explain", "lead", lead.public_id, "--json").value
    assert [one["by"]["is_colleague"] for one in told["evidence"]] == [True, True, True, False]


def test_a_lead_of_a_burst_says_so(house: House) -> None:
    lead = house.lead("ana@nova.example", NOW)
    Lead.objects.filter(pk=lead.pk).update(way="change", reason="machining")
    Decision.objects.filter(lead=lead).update(way="change", rule="machining")
    page = browser(house.marc).get(f"/leads/{lead.public_id}/").content.decode()
    assert "Burst of interest: machining" in page and "Asked for a quote" in page


def test_person_page_says_who_is_set_aside_by_the_agreement(house: House) -> None:
    measure = reader(house, recent=5, past=16)
    url = f"/people/{measure.person.public_id}/"
    assert "set aside" not in browser(house.alice).get(url).content.decode()
    Measure.objects.filter(pk=measure.pk).update(set_aside="student")
    assert "set aside" in browser(house.alice).get(url).content.decode()


def heated(one: Organisation, house: House, **more: Any) -> Heat:
    values = {"temperature": "warm", "engaged": 2, "roles": {"decides": "silent", "pays": "engaged", "uses": "missing"}}
    values |= {"disagreement": True, "as_of": NOW, "agreement": house.version, **more}
    return Heat.objects.update_or_create(organisation=one, defaults=values)[0]


def test_disagreement_in_words(house: House) -> None:
    one = staff(house, "Nova", ana="uses", ben="pays")
    heated(one, house)
    said = stand_of(Organisation.objects.get(pk=one.pk))
    assert said and (said.engaged, said.disagreement) == ("2 people engaged", "2 keen, the one who decides is silent")
    heated(one, house, engaged=1, roles={"decides": "silent", "pays": "silent"})
    said = stand_of(Organisation.objects.get(pk=one.pk))
    assert said and said.disagreement == "1 keen, silent: the one who decides, the one who pays"


def test_company_is_shown_on_its_page_in_the_list_and_at_the_desk(house: House) -> None:
    one = staff(house, "Nova", ana="uses", ben="pays")
    lead = house.lead("ana@nova.example", at=NOW - timedelta(hours=1))
    heated(one, house)
    client = browser(house.alice)
    for address in (f"/organisations/{one.public_id}/", "/organisations/", f"/desk/{lead.public_id}/"):
        assert "2 keen, the one who decides is silent" in client.get(address).content.decode(), address


def test_organisations_by_heat_count_exactly_in_as_many_questions(house: House) -> None:
    for name, temperature in (("Nova", "hot"), ("Other", "warm"), ("Third", "warm")):
        heated(staff(house, name, ana="uses"), house, temperature=temperature)
    client = browser(house.alice)
    answer = client.get("/organisations/?temperature=warm")
    assert answer.context["total"] == 2 and [one.count for one in answer.context["filters"][0].options] == [3, 1, 2, 0]
    before = questions(client, "/organisations/?temperature=warm")
    heated(staff(house, "Fourth", ana="uses"), house, temperature="warm")
    assert questions(client, "/organisations/?temperature=warm") == before
    assert client.get("/organisations/?temperature=boiling").context["total"] == 4
