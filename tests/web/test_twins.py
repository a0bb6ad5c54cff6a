"""Two records side by side: a colleague says which stays, or that they are two; all of it can be undone."""

import pytest
from django.test import Client

from tests.people import MONDAY, House
from tests.web.test_people import questions
from tests.web.test_shell import browser
from vendange.models import Job, Merge, Person, Twins


def pair(number: int = 1) -> Twins:
    first, second = (
        Person.objects.create(created_at=MONDAY, first_name="Jean", last_name=f"Martin{number}", email=email)
        for email in (f"jean{number}@nova.example", f"jean{number}+salon@nova.example")
    )
    return Twins.objects.create(first=first, second=second, score=0.96, because=["address", "name"], found_at=MONDAY)


def judged(client: Client, twins: Twins, keep: object) -> str:
    return client.post(f"/people/twins/{twins.pk}/judge", {"keep": str(keep)}, follow=True).content.decode()


def test_the_record_that_is_kept_takes_the_other_in(house: House) -> None:
    twins, client = pair(), browser(house.alice)
    assert "same mailbox" in client.get("/people/twins/").content.decode()
    assert "one record" in judged(client, twins, twins.second.public_id)
    twins.first.refresh_from_db()
    assert twins.first.merged_into == twins.second
    answer = client.get(f"/people/{twins.first.public_id}/")
    assert answer["Location"] == f"/people/{twins.second.public_id}/"
    assert "became one record" in client.get(answer["Location"]).content.decode()


def test_undone_they_are_two_again(house: House) -> None:
    twins, client = pair(), browser(house.alice)
    judged(client, twins, twins.first.public_id)
    done = Merge.objects.get()
    assert "two records again" in client.post(f"/people/merges/{done.public_id}/undo", follow=True).content.decode()
    assert client.get(f"/people/{twins.second.public_id}/").status_code == 200
    assert "undone already" in client.post(f"/people/merges/{done.public_id}/undo", follow=True).content.decode()


def test_two_people_are_not_asked_about_again(house: House) -> None:
    twins, client = pair(), browser(house.alice)
    assert "are two people" in judged(client, twins, "both")
    assert "No pair waits" in client.get("/people/twins/").content.decode()
    assert "judged this pair meanwhile" in judged(client, twins, twins.first.public_id)


def test_what_is_not_one_of_the_two_is_refused(house: House) -> None:
    twins, client = pair(), browser(house.alice)
    assert "which of the two" in judged(client, twins, house.alice.pk)
    assert not Merge.objects.exists()


def test_any_two_records_can_be_merged_by_hand(house: House) -> None:
    twins, client = pair(), browser(house.alice)
    address = f"/people/{twins.first.public_id}/merge"
    assert "Nobody is found" in client.post(address, {"other": "nobody@nova.example"}, follow=True).content.decode()
    assert "one record already" in client.post(address, {"other": twins.first.email}, follow=True).content.decode()
    page = f"https://vendange.example/people/{twins.second.public_id}/"
    client.post(address, {"other": page})
    assert Merge.objects.get().absorbed == twins.second


def test_everybody_is_compared_by_the_worker(house: House) -> None:
    client = browser(house.alice)
    for _twice in range(2):
        client.post("/people/twins/compare")
    job = Job.objects.get(kind="twins")
    assert "every 2s" in client.get("/people/twins/").content.decode()
    assert job.by == house.alice


@pytest.mark.parametrize("who", ["bob", "marc"])
def test_it_is_for_marketing_and_the_desk(house: House, who: str) -> None:
    twins, client = pair(), browser(getattr(house, who))
    assert client.get("/people/twins/").status_code == 404
    assert client.post(f"/people/twins/{twins.pk}/judge", {"keep": "both"}).status_code == 404
    assert client.post(f"/people/{twins.first.public_id}/merge", {"other": twins.second.email}).status_code == 404


def test_as_many_questions_for_twice_as_many(house: House) -> None:
    client = browser(house.alice)
    pair(1)
    few = questions(client, "/people/twins/")
    for n in range(2, 8):
        pair(n)
    assert questions(client, "/people/twins/") == few
