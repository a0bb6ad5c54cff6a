"""Trying what is written: on one person, on everybody, on the grid; and what a field takes."""

import re
from html import unescape

import pytest
from django.utils import timezone

from tests.people import House
from tests.web.test_shell import browser
from tests.web.test_writing import HTMX, MOVED, OTHER, SMALL, TEXT, draft, send, typed
from vendange.agree import actions
from vendange.agreement.language import load
from vendange.journey.arrive import arrive
from vendange.models import AgreementVersion, Measure
from vendange.web.agreement.grid import cell_at, cut_of, grid_of, same_points

__all__ = ["draft"]  # a fixture of theirs


def acted(house: House, email: str = "lea@usinage.example", kind: str = "webinar_attended", times: int = 3) -> Measure:
    at = timezone.now()
    traits = {"first_name": "Léa", "last_name": "Martin", "level": "director"}
    arrive(signals=[house.signal(kind, email, at, traits=traits) for _ in range(times)], now=at)
    return Measure.objects.select_related("person").get(person__email=email)


def test_one_person_is_tried_with_lines_that_add_up(house: House, draft: AgreementVersion) -> None:
    measure = acted(house)
    client = browser(house.carole)
    found = send(client, draft.number, act="find", who="léa").content.decode()
    assert f"test {measure.person.public_id}" in found and "Léa Martin" in unescape(found)
    page = unescape(
        send(client, draft.number, act=f"test {measure.person.public_id}", **{"fit[1].points": "25"}).content.decode()
    )
    tested = page.split('class="tested"')[1]
    assert f"v{draft.number}" in tested and f"v{house.version.number}" in tested
    assert re.search(r"Can commit the budget</td><td class=\"r\">25\.0<", tested)
    assert re.search(r"Can commit the budget</td><td class=\"r\">30\.0<", tested)


def test_a_salesperson_s_people_are_not_at_hand(house: House, draft: AgreementVersion) -> None:
    assert browser(house.bob).post(f"/agreement/{draft.number}/write", {"act": "find", "who": "a"}).status_code == 404


def test_everybody_is_previewed_by_the_text(house: House, draft: AgreementVersion) -> None:
    acted(house)
    answer = send(browser(house.carole), draft.number, act="preview", **{"fit[1].points": "80"})
    page = unescape(answer.content.decode())
    assert "1 person changes cell" in page and "Léa Martin" in page.split('class="previewed"')[1]
    assert "The points here are those of" not in page


def test_the_grid_counts_exactly_and_says_who_is_gained(house: House) -> None:
    measure = acted(house)
    Measure.objects.filter(pk=measure.pk).update(fit=70.0, engagement=38.5)
    held, draft = load(TEXT), load(MOVED)
    grid = grid_of(draft, held, name="v2", against_name="v1", can_move=True)
    assert grid and (grid.people, grid.calling, grid.gained, grid.lost) == (1, 1, 1, 0)
    assert {cell.code: (cell.people, cell.before) for cell in grid.cells if cell.people or cell.before} == {
        "A2": (1, 0),
        "A3": (0, 1),
    }
    assert grid.dots["gain"] == "M385 300h0" and grid.spots == "70,38,1,0"
    assert [(one.path, one.value, one.was) for one in grid.thresholds if one.was] == [
        ("grades.engagement.2", "36", "40")
    ]
    assert grid.measured_by == "" and same_points(held, draft)
    other = load(TEXT.replace("points: 30", "points: 31"))
    seen = grid_of(other, held, name="v2", against_name="v1")
    assert seen and seen.measured_by == "v1"
    Measure.objects.filter(pk=measure.pk).update(set_aside="student")
    empty = grid_of(draft, held)
    assert empty and empty.people == 0


@pytest.mark.parametrize("fit", [0, 19.999999, 20, 45, 69.999999, 70, 100])
@pytest.mark.parametrize("engagement", [0, 14.999999, 15, 36, 40, 69.5, 70, 100])
def test_the_grid_cuts_where_the_engine_does(fit: float, engagement: float) -> None:
    from vendange.engine.grades import fit_grade, grade

    agreement = load(MOVED)
    assert cell_at(fit, engagement, cut_of(agreement)) == fit_grade(agreement, fit) + grade((70, 36, 15), engagement)


def test_without_points_there_is_no_grid(house: House) -> None:
    version = actions.draft(text=SMALL, by=house.carole, now=timezone.now())
    page = browser(house.carole).get(f"/agreement/{version.number}/write").content.decode()
    assert grid_of(load(SMALL)) is None and "No points in this agreement" in page


def test_lines_are_sliders_between_their_neighbours(house: House, draft: AgreementVersion) -> None:
    page = browser(house.carole).get(f"/agreement/{draft.number}/write").content.decode()
    sliders = re.findall(r'role="slider".*?aria-valuemin="(\d+)" aria-valuemax="(\d+)" aria-valuenow="(\d+)"', page)
    assert sorted(sliders) == sorted(
        [
            ("41", "100", "70"),
            ("16", "69", "40"),
            ("1", "39", "15"),
            ("46", "100", "70"),
            ("21", "69", "45"),
            ("1", "44", "20"),
        ]
    )


# What a field takes, and what a text may not hold


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_comma_is_a_point_in_the_form(house: House, draft: AgreementVersion, language: str) -> None:
    client = browser(house.carole, accept=language)
    fields = {"fit[1].points": "12,5", "grades.engagement.2": "40,5", "temperature.hot": " 41,25 "}
    new = load(typed(send(client, draft.number, **fields).content.decode()))
    assert (new.fit[0].points, new.grades.engagement[1], new.temperature.hot) == (12.5, 40.5, 41.25)
    thousand = send(client, draft.number, **{"fit[1].points": "1,000"}).content.decode()
    assert "1,000" in typed(thousand) and 'id="w-fit-1-points-e"' in thousand


def test_a_label_keeps_its_comma(house: House, draft: AgreementVersion) -> None:
    new = typed(send(browser(house.carole), draft.number, **{"fit[1].label.en": "2,5"}).content.decode())
    assert new == OTHER  # rules of fit have no label in the form
    new = typed(send(browser(house.carole), draft.number, **{"volumes[1].label.en": "2,5"}).content.decode())
    assert load(new).volumes[0].label.en == "2,5"


def test_half_a_character_is_told_with_its_line(house: House, draft: AgreementVersion) -> None:
    name = next(line for line in OTHER.split("\n") if line.startswith("agreement:"))
    for act, status in (("", 200), ("save", 422)):
        odd = OTHER.replace(name, 'agreement: "\\ud800 x"')
        answer = browser(house.carole).post(
            f"/agreement/{draft.number}/write", {"text": odd, "valid": odd, "act": act, "base": draft.sha, "shown": ""}
        )
        told = unescape(answer.content.decode())
        assert answer.status_code == status and "\\uD800 is half of a character" in told


def test_the_text_in_force_is_no_new_version_whatever_was_drafted_since(house: House, draft: AgreementVersion) -> None:
    answer = send(browser(house.carole), house.version.number, house.version.text, act="save")
    told = unescape(answer.content.decode())
    assert answer.status_code == 422 and f"This says the same as version {house.version.number}" in told
    assert AgreementVersion.objects.count() == 2


def test_a_signature_that_a_save_voids_is_told_before_and_with_it(house: House, draft: AgreementVersion) -> None:
    client = browser(house.carole)
    actions.sign(version=draft, by=house.marc, now=timezone.now())
    page = client.get(f"/agreement/{draft.number}/write").content.decode()
    assert "Marc" in page.split('id="voids"')[1].split("</p>")[0] and "voids the signature" in page
    sent = {"text": MOVED, "valid": MOVED, "act": "save", "base": draft.sha, "shown": ""}
    first = client.post(f"/agreement/{draft.number}/write", {**sent, "signed": ""})  # opened before Marc signed
    assert first.status_code == 409 and draft.signatures.get().void_at is None
    carried = re.search(r'name="signed" value="(\d+)"', first.content.decode())
    assert carried
    again = client.post(f"/agreement/{draft.number}/write", {**sent, "signed": carried[1]}, headers=HTMX)
    told = unescape(again.content.decode())
    assert again.status_code == 200 and draft.signatures.get().void_at
    assert "is void: it was given to the former text." in told


def test_saving_the_text_that_was_signed_voids_nothing(house: House, draft: AgreementVersion) -> None:
    actions.sign(version=draft, by=house.marc, now=timezone.now())
    sent = {"text": f"{OTHER}# a comment\n", "act": "save", "base": draft.sha, "shown": "", "signed": ""}
    assert browser(house.carole).post(f"/agreement/{draft.number}/write", sent).status_code == 303
    assert draft.signatures.get().void_at is None
