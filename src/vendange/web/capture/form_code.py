"""What to copy: the address of a form, the line that embeds it, and plain HTML for a page of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.conf import settings

from vendange.ask.rules import Definition, Question
from vendange.engine.countries import countries
from vendange.models import Form
from vendange.web.capture.form_preview import words_in
from vendange.web.forms.asked import TYPES


@dataclass(frozen=True, slots=True)
class Codes:
    hosted: str
    embed: str
    html: str
    html_rows: int


def codes(form: Form, definition: Definition, texts: Mapping[str, str]) -> Codes:
    """`texts`: what stands beside each box of consent, by its name."""
    html = own_html(form, definition, texts)
    return Codes(hosted(form), embed(form), html, min(html.count("\n") + 1, 16))


def hosted(form: Form) -> str:
    return f"{settings.BASE_URL}/f/{form.public_id}/"


def embed(form: Form) -> str:
    return f'<script async src="{settings.BASE_URL}/v1/form.js"\n  data-form="{form.public_id}"></script>'


def own_html(form: Form, definition: Definition, texts: Mapping[str, str]) -> str:
    """The same questions as a form that can stand in any page and needs no script."""
    lines = [f'<form method="post" action="{settings.BASE_URL}/v1/forms/{form.public_id}">']
    lines.append('  <input name="contact_url" tabindex="-1" autocomplete="off" hidden>')  # only a program fills it in
    for question in definition.questions:
        lines += [f"  {line}" for line in widget(question, definition)]
    for box in definition.consents:
        told = escape(texts.get(box.name, ""))
        lines.append(f'  <label><input type="checkbox" name="{escape(box.name)}" value="yes"> {told}</label>')
    lines += [f"  <button>{escape(definition.submit or words_in(definition.language)['send'])}</button>", "</form>"]
    return "\n".join(lines)


def widget(one: Question, definition: Definition) -> list[str]:
    """One question with the sentence under it, which a reader hears with the field."""
    label, name = escape(one.label), escape(one.id)
    described = f' aria-describedby="{name}-help"' if one.help else ""
    told = [f'<p id="{name}-help">{escape(one.help)}</p>'] if one.help else []
    has = f'name="{name}"{" required" if one.required else ""}{described}'
    if one.kind == "choices":
        boxes = [
            f'  <label><input type="checkbox" name="{name}" value="{escape(t)}"> {escape(t)}</label>'
            for t in one.options
        ]
        indented = [f"  {line}" for line in told]
        return [f"<fieldset{described}><legend>{label}</legend>", *boxes, *indented, "</fieldset>"]
    if one.kind in ("choice", "yes_no", "country"):
        options = "".join(
            f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in pairs(one, definition)
        )
        return [f'<label>{label} <select {has}><option value=""></option>{options}</select></label>', *told]
    if one.kind == "long":
        return [f"<label>{label} <textarea {has}></textarea></label>", *told]
    return [f'<label>{label} <input type="{TYPES.get(one.kind, "text")}" {has}></label>', *told]


def pairs(one: Question, definition: Definition) -> Sequence[tuple[str, str]]:
    """What is sent and what is read, of each answer to choose."""
    if one.kind == "country":
        return countries(definition.language)
    if one.kind == "yes_no":
        words = words_in(definition.language)
        return [("yes", words["yes"]), ("no", words["no"])]
    return [(text, text) for text in one.options]
