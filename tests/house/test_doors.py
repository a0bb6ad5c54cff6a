"""Every door says who may use it, and every page that is written is shown."""

from collections.abc import Callable, Iterator
from typing import Any

from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from django.urls import URLPattern, URLResolver, get_resolver

from tests.house.messages import templates
from tests.house.tree import SRC, TEMPLATES, python, strings, tree_of
from vendange.models.user import ROLES
from vendange.web.access import PUBLIC
from vendange.web.third_party import WHO

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
    return str(getattr(view, "view_class", view).__module__)


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
    """`vendange.web.third_party.WHO` says for each name of a route who may use it."""
    others = {name for _, view, name in views(get_resolver().url_patterns) if not is_ours(view)}
    assert others - set(WHO) == set()


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
