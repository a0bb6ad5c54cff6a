"""Whom the answers about the target concern, among the people known already."""

import pytest
from django.utils import timezone

from tests.people import colleague
from tests.web.test_people import questions
from tests.web.test_shell import browser
from tests.web.test_starting import choose, form_of, save
from vendange.agree import queries
from vendange.agreement.conditions import holds, surely_not
from vendange.models import AgreementVersion, Beginning, Organisation, Person, User
from vendange.score.queries import profile


@pytest.fixture
def ana(db: None) -> User:
    return colleague("ana", "marketing", "marketing")


PEOPLE = [
    {"country": "FR", "level": "director", "industry": "C25.6", "employees": 200},
    {"country": "fr", "level": "", "industry": "", "employees": None},
    {"country": "DE", "level": "director", "industry": "C25", "employees": 200},
    {"country": "FR", "level": "staff", "industry": "C25", "employees": 200},
    {"country": "FR", "level": "student", "industry": "C25", "employees": 200},
    {"country": "", "level": "", "job_title": "Doctoral Student", "industry": None, "employees": None},
    {"country": "FR", "level": "manager", "industry": "28.41", "employees": 5},
    {"country": "FR", "level": "executive", "industry": "C30", "employees": 50},
    {"country": "FR", "level": "executive", "industry": None, "employees": None},
]


def person(
    number: int, country: str, level: str, industry: str | None, employees: int | None, job_title: str = ""
) -> Person:
    now = timezone.now()
    firm = None
    if industry is not None:
        firm = Organisation.objects.create(name=f"F{number}", industry=industry, employees=employees, created_at=now)
    return Person.objects.create(
        email=f"p{number}@x.example",
        country=country.upper(),
        level=level,
        job_title=job_title,
        organisation=firm,
        created_at=now,
    )


def test_whom_it_concerns_is_counted_as_the_agreement_would_judge(ana: User) -> None:
    """The four figures are those of the conditions that the text then holds, asked of each person."""
    for number, one in enumerate(PEOPLE):
        person(number, **one)  # type: ignore[arg-type]
    client = browser(ana)
    choose(client, "complex-sale")
    save(client, "target", only_target="yes")
    client.post("/agreement/start/draft")
    answers = queries.answers_of(ana)
    assert answers is not None
    found = queries.concerned(answers)
    agreement = AgreementVersion.objects.get().terms
    where, rows = agreement.personas[0].where, [profile(one) for one in Person.objects.select_related("organisation")]
    aside = [any(holds(one.where, row) for one in agreement.set_aside) for row in rows]
    sure = [holds(where, row) and not out for row, out in zip(rows, aside, strict=True)]
    outside = [holds(surely_not(where), row) and not out for row, out in zip(rows, aside, strict=True)]
    assert (found.people, found.sure, found.outside, found.aside) == (len(rows), sum(sure), sum(outside), sum(aside))
    assert min(found.sure, found.perhaps, found.outside, found.aside) > 0
    page = client.post("/agreement/start/target/count", form_of(client, "target")).content.decode()
    assert f'<b class="num">{found.sure}</b>' in page and "<html" not in page


def test_counting_keeps_nothing_and_asks_as_much_for_many(ana: User) -> None:
    client = browser(ana)
    choose(client, "complex-sale")
    sent = {**form_of(client, "target"), "countries": "NO"}
    before = Beginning.objects.get().answers
    few = questions(client, "/agreement/start/target")
    for number in range(30):
        person(number, country="NO", level="manager", industry="C25", employees=100)
    assert questions(client, "/agreement/start/target") == few
    assert "30" in client.post("/agreement/start/target/count", sent).content.decode()
    assert Beginning.objects.get().answers == before
