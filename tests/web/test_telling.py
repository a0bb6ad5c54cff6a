"""Telling through the page: who may, what is asked, what is kept as typed, what is seen afterwards; shows and files."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localtime

from tests.people import House
from tests.web.test_people import passed_to, questions
from tests.web.test_shell import browser
from vendange.capture import actions as capture
from vendange.journey import doubting
from vendange.journey import telling as telling_of
from vendange.link import actions as links
from vendange.meet import queries as met
from vendange.models import ImportBatch, Lead, Person, Review, Signal, TradeShow, User
from vendange.models.trail import Trail
from vendange.reach import queries as reached

JSON = {"accept": "application/json"}


def telling(**given: Any) -> dict[str, str]:
    return {"once": "message-0001", "kind": "partner_conversation", "name": "Anne Roy", "company": "Hexal", **given}


def keep(who: User, *, script: bool = True, **given: Any) -> Any:
    client = browser(who)
    return client.post("/tell/keep", telling(**given), headers=JSON if script else None)


def fair(house: House, kind: str = "booth_visited") -> TradeShow:
    today = localtime(timezone.now()).date().isoformat()
    sent = {
        "name": "SIMODEC",
        "from_day": today,
        "to_day": today,
        "kind": kind,
        "topic": "machining",
        "place": "La Roche",
    }
    assert browser(house.carole).post("/capture/shows/add", sent).status_code == 303
    return TradeShow.objects.get()


def test_a_stranger_signs_in_first(house: House) -> None:
    for address in ("/tell/", "/tell/shell", "/tell/who", "/tell/people?q=anne", "/capture/shows/"):
        assert browser().get(address).status_code == 302
    assert browser().post("/tell/keep", telling()).status_code == 302
    assert not Signal.objects.exists()


@pytest.mark.parametrize("who", ["alice", "bob", "carole", "marc"])
def test_every_colleague_tells(house: House, who: str) -> None:
    teller = getattr(house, who)
    assert browser(teller).get("/tell/").status_code == 200
    assert keep(teller, said="They look for a lathe.").json()["name"] == "Anne Roy"
    one = Signal.objects.get()
    assert (one.by, one.origin, one.props) == (teller, "reported", {"said": "They look for a lathe."})


def test_a_page_without_script_keeps_it_too_and_the_same_form_twice_counts_once(house: House) -> None:
    client = browser(house.alice)
    once = re.search(r'name="once" value="([^"]+)"', client.get("/tell/").content.decode())
    assert once
    for _twice in range(2):
        assert client.post("/tell/keep", telling(once=once[1])).status_code == 303
    assert Signal.objects.count() == 1
    page = client.get("/tell/").content.decode()
    assert "Anne Roy" in page and "Undo" in page
    assert client.post("/tell/undo", {"once": once[1]}).status_code == 303
    assert not Signal.objects.exists()


def test_bad_input_keeps_everything_typed(house: House) -> None:
    typed: dict[str, Any] = {
        "kind": "social_post",
        "said": "Who knows a good lathe?",
        "judged": "Worth a call",
        "link": "nowhere",
    }
    answer = keep(house.alice, script=False, **typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    for text in ("Anne Roy", "Hexal", "Who knows a good lathe?", "Worth a call", "nowhere", "from https:// on"):
        assert text in page
    assert set(keep(house.alice, **typed).json()["wrong"]) == {"link", "day", "public"}
    assert not Signal.objects.exists()


def test_a_known_name_is_asked_about_and_nobody_is_merged_by_it(house: House) -> None:
    known = house.lead().person
    asked = keep(house.alice, name="Camille Moreau", company="").json()["ask"]
    assert [one["id"] for one in asked] == [str(known.public_id)]
    page = keep(house.alice, script=False, name="Camille Moreau", company="Other").content.decode()
    assert "Is it one of these?" in page and str(known.public_id) in page
    keep(house.alice, name="Camille Moreau", company="Other", person="new")
    assert Person.objects.filter(last_name="Moreau").count() == 2
    keep(house.alice, once="message-0002", person=str(known.public_id))
    assert Signal.objects.get(message_id__endswith="message-0002").person == known


def test_a_salesperson_is_neither_asked_about_nor_finds_whom_they_may_not_see(house: House) -> None:
    other = passed_to(house, house.bruno, "other@b.example").person
    bob = browser(house.bob)
    assert bob.get("/tell/people?q=moreau").json()["people"] == []
    assert bob.get(f"/tell/?person={other.public_id}").context["chosen"] is None
    assert "name" in keep(house.bob, person=str(other.public_id)).json()["wrong"]
    assert keep(house.bob, name="Camille Moreau", company="B").json()["kept"]
    assert browser(house.bruno).get("/tell/people?q=moreau").json()["people"][0]["id"] == str(other.public_id)


def test_what_another_typed_is_never_kept_in_this_name(house: House) -> None:
    answer = keep(house.alice, user=str(house.bob.public_id))
    assert (answer.status_code, Signal.objects.count()) == (403, 0)
    assert browser(house.alice).get("/tell/who").json()["user"] == str(house.alice.public_id)
    assert "undone" in keep(house.alice).json() or Signal.objects.get().by == house.alice
    stranger = browser(house.bob).post("/tell/undo", {"once": "message-0001"}, headers=JSON)
    assert not stranger.json()["undone"] and Signal.objects.count() == 1


def test_the_page_that_a_browser_keeps_says_nothing_of_anybody(house: House) -> None:
    lead = house.lead()
    keep(house.alice)
    page = browser(house.alice).get("/tell/shell").content.decode()
    for secret in ("Alice", "alice", "Moreau", "Anne Roy", "csrfmiddlewaretoken", str(house.alice.public_id)):
        assert secret not in page
    assert lead.person.email not in page


def test_the_worker_may_see_its_own_path_only(house: House) -> None:
    answer = browser().get("/tell/worker.js")
    assert answer["Content-Type"].startswith("text/javascript") and "Service-Worker-Allowed" not in answer
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_words_and_judgement_stand_apart_on_both_timelines(house: House) -> None:
    lead = house.lead()
    given: dict[str, Any] = {"said": "Before spring, please.", "judged": "Serious <b>", "warmth": "strong"}
    keep(house.alice, person=str(lead.person.public_id), **given)
    for address in (f"/people/{lead.person.public_id}/", f"/desk/{lead.public_id}/"):
        page = browser(house.aude).get(address).content.decode()
        assert "<blockquote>“Before spring, please.”</blockquote>" in page
        assert re.search(r'class="judged"><b>What we think:</b> Very interested · Serious &lt;b&gt;', page)
        assert "told by Alice Test" in page


def test_a_link_that_is_no_address_of_the_web_is_no_link(house: House) -> None:
    lead = house.lead()
    keep(house.alice, person=str(lead.person.public_id), said="x")
    Signal.objects.filter(by=house.alice).update(props={"said": "x", "link": "javascript:alert(1)"})
    assert "javascript:" not in browser(house.alice).get(f"/people/{lead.person.public_id}/").content.decode()


def visits(client: Client, show: TradeShow, names: list[str]) -> None:
    for place, name in enumerate(names):
        sent = {
            "once": f"visit-{show.pk}-{name[:1]}{place:04}",
            "kind": show.kind,
            "show": str(show.public_id),
            "scan": name,
        }
        assert client.post("/tell/keep", sent, headers=JSON).json().get("kept")


def test_a_booth_takes_one_after_the_other_and_its_page_asks_no_more_for_more(house: House) -> None:
    show = fair(house)
    alice = browser(house.alice)
    booth, page = f"/tell/shows/{show.public_id}/", f"/capture/shows/{show.public_id}/"
    visits(alice, show, ["Anne Roy, Hexal", "b@lorval.example"])
    few = questions(alice, booth), questions(alice, page), questions(alice, "/tell/")
    visits(alice, show, [f"Person{n}x Family{n}x, Firm {n}".replace(str(n) + "x", "abcdefgh"[n]) for n in range(6)])
    assert (questions(alice, booth), questions(alice, page), questions(alice, "/tell/")) == few
    assert met.brought(show).visits == 8
    wrong = alice.post(
        "/tell/keep", {**telling(once="visit-wrong"), "show": str(show.public_id), "scan": "A-99"}, headers=JSON
    )
    assert "A-99" in wrong.json()["wrong"]["scan"]


def test_only_marketing_and_administrators_arrange_shows(house: House) -> None:
    show = fair(house)
    bob = browser(house.bob)
    assert bob.get("/capture/shows/").status_code == 200
    assert bob.get(f"/capture/shows/{show.public_id}/").status_code == 200
    assert bob.post("/capture/shows/add", {"name": "X"}).status_code == 404
    assert bob.post(f"/capture/shows/{show.public_id}/file").status_code == 404
    assert bob.post(f"/capture/shows/{show.public_id}/change").status_code == 404
    wrong = {"name": "simodec", "from_day": "2026-01-02", "to_day": "2026-01-01", "kind": "booth_visited"}
    again = browser(house.carole).post("/capture/shows/add", {**wrong, "place": "Kept as typed"})
    assert again.status_code == 422 and "Kept as typed" in again.content.decode()


def file_of(house: House, show: TradeShow, text: str, **given: str) -> Any:
    sent = {"collected_by": "GL events", "basis": "consent", "wording": "I accept.", "professional": "on", **given}
    uploaded = SimpleUploadedFile("list.csv", text.encode())
    return browser(house.carole).post(f"/capture/shows/{show.public_id}/file", {**sent, "file": uploaded})


def test_a_badge_list_then_scans_and_the_same_files_again_add_nothing(house: House) -> None:
    show = fair(house)
    badges = (
        "Badge;Prénom;Nom;Société;E-mail;Hall\nA1;Anne;Roy;Hexal;anne@hexal.example;4\nA2;Luc;Petit;Lorval;luc@;5\n"
    )
    now = localtime(timezone.now() - timedelta(minutes=5))
    scans = f"Badge;Date et heure\nA1;{now:%d/%m/%Y %H:%M}\nA7;{now:%d/%m/%Y %H:%M}\nA1;01/02/2020 10:00\n"
    first = file_of(house, show, badges)
    assert (first.context["taken"].added, first.context["taken"].refused) == (1, 1)
    assert first.context["taken"].left_out == ["Hall"]
    came = file_of(house, show, scans).context["taken"]
    assert (came.rows, came.added, came.known, came.refused) == (3, 1, 0, 2)
    assert Signal.objects.get().person.email == "anne@hexal.example"
    for text in (badges, scans):
        again = file_of(house, show, text).context["taken"]
        assert (again.added, again.known) == (0, 1)
    found = met.brought(show)
    assert (found.visits, found.people, found.expected) == (1, 1, 0)
    batch = ImportBatch.objects.order_by("-id").first()
    assert batch and batch.by == house.carole
    rows = browser(house.carole).get(f"/capture/imports/{batch.public_id}/refused.csv")
    assert b"refused_because" in rows.content and b"A7" in rows.content


def test_a_file_without_its_origin_or_without_people_is_refused_whole(house: House) -> None:
    show = fair(house)
    assert file_of(house, show, "E-mail\na@b.example\n", wording="").status_code == 422
    answer = file_of(house, show, "Hall;Stand\n4;B12\n")
    assert answer.status_code == 422 and "No column says who the visitors are" in answer.content.decode()
    assert not Person.objects.exists() and not ImportBatch.objects.exists()


def test_a_salesperson_learns_nothing_of_whom_they_may_not_see(house: House) -> None:
    """They hear back what they typed, here and in the list of what they told."""
    other = passed_to(house, house.bruno, "other@b.example").person
    answer = keep(house.bob, name="", company="", email=other.email).json()
    assert (answer["name"], answer["company"]) == ("other@b.example", "")
    page = browser(house.bob).get("/tell/").content.decode()
    assert "Somebody whom you may not see" in page and "Moreau" not in page
    assert keep(house.alice, name="", company="", email=other.email).json()["name"] == "Camille Moreau"


def test_a_salesperson_is_asked_about_whom_they_told_of_today(house: House) -> None:
    assert keep(house.bob)
    again = keep(house.bob, once="message-0002").json()
    assert [one["name"] for one in again["ask"]] == ["Anne Roy"]
    assert keep(house.bruno, once="message-0003").json()["kept"]  # it is not theirs to know
    assert keep(house.bob, once="message-0004", person=again["ask"][0]["id"]).json()["name"] == "Anne Roy"


def test_a_clock_of_long_ago_is_answered(house: House) -> None:
    for at in ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"):
        assert keep(house.alice, told_at=at, when="yesterday", once=f"at-{at[:4]}-{at[-4:-3]}-x").status_code == 200


def test_a_visit_is_of_the_days_of_its_show_and_a_call_is_of_none(house: House) -> None:
    show = fair(house)
    shown = str(show.public_id)
    keep(house.alice, kind="call_received", show=shown)
    assert Signal.objects.get().campaign == ""
    assert keep(house.alice, kind="booth_visited", show=shown, once="message-0002", name="B C").json()["kept"]
    assert Signal.objects.get(campaign="SIMODEC").kind == "booth_visited"
    TradeShow.objects.update(from_day="2030-01-01", to_day="2030-01-03")
    wrong = keep(house.alice, kind="booth_visited", show=shown, once="message-0003", name="D E").json()
    assert "2030-01-01" in wrong["wrong"]["show"]


def test_names_that_vendange_uses_itself_are_refused(house: House) -> None:
    sent = {"from_day": "2026-01-01", "to_day": "2026-01-02", "kind": "booth_visited"}
    for name in ("Told by colleagues", "tracked LINKS", "Mail that comes back"):
        answer = browser(house.carole).post("/capture/shows/add", {**sent, "name": name})
        assert answer.status_code == 422 and "Choose another name" in answer.content.decode()
    assert not TradeShow.objects.exists()


def test_reserved_names_are_those_in_use() -> None:
    assert {telling_of.SOURCE.casefold(), links.SOURCE.casefold(), reached.MAILBOX.casefold()} == capture.RESERVED


def test_a_source_of_another_kind_is_never_handed_out(house: House) -> None:
    now = timezone.now()
    show = fair(house)
    assert capture.source_named(name="SIMODEC", kind="desk", now=now).name == "SIMODEC (2)"
    assert capture.source_named(name="SIMODEC", kind="import", now=now) == show.source
    site = capture.source_named(name="Web site", kind="segment", now=now)
    other = capture.source_named(name="Web site", kind="import", now=now)
    assert other != site and capture.source_named(name="Web site", kind="import", now=now) == other


def test_an_organisers_file_with_spare_columns_is_taken(house: House) -> None:
    show = fair(house)
    text = "E-mail;Société;Stand;Stand;\na@hexal.example;Hexal;4;5;\nb@hexal.example;Hexal;4;5\n"
    taken = file_of(house, show, text).context["taken"]
    assert (taken.added, taken.refused) == (2, 0)
    assert taken.left_out == ["Stand", "Stand", "column 5"]
    twice = file_of(house, show, "E-mail;E-mail\na@hexal.example;b@hexal.example\n")
    assert "Two columns are called E-mail" in twice.content.decode()


def test_a_refused_file_speaks_of_no_map_and_by_its_own_name(house: House) -> None:
    page = file_of(house, fair(house), "a,b;c\n1,2;3\n").content.decode()
    assert "list.csv: it is not clear what separates its columns" in page and "the map" not in page


def test_a_file_of_any_name_is_taken(house: House) -> None:
    show = fair(house)
    sent = {"collected_by": "GL events", "basis": "consent", "wording": "I accept."}
    uploaded = SimpleUploadedFile("é" * 200 + ".csv", b"E-mail\na@hexal.example\n")
    answer = browser(house.carole).post(f"/capture/shows/{show.public_id}/file", {**sent, "file": uploaded})
    assert answer.status_code == 200 and ImportBatch.objects.get().file_name.startswith("ééé")


def test_a_quote_that_is_taken_back_leaves_a_marked_lead(house: House) -> None:
    kept = keep(house.alice, kind="quote_requested", email="anne@hexal.example")
    assert kept.json()["kept"]
    lead = Lead.objects.get()
    said = browser(house.alice).post("/tell/undo", {"once": "message-0001"}, headers=JSON).json()
    assert "stays on the desk" in said["what"]
    review = Review.objects.get(lead=lead)
    assert review.machine_at and review.outcome == ""
    assert Trail.objects.filter(verb="lead.taken_back", subject_id=lead.pk).count() == 1
    page = browser(house.aude).get(f"/desk/{lead.public_id}/").content.decode()
    assert "Its signal was taken back" in page and "Opened by a machine" not in page
    doubting.close(lead=lead, by=house.aude, now=timezone.now())
    assert Review.objects.get(lead=lead).outcome == "eliminate"
