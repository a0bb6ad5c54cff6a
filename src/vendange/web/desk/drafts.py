"""What was typed of a judgement that is not given yet: kept in the session, for one lead at a time."""

from collections.abc import Mapping

from vendange.models import Lead
from vendange.web.access import Request

KEY = "desk_draft"


def keep(request: Request, lead: Lead, typed: Mapping[str, str]) -> None:
    request.session[KEY] = {"lead": str(lead.public_id), "typed": dict(typed)}


def of(request: Request, lead: Lead) -> dict[str, str]:
    kept = request.session.get(KEY) or {}
    return dict(kept["typed"]) if kept.get("lead") == str(lead.public_id) else {}


def drop(request: Request) -> None:
    request.session.pop(KEY, None)
