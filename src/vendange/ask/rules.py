"""Ask decides: what a form may ask, which questions come next, whether an answer can be taken. Plain Python."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import msgspec

from vendange.agreement.sentence import Cannot, Incomplete, Sentence, sentence
from vendange.agreement.vocabulary import KIND_PATTERN
from vendange.engine.early_questions import asked_too_soon
from vendange.engine.periods import months_in
from vendange.engine.plain_text import folded
from vendange.engine.typed import KINDS as QUESTION_KINDS
from vendange.engine.typed import YES, cleaned, is_too_long, read

CONSENT_CHANNELS: Final = ("email", "phone", "sms")
LANGUAGES: Final = ("en", "fr")
# What a question may be about so that the answer fills the field of that name; any other name is kept as a fact.
FIELDS: Final = (
    "email", "name", "first_name", "last_name", "phone", "job_title", "level", "role", "language", "country",
    "time_zone", "organisation", "domain", "employees", "industry", "registry_number", "postal_code", "city", "region",
)  # fmt: skip
# Ours to say, never the stranger's: who they are elsewhere, how we treat them.
RESERVED: Final = frozenset(
    "regime source tier organisation_id company_id user_id external_id relationship set_aside contact_url".split()  # noqa: SIM905
)
MOST_QUESTIONS: Final = 40
MOST_OPTIONS: Final = 200
MOST_REQUIRED: Final = 5  # beyond, people leave the page; the form may keep them
MOST_AT_ONCE: Final = 8  # shown to somebody of whom nothing is known; beyond, the same
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Where a consent is proved by an answered letter and by nothing else (C77).
PROVED_BY_LETTER: Final = frozenset({"DE"})

# A consent to calls is five sentences, one a line, in this order (C51, R. 223-1 of the consumer code).
PHONE_PARTS: Final = ("caller", "choice", "period", "withdrawal", "proof")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `about` names the field that the answer fills; empty: the question's own id."""

    id: str
    about: str = ""
    kind: str = "text"
    label: str = ""
    help: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    always: bool = False  # asked even of those who have answered it before
    kept: bool = False  # its risk was read, and the question is wanted all the same (R24)

    @property
    def field(self) -> str:
        return self.about or self.id


@dataclass(frozen=True, slots=True)
class ConsentAsked:
    """One box, never ticked in advance and never required; `wording` is the code of a ConsentText."""

    channel: str
    purpose: str
    wording: str

    @property
    def name(self) -> str:
        return f"consent.{self.channel}.{self.purpose}"


@dataclass(frozen=True, slots=True)
class Definition:
    """What a form says and asks. `confirm`: no consent counts before a letter was answered (double opt-in)."""

    signal: str = "form_submitted"
    language: str = "en"
    title: str = ""
    intro: str = ""
    submit: str = ""
    thanks: str = ""
    thanks_url: str = ""
    confirm: bool = False
    ask_at_most: int = 0
    asset: str = ""
    topic: str = ""
    campaign: str = ""
    questions: tuple[Question, ...] = ()
    consents: tuple[ConsentAsked, ...] = ()


Fault = tuple[str, Sentence]  # where (as "questions.2.label"), and what to do
Given = Mapping[str, str | Sequence[str]]


class BadForm(Incomplete):
    """This form cannot be kept or published; `faults` says where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(dict(faults))
        self.faults = list(faults)


def read_definition(given: Mapping[str, Any]) -> Definition:
    """A definition from JSON; raises BadForm when it has another shape. What it says is judged by `faults`."""
    found = list(_unknown(given))
    if found:
        raise BadForm(found)
    try:
        return msgspec.convert(given, Definition)
    except msgspec.ValidationError as error:
        raise BadForm([("", sentence("This form cannot be read: {why}.", why=str(error)))]) from None


def _unknown(given: Mapping[str, Any]) -> list[Fault]:
    """Fields that a form does not have. A box that is ticked or required in advance is refused by name (C17, C18)."""
    parts: list[tuple[str, object, Any]] = [("", given, Definition)]
    for name, kind in (("questions", Question), ("consents", ConsentAsked)):
        items = given.get(name)
        parts += [
            (f"{name}.{at}.", one, kind) for at, one in enumerate(items if isinstance(items, list | tuple) else ())
        ]
    found: list[Fault] = []
    for path, part, kind in parts:
        known = kind.__dataclass_fields__
        for name in part if isinstance(part, Mapping) else ():
            if name in known:
                continue
            if kind is ConsentAsked:
                told = sentence(
                    "A box of consent is never ticked in advance and never required. Leave out “{name}”.", name=name
                )
            else:
                told = sentence("A form has no “{name}”. Leave it out.", name=name)
            found.append((f"{path}{name}", told))
    return found


def as_json(definition: Definition) -> dict[str, Any]:
    return asdict(definition)


def identity(definition: Definition) -> str:
    """The same for the same words: tells whether a draft is still the one that somebody began to change."""
    return hashlib.sha256(msgspec.json.encode(definition)).hexdigest()[:32]


def text_faults(channel: str, text: str) -> list[Fault]:
    """What keeps a wording of consent from being used; a consent to calls must state its five things (C51)."""
    if not text.strip():
        return [("text", sentence("Write what people agree to."))]
    if len(text) > 2000:
        return [("text", sentence("This text is longer than 2,000 characters. People must be able to read it."))]
    return _phone_faults(text) if channel == "phone" else []


def _phone_faults(text: str) -> list[Fault]:
    lines = dict(zip(PHONE_PARTS, [line.strip() for line in text.rstrip("\n").split("\n")], strict=False))
    found = [(part, MISSING[part]) for part in PHONE_PARTS if len(lines.get(part, "")) < 5]
    if len(text.rstrip("\n").split("\n")) > len(PHONE_PARTS):
        found.append(("text", sentence("A consent to calls is five sentences, one a line. Here are more lines.")))
    months = months_in(lines.get("period", ""))
    if "period" not in dict(found) and not 0 < months <= 12:
        found.append(("period", MISSING["period"]))
    return found


MISSING: Final[Mapping[str, Sentence]] = {
    "caller": sentence("Say who will call, and about which goods or services."),
    "choice": sentence("Say that people are free to agree or not."),
    "period": sentence("Say for how long, in months or days and at most a year: “12 months”."),
    "withdrawal": sentence("Say that they may withdraw at any time, and how."),
    "proof": sentence("Say how they get the proof of their consent, free of charge."),
}


def faults(definition: Definition, texts: Mapping[str, str]) -> list[Fault]:
    """What keeps this form from being published. `texts`: the wordings in use, code → text."""
    return [*_own_faults(definition), *_question_faults(definition), *_consent_faults(definition, texts)]


def _own_faults(form: Definition) -> list[Fault]:
    found: list[Fault] = []
    if not form.title.strip():
        found.append(("title", sentence("Give the form a title.")))
    if not re.fullmatch(KIND_PATTERN, form.signal):
        found.append(("signal", sentence("Choose the kind of signal that an answer makes, such as quote_requested.")))
    if form.language not in LANGUAGES:
        found.append(("language", sentence("Choose English or French.")))
    if form.thanks_url and not re.fullmatch(r"https://[^\s/?#@\\]+([/?#][^\s\\]*)?", form.thanks_url):
        found.append(("thanks_url", sentence("The page of thanks needs a whole address that begins with https://.")))
    if form.ask_at_most < 0:
        found.append(("ask_at_most", sentence("Write how many questions are asked at once, or 0 for all.")))
    longest = {"title": 200, "intro": 2000, "submit": 60, "thanks": 2000, "thanks_url": 500, "asset": 200, "topic": 80}
    for name, most in {**longest, "campaign": 200}.items():
        if len(getattr(form, name)) > most:
            found.append((name, is_too_long(most)))
    return found


def _question_faults(form: Definition) -> list[Fault]:
    found: list[Fault] = []
    if len(form.questions) > MOST_QUESTIONS:
        found.append(("questions", sentence("A form has at most {most} questions.", most=MOST_QUESTIONS)))
    mail = [one for one in form.questions if one.field == "email"]
    if not any(one.kind == "email" and one.required for one in mail):
        told = sentence("Ask for the e-mail address, as a required question: it is how we know who answered.")
        found.append(("questions", told))
    seen: set[str] = set()
    for at, one in enumerate(form.questions):
        if seen & {one.id, one.field}:
            found.append((f"questions.{at}.id", sentence("Another question has this name or asks the same.")))
        seen |= {one.id, one.field}
        found += [(f"questions.{at}.{name}", told) for name, told in _one_question(one, form)]
    return found


def _one_question(one: Question, form: Definition) -> list[Fault]:
    found: list[Fault] = []
    if not one.label.strip():
        found.append(("label", sentence("Write the question.")))
    if not NAME.fullmatch(one.id) or one.field in RESERVED or not NAME.fullmatch(one.field):
        found.append(("about", sentence("Choose what the question is about; a name is small letters, digits and _.")))
    if one.kind not in QUESTION_KINDS or (one.field == "email") != (one.kind == "email"):
        found.append(("kind", sentence("Choose a kind of answer that fits; an e-mail address is about the e-mail.")))
    if one.kind in ("choice", "choices") and len({text.strip() for text in one.options} - {""}) < 2:
        found.append(("options", sentence("Write at least two answers to choose from, each once.")))
    if len(one.options) > MOST_OPTIONS or any(len(text) > 200 for text in one.options):
        found.append(("options", sentence("At most {most} answers of 200 characters each.", most=MOST_OPTIONS)))
    if len(one.label) > 300 or len(one.help) > 500:
        found.append(("label", is_too_long(300)))
    if asks_phone(one) and not _says_consent(one, form):
        told = sentence("The law wants a form that asks for a telephone number to say that calls need consent.")
        found.append(("help", told))
    return found


def asks_phone(one: Question) -> bool:
    return one.kind == "phone" or one.field == "phone"


def _says_consent(one: Question, form: Definition) -> bool:
    """C60: a box of consent to calls on the same form, or a mention of consent under the field."""
    asked = any(box.channel == "phone" for box in form.consents)
    return asked or bool(re.search(r"consent|agree|accord|accept", folded(one.help)))


def _consent_faults(form: Definition, texts: Mapping[str, str]) -> list[Fault]:
    found: list[Fault] = []
    seen: set[tuple[str, str]] = set()
    for at, box in enumerate(form.consents):
        if box.channel not in CONSENT_CHANNELS or not NAME.fullmatch(box.purpose):
            told = sentence("One box is for one channel: e-mail, telephone or SMS, and for one purpose.")
            found.append((f"consents.{at}.channel", told))
        if (box.channel, box.purpose) in seen:
            found.append((f"consents.{at}.purpose", sentence("Another box asks for this channel and purpose already.")))
        seen.add((box.channel, box.purpose))
        if wrong := _wording_fault(box, form.language, texts):
            found.append((f"consents.{at}.wording", wrong))
    if any(box.channel != "email" for box in form.consents) and not any(map(asks_phone, form.questions)):
        found.append(("consents", sentence("Consent to calls or SMS needs a question for the telephone number.")))
    if form.confirm and not form.consents:
        found.append(("confirm", sentence("There is nothing to confirm by mail: the form asks for no consent.")))
    return found


def _wording_fault(box: ConsentAsked, language: str, texts: Mapping[str, str]) -> Sentence | None:
    if box.wording not in texts:
        return sentence("Choose a text of consent that is in use.")
    channel, purpose, written_in, _ = [*box.wording.split("/"), "", "", "", ""][:4]
    if (channel, purpose) != (box.channel, box.purpose):
        return sentence("This text is for another channel or purpose.")
    if written_in != language:
        return sentence("This text is in another language than the form.")
    if text_faults(channel, texts[box.wording]):
        return sentence("This text lacks something that the law wants said. Write a new version of it.")
    return None


def warnings(definition: Definition) -> list[tuple[str, str]]:
    """What may be kept but costs answers or misleads: (question id or "", code). See R24 for the first two."""
    found = []
    for one in definition.questions:
        found += [(one.id, code) for code in asked_too_soon(one.field, one.label)]
    if sum(one.required for one in definition.questions) > MOST_REQUIRED:
        found.append(("", "many_required"))
    if len(next_questions(definition, frozenset())) > MOST_AT_ONCE:
        found.append(("", "many_questions"))
    if definition.consents and not definition.confirm:
        found.append(("", "unconfirmed"))
    return found


def next_questions(definition: Definition, known: frozenset[str]) -> tuple[Question, ...]:
    """The questions to ask somebody of whom these fields are known: the next useful ones instead (R21)."""
    stay = {one.id for one in definition.questions if one.always or one.field == "email"}
    useful = [one.id for one in definition.questions if one.id not in stay and one.field not in known]
    room = max(definition.ask_at_most - len(stay), 0) if definition.ask_at_most else len(useful)
    chosen = stay | set(useful[:room])
    return tuple(one for one in definition.questions if one.id in chosen)


def secret_of(key: str, seed: str) -> str:
    """What the link of a letter of confirmation carries: nobody can make it who does not hold our key."""
    return hmac.new(key.encode(), f"vendange confirms {seed}".encode(), hashlib.sha256).hexdigest()


def key_of(secret: str) -> str:
    """What is stored of such a secret: enough to know it again, not to make it."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer as we would keep it; with `problems` (question id → what to do) it cannot be taken."""

    answers: Mapping[str, str | list[str]]
    consents: tuple[ConsentAsked, ...]
    problems: Mapping[str, Sentence]


def check(definition: Definition, given: Given, asked: frozenset[str] | None = None) -> Checked:
    """Judge what somebody sent, by question id (or what the question is about).

    `asked`: ids of the questions that were shown; None: all of them. A required one that was not shown may lack,
    except the e-mail address and those that are always asked.
    """
    answers: dict[str, str | list[str]] = {}
    problems: dict[str, Sentence] = {}
    for one in definition.questions:
        written = _written(given, one)
        shown = asked is None or one.id in asked or one.always or one.field == "email"
        try:
            if any(written):
                filled = [text for text in written if text]
                answers[one.id] = read(one.kind, filled, options=one.options, language=definition.language)
            elif one.required and shown:
                problems[one.id] = sentence("Please answer this question.")
        except Cannot as cannot:
            problems[one.id] = cannot.sentence
    ticked = tuple(box for box in definition.consents if any(t.strip().lower() in YES for t in _all(given, box.name)))
    return Checked(answers, ticked, problems)


def _written(given: Given, one: Question) -> list[str]:
    return [cleaned(text, lines=one.kind == "long") for text in _all(given, one.id if one.id in given else one.field)]


def _all(given: Given, name: str) -> Sequence[str]:
    found = given.get(name, ())
    return [found] if isinstance(found, str) else found
