"""What was typed in the builder, as a definition; then at most one act on it: add, remove, move, keep."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from vendange.agreement.sentence import Sentence, sentence
from vendange.ask.rules import LANGUAGES, MOST_QUESTIONS, NAME, ConsentAsked, Definition, Question
from vendange.web.capture.form_words import KINDS, KNOWN, OWN_KINDS, WITH_OPTIONS, field_label, mention, title_of

TEXTS: Final = ("title", "intro", "submit", "thanks", "thanks_url", "signal", "asset", "topic", "campaign")
MOST_ROWS: Final = 2 * MOST_QUESTIONS  # more are dropped: no page of ours sends them
MOST_ASKED: Final = 99
CODE: Final = re.compile(r"[a-z]{1,20}/[a-z][a-z0-9_]{0,39}/[a-z]{2}/[1-9][0-9]{0,5}")  # of a text of consent


@dataclass(frozen=True, slots=True)
class Done:
    """The form after an act; `told`: what was done, "" when nothing was; `focus`: the id of the place to go on at."""

    form: Definition
    told: str = ""
    focus: str = ""
    added: str = ""  # the question that is open because it is new


def typed(posted: QueryDict, before: Definition) -> Definition:
    """The form as it stands in the browser. What was not sent stays as it was."""
    texts = {name: lines_of(posted.get(name, "")) for name in TEXTS if name in posted}
    language = posted.get("language", before.language)
    return replace(
        before,
        **texts,
        language=language if language in LANGUAGES else before.language,
        confirm="confirm" in posted,
        ask_at_most=before.ask_at_most if cannot_read(posted) else int(most_of(posted) or 0),
        questions=tuple(questions_of(posted)),
        consents=tuple(consents_of(posted)),
    )


def cannot_read(posted: QueryDict) -> Mapping[str, Sentence]:
    """What was typed and is no value of its field, by the name of the field; the form keeps what it said before."""
    most = most_of(posted)
    if not most or (most.isascii() and most.isdigit() and int(most) <= MOST_ASKED):
        return {}
    told = sentence("Write a whole number up to {most}, or leave it empty to ask everything at once.", most=MOST_ASKED)
    return {"ask_at_most": told}


def most_of(posted: QueryDict) -> str:
    return posted.get("ask_at_most", "").strip()


def lines_of(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def questions_of(posted: QueryDict) -> Sequence[Question]:
    """In the order of the page, each id once."""
    ids = [one for one in list(dict.fromkeys(posted.getlist("q")))[:MOST_ROWS] if NAME.fullmatch(one)]
    return [question_of(posted, one) for one in ids]


def question_of(posted: QueryDict, own: str) -> Question:
    def said(name: str) -> str:
        return posted.get(f"{own}.{name}", "").strip()

    kind = said("kind") if said("kind") in KINDS else "text"
    return Question(
        id=own,
        about=said("about"),
        kind=kind,
        label=said("label"),
        help=said("help"),
        required=f"{own}.required" in posted,
        options=tuple(dict.fromkeys(line.strip() for line in said("options").splitlines() if line.strip())),
        always=f"{own}.always" in posted,
        kept=bool(said("kept")),
    )


def consents_of(posted: QueryDict) -> Sequence[ConsentAsked]:
    return [asked for code in posted.getlist("consent") if (asked := consent_of(code))]


def consent_of(code: str) -> ConsentAsked | None:
    """The box that asks with a text of that code: "email/news/fr/3"."""
    if not CODE.fullmatch(code):
        return None
    channel, purpose, _language, _version = code.split("/")
    return ConsentAsked(channel=channel, purpose=purpose, wording=code)


def act_on(form: Definition, act: str, posted: QueryDict) -> Done:
    """Do what a button says: `verb what`. An unknown act does nothing."""
    verb, _space, what = act.partition(" ")
    place = next((at for at, one in enumerate(form.questions) if one.id == what), None)
    if verb in ON_QUESTIONS:
        return ON_QUESTIONS[verb](form, place) if place is not None else Done(form)
    if verb == "add":
        return add_known(form, what)
    if verb == "own":
        return add_own(form, posted.get("own_label", "").strip(), posted.get("own_kind", "text"))
    if verb == "consent":
        return add_consent(form, posted.get("new_consent", ""))
    if verb == "unconsent":
        return remove_consent(form, what)
    return Done(form)


def add_known(form: Definition, about: str) -> Done:
    if about not in KNOWN or any(one.field == about for one in form.questions):
        return Done(form)
    label = field_label(about, form.language)
    hint = mention(form.language) if about == "phone" else ""
    fresh = Question(
        id=free_id(form, about), about=about, kind=KNOWN[about][0], label=label, help=hint, required=about == "email"
    )
    return added(form, fresh)


def add_own(form: Definition, label: str, kind: str) -> Done:
    if not label:
        return Done(form, _("Write the question first."), "own-label")
    fresh = Question(id=free_id(form, label), kind=kind if kind in OWN_KINDS else "text", label=label)
    return added(form, fresh)


def added(form: Definition, fresh: Question) -> Done:
    if len(form.questions) >= MOST_QUESTIONS:
        return Done(form, _("A form has at most %(most)s questions.") % {"most": MOST_QUESTIONS})
    told = _("Added: %(question)s") % {"question": title_of(fresh)}
    focus = f"{fresh.id}-options" if fresh.kind in WITH_OPTIONS else f"{fresh.id}-label"
    return Done(replace(form, questions=(*form.questions, fresh)), told, focus, fresh.id)


def free_id(form: Definition, wanted: str) -> str:
    """A name of small letters, digits and _ that no question of this form has.

    >>> free_id(Definition(), "Qu’usinez-vous ?")
    'quusinez_vous'
    """
    plain = re.sub(r"^[^a-z]+", "", slugify(wanted).replace("-", "_"))[:36].strip("_") or "question"
    taken = {name for one in form.questions for name in (one.id, one.field)}
    free = (plain if count == 1 else f"{plain}_{count}" for count in range(1, MOST_ROWS + 2))
    return next(name for name in free if name not in taken)


def remove(form: Definition, place: int) -> Done:
    gone = form.questions[place]
    rest = (*form.questions[:place], *form.questions[place + 1 :])
    follows = rest[min(place, len(rest) - 1)].id if rest else ""
    told = _("Taken out: %(question)s") % {"question": title_of(gone)}
    return Done(replace(form, questions=rest), told, f"remove-{follows}" if follows else "the-add")


def moved(form: Definition, place: int, to: int, focus: str) -> Done:
    to = max(0, min(to, len(form.questions) - 1))
    rows = list(form.questions)
    rows.insert(to, rows.pop(place))
    return Done(replace(form, questions=tuple(rows)), where(rows[to], to, len(rows)), focus)


def where(question: Question, place: int, count: int) -> str:
    return _("%(question)s is number %(place)s of %(count)s now.") % {
        "question": title_of(question),
        "place": place + 1,
        "count": count,
    }


def up(form: Definition, place: int) -> Done:
    return moved(form, place, place - 1, f"up-{form.questions[place].id}")


def down(form: Definition, place: int) -> Done:
    return moved(form, place, place + 1, f"down-{form.questions[place].id}")


def dropped(form: Definition, place: int) -> Done:
    """It was dragged: the order came with the page already."""
    one = form.questions[place]
    return Done(form, where(one, place, len(form.questions)), f"q-{one.id}")


def keep(form: Definition, place: int) -> Done:
    """The risk was read; the question stays."""
    one = form.questions[place]
    told = _("Kept: %(question)s") % {"question": title_of(one)}
    return Done(changed(form, place, replace(one, kept=True)), told, f"{one.id}-kept")


def mentioned(form: Definition, place: int) -> Done:
    """The sentence that the law wants goes under the telephone number."""
    one = form.questions[place]
    said = f"{one.help} {mention(form.language)}".strip()
    told = _("The sentence stands under the question now. Change it as you like.")
    return Done(changed(form, place, replace(one, help=said)), told, f"{one.id}-help", one.id)


def changed(form: Definition, place: int, one: Question) -> Definition:
    return replace(form, questions=(*form.questions[:place], one, *form.questions[place + 1 :]))


def add_consent(form: Definition, code: str) -> Done:
    asked = consent_of(code)
    if asked is None:
        return Done(form, _("Choose the text first."), "new-consent")
    if any((one.channel, one.purpose) == (asked.channel, asked.purpose) for one in form.consents):
        return Done(form, _("This channel and purpose are asked for already."), "new-consent")
    told = _("Added: a box of consent. Nobody needs to tick it.")
    return Done(replace(form, consents=(*form.consents, asked)), told, f"consent-{len(form.consents)}")


def remove_consent(form: Definition, code: str) -> Done:
    rest = tuple(one for one in form.consents if one.wording != code)
    return Done(replace(form, consents=rest), _("Taken out: a box of consent."), "new-consent")


ON_QUESTIONS: Final[Mapping[str, Callable[[Definition, int], Done]]] = {
    "remove": remove,
    "up": up,
    "down": down,
    "moved": dropped,
    "keep": keep,
    "mention": mentioned,
}
