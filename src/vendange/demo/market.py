"""The market of the sample company: organisations, the people who work there, and who they are to us."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from vendange.demo import names
from vendange.demo.places import ABROAD, FRENCH, Town

PEOPLE_PER_FIRM: Final = 4
IN_ADDRESS_BOOK: Final = 0.4  # share of people known on the first day


@dataclass(slots=True)
class Contact:
    """One invented person. `arrives` is the day on which we first hear of them, counted from the first one."""

    firm: "Firm"
    first_name: str
    last_name: str
    email: str
    job_title: str
    level: str
    language: str
    phone: str
    arrives: int
    curious: bool = False  # downloads everything, buys nothing
    introduced: bool = False  # what they declare of themselves has been sent

    def traits(self) -> dict[str, str]:
        firm = self.firm
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "job_title": self.job_title,
            "level": self.level,
            "role": names.ROLE_OF[self.level],
            "language": self.language,
            "country": firm.town.country,
            "phone": self.phone,
            "regime": "professional",
            "organisation": firm.name,
            "organisation_country": firm.town.country,
            "postal_code": firm.town.postal_code,
            "city": firm.town.city,
            "industry": firm.industry,
            "employees": str(firm.employees),
            "tier": firm.tier,
        }


@dataclass(slots=True)
class Firm:
    """One invented organisation; `kind` is maker, school or competitor."""

    name: str
    domain: str
    town: Town
    industry: str
    employees: int
    tier: str
    kind: str
    contacts: list[Contact] = field(default_factory=list)


@dataclass(slots=True)
class Market:
    firms: list[Firm]
    contacts: list[Contact]  # in the order in which we hear of them
    by_email: dict[str, Contact]


def market(*, people: int, days: int, rng: random.Random) -> Market:
    """As many people as asked, in about a quarter as many organisations."""
    firms = list(_firms(max(4, people // PEOPLE_PER_FIRM), rng))
    taken: set[str] = set()
    contacts = []
    for place in range(people):
        firm = firms[place] if place < len(firms) else rng.choice(firms)
        contact = _contact(firm, days, taken, rng)
        firm.contacts.append(contact)
        contacts.append(contact)
    contacts.sort(key=lambda one: one.arrives)
    return Market([firm for firm in firms if firm.contacts], contacts, {one.email: one for one in contacts})


def _firms(count: int, rng: random.Random) -> Iterator[Firm]:
    taken: set[str] = set()
    while len(taken) < count:
        kind = rng.choices(("maker", "school", "competitor"), (94, 4, 2))[0]
        town = rng.choice(FRENCH) if kind != "maker" or rng.random() < 0.86 else rng.choice(ABROAD)
        name, industry = names.company(rng, town.country)
        if kind == "school":
            name, industry = f"Lycée technique {name.split()[-1]}", "85.32"
        domain = f"{names.slug(name)}.example"
        if domain in taken:
            continue
        taken.add(domain)
        yield Firm(
            name=name,
            domain=domain,
            town=town,
            industry="28.41" if kind == "competitor" else industry,
            employees=max(6, round(rng.lognormvariate(4.6, 1.0))),
            tier=rng.choices(("core", "target_1", "target_2", ""), (10, 25, 40, 25))[0],
            kind=kind,
        )


def _contact(firm: Firm, days: int, taken: set[str], rng: random.Random) -> Contact:
    country = firm.town.country
    first, last = names.person(rng, country)
    email = address = f"{names.slug(first)}.{names.slug(last)}@{firm.domain}"
    number = 2
    while email in taken:
        email, number = address.replace("@", f"{number}@"), number + 1
    taken.add(email)
    ladder = ("executive", "director", "manager", "staff")
    level = "student" if firm.kind == "school" else rng.choices(ladder, (10, 22, 33, 35))[0]
    return Contact(
        firm=firm,
        first_name=first,
        last_name=last,
        email=email,
        job_title=rng.choice(names.TITLES[level]),
        level=level,
        language={"DE": "de", "IT": "it"}.get(country, "fr"),
        phone=names.phone(rng, country) if rng.random() < 0.8 else "",
        arrives=0 if rng.random() < IN_ADDRESS_BOOK else rng.randrange(max(1, days)),
        curious=level == "staff" and rng.random() < 0.03,
    )
