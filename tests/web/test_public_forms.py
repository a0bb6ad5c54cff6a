"""Pages that strangers see: a form of ours without JavaScript, its thanks, and the confirmation of a consent."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.people import MONDAY, House
from tests.web.test_shell import browser
from vendange.ask import actions
from vendange.ask.rules import ConsentAsked, Definition, Question, key_of, secret_of
from vendange.models import Consent, Form, Person, Submission

NOW = timezone.now()
QUESTIONS = (
    Question("email", kind="email", label="E-mail", required=True),
    Question("machine", kind="choice", label="Machine", options=("Tour", "Fraiseuse"), help="Une seule."),
    Question("country", kind="country", label="Pays"),
    Question("need", kind="long", label="Besoin"),
)
ASKS = Definition(language="fr", title="Devis", intro="Bonjour <b>", questions=QUESTIONS)


@pytest.fixture
def form(house: House) -> Form:
    text = actions.add_text(channel="email", purpose="news", language="fr", text="La lettre.", by=house.carole, now=NOW)
    asks = replace(ASKS, consents=(ConsentAsked("email", "news", text.code),))
    made = actions.add_form(name="Devis", definition=asks, by=house.carole, now=NOW)
    actions.publish(form=made, by=house.carole, now=NOW)
    return made


def page_of(form: Form, *, given: dict[str, str] | None = None, query: str = "", accept: str = "en") -> str:
    client, address = browser(accept=accept), f"/f/{form.public_id}/{query}"
    got = client.post(address, given) if given is not None else client.get(address)
    assert got.status_code == (422 if given is not None else 200)
    return got.content.decode()


def test_the_page_speaks_the_language_of_the_form_whatever_the_browser_c89(form: Form) -> None:
    page = page_of(form, query="?utm_source=li", accept="en")
    assert '<html lang="fr">' in page and "Envoyer" in page and "Allemagne" in page
    assert "Bonjour &lt;b&gt;" in page
    assert f'action="/v1/forms/{form.public_id}"' in page
    assert 'value="http://127.0.0.1/f/' in page and "?utm_source=li" in page
    assert "checked" not in page  # no box is ticked in advance (C17)
    assert "<script" not in page


def test_what_was_typed_is_shown_again_with_what_to_mend(form: Form) -> None:
    given = {"email": "lea@nova", "machine": "Tour", "need": "</textarea><b>", "country": "DE", "_message_id": "m-1",
             "consent.email.news": "yes", "_page": "https://shop.example/devis?utm_source=li"}  # fmt: skip
    page = page_of(form, given=given)
    assert 'value="lea@nova"' in page and 'aria-invalid="true"' in page
    assert re.search(r'aria-describedby="email-wrong"', page) and 'id="email-wrong"' in page
    assert re.search(r'value="Tour"\s+checked', page) and re.search(r'value="DE" selected', page)
    assert "&lt;/textarea&gt;&lt;b&gt;" in page
    assert 'value="m-1"' in page and 'value="https://shop.example/devis?utm_source=li"' in page
    assert page.count("checked") == 2  # the machine, and the box that the visitor had ticked


def test_only_the_sites_that_may_embed_it_may_frame_it(form: Form, house: House) -> None:
    address = f"/f/{form.public_id}/"
    shut = Client(headers={"host": "127.0.0.1"}).get(address)
    assert "frame-ancestors 'none'" in shut["Content-Security-Policy"] and shut["X-Frame-Options"] == "DENY"
    actions.allow_sites(form=form, origins=["https://shop.example"], by=house.carole, now=NOW)
    thanks = replace(ASKS, thanks_url="https://shop.example/merci")
    actions.save(form=form, definition=thanks, by=house.carole, now=NOW)
    actions.publish(form=form, by=house.carole, now=NOW)
    open_ = Client(headers={"host": "127.0.0.1"}).get(address)
    policy = open_["Content-Security-Policy"]
    assert "frame-ancestors https://shop.example;" in f"{policy};" and "X-Frame-Options" not in open_
    assert "form-action 'self' https://shop.example" in policy  # browsers hold it against the way to the thanks


def test_thanks_are_those_of_the_form(form: Form) -> None:
    page = browser().get(f"/f/{form.public_id}/thanks").content.decode()
    assert "Merci. Nous avons bien reçu votre réponse." in page


def test_a_draft_is_not_there_and_a_closed_form_says_so_in_its_language(form: Form, house: House) -> None:
    draft = actions.add_form(name="Draft", definition=ASKS, by=house.carole, now=NOW)
    actions.close(form=form, by=house.carole, now=NOW)
    for rest in ("", "thanks"):
        gone, none = (browser().get(f"/f/{one.public_id}/{rest}") for one in (form, draft))
        page = gone.content.decode()
        assert (gone.status_code, none.status_code) == (410, 404)
        assert '<html lang="fr"' in page and "Ce formulaire est clos" in page and "Devis" in page


@pytest.mark.parametrize("path", ["/f/nothing", "/f/0190aaaa-0000-7000-8000-000000000001/", "/f/confirm/0000"])
@pytest.mark.usefixtures("house")
def test_a_visitor_who_is_lost_gets_no_page_for_colleagues(path: str) -> None:
    got = browser(accept="fr").get(path)
    page = got.content.decode()
    assert got.status_code == 404 and '<html lang="fr"' in page
    assert 'href="/"' not in page and "Vendange" not in page


def test_more_fields_than_a_form_has_are_refused_plainly(form: Form, caplog: pytest.LogCaptureFixture) -> None:
    got = browser().post(f"/f/{form.public_id}/", {f"f{number}": "1" for number in range(1300)})
    pairs = browser().post(
        f"/f/{form.public_id}/", "&".join(f"f{number}=1" for number in range(1300)),
        content_type="application/x-www-form-urlencoded",
    )  # fmt: skip
    for one in (got, pairs):
        assert one.status_code == 413 and '<html lang="fr"' in one.content.decode()
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


def test_what_an_old_page_wrote_is_shown_again_letter_by_letter(form: Form) -> None:
    got = browser().post(
        f"/f/{form.public_id}/", b"email=lea&need=Lef%E8vre", content_type="application/x-www-form-urlencoded"
    )
    assert got.status_code == 422 and "Lefèvre" in got.content.decode()
    declared = browser().post(
        f"/f/{form.public_id}/", b"email=lea&need=Lef%E8vre",
        content_type="application/x-www-form-urlencoded; charset=iso-8859-1",
    )  # fmt: skip
    assert declared.status_code == 422 and "Lefèvre" in declared.content.decode()


@pytest.fixture
def waiting(form: Form) -> str:
    """The secret of a letter that waits for its mailbox."""
    secret = secret_of(settings.SECRET_KEY, "seed")
    Submission.objects.create(
        form=form,
        version=1,
        message_id="m",
        person=Person.objects.create(email="lea@nova.example", created_at=MONDAY),
        answers={"email": "lea@nova.example"},
        consents=[{"channel": "email", "purpose": "news", "wording": "email/news/fr/1", "pending": True}],
        at=NOW,
        confirm_key=key_of(secret),
        confirm_until=NOW + timedelta(days=7),
    )
    return secret


def test_programs_that_open_links_confirm_nothing_c68(waiting: str) -> None:
    address = f"/f/confirm/{waiting}"
    for method in ("GET", "HEAD", "OPTIONS"):
        browser().generic(method, address)
    got = browser().get(address, headers={"sec-purpose": "prefetch"})
    page = got.content.decode()
    assert "La lettre." in page and "Je confirme" in page and got["Referrer-Policy"] == "no-referrer"
    assert not Consent.objects.exists()


def test_the_button_confirms_once(waiting: str) -> None:
    client = Client(headers={"host": "127.0.0.1"}, enforce_csrf_checks=True)
    pages = [client.post(f"/f/confirm/{waiting}").content.decode() for _ in range(2)]
    assert all("votre choix est confirmé" in page for page in pages)
    assert [(one.channel, one.status) for one in Consent.objects.all()] == [("email", "given")]
    assert "votre choix est confirmé" in browser().get(f"/f/confirm/{waiting}").content.decode()


def test_a_link_that_is_too_old_or_unknown_confirms_nothing(waiting: str) -> None:
    Submission.objects.update(confirm_until=NOW - timedelta(seconds=1))
    late = browser().post(f"/f/confirm/{waiting}")
    assert late.status_code == 410 and "trop ancien" in late.content.decode()
    assert browser().post("/f/confirm/0000").status_code == 404
    assert not Consent.objects.exists()
