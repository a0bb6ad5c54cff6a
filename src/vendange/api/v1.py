"""The API, version 1: mounted under /api/v1, described by /api/v1/openapi.json. Reads only."""

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from vendange.api import figures, leads, organisations, people, timeline
from vendange.api.access import BearerKey, Forbidden
from vendange.api.answers import NotFound

# No page of documentation: its scripts would come from another host, which our content policy refuses.
api = NinjaAPI(
    title="Vendange",
    version=version("vendange"),
    description="Leads, people and the common metric. Send `Authorization: Bearer KEY`, with a key from"
    " `vendange key add NAME --role ROLE`.",
    auth=BearerKey(),
    docs_url=None,
    urls_namespace="api-v1",
)
api.add_router("/leads", leads.router)
api.add_router("/people", people.router)
api.add_router("/people", timeline.router)
api.add_router("/organisations", organisations.router)
api.add_router("/metric", figures.router)


def _answer(request: HttpRequest, status: HTTPStatus, error: str, message: str, fields: list[str]) -> HttpResponse:
    answer = api.create_response(request, {"error": error, "message": message, "fields": fields}, status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="vendange"'
    return answer


@api.exception_handler(AuthenticationError)
def not_known(request: HttpRequest, _: Any) -> HttpResponse:
    message = "This needs a key: send the header Authorization: Bearer KEY, with a key that is not revoked."
    return _answer(request, HTTPStatus.UNAUTHORIZED, "no_key", message, [])


@api.exception_handler(Forbidden)
def not_allowed(request: HttpRequest, _: Any) -> HttpResponse:
    message = "The role of this key may not do that. Ask an administrator for a key of another role."
    return _answer(request, HTTPStatus.FORBIDDEN, "not_allowed", message, [])


@api.exception_handler(NotFound)
def not_found(request: HttpRequest, _: Any) -> HttpResponse:
    message = "There is nothing under this id that this key may read. Check the id and the role of the key."
    return _answer(request, HTTPStatus.NOT_FOUND, "not_found", message, [])


@api.exception_handler(ValidationError)
def not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = list(dict.fromkeys(str(one["loc"][-1]) for one in error.errors))
    told = "; ".join(f"{one['loc'][-1]}: {_sentence(one)}" for one in error.errors)
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "not_understood", f"{told}.", fields)


def _sentence(one: dict[str, Any]) -> str:
    if one.get("type") == "extra_forbidden":
        return "there is no such parameter; /api/v1/openapi.json lists them"
    return str(one["msg"])
