"""Find decides: which words stand for somebody, what a search asks for, which spelling was meant, and who comes first.

Words are ASCII: letters without accents, digits, and each other letter by its number, so that every database reads and
orders them alike. Nothing here knows a database.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

LONGEST: Final = 40  # characters of a word; what comes after is not searched
MOST_TERMS: Final = 8
MOST_READ: Final = 200  # characters of a search
SHORTEST_TO_CORRECT: Final = 4  # letters of a word in which a mistake is forgiven
SHORTEST_PART: Final = 3  # letters that are looked for in the midst of words
LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})
UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
NUMBER: Final = re.compile(r"(?<![^\W_])\+?\(?\d[\d\s().\-/\u00a0\u202f]*\d(?![^\W_])|\+\d")
WORD: Final = re.compile(r"[^\W_]+")
TAILS: Final = (4, 6, 8)  # last digits by which a number is also found


@dataclass(frozen=True, slots=True, order=True)
class Asked:
    """The start of a word, or all of it."""

    word: str
    whole: bool = False

    def fits(self, words: Collection[str]) -> bool:
        return self.word in words or (not self.whole and any(one.startswith(self.word) for one in words))


Way = tuple[Asked, ...]  # all of these
Term = tuple[Way, ...]  # one of these


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody is found by: `names` can be corrected when misspelt, `others` (addresses, numbers) cannot."""

    names: frozenset[str]
    others: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.names | self.others


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person or a company; `addresses` are all that they have had."""

    name: str
    company: str = ""
    title: str = ""
    phone: str = ""  # E.164, or as it was written
    addresses: tuple[str, ...] = ()
    others: tuple[str, ...] = ()  # domain, registry number, town


def folded(text: str) -> str:
    """Small letters without accents.

    >>> folded("Lefèvre"), folded("STRASSE"), folded("Straße"), folded("Œuvre")
    ('lefevre', 'strasse', 'strasse', 'oeuvre')
    """
    if text.isascii():
        return text.lower()
    small = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return "".join(one for one in small if unicodedata.category(one) != "Mn").casefold()


def plain(word: str) -> str:
    """ASCII: any other letter as x and its number in six digits, so that the start of a word stays its start."""
    return "".join(one if one.isascii() else f"x{ord(one):06x}" for one in word[:LONGEST])[:LONGEST]


def words_in(text: str) -> Iterator[str]:
    """Each word, as it would be typed.

    >>> list(words_in("Jean-Pierre O’Neill"))
    ['jean', 'pierre', 'o', 'neill']
    """
    yield from (plain(one) for one in WORD.findall(folded(text)))


def spellings(text: str) -> Iterator[str]:
    """Each word under every spelling by which it may be looked for: in one with its neighbour, umlauts as two letters.

    >>> sorted(set(spellings("Müller-Ott")))
    ['mueller', 'muellerott', 'muller', 'mullerott', 'ott']
    """
    composed = text.lower() if text.isascii() else unicodedata.normalize("NFC", text.casefold())
    for said in {composed, composed.translate(UMLAUTS)}:
        for chunk in said.split():
            parts = list(words_in(chunk))
            yield from parts
            if len(parts) > 1 and sum(map(len, parts)) <= LONGEST:
                yield "".join(parts)


def words_of(known: Known) -> Words:
    """The words under which a person or a company is found."""
    names = set(spellings(f"{known.name} {known.company} {known.title}"))
    others: set[str] = set()
    for address in known.addresses:
        local, _, host = address.partition("@")
        others.update(spellings(local), spellings(host.rpartition(".")[2]))
        names.update(spellings(host.rpartition(".")[0].replace(".", " ")))
        if not known.name:
            names.update(words_in(local))
    for one in known.others:
        others.update(spellings(one))
        others.add("".join(words_in(one))[:LONGEST])
    others.update(numbers_of(known.phone))
    return Words(frozenset(names) - {""}, frozenset(others) - names - {""})


def numbers_of(phone: str) -> set[str]:
    """A telephone number with and without its country, and its last digits.

    >>> sorted(numbers_of("+33612345678"))
    ['12345678', '33612345678', '345678', '5678', '612345678']
    """
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return set()
    own = digits[_country_digits(digits) :] if phone.startswith("+") else digits.lstrip("0")
    return {digits, own, *(own[-length:] for length in TAILS if len(own) > length)} - {""}


@lru_cache(maxsize=1_000)
def _country_digits(digits: str) -> int:
    return next((n for n in (1, 2, 3) if int(digits[:n] or 0) in COUNTRY_CODE_TO_REGION_CODE), 0)


def terms_of(text: str) -> tuple[Term, ...]:
    """What a search asks for: all of these terms. None at all when it holds no letter and no digit.

    >>> terms_of("Dupont SA")
    (((Asked(word='dupont', whole=False),),), ((Asked(word='sa', whole=False),),))
    >>> terms_of("%_'")
    ()
    """
    text = text[:MOST_READ]
    terms: list[Term] = []
    at = 0
    for found in NUMBER.finditer(text):
        terms += _of_words(text[at : found.start()])
        terms.append(_of_number(found.group()))
        at = found.end()
    terms += _of_words(text[at:])
    return tuple(dict.fromkeys(terms))[:MOST_TERMS]


def _of_words(text: str) -> list[Term]:
    composed = unicodedata.normalize("NFC", text.casefold())
    plainly, in_two = (list(words_in(said)) for said in (composed, composed.translate(UMLAUTS)))
    pairs = zip(plainly, in_two, strict=True) if len(plainly) == len(in_two) else ((one, one) for one in plainly)
    return [tuple((Asked(word),) for word in dict.fromkeys(pair)) for pair in pairs]


def _of_number(written: str) -> Term:
    """Digits in groups are one number, with or without its country; or else words of their own."""
    digits = re.sub(r"\D", "", written.replace("(0)", ""))
    given = {digits, digits.removeprefix("00")} if digits.startswith("00") else {digits, digits.removeprefix("0")}
    ways: list[Way] = [(Asked(one),) for one in sorted(given - {""})]
    apart = tuple(Asked(one) for one in words_in(written))
    return tuple(dict.fromkeys([*ways, apart]))


def fits(terms: Sequence[Term], words: Collection[str]) -> bool:
    return bool(terms) and all(any(all(asked.fits(words) for asked in way) for way in term) for term in terms)


def wholly(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The same with whole words only."""
    return tuple(tuple(tuple(Asked(asked.word, whole=True) for asked in way) for way in term) for term in terms)


def word_of(term: Term) -> str:
    """The word that may be misspelt; "" for numbers, for other scripts, and for what is too short to tell."""
    word = term[0][0].word
    one_word = all(len(way) == 1 for way in term)
    return word if one_word and is_spelt(word) and len(word) >= SHORTEST_PART else ""


def is_spelt(word: str) -> bool:
    """Of letters only, without those that stand as numbers: such a word can be misspelt."""
    return word.isalpha()


def or_else(term: Term, spelled: Iterable[str]) -> Term:
    """This term, or one of these words."""
    return tuple(dict.fromkeys([*term, *((Asked(word, whole=True),) for word in spelled)]))


def most_wrong(word: str) -> int:
    """How many mistakes of typing are forgiven in a word of this length."""
    return 2 if len(word) >= 8 else 1


def unbroken(word: str) -> tuple[str, str]:
    """A start and an end, one of which is right if there is one mistake: a letter more, less, other, or two swapped.

    >>> unbroken("dupont"), unbroken("lefebvre")
    (('du', 'ont'), ('lef', 'bvre'))
    """
    start = max(2, (len(word) - 1) // 2)
    return word[:start], word[start + 1 :]


def mistakes(typed: str, word: str, most: int) -> int:
    """How many mistakes lead from the word, or from its start, to what was typed; `most` + 1 when more.

    >>> mistakes("dpuont", "dupont", 1), mistakes("lefebvre", "lefevre", 2), mistakes("roche", "dupont", 1)
    (1, 1, 2)
    """
    if len(word) < len(typed) - most or len(set(typed).difference(word)) > most:
        return most + 1  # each letter that the word does not have is a mistake
    if len(word) <= len(typed) + most:
        return min(_last_row(typed, word, most)[-1], most + 1)
    if len(typed) <= SHORTEST_TO_CORRECT:
        return most + 1
    starts = _last_row(typed, word[: len(typed) + most], most)
    return min(*starts[len(typed) - most :], most + 1)


def _last_row(typed: str, word: str, most: int) -> list[int]:
    """Distances of `typed` to every start of `word` (Damerau, restricted: no letter is touched twice).

    Only what lies within `most` of the diagonal is looked at: the rest is further away.
    """
    far = most + 1
    before: list[int] = []
    row = [min(j, far) for j in range(len(word) + 1)]
    for i, a in enumerate(typed, 1):
        older, before, row = before, row, [far] * (len(word) + 1)
        if i <= most:
            row[0] = i
        for j in range(max(1, i - most), min(len(word), i + most) + 1):
            b = word[j - 1]
            least = before[j - 1] if a == b else 1 + min(before[j - 1], before[j], row[j - 1])
            if i > 1 and j > 1 and a == word[j - 2] and typed[i - 2] == b and older[j - 2] + 1 < least:
                least = older[j - 2] + 1
            row[j] = least
        if min(row) > most:
            return [far] * (len(word) + 1)
    return row


def meant(typed: str, words: Iterable[tuple[str, int]], most: int) -> list[str]:
    """Which of these words (with how many bear them) were perhaps meant: the fewest mistakes first, then the common."""
    if len(typed) < SHORTEST_TO_CORRECT:
        return []
    near = [
        (wrong, -bearers, word)
        for word, bearers in words
        if word != typed and (wrong := mistakes(typed, word, most_wrong(typed))) <= most_wrong(typed)
    ]
    return [word for _, _, word in sorted(near)[:most]]


def rank(text: str, terms: Sequence[Term], known: Known) -> int:
    """Who comes first: 0 is the address or number itself, higher is further from what was typed."""
    typed = text.strip().lower()
    if typed and (typed in known.addresses or (known.phone and _same_number(text, known.phone))):
        return 0
    name = set(spellings(known.name))
    if terms and sorted(words_in(text)) == sorted(words_in(known.name)):
        return 1
    if fits(wholly(terms), name):
        return 2
    if fits(terms, name):
        return 3
    words = words_of(known).all
    if any(fits([term], name) for term in terms) and fits(terms, words):
        return 4
    return 5 if fits(terms, words) else 6 + sum(_astray(word, words) for term in terms if (word := word_of(term)))


def _astray(typed: str, words: Iterable[str]) -> int:
    """How many mistakes were made at least, from any of these words."""
    most = most_wrong(typed)
    return min((mistakes(typed, word, most) for word in words), default=most + 1)


def _same_number(text: str, phone: str) -> bool:
    if WORD.sub("", text) == text or re.search(r"[^\W\d_]", text):
        return False
    own = numbers_of(phone)
    longest = sorted(own, key=len)[-2:]
    return any(asked.word in longest for term in terms_of(text)[:1] for way in term[:-1] or term for asked in way)
