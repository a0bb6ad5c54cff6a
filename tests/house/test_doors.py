"""Every door says who may use it, and every page that is written is shown."""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.messages import templates
from tests.house.tree import SRC, TEMPLATES, python, strings, tree_of
from vendange.models.user import ROLES
from vendange.urls import THIRD_PARTY
from vendange.web.access import PUBLIC

# What the API offers is no secret; what it answers is.
DESCRIPTION_OF_THE_API = {"openapi-json", "api-root"}
# Django itself asks for these by name.
ASKED_BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}


def views(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Callable[..., Any], str]]:
    """Route, view and name of each address."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback, pattern.name or route


def module_of(view: Callable[..., Any]) -> str:
    inside = view.func if isinstance(view, functools.partial) else view
    return str(getattr(inside, "view_class", inside).__module__)


def own_views() -> list[tuple[str, Callable[..., Any]]]:
    return [(route, view) for route, view, _ in views(get_resolver().url_patterns) if is_ours(view)]


def is_ours(view: Callable[..., Any]) -> bool:
    return module_of(view).startswith("vendange.")


def test_every_view_of_ours_says_who_may_use_it() -> None:
    assert own_views()
    assert [route for route, view in own_views() if not hasattr(view, "allowed")] == []


def test_only_known_roles_are_allowed() -> None:
    named = {role for _, view in own_views() for role in (getattr(view, "allowed", None) or ())}
    assert named - {*ROLES, *PUBLIC} == set()


def test_every_view_of_others_is_listed_with_its_public() -> None:
    """`vendange.urls.THIRD_PARTY` says for each name of a route who may open it."""
    others = {name for _, view, name in views(get_resolver().url_patterns) if not is_ours(view) and not is_api(view)}
    assert others - set(THIRD_PARTY) - DESCRIPTION_OF_THE_API == set()


def is_api(view: Callable[..., Any]) -> bool:
    return module_of(view) == "ninja.operation"


def operations() -> list[tuple[str, Any]]:
    """Route and operation of everything that the API answers. django-ninja keeps them in the view's closure."""
    return [
        (f"{operation.methods} {route}", operation)
        for route, view, _ in views(get_resolver().url_patterns)
        if is_api(view)
        for operation in inspect.getclosurevars(view).nonlocals["self"].operations
    ]


def test_every_operation_of_the_api_asks_for_a_key_and_says_which() -> None:
    assert operations()
    assert [route for route, operation in operations() if not operation.auth_callbacks] == []
    stated = {route: set(getattr(operation.view_func, "allowed", ())) for route, operation in operations()}
    assert {route: roles for route, roles in stated.items() if not roles or roles - set(ROLES)} == {}


def test_every_template_is_used() -> None:
    said = {text for path in python(SRC) for text in strings(tree_of(path))}
    everything = "\n".join(source for _, source in templates())
    unused = [
        name
        for name, _ in templates()
        if name not in said and f'"{name}"' not in everything and name not in ASKED_BY_DJANGO and not is_override(name)
    ]
    assert unused == []


def is_override(name: str) -> bool:
    """Whether an installed application brings a template of that name, which ours replaces."""
    return any((folder / name).exists() for folder in get_app_template_dirs("templates") if folder != TEMPLATES)


def test_every_template_can_be_read() -> None:
    assert [name for name, _ in templates() if get_template(name) is None] == []
