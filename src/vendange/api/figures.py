"""The common metric: the same numbers for everyone, whatever the role."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from vendange.api.access import allowed
from vendange.api.answers import REFUSALS, Instant
from vendange.report.queries import common_metric

router = Router(tags=["metric"])
LAST_QUARTER = timedelta(days=90)


class MetricOut(Schema):
    """Leads raised in the period (end not included), and how far they have come by now."""

    start: datetime
    end: datetime
    raised: int
    judged: int
    passed: int
    accepted: int
    timed: int = Field(description="Passed leads whose times are known; those of an imported past are not.")
    called: int
    called_in_time: int
    opportunities: int
    won: int
    won_cents: int
    waiting: int
    recycled: int
    eliminated: int
    in_sales: int
    returned: int
    lost: int


class Period(Schema):
    start: Instant | None = Field(None, description="From when on; 90 days before the end when left out.")
    end: Instant | None = Field(None, description="Until when, not included; now when left out.")


@router.get("", response={200: MetricOut, **REFUSALS}, summary="The common metric of a period")
@allowed("marketing", "ldr", "sales", "manager", "admin")
def metric(request: HttpRequest, period: Query[Period]) -> Any:
    end = period.end or datetime.now(UTC)
    return asdict(common_metric(period.start or end - LAST_QUARTER, end))
