"""Who may read what: a bearer key has a role, and the role bounds what it sees. The table stands in docs/api.md."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Final, TypeVar, cast

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from ninja.errors import ValidationError
from ninja.security import HttpBearer
from pydantic import BaseModel

from vendange.admit import actions as admit
from vendange.admit.queries import key_of
from vendange.agreement.stages import TEAM
from vendange.models import ApiKey, Lead, Organisation, Person
from vendange.models.user import ROLES

SALES_STAGES: Final = tuple(sorted(str(stage) for stage, team in TEAM.items() if team == "sales"))
NOTED_EVERY: Final = timedelta(minutes=1)
View = TypeVar("View", bound=Callable[..., Any])


class Forbidden(Exception):
    """The key is good, its role may not do this."""


class BearerKey(HttpBearer):
    """`Authorization: Bearer KEY`. The key itself is never logged nor answered."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = key_of(token)
        now = datetime.now(UTC)
        if key and (key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY):
            admit.mark_used(key=key, now=now)
        return key


def allowed(*roles: str) -> Callable[[View], View]:
    """States who may call an operation; a key of another role gets 403."""
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"No such role: {', '.join(sorted(unknown))}")

    def state(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **words: Any) -> Any:
            if role_of(request) not in roles:
                raise Forbidden
            _refuse_unknown(request, words)
            return view(request, *args, **words)

        checked.allowed = roles  # type: ignore[attr-defined]
        return cast(View, checked)

    return state


def _refuse_unknown(request: HttpRequest, words: Mapping[str, Any]) -> None:
    """A parameter that we do not know is refused, so that a slip of the pen never widens an answer."""
    known = {name for value in words.values() if isinstance(value, BaseModel) for name in type(value).model_fields}
    if unknown := [name for name in request.GET if name not in known]:
        raise ValidationError([{"type": "extra_forbidden", "loc": ("query", name), "msg": ""} for name in unknown])


def role_of(request: HttpRequest) -> str:
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return str(key.role)


def leads_for(role: str) -> QuerySet[Lead]:
    """A salesperson's key sees what has been handed to sales, nothing before."""
    leads = Lead.objects.all()
    return leads.filter(stage__in=SALES_STAGES) if role == "sales" else leads


def people_for(role: str) -> QuerySet[Person]:
    people = Person.objects.filter(merged_into__isnull=True)
    return people.filter(Exists(leads_for(role).filter(person=OuterRef("pk")))) if role == "sales" else people


def organisations_for(role: str) -> QuerySet[Organisation]:
    organisations = Organisation.objects.all()
    if role != "sales":
        return organisations
    return organisations.filter(Exists(people_for(role).filter(organisation=OuterRef("pk"))))
