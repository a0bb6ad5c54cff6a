"""A filter of the form builder."""

from collections.abc import Mapping, Sequence

from django import template

register = template.Library()


@register.filter
def at(wrong: Mapping[str, Sequence[str]], name: str) -> Sequence[str]:
    """What is wrong at a field: `{{ wrong|at:name }}`."""
    return wrong.get(name, ())
