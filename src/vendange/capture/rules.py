"""Capture decides: what one incoming thing says, whichever door it came through. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Who:
    """The keys that name a person, and what is declared of them.

    `traits` holds person fields (`first_name`, `last_name`, `job_title`, `level`, `role`, `phone`, `language`,
    `country`, `source`, `regime`) and organisation fields (`organisation`, `domain`, `registry_number`,
    `organisation_id`, `organisation_country`, `employees`, `industry`, `postal_code`, `city`, `region`, `tier`);
    any other field is kept as a fact.
    """

    user_id: str = ""
    external_id: str = ""
    anonymous_id: str = ""
    email: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_known(self) -> bool:
        return bool(self.user_id or self.external_id or self.email)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One signal, or (kind "") one declaration that is no signal, ready for `vendange.journey.arrive`."""

    source_id: int
    message_id: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    who: Who
    path: str = ""
    asset: str = ""
    campaign: str = ""
    channel: str = ""
    topic: str = ""
    value: float | None = None
    props: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "observed"
    verdict: str = "human"
    import_batch_id: int | None = None
    by_id: int | None = None
