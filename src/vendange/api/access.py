"""Who may read what: a bearer key has a role, and the role bounds what it sees. The table stands in docs/api.md."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Final, TypeVar, cast

from django.http import HttpRequest
from ninja.errors import ValidationError
from ninja.security import HttpBearer
from pydantic import BaseModel

from vendange.admit import actions as admit
from vendange.admit.queries import key_of
from vendange.models import ApiKey
from vendange.models.user import ROLES

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
            if key_of_request(request).role not in roles:
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


def key_of_request(request: HttpRequest) -> ApiKey:
    """The key that asks: what it sees is said in `identify.queries`, as for colleagues."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key
