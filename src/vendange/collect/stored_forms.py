"""The forms that were ever published as they stand in the database, and what is known of a browser."""

from django.db import connection
from django.db.models import F
from django.utils.translation import override

from vendange.ask import queries
from vendange.ask.rules import Definition
from vendange.collect.published import Published
from vendange.engine.countries import countries
from vendange.engine.form_words import FORM_WORDS
from vendange.engine.sites import site_of
from vendange.models import Form, FormVersion
from vendange.words import said_each


def read_forms() -> dict[str, Published]:
    try:
        found = [published(form, version) for form, version in queries.shown()]
        return {one.public_id: one for one in [*found, *_closed()]}
    finally:
        connection.close()


def _closed() -> list[Published]:
    """Only what it takes to say so: nothing of what they asked."""
    rows = FormVersion.objects.filter(form__published=F("number"), form__closed_at__isnull=False)
    return [
        Published(
            public_id=str(row.form.public_id),
            source=row.form.source_id,
            version=row.number,
            origins=(),
            definition=Definition(language=row.definition["language"], title=row.definition["title"]),
            texts={},
            words=words_of(row.definition["language"]),
            countries=(),
            is_closed=True,
        )
        for row in rows.select_related("form")
    ]


def published(form: Form, version: FormVersion) -> Published:
    definition = queries.definition_of(version)
    return Published(
        public_id=str(form.public_id),
        source=form.source_id,
        version=version.number,
        origins=tuple(site_of(str(one)) or str(one) for one in form.source.allowed_origins),
        definition=definition,
        texts=queries.boxes_of(definition),
        words=words_of(definition.language),
        countries=countries_of(definition),
    )


def words_of(language: str) -> dict[str, str]:
    with override(language):
        return said_each(FORM_WORDS)


def countries_of(definition: Definition) -> tuple[tuple[str, str], ...]:
    asked = any(one.kind == "country" for one in definition.questions)
    return countries(definition.language) if asked else ()


def known_of(anonymous_id: str) -> frozenset[str]:
    try:
        return queries.known_of(anonymous_id)
    finally:
        connection.close()
