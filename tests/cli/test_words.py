"""`vendange words` finds every text of code and pages, keeps what is translated, and says what is not."""

import json
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner

from vendange.cli import words
from vendange.cli.words import Text, all_texts, refresh, texts_of_python, texts_of_template


def test_texts_of_python_under_the_name_that_the_file_gave() -> None:
    source = (
        "from django.utils.translation import gettext as _\n"
        "from django.utils.translation import ngettext, pgettext_lazy as in_context\n"
        "from vendange.agreement.sentence import sentence\n"
        '_("Home")\nngettext("%(n)s day", "%(n)s days", 2)\nin_context("deal", "Open")\n_(name)\nprint("not this")\n'
        'sentence("{who} has it.", who=name)\n'
    )
    assert list(texts_of_python(source)) == [
        Text(None, "Home", None),
        Text(None, "%(n)s day", "%(n)s days"),
        Text("deal", "Open", None),
        Text(None, "{who} has it.", None),
    ]


def test_texts_of_templates() -> None:
    source = (
        '{% load i18n %}<a title="{% translate "Close (all)" %}">{{ _("It’s here") }}</a>'
        "{% blocktranslate count n=x %}{{ n }} lead{% plural %}{{ n }} leads{% endblocktranslate %}"
    )
    found = set(texts_of_template(source))
    assert found == {
        Text(None, "Close (all)", None),
        Text(None, "It’s here", None),
        Text(None, "%(n)s lead", "%(n)s leads"),
    }


def test_refresh_keeps_french_adds_what_is_new_and_drops_what_is_gone() -> None:
    po = polib.POFile()
    po.append(polib.POEntry(msgid="Home", msgstr="Accueil"))
    po.append(polib.POEntry(msgid="Gone", msgstr="Partie"))
    fresh = refresh(po, {Text(None, "Home", None): ["web/a.py"], Text("deal", "Open", None): ["web/b.py"]})
    assert [(entry.msgctxt, entry.msgid, entry.msgstr) for entry in fresh] == [
        (None, "Home", "Accueil"),
        ("deal", "Open", ""),
    ]


def test_command_fills_in_and_tells_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    french = tmp_path / "django.po"
    polib.POFile().save(str(french))
    texts = {Text(None, "Home", None): ["web/a.py"], Text(None, "%(n)s day", "%(n)s days"): ["web/b.py"]}
    monkeypatch.setattr(words, "FRENCH", french)
    monkeypatch.setattr(words, "all_texts", lambda: texts)
    given = tmp_path / "given.json"
    given.write_text(json.dumps({"Home": "Accueil"}))
    said = CliRunner().invoke(words.words, ["--take", str(given)]).output
    assert said == "web/b.py: %(n)s day\n2 texts, 1 without French.\n"
    assert polib.pofile(str(french)).find("Home").msgstr == "Accueil"


def test_the_product_has_texts() -> None:
    assert Text(None, "Sign in", None) in all_texts()
