"""Forms from draft to closed, texts of consent, and the file of answers."""

import pytest

from tests.people import MONDAY, House
from vendange.ask import actions, queries
from vendange.ask.actions import Closed, NameTaken, NothingToPublish, TextInUse
from vendange.ask.rules import BadForm, ConsentAsked, Definition, Question
from vendange.models import ConsentText, Form, Source, Submission, Trail
from vendange.web.capture.form_file import rows

EMAIL = Question("email", kind="email", label="E-mail", required=True)
PLAIN = Definition(title="Contact", questions=(EMAIL,))


def form_of(house: House, definition: Definition = PLAIN) -> Form:
    return actions.add_form(name="Contact", definition=definition, by=house.carole, now=MONDAY)


def text_of(house: House, text: str = "Send me the letter.") -> ConsentText:
    return actions.add_text(channel="email", purpose="news", language="en", text=text, by=house.carole, now=MONDAY)


def verbs() -> list[str]:
    return list(Trail.objects.filter(subject__in=("form", "consenttext")).order_by("pk").values_list("verb", flat=True))


def test_a_form_has_a_source_of_its_own_and_is_shown_once_published(house: House) -> None:
    form = form_of(house)
    assert (form.source.kind, form.source.name, form.published) == ("form", "Contact", None)
    assert queries.shown() == [] and queries.published(form) is None
    version = actions.publish(form=form, by=house.carole, now=MONDAY)
    form.refresh_from_db()
    assert queries.shown() == [(form, version)] and queries.published(form) == version
    assert verbs() == ["form.added", "form.published"]


def test_a_published_version_never_changes(house: House) -> None:
    form = form_of(house)
    first = actions.publish(form=form, by=house.carole, now=MONDAY)
    draft = actions.save(
        form=form, definition=Definition(title="Other", questions=(EMAIL,)), by=house.carole, now=MONDAY
    )
    again = actions.save(
        form=form, definition=Definition(title="Third", questions=(EMAIL,)), by=house.carole, now=MONDAY
    )
    assert (draft.number, again.pk) == (2, draft.pk)
    first.refresh_from_db()
    assert first.definition["title"] == "Contact"
    form.refresh_from_db()
    assert form.published == 1  # visitors see the first until the draft is published
    actions.publish(form=form, by=house.carole, now=MONDAY)
    with pytest.raises(NothingToPublish):
        actions.publish(form=form, by=house.carole, now=MONDAY)


def test_what_the_law_forbids_is_not_published(house: House) -> None:
    form = form_of(
        house, Definition(title="Contact", questions=(EMAIL, Question("phone", kind="phone", label="Phone")))
    )
    with pytest.raises(BadForm) as refused:
        actions.publish(form=form, by=house.carole, now=MONDAY)
    assert [place for place, _ in refused.value.faults] == ["questions.1.help"]
    assert queries.shown() == []


@pytest.mark.parametrize("name", ["contact", "web SITE", " Contact "])
def test_a_name_is_taken_once_among_forms_and_sources(house: House, name: str) -> None:
    form_of(house)
    with pytest.raises(NameTaken):
        actions.add_form(name=name, definition=PLAIN, by=house.carole, now=MONDAY)


def test_a_closed_form_takes_nothing_any_more(house: House) -> None:
    form = form_of(house)
    actions.publish(form=form, by=house.carole, now=MONDAY)
    actions.close(form=form, by=house.carole, now=MONDAY)
    actions.close(form=form, by=house.carole, now=MONDAY)
    assert queries.shown() == [] and Source.objects.get(form=form).closed_at == MONDAY
    assert verbs().count("form.closed") == 1
    with pytest.raises(Closed):
        actions.save(form=form, definition=PLAIN, by=house.carole, now=MONDAY)


def test_a_new_wording_is_a_new_version_and_the_old_one_stays_as_proof_c16(house: House) -> None:
    first, second = text_of(house), text_of(house, "Send me your letter, once a month.")
    assert (first.code, second.code) == ("email/news/en/1", "email/news/en/2")
    actions.retire_text(text=first, by=house.carole, now=MONDAY)
    assert queries.wordings() == {second.code: second.text}
    kept = queries.texts_of(Definition(consents=(ConsentAsked("email", "news", first.code),)))
    assert kept == {first.code: "Send me the letter."}


def test_a_text_that_a_form_shows_is_not_retired(house: House) -> None:
    text = text_of(house)
    shows = Definition(title="Contact", questions=(EMAIL,), consents=(ConsentAsked("email", "news", text.code),))
    form = form_of(house, shows)
    actions.publish(form=form, by=house.carole, now=MONDAY)
    with pytest.raises(TextInUse):
        actions.retire_text(text=text, by=house.carole, now=MONDAY)
    actions.close(form=form, by=house.carole, now=MONDAY)
    actions.retire_text(text=text, by=house.carole, now=MONDAY)
    assert queries.wordings() == {}


@pytest.mark.parametrize(
    ("channel", "purpose", "text"), [("email", "news", " "), ("phone", "calls", "Call me."), ("email", "a/b", "Yes.")]
)
def test_a_text_that_says_too_little_is_refused(house: House, channel: str, purpose: str, text: str) -> None:
    with pytest.raises(BadForm):
        actions.add_text(channel=channel, purpose=purpose, language="en", text=text, by=house.carole, now=MONDAY)


def test_the_file_of_answers_has_a_column_for_every_question_ever_asked(house: House) -> None:
    form = form_of(house, Definition(title="Contact", questions=(EMAIL, Question("phone", label="Phone"))))
    actions.save(form=form, definition=PLAIN, by=house.carole, now=MONDAY)
    box = {"channel": "email", "purpose": "news", "wording": "email/news/en/1"}
    waits = {**box, "pending": True}
    said = {"email": "a@b.example", "phone": "+33 6 12 34 56 78", "need": '=HYPERLINK("x")'}
    actions.keep_submissions(
        [
            Submission(form=form, version=1, message_id="1", answers=said, consents=[box], page="-2+3", at=MONDAY),
            Submission(form=form, version=1, message_id="2", answers={"email": "=1+1"}, consents=[waits], at=MONDAY),
        ]
    )
    heading, first, second = ([queries.harmless(text) for text in row] for row in rows(form))
    row = dict(zip(heading, first, strict=True))
    consent = "Consent: E-mail, News and offers"
    assert (row["E-mail"], row[consent], row["Page"]) == ("a@b.example", "email/news/en/1", "'-2+3")
    later = dict(zip(heading, second, strict=True))
    assert (later["E-mail"], later[consent]) == ("'=1+1", "email/news/en/1 – not confirmed")
