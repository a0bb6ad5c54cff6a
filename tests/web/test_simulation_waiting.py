"""Several simulations of one version that wait, and cancelling one of them; the room says what is under way."""

from datetime import timedelta
from html import unescape

from django.utils import timezone

from tests.people import EXAMPLES, House
from tests.web.test_shell import browser
from vendange.agree import actions as agree
from vendange.journey.arrive import arrive
from vendange.models import AgreementVersion, Job
from vendange.work.long import take

TEXT = (EXAMPLES / "complex-sale.yaml").read_text().replace("agreement: Complex sale", "agreement: Another sale")


def drafted(house: House) -> AgreementVersion:
    at = timezone.now() - timedelta(days=1)
    arrive(signals=[house.quote_request("lea@usinage.example", at)], now=at)
    return agree.draft(text=TEXT, by=house.carole, now=timezone.now())


def test_all_that_waits_is_shown_and_cancelling_one_names_both(house: House) -> None:
    there, carole = f"/agreement/{drafted(house).number}/simulation", browser(house.carole)
    for first in ("2026-01-05", "2026-02-02"):
        carole.post(there, {"from": first, "to": "2026-03-01"})
    older, newer = Job.objects.order_by("id")
    page = unescape(carole.get(there).content.decode())
    assert page.index("5 January 2026 – 1 March 2026") < page.index("2 February 2026 – 1 March 2026")
    assert page.count("/cancel") == page.count('/progress"') == 2
    told = unescape(carole.post(f"{there}/{newer.public_id}/cancel", follow=True).content.decode())
    assert "The simulation of 2 February 2026 – 1 March 2026 is cancelled." in told
    assert "Still under way: 5 January 2026 – 1 March 2026." in told
    assert "The simulation was cancelled." in told and told.count("/cancel") == 1
    told = unescape(carole.post(f"{there}/{older.public_id}/cancel", follow=True).content.decode())
    assert "The simulation of 5 January 2026 – 1 March 2026 is cancelled." in told and "Still under way" not in told
    assert "/cancel" not in told


def test_the_room_says_that_a_simulation_is_under_way(house: House) -> None:
    room = f"/agreement/{drafted(house).number}/"
    carole = browser(house.carole)
    assert "Not simulated yet" in carole.get(room).content.decode()
    carole.post(f"{room}simulation")
    waiting = carole.get(room).content.decode()
    assert "A simulation of this version is under way." in waiting and "Not simulated yet" not in waiting
    job = take(timezone.now())
    assert job is not None
    carole.post(f"{room}simulation/{job.public_id}/cancel")
    assert "under way" not in carole.get(room).content.decode()


def test_without_an_agreement_in_force_no_simulation_is_offered(house: House) -> None:
    version = drafted(house)
    AgreementVersion.objects.exclude(pk=version.pk).update(status="withdrawn")
    room = f"/agreement/{version.number}/"
    page = browser(house.carole).get(room).content.decode()
    assert "Nothing to compare with" in page and f"{room}simulation" not in page
