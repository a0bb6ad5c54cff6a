"""What may be told, what a badge says, how an organiser's file is read: cases, without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from vendange.agreement.sentence import Incomplete
from vendange.meet.rules import (
    Badge,
    CannotTell,
    Days,
    Newcomer,
    RowRefused,
    Told,
    check_told,
    columns_of,
    first_and_last,
    happened,
    may_undo,
    names_somebody,
    read_guest,
    read_scan,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)  # 10:30 in Paris
PARIS = ZoneInfo("Europe/Paris")
SHOW = Days(date(2026, 11, 17), date(2026, 11, 20), PARIS)


def test_now_yesterday_and_a_day() -> None:
    assert happened(Told("call_received", NOW), now=NOW, zone=PARIS) == (NOW, False)
    noon = datetime(2026, 11, 21, 12, tzinfo=PARIS)
    assert happened(Told("call_received", NOW, when="yesterday"), now=NOW, zone=PARIS) == (noon, True)
    today = Told("call_received", NOW, when="day", day=date(2026, 11, 22))
    assert happened(today, now=NOW, zone=PARIS) == (NOW, True)  # noon has not come yet


def test_what_was_typed_without_a_network_happened_when_it_was_typed() -> None:
    typed = NOW - timedelta(days=2)
    assert happened(Told("call_received", typed), now=NOW, zone=PARIS) == (typed, False)
    day_before = datetime(2026, 11, 19, 12, tzinfo=PARIS)
    assert happened(Told("call_received", typed, when="yesterday"), now=NOW, zone=PARIS)[0] == day_before


def test_a_phone_whose_clock_is_ahead_tells_of_now() -> None:
    assert happened(Told("call_received", NOW + timedelta(hours=9)), now=NOW, zone=PARIS)[0] == NOW


@pytest.mark.parametrize(
    "told",
    [
        Told("call_received", NOW, when="day"),
        Told("call_received", NOW, when="day", day=date(2026, 11, 23)),
        Told("call_received", NOW, when="day", day=date(2025, 11, 1)),
        Told("call_received", NOW - timedelta(days=400)),
    ],
)
def test_no_day_tomorrow_and_long_ago_are_refused(told: Told) -> None:
    with pytest.raises(Incomplete):
        happened(told, now=NOW, zone=PARIS)


POST = Told("social_post", NOW, when="day", day=date(2026, 11, 20), link="https://social.example/p/1", public=False)


def wrong_in(told: Told, who: Newcomer | None) -> set[str]:
    try:
        check_told(told, who)
    except Incomplete as refused:
        return set(refused.problems)
    return set()


@pytest.mark.parametrize("text", ["06 12 34 56 78", "+33 6 12 34 56 78", "call (555) 123-4567", "0612345678"])
def test_no_number_of_a_social_network_is_kept_in_any_words(text: str) -> None:
    assert wrong_in(replace(POST, said=text), None) == {"said"}
    assert wrong_in(replace(POST, judged=text), None) == {"judged"}


def test_no_address_of_a_social_network_is_kept_in_our_judgement() -> None:
    assert wrong_in(replace(POST, judged="c@nova.example"), None) == {"judged"}


@pytest.mark.parametrize("text", ["since 2019-11-18", "150 000 000 EUR", "0.05 mm on 12 parts", "model 1234567890"])
def test_a_figure_is_no_telephone_number(text: str) -> None:
    assert wrong_in(replace(POST, said=text), None) == set()


def test_a_clock_of_long_ago_is_refused_by_a_sentence() -> None:
    for when in ("now", "yesterday", "day"):
        with pytest.raises(Incomplete):
            happened(Told("call_received", datetime.min.replace(tzinfo=UTC), when, NOW.date()), now=NOW, zone=PARIS)


def test_a_newcomer_is_a_name_and_a_company_or_an_address() -> None:
    call = Told("call_received", NOW)
    assert wrong_in(call, None) == set()
    assert wrong_in(call, Newcomer("Camille Moreau", "Atelier Nova")) == set()
    assert wrong_in(call, Newcomer(email="c@nova.example")) == set()
    assert wrong_in(call, Newcomer("Camille Moreau")) == {"company"}
    assert wrong_in(call, Newcomer(company="Atelier Nova")) == {"name"}
    assert wrong_in(call, Newcomer("Camille", "Nova", "not an address")) == {"email"}
    assert wrong_in(Told("made_up", NOW), None) == {"kind"}


def test_a_social_post_needs_link_day_and_readers_and_no_address_is_copied() -> None:
    """C11."""
    who = Newcomer("Camille Moreau", "Atelier Nova")
    assert wrong_in(POST, who) == set()
    assert wrong_in(Told("social_post", NOW, link="ftp://x"), who) == {"link", "day", "public"}
    assert wrong_in(POST, Newcomer("Camille", "Nova", "c@nova.example", "+33 6 12 34 56 78")) == {"email", "phone"}
    written = Told("social_post", NOW, "day", POST.day, "write me: c@nova.example", link=POST.link, public=True)
    assert wrong_in(written, None) == {"said"}


def test_only_the_teller_undoes_and_only_within_the_minute() -> None:
    may_undo(teller=1, by=1, told_at=NOW, now=NOW + timedelta(seconds=60))
    for teller, after in ((2, 0), (None, 0), (1, 91)):
        with pytest.raises(CannotTell):
            may_undo(teller=teller, by=1, told_at=NOW, now=NOW + timedelta(seconds=after))


@pytest.mark.parametrize(
    ("text", "badge"),
    [
        ("Camille.Moreau@Nova.example", Badge(who=Newcomer(email="camille.moreau@nova.example"))),
        ("mailto:c@nova.example?subject=hi", Badge(who=Newcomer(email="c@nova.example"))),
        ("A-10293", Badge("A-10293")),
        ("Camille Moreau, Atelier Nova", Badge(who=Newcomer("Camille Moreau", "Atelier Nova"))),
        ("Moreau; Nova; c@nova.example; 06 12 34 56 78",
         Badge(who=Newcomer("Moreau", "Nova", "c@nova.example", "06 12 34 56 78"))),
        (r"MECARD:N:Moreau,Camille;ORG:Nova\, SA;TEL:+33612345678;EMAIL:c@nova.example;TITLE:Buyer;;",
         Badge(who=Newcomer("Camille Moreau", "Nova, SA", "c@nova.example", "+33612345678", "Buyer"))),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Moreau;Camille;;;\r\nORG:Nova;Purchasing\r\nitem1.EMAIL;TYPE=work:c@nova.\r\n"
         " example\r\nTEL;TYPE=cell:+33612345678\r\nEND:VCARD",
         Badge(who=Newcomer("Camille Moreau", "Nova", "c@nova.example", "+33612345678"))),
        ("BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Chlo=C3=A9 Roy\nORG:Lorval\nEND:VCARD",
         Badge(who=Newcomer("Chloé Roy", "Lorval"))),
    ],
)  # fmt: skip
def test_badges(text: str, badge: Badge) -> None:
    assert read_scan(text) == badge


@pytest.mark.parametrize("text", ["", "Camille", "MECARD:TEL:12;;", "BEGIN:VCARD\nEND:VCARD", ",,,"])
def test_what_names_nobody_is_asked_for_again(text: str) -> None:
    with pytest.raises(CannotTell):
        read_scan(text)


def test_names() -> None:
    assert first_and_last("Camille Moreau") == ("Camille", "Moreau")
    assert first_and_last("DE LA TOUR Anne") == ("Anne", "DE LA TOUR")
    assert first_and_last("") == ("", "")


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["Prénom", "Nom", "Société", "E-mail", "N° de badge", "Date et heure"],
         ["first_name", "last_name", "company", "email", "badge", "at"]),
        (["First name", "Surname", "Company name", "Email address", "Badge ID", "Scanned at"],
         ["first_name", "last_name", "company", "email", "badge", "at"]),
        (["Visiteur", "Entreprise", "Fonction", "Tél", "Heure", "Remarques"],
         ["name", "company", "job_title", "phone", "hour", "said"]),
    ],
)  # fmt: skip
def test_columns_in_both_languages(header: list[str], fields: list[str]) -> None:
    assert columns_of(header) == {name: place for place, name in enumerate(fields)}


def test_a_file_must_say_who() -> None:
    assert names_somebody({"name": 0, "company": 1}) and names_somebody({"badge": 0})
    assert not names_somebody({"name": 0}) and not names_somebody({"company": 0, "at": 1})


def guest(at: str, days: Days = SHOW, column: str = "at") -> tuple[datetime | None, bool]:
    row = read_guest(["c@nova.example", at], {"email": 0, column: 1}, width=2, days=days, now=NOW)
    return row.at, row.only_day


def test_a_date_is_read_in_the_way_that_falls_into_the_show() -> None:
    scanned = datetime(2026, 11, 18, 14, 30, tzinfo=PARIS)
    for written in ("2026-11-18 14:30", "18/11/2026 14:30", "11/18/2026 14:30", "18.11.2026 14:30:00"):
        assert guest(written) == (scanned, False)
    assert guest("18/11/2026") == (datetime(2026, 11, 18, 12, tzinfo=PARIS), True)
    assert guest("") == (None, False)
    one_day = Days(date(2026, 11, 18), date(2026, 11, 18), PARIS)
    assert guest("14:30", one_day, "hour") == (scanned, False)


@pytest.mark.parametrize("written", ["2026-10-01 10:00", "2027-11-18", "soon", "14:30"])
def test_a_time_outside_the_show_is_refused(written: str) -> None:
    with pytest.raises(RowRefused, match="no moment of this show"):
        guest(written)


def test_rows_that_cannot_be_taken() -> None:
    columns = {"name": 0, "company": 1, "email": 2}
    for row in (
        ["Camille", "", ""],
        ["", "Nova", ""],
        ["Camille", "Nova", "nova"],
        ["Camille", "Nova"],
        ["x" * 2000, "N", ""],
    ):
        with pytest.raises(RowRefused):
            read_guest(row, columns, width=3, days=SHOW, now=NOW)
    same = [
        read_guest([name, "Nova", ""], columns, width=3, days=SHOW, now=NOW).key for name in ("Zoé Roy", "ZOE  ROY")
    ]
    assert same[0] == same[1]
