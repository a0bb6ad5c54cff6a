"""`vendange agreement suggest`: figures in words and as JSON, plain refusals, and a draft only when one is offered."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from tests.cli.typed import vendange
from tests.people import House
from tests.steps.past_leads import Past, telling, write
from vendange.agreement.language import load
from vendange.models import AgreementVersion

NOW = timezone.now()


def succeeds(director: bool, webinar: bool, place: int) -> bool:
    return place * 7919 % 100 < 12 + 35 * director + 35 * webinar


def test_each_rule_in_words_and_as_json(house: House) -> None:
    write(house, [Past(100, refused="immature") for _ in range(10)] + [Past(500)], NOW)
    said = vendange("agreement", "suggest").out
    assert "10 leads raised from" in said and "set beside v1." in said
    assert "these shares may exceed 100 %" in said and "0 passed, 0 rejected, won 0/0." not in said
    assert "To review: A2: 10 returns “Not mature yet”; rejected 100%* 10/10" in said
    assert "Too few leads to learn from" in said
    early = (NOW - timedelta(days=600)).date().isoformat()
    typed = vendange("agreement", "suggest", "--from", early, "--to", (NOW - timedelta(days=400)).date().isoformat())
    assert f"1 lead raised from {early} to {(NOW - timedelta(days=400)).date()}," in typed.out
    told = vendange("agreement", "suggest", "--from", early, "--json").value
    assert told["raised"] == 11 and told["card"]["fault"] == "few_rows" and not told["card"]["offered"]
    cell = next(one for one in told["fates"] if (one["section"], one["id"]) == ("cells", "A2"))
    assert cell["rejected"]["count"] == 10 and len(cell["rejected"]["interval"]) == 2
    assert told["to_review"][0]["reasons"] == [["immature", 10]]


def test_what_is_offered_is_written_as_an_agreement(house: House, tmp_path: Path) -> None:
    write(house, telling(400, succeeds), NOW)
    file = tmp_path / "learnt.yaml"
    said = vendange("agreement", "suggest", "--draft", file)
    assert "It can become a draft." in said.out and "Rank at least Director" in said.out
    agreement = load(file.read_text())
    assert any(one.id == "learned-level" for one in agreement.fit)
    assert AgreementVersion.objects.count() == 1


def test_nothing_is_written_when_nothing_is_offered(house: House, tmp_path: Path) -> None:
    file = tmp_path / "learnt.yaml"
    refused = vendange("agreement", "suggest", "--draft", file)
    assert refused.code == 1 and "nothing to sign" in refused.err and not file.exists()


def test_days_that_cannot_be_are_refused(house: House) -> None:
    assert "is not a date" in vendange("agreement", "suggest", "--from", "soon").err
    refused = vendange("agreement", "suggest", "--from", "2026-05-01", "--to", "2026-04-01")
    assert refused.code == 1 and "The period ends before it starts" in refused.err
    for later in (("--from", "2099-10-01"), ("--from", "2099-10-01", "--to", "2099-10-31")):
        told = vendange("agreement", "suggest", *later).err
        assert "have not come yet" in told and "Exchange" not in told


def test_a_field_that_is_none_is_not_included(house: House) -> None:
    refused = vendange("agreement", "suggest", "--include", "nope")
    assert refused.code == 1 and "There is no field nope to include. The fields are: person.level, " in refused.err
    assert vendange("agreement", "suggest", "--include", "person.level").code == 0


def test_without_an_agreement_it_says_so(house: House) -> None:
    AgreementVersion.objects.update(status="withdrawn")
    assert "No agreement is in force." in vendange("agreement", "suggest").err


def test_explain_says_what_the_score_is_worth(house: House) -> None:
    leads = write(house, [Past(300 + place, opportunity=place < 9) for place in range(29)], NOW)
    said = vendange("explain", "lead", leads[0].public_id).out
    assert "31% of leads scored like this became an opportunity within 91 days (9 of 29, 17% to 49%" in said
    told = vendange("explain", "lead", leads[0].public_id, "--json").value["worth"]
    assert (told["opportunities"], told["of"], told["few"], told["within_days"]) == (9, 29, False, 91)
    few = write(house, [Past(250, reason="B1")], NOW)[0]
    assert (
        "0 of 1 leads scored like this became an opportunity: too few to tell"
        in vendange("explain", "lead", few.public_id).out
    )
