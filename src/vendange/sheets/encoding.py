"""Which characters the bytes of a file stand for: found out with certainty, or asked. Nothing garbled gets in."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final

KNOWN: Final = (
    "utf-8",
    "utf-16",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp437",
    "cp850",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "mac-roman",
)
FOUND: Final = ("UTF-8", "cp1252 (Western European)")  # as they are shown when nobody and no mark has said them
CHUNK: Final = 1 << 18
ASK: Final = "Save the file as UTF-8, or write its encoding in the map, such as encoding: cp1252."
# Bytes that Western European text in cp1252 practically never holds: each tells of another encoding, so we ask.
NOT_CP1252: Final = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]"  # undefined
    rb"|[\xc2-\xf4][\x80-\xbf]"  # looks like UTF-8
    rb"|[\xc0-\xff]{3}"  # three accented letters in a row: Cyrillic or Greek
    rb"|[\x82-\x84\x86-\x8b\x8e\x98\x9a\x9b\x9e\xa4-\xa6\xa8\xac\xaf\xb4-\xb6\xb8\xb9\xd0\xde\xf0\xfe]"
    rb"|[A-Za-z][\x85\x91\x93-\x95\x97\x99][A-Za-z]"  # punctuation inside a word: an accent of cp850
)


class Undecodable(ValueError):
    """The bytes of the file are not text that can be read with certainty, from this line on."""

    def __init__(self, told: str, line: int) -> None:
        super().__init__(told)
        self.line = line


@dataclass(frozen=True, slots=True)
class Encoding:
    """`codec` as Python names it; `shown` as people know it; `given` when the map said so."""

    codec: str
    shown: str
    given: bool = False

    @property
    def is_found(self) -> bool:
        """Whether it was told by what the bytes are, so that later ones may tell otherwise."""
        return self.shown in FOUND


def find_encoding(start: Callable[[], IO[bytes]], given: str = "", *, most: int = 0) -> Encoding:
    """The encoding of the whole file, or of its first `most` bytes; `start` opens it at its first byte.

    Raises Undecodable with the line.
    """
    with start() as stream:
        head = stream.read(CHUNK)
    found = _named(given, head) if given else _marked(head)
    if found:
        _check(start, found, most)
        return found
    line, seen_accents = _first_wrong_line(start, "utf-8", most)
    if not line:
        return Encoding("utf-8", FOUND[0])
    if seen_accents:
        raise Undecodable(f"Line {line} is not UTF-8, unlike the lines before it. Correct that line. {ASK}", line)
    return _western(start, line, most)


def _named(given: str, head: bytes) -> Encoding:
    marked = _marked(head)
    if given.startswith("utf") and marked and marked.codec.startswith(given[:5]):
        return Encoding(marked.codec, marked.shown, given=True)
    return Encoding(given, given.upper(), given=True)


def _marked(head: bytes) -> Encoding | None:
    """By the byte order mark, or by the zero bytes that plain letters leave in UTF-16."""
    if head.startswith(codecs.BOM_UTF8):
        return Encoding("utf-8-sig", "UTF-8 with a byte order mark")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding("utf-16", "UTF-16")
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 4 > len(head) > 3 and min(even, odd) * 20 < max(even, odd):
        return Encoding("utf-16-le" if odd > even else "utf-16-be", "UTF-16 without a byte order mark")
    return None


def _check(start: Callable[[], IO[bytes]], found: Encoding, most: int) -> None:
    line, _ = _first_wrong_line(start, found.codec, most)
    if line:
        raise Undecodable(f"Line {line} is not {found.shown}. {ASK}", line)


def _first_wrong_line(start: Callable[[], IO[bytes]], codec: str, most: int) -> tuple[int, bool]:
    """The first line that does not decode (0: all do), and whether letters beyond ASCII came before it."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines, accents, read = 1, False, 0
    with start() as stream:
        while True:
            if most and read >= most:  # cut off here, maybe inside a letter
                return 0, accents
            chunk = stream.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(codec, "ignore")
                return lines + good.count("\n"), accents or not good.isascii()
            read += len(chunk)
            lines, accents = lines + text.count("\n"), accents or not text.isascii()
            if not chunk:
                return 0, accents


def _western(start: Callable[[], IO[bytes]], first: int, most: int) -> Encoding:
    with start() as stream:
        number, read = 1, 0
        while (not most or read < most) and (line := stream.readline(CHUNK)):
            read += len(line)
            if NOT_CP1252.search(line):
                told = f"Line {number} (or line {first}) is in an encoding that we cannot tell. {ASK}"
                raise Undecodable(told, number)
            number += line.endswith(b"\n")
    return Encoding("cp1252", FOUND[1])
