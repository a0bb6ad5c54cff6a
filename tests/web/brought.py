"""A file of people as tests bring it through the pages, what they send of its map, and a worker for what waits."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from vendange.models import ImportBatch, Job
from vendange.work.doing import do

LIST = "/capture/imports/"
HEADER = "First Name;Last Name;Email;Company / Account;Lead Source;Machines"
ROWS = (
    "Camille;Moreau;camille@nova.example;Atelier Nova;Fair;5",
    "Émilie;Lefèvre;emilie@rhone.example;Mécanique du Rhône;Fair;",
    "Hugo;Roux;not an address;Atelier Nova;Fair;2",
    "Inès;Faure;ines@rhone.example;Mécanique du Rhône;Fair;1",
    "Paul;Arnaud;paul@rhone.example;Mécanique du Rhône;Fair;",
    "Chloé;Blanc;chloe@rhone.example;Mécanique du Rhône;Fair;",
)
SAID = {
    "origin": "Fair in Lyon, 2026",
    "basis": "informed",
    "channels": ["email", "phone"],
    "wording": "Notice at the entrance",
    "consent_at": "2026-04-03",
    "regime": "professional",
    "signal": "",
    "keep_filled": "on",
    "date_format": "YYYY-MM-DD",
    "decimal": "point",
}
MAPPED = ("first_name", "last_name", "email", "organisation", "source", "fact")


def csv_file(*rows: str, header: str = HEADER, encoding: str = "utf-8", name: str = "leads.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join([header, *rows]).encode(encoding), content_type="text/csv")


def bring(client: Client, file: SimpleUploadedFile | None = None, **more: str) -> ImportBatch:
    answer = client.post(f"{LIST}add", {"file": file or csv_file(*ROWS), **more})
    assert answer.status_code == 303, answer.context["problems"]
    return ImportBatch.objects.latest("id")


def sent(act: str, mapped: tuple[str, ...] = MAPPED, **said: Any) -> dict[str, Any]:
    chosen = {f"c{place}": field for place, field in enumerate(mapped)}
    return {**SAID, **chosen, "f5": "machines", **said, "act": act}


def kept_files() -> set[str]:
    folder = Path(settings.HOME) / "imports"
    return {one.name for one in folder.iterdir()} if folder.exists() else set()


def page_of(batch: ImportBatch) -> str:
    return f"{LIST}{batch.public_id}/"


def work() -> None:
    """What waits is done, as the worker does it."""
    while (job := Job.objects.select_related("by").filter(state="waiting").order_by("id").first()) is not None:
        Job.objects.filter(pk=job.pk).update(state="running", started_at=job.asked_at, tries=job.tries + 1)
        job.refresh_from_db()
        do(job)
        job.refresh_from_db()
        assert job.state == "done", job.failure
