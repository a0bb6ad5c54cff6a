"""What each mail says, in which language, and that captured text can do no harm in it."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings

from vendange.connect.mail.letter import TEMPLATES, Unwritable, write
from vendange.models import Outgoing

NOW = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
VALUES = {
    "name": "Hugo",
    "lead_name": "Claire Moreau",
    "organisation": "Atelier Nova",
    "grade": "A1",
    "url": "https://vendange.example/leads/1/",
    "accept_by": "2026-03-04T12:00:00+00:00",
    "call_by": "2026-03-05T09:30:00+00:00",
    "reassign_at": "2026-03-05T16:00:00+00:00",
    "salesperson": "Hugo Petit",
    "because": "not_called",
    "reason": "wrong_person",
    "note": "Left the company",
    "attempts": 2,
    "count": 3,
}


def outgoing(template: str = "lead_assigned", language: str = "en", **changes: Any) -> Outgoing:
    values = {**VALUES, **changes.pop("values", {})}
    row = {"key": "k1", "kind": "mail", "recipient": "hugo@rochebrune.example", **changes}
    return Outgoing(template=template, language=language, values=values, created_at=NOW, due_at=NOW, **row)


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_mail_has_a_subject_sentences_and_its_link(template: str) -> None:
    letter = write(outgoing(template))
    assert letter.subject
    assert letter.text.startswith("Hello Hugo,")
    assert "https://vendange.example/leads/1/" in letter.text
    assert 'href="https://vendange.example/leads/1/"' in letter.html
    assert "%(" not in letter.text + letter.subject


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_a_mail_of_which_nothing_is_known_has_no_hole(template: str) -> None:
    row = outgoing(template)
    row.values = {}
    letter = write(row)
    assert letter.text.startswith("Hello,")
    assert "None" not in letter.text
    assert "()" not in letter.text + letter.subject


def test_moments_are_of_the_company_s_time_zone() -> None:
    assert settings.TIME_ZONE == "Europe/Paris"
    assert "Wednesday 4 March, 13:00" in write(outgoing()).text


def test_captured_text_is_harmless() -> None:
    evil = 'Bob\r\nBcc: x@y.example <script>alert(1)</script> "'
    letter = write(outgoing(values={"lead_name": evil, "url": "javascript:alert(1)"}))
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject
    assert "<script>" not in letter.html
    assert "javascript:" not in letter.html + letter.text
    assert letter.as_message()["Bcc"] is None


def test_the_message_id_is_stable() -> None:
    first, second, other = write(outgoing()), write(outgoing()), write(outgoing(key="k2"))
    assert first.headers["Message-ID"] == second.headers["Message-ID"] != other.headers["Message-ID"]


@pytest.mark.parametrize("recipient", ["", "nobody", "a@b.example\r\nBcc: c@d.example"])
def test_addresses_that_are_none(recipient: str) -> None:
    with pytest.raises(Unwritable):
        write(outgoing(recipient=recipient))


def test_an_unknown_template_is_told() -> None:
    with pytest.raises(Unwritable, match="nonsense"):
        write(outgoing("nonsense"))


def test_names_with_accents_travel() -> None:
    message = write(outgoing(values={"lead_name": "Émilie Lefèvre – €"})).as_message()
    assert "Émilie Lefèvre – €" in str(message["Subject"])
    assert b"\r\n" in message.as_bytes(policy=message.policy.clone(linesep="\r\n"))


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("agreement_awaits_you", "Marc Delaunay a signé la version 8 de l’accord entre le marketing et les ventes."),
        ("agreement_signed", "à partir du mardi 1 décembre, 0\xa0h\xa000"),
        ("agreement_changed", "Votre signature portait sur l’ancien texte."),
        ("agreement_refused", "Trois heures ne suffisent pas"),
        ("agreement_withdrawn", "Elle n’engage personne."),
    ],
)
def test_the_other_head_learns_what_became_of_an_agreement(template: str, told: str) -> None:
    values = {
        "who": "Marc Delaunay",
        "number": 8,
        "begins": "2026-11-30T23:00:00+00:00",
        "reason": "Trois heures ne suffisent pas.",
    }
    letter = write(outgoing(template, "fr", values=values))
    assert told in letter.text and "v8" in letter.subject and ".." not in letter.text


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_french_letters_have_the_spaces_of_french(template: str) -> None:
    """The name of what is asked for stands above its address with a space before the colon, and so all else."""
    letter = write(outgoing(template, "fr"))
    said = letter.subject + "\n" + letter.text.replace("https://", "") + re.sub(r"<[^>]+>", "", letter.html)
    wrong = re.findall(r".{0,20}(?:[^\s\d\u00a0]:(?=\s)|[^\u00a0]»|«[^\u00a0]|[^\u202f][;!?](?=\s|$))", said)
    assert wrong == []
    assert "\u00a0:\nhttps" in letter.text


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Reason: Wrong person."), ("fr", "Motif\u00a0: Mauvais contact.")]
)
def test_why_a_lead_comes_back_is_said_in_the_words_of_the_agreement(language: str, said: str) -> None:
    words = {"en": "Wrong person", "fr": "Mauvais contact"}
    assert said in write(outgoing("lead_returned", language, values={"words": words})).text
    assert (
        "wrong person" in write(outgoing("lead_returned", language)).text
    )  # a letter of before, or a reason of before
