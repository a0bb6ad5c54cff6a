"""An import as a job: why rows are refused is said in the language of whoever asked."""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.translation import override

from vendange.journey import bringing
from vendange.models import Job
from vendange.models.job import Cancel, Tell
from vendange.words import said

KIND: Final = bringing.KIND


def run(job: Job, tell_how_far: Tell, cancelled: Cancel) -> Mapping[str, Any]:
    with override((job.by.language if job.by else "") or settings.LANGUAGE_CODE):
        return bringing.run(job, tell_how_far, cancelled, said)
