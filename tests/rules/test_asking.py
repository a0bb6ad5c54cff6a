"""What a form may ask, what it asks next, and which answers can be taken: plain rules, case by case."""

from dataclasses import replace
from typing import Any

import pytest

from vendange.ask.queries import harmless
from vendange.ask.rules import (
    FIELDS,
    PHONE_PARTS,
    BadForm,
    ConsentAsked,
    Definition,
    Question,
    as_json,
    check,
    faults,
    key_of,
    next_questions,
    read_definition,
    secret_of,
    text_faults,
    warnings,
)
from vendange.capture.rules import COMPANY_TRAITS, PERSON_TRAITS, PLACE_TRAITS
from vendange.engine.countries import countries

CALLS = "\n".join(
    (
        "Nova may call you about its lathes.",
        "You are free to agree or not.",
        "Your consent holds for 12 months.",
        "You may withdraw it at any time on our site.",
        "We send you its proof free of charge.",
    )
)
TEXTS = {"email/news/en/1": "Send me the letter.", "phone/offers/en/1": CALLS, "email/news/fr/1": "La lettre."}
NEWS = ConsentAsked("email", "news", "email/news/en/1")
CALL_ME = ConsentAsked("phone", "offers", "phone/offers/en/1")
EMAIL = Question("email", kind="email", label="Your e-mail", required=True)
PHONE = Question("phone", kind="phone", label="Your number")
FORM = Definition(signal="quote_requested", title="A quote", questions=(EMAIL,), consents=(NEWS,))


def places(form: Definition) -> list[str]:
    return [place for place, _ in faults(form, TEXTS)]


def test_a_form_comes_back_from_its_json_as_it_was() -> None:
    whole = replace(FORM, questions=(EMAIL, Question("colour", "", "choice", "Which?", options=("red", "blue"))))
    assert read_definition(as_json(whole)) == whole
    assert faults(whole, TEXTS) == []


@pytest.mark.parametrize("name", ["ticked", "checked", "required", "default"])
def test_a_box_ticked_in_advance_or_required_is_refused_c17_c18(name: str) -> None:
    given = as_json(FORM)
    given["consents"] = [{**given["consents"][0], name: True}]
    with pytest.raises(BadForm) as refused:
        read_definition(given)
    [(place, told)] = refused.value.faults
    assert place == f"consents.0.{name}"
    assert "never ticked in advance and never required" in told


@pytest.mark.parametrize("given", [{"questions": [1]}, {"questions": "all"}, {"ask_at_most": "3x"}, {"colour": "red"}])
def test_what_is_no_form_is_refused_with_a_sentence(given: dict[str, Any]) -> None:
    with pytest.raises(BadForm) as refused:
        read_definition(given)
    assert refused.value.faults[0][1].endswith(".")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"title": " "}, "title"),
        ({"signal": "Quote!"}, "signal"),
        ({"language": "de", "consents": ()}, "language"),
        ({"questions": ()}, "questions"),
        ({"questions": (replace(EMAIL, required=False),)}, "questions"),
        ({"questions": (EMAIL, replace(EMAIL, label="Again"))}, "questions.1.id"),
        ({"questions": (EMAIL, Question("regime", label="Who are you?"))}, "questions.1.about"),
        (
            {"questions": (EMAIL, Question("colour", kind="choice", label="Which?", options=("red",)))},
            "questions.1.options",
        ),
        ({"questions": (replace(EMAIL, kind="text"),)}, "questions.0.kind"),
        ({"questions": (EMAIL, Question("need", label=""))}, "questions.1.label"),
        ({"thanks_url": "http://nova.example/"}, "thanks_url"),
        ({"thanks_url": "https://me@nova.example/"}, "thanks_url"),
        ({"thanks_url": "javascript:alert(1)"}, "thanks_url"),
        ({"ask_at_most": -1}, "ask_at_most"),
        ({"consents": (), "confirm": True}, "confirm"),
        # One box, one channel, one purpose (C18); its text is in use, for it, and in the form's language (C89).
        ({"consents": (replace(NEWS, channel="email+phone"),)}, "consents.0.channel"),
        ({"consents": (NEWS, NEWS)}, "consents.1.purpose"),
        ({"consents": (replace(NEWS, wording="email/news/en/9"),)}, "consents.0.wording"),
        ({"consents": (replace(NEWS, wording="email/news/fr/1"),)}, "consents.0.wording"),
        ({"consents": (replace(NEWS, purpose="offers"),)}, "consents.0.wording"),
        ({"consents": (CALL_ME,)}, "consents"),
        # A number is asked without a word on consent to calls (C60).
        ({"questions": (EMAIL, PHONE)}, "questions.1.help"),
    ],
)
def test_what_keeps_a_form_from_the_public(change: dict[str, Any], place: str) -> None:
    assert place in places(replace(FORM, **change))


@pytest.mark.parametrize(
    "change",
    [
        {"questions": (EMAIL, replace(PHONE, help="We call with offers only with your consent."))},
        {"questions": (EMAIL, PHONE), "consents": (NEWS, CALL_ME)},
        {"thanks_url": "https://nova.example/merci?a=1#top"},
        {"confirm": True},
    ],
)
def test_what_may_be_published(change: dict[str, Any]) -> None:
    assert places(replace(FORM, **change)) == []


@pytest.mark.parametrize("missing", range(len(PHONE_PARTS)))
def test_a_consent_to_calls_lacking_one_of_its_five_things_is_refused_c51(missing: int) -> None:
    lines = CALLS.split("\n")
    lines[missing] = ""
    text = "\n".join(lines)
    assert PHONE_PARTS[missing] in dict(text_faults("phone", text))
    form = replace(FORM, questions=(EMAIL, PHONE), consents=(CALL_ME,))
    assert dict(faults(form, {CALL_ME.wording: text})).keys() == {"consents.0.wording"}
    assert text_faults("email", "Yes, write to me.") == []


@pytest.mark.parametrize("period", ["for ever", "for 13 months", "pendant deux ans", "for 400 days", "2 years"])
def test_a_consent_to_calls_is_for_a_year_at_most(period: str) -> None:
    lines = CALLS.split("\n")
    lines[2] = f"It holds {period}."
    assert dict(text_faults("phone", "\n".join(lines))).keys() == {"period"}
    lines[2] = "Il vaut un an."
    assert text_faults("phone", "\n".join(lines)) == []


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        (Question("budget", label="What do you want to spend?"), {"budget"}),
        (Question("q", label="Quel est votre budget ?"), {"budget"}),
        (Question("q", label="Quelle enveloppe avez-vous prévue ?"), {"budget"}),
        (Question("q", label="Quel prix visez-vous ?"), {"budget"}),
        (Question("q", label="What can you afford?"), {"budget"}),
        (Question("q", label="How much?"), {"budget"}),
        (Question("q", label="How much do you want to spend?"), {"budget"}),
        (Question("q", label="Combien comptez-vous investir ?"), {"budget"}),
        (Question("q", label="Combien êtes-vous prêts à dépenser ?"), {"budget"}),
        (Question("q", label="Montant prévu"), {"budget"}),
        (Question("q", label="D’ici quand ?"), {"project"}),
        (Question("q", label="D'ici quand ?"), {"project"}),
        (Question("q", label="Pour quand ?"), {"project"}),
        (Question("q", label="By when?"), {"project"}),
        (Question("q", label="Quand voulez-vous acheter ?"), {"project"}),
        (Question("q", label="Avez-vous un projet ?"), {"project"}),
        (Question("q", label="Dans combien de temps ?"), {"project"}),
        (Question("q", label="Quel est le budget de votre projet ?"), {"budget", "project"}),
        (Question("employees", label="Combien de personnes y travaillent ?"), set()),
        (Question("q", label="Combien de machines avez-vous ?"), set()),
        (Question("q", label="Combien d’ateliers ?"), set()),
        (Question("q", label="Combien êtes-vous ?"), set()),
        (Question("q", label="How much time do you spend on reports?"), set()),
        (Question("q", label="Chef de projet ?"), set()),
        (Question("q", label="Are you the project manager?"), set()),
        (Question("project_manager", label="Name"), set()),
        (Question("q", label="Quand voulez-vous être rappelé ?"), set()),
        (Question("q", label="When do you want to be called?"), set()),
        (Question("q", label="When are you available?"), set()),
        (Question("q", label="Demande de prix"), set()),
        (Question("q", label="Combien de pièces par jour ?"), set()),
        (Question("q", label="Do you have a project?"), {"project"}),
        (Question("q", label="Quelle est l’échéance de votre projet ?"), {"project"}),
        (Question("q", label="When do you plan to buy?"), {"project"}),
        (Question("q", label="Which machine do you use today?"), set()),
        (Question("q", label="Quelle machine utilisez-vous ?"), set()),
    ],
)
def test_budget_and_project_are_warned_of_and_may_be_kept_r24(question: Question, codes: set[str]) -> None:
    form = replace(FORM, questions=(EMAIL, question))
    assert {code for name, code in warnings(form) if name == question.id} == codes
    assert places(form) == []


def test_next_questions_take_the_place_of_those_that_are_known_r21() -> None:
    names = ("organisation", "job_title", "employees", "industry")
    asks = replace(FORM, ask_at_most=3, questions=(EMAIL, *(Question(name, label=name) for name in names)))

    def asked(*known: str) -> list[str]:
        return [one.id for one in next_questions(asks, frozenset(known))]

    assert asked() == ["email", "organisation", "job_title"]
    assert asked("organisation") == ["email", "job_title", "employees"]
    assert asked("email", "organisation", "job_title") == ["email", "employees", "industry"]
    assert asked(*names) == ["email"]
    always = replace(asks, questions=(*asks.questions, Question("need", label="What for?", always=True)))
    assert [one.id for one in next_questions(always, frozenset({"need", "organisation"}))] == [
        "email",
        "job_title",
        "need",
    ]
    everything = replace(asks, ask_at_most=0)
    assert len(next_questions(everything, frozenset())) == 5


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  Léa \u200b  Roy\n", "Léa Roy"),
        ("long", "one\r\ntwo ", "one\ntwo"),
        ("email", "Lea@Nova.example", "Lea@Nova.example"),
        ("email", "lea@nova", None),
        ("email", "lea@nova.example, bo@nova.example", None),
        ("phone", "+33 6 12 34 56 78", "+33 6 12 34 56 78"),
        ("phone", "call me", None),
        ("phone", "12", None),
        ("number", "1 200,5", "1200.5"),
        ("number", "many", None),
        ("date", "2026-02-28", "2026-02-28"),
        ("date", "2026-02-30", None),
        ("choice", "red", "red"),
        ("choice", "green", None),
        ("choices", ["red", "blue", "red"], ["red", "blue"]),
        ("country", "fr", "FR"),
        ("country", "France", "FR"),
        ("country", "allemagne", "DE"),
        ("country", "Cote d’Ivoire", "CI"),
        ("country", "U.K.", "GB"),
        ("country", "XX", None),
        ("country", "Atlantide", None),
        ("yes_no", "on", "yes"),
        ("yes_no", "non", "no"),
        ("yes_no", "perhaps", None),
        ("text", "x" * 501, None),
        ("long", "x" * 5001, None),
    ],
)
def test_each_kind_of_answer(kind: str, typed: str | list[str], kept: str | list[str] | None) -> None:
    name = "email" if kind == "email" else "q"
    form = replace(FORM, questions=(Question(name, kind=kind, label="?", options=("red", "blue")),), consents=())
    checked = check(form, {name: typed})
    if kept is None:
        assert checked.answers == {} and checked.problems[name].endswith(".")
    else:
        assert (checked.answers, checked.problems) == ({name: kept}, {})


def test_a_date_is_written_as_the_language_writes_it() -> None:
    form = Definition(language="fr", questions=(Question("day", kind="date", label="Quand ?"),))
    assert check(form, {"day": "31/12/2026"}).answers == {"day": "2026-12-31"}
    assert set(check(replace(form, language="en"), {"day": "31/12/2026"}).problems) == {"day"}


def test_what_must_be_answered_is_what_was_shown() -> None:
    name = Question("last_name", label="Name", required=True)
    form = replace(FORM, questions=(EMAIL, name, replace(PHONE, help="with your consent")))
    assert set(check(form, {}).problems) == {"email", "last_name"}
    assert set(check(form, {}, frozenset({"phone"})).problems) == {"email"}  # the others were known
    assert check(form, {"email": "a@b.example"}, frozenset({"email"})).problems == {}


def test_a_box_is_a_consent_only_when_it_was_ticked() -> None:
    assert check(FORM, {"email": "a@b.example"}).consents == ()
    assert check(FORM, {"email": "a@b.example", "consent.email.news": "no"}).consents == ()
    assert check(FORM, {"email": "a@b.example", "consent.email.news": ["on"]}).consents == (NEWS,)
    assert check(FORM, {"email": "a@b.example", "consent.phone.offers": "on"}).consents == ()  # it was not asked


def test_an_answer_may_come_under_the_name_of_its_field() -> None:
    form = replace(FORM, questions=(EMAIL, Question("q7", "organisation", label="Company")))
    assert check(form, {"email": "a@b.example", "organisation": "Nova"}).answers["q7"] == "Nova"


def test_fields_are_those_that_capture_knows() -> None:
    known = {*PERSON_TRAITS, *COMPANY_TRAITS, *PLACE_TRAITS, "email", "name"}
    assert set(FIELDS) <= known


def test_countries_stand_in_the_order_of_the_reader() -> None:
    french, english = countries("fr"), countries("en")
    assert dict(french)["DE"] == "Allemagne" and dict(english)["DE"] == "Germany"
    assert {code for code, _ in french} == {code for code, _ in english} and len(french) == len(dict(french)) > 240
    names = [name for _, name in french]
    assert names.index("Égypte") < names.index("Espagne") < names.index("Zambie")


def test_the_secret_of_a_letter_cannot_be_made_without_our_key() -> None:
    secrets = {secret_of(key, seed) for key in ("ours", "theirs") for seed in ("1", "2")}
    assert len(secrets) == 4
    assert key_of(secret_of("ours", "1")) == key_of(secret_of("ours", "1")) != secret_of("ours", "1")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+A1", "'+A1"),
        ("-A1", "'-A1"),
        ("\t=1", "'\t=1"),
        ("+33 6 12 34 56 78", "+33 6 12 34 56 78"),
        ("+33612345678", "+33612345678"),
        ("-12,5", "-12,5"),
        ("Léa", "Léa"),
        ("", ""),
    ],
)
def test_a_cell_is_never_a_formula_and_a_number_stays_one(cell: str, written: str) -> None:
    assert harmless(cell) == written
