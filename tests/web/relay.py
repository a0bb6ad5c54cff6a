"""A small company in the middle of its work, made through the journey: what the sales screens are tested on."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vendange.agree import actions as agree
from vendange.agree.queries import in_force
from vendange.capture.rules import Incoming, Who
from vendange.journey import desk, handover
from vendange.journey.arrive import arrive
from vendange.models import Lead, Source, User
from vendange.qualify.rules import Judgement
from vendange.route.actions import set_salesperson

EXAMPLE = Path(__file__).parents[2] / "examples" / "agreements" / "complex-sale.yaml"
DAY = timedelta(days=1)


@dataclass
class Company:
    """Two heads, one LDR, two salespeople, an agreement signed 400 days ago, and ways to move leads."""

    sophie: User
    marc: User
    nadia: User
    hugo: User
    lea: User
    admin: User
    source: Source
    made: int = 0

    def raise_lead(self, *, at: datetime, name: str = "", company: str = "") -> Lead:
        self.made += 1
        name = name or f"Person{self.made} Tester"
        first, last = name.split(" ", 1)
        email = f"p{self.made}@firm{self.made}.example"
        fields = {
            "first_name": first,
            "last_name": last,
            "job_title": "Works manager",
            "level": "director",
            "phone": f"+33 4 65 71 {self.made // 100:02d} {self.made % 100:02d}",
            "organisation": company or f"Atelier {self.made}",
            "country": "FR",
        }
        one = Incoming(
            source_id=self.source.pk,
            message_id=f"m{self.made}",
            kind="quote_requested",
            occurred_at=at,
            received_at=at,
            who=Who(email=email, traits=fields),
        )
        arrive(signals=[one], now=at)
        return Lead.objects.latest("pk")

    def judge(self, lead: Lead, *, at: datetime, to: User | None = None, **judgement: object) -> Lead:
        said = {"outcome": "pass", "gap_reason": "Worth it", "note": "6 % scrap on titanium parts.", **judgement}
        if to is not None:
            said["salesperson_id"] = to.salesperson.pk
        desk.judge(lead=lead, by=self.nadia, now=at, judgement=Judgement(**said))  # type: ignore[arg-type]
        lead.refresh_from_db()
        return lead

    def passed(self, *, at: datetime, to: User, name: str = "", company: str = "") -> Lead:
        lead = self.raise_lead(at=at, name=name, company=company)
        return self.judge(lead, at=at + timedelta(minutes=20), to=to)

    def accepted(self, *, at: datetime, to: User) -> Lead:
        lead = self.passed(at=at, to=to)
        handover.accept(lead=lead, by=to, now=at + timedelta(minutes=40))
        lead.refresh_from_db()
        return lead

    def called(self, *, at: datetime, to: User, after: timedelta = timedelta(hours=2)) -> Lead:
        lead = self.accepted(at=at, to=to)
        handover.log_call(lead=lead, by=to, now=at + after, result="reached")
        lead.refresh_from_db()
        return lead


def colleague(username: str, role: str, signs_for: str = "", first: str = "") -> User:
    return User.objects.create_user(
        username=username,
        email=f"{username}@maker.example",
        password="vendange-demo",
        role=role,
        signs_for=signs_for,
        first_name=first or username.capitalize(),
        last_name="Roche",
    )


def company(now: datetime | None = None) -> Company:
    now = now or datetime.now(UTC)
    long_ago = now - 400 * DAY
    sophie = colleague("sophie", "marketing", "marketing")
    marc = colleague("marc", "manager", "sales")
    version = agree.draft(text=EXAMPLE.read_text("utf-8"), by=sophie, now=long_ago)
    agree.sign(version=version, by=sophie, now=long_ago)
    agree.sign(version=version, by=marc, now=long_ago)
    hugo, lea = colleague("hugo", "sales"), colleague("lea", "sales")
    for one in (hugo, lea):
        set_salesperson(user=one, by=marc, now=long_ago, territory=[], capacity=40)
    assert in_force(now).version.pk == version.pk
    source = Source.objects.create(name="Website", kind="segment", write_key="key", created_at=long_ago)
    return Company(
        sophie=sophie,
        marc=marc,
        nadia=colleague("nadia", "ldr"),
        hugo=hugo,
        lea=lea,
        admin=colleague("admin", "admin"),
        source=source,
    )
