"""Inter, cut down to Latin and packed for the web, once, into VENDANGE_HOME. Until then pages use the system's font."""

import subprocess
import sys
from importlib.metadata import distribution, version
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from vendange.web.access import public

PACKAGE = "fontpkg-inter"
# Basic Latin, Latin-1, Latin Extended-A, spaces, punctuation, superscripts, currencies, arrows, minus, multiplication.
LETTERS = (
    "U+0020-007E,U+00A0-017F,U+02C6,U+02DA,U+02DC,U+1E9E,U+2000-200B,U+2010-2027,U+202F-203A,U+2070-209F,"
    "U+20A0-20BF,U+2122,U+2190-2199,U+2212,U+2248,U+2260,U+2264,U+2265"
)

packing: list[subprocess.Popen[bytes]] = []  # held, because a child that nobody holds is a warning


def packed() -> Path:
    return Path(settings.HOME) / "fonts" / f"inter-{version(PACKAGE)}.woff2"


def is_ready() -> bool:
    return packed().exists()


def prepare() -> None:
    """Start the work (about seven seconds of one core) in a process of its own and return at once."""
    if is_ready():
        return
    packed().parent.mkdir(parents=True, exist_ok=True)
    words = [sys.executable, "-m", "vendange.web.inter", str(source()), str(packed()), LETTERS]
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603 (our own module)
    packing.append(child)


def source() -> Path:
    """The variable upright font inside the package."""
    whole = distribution(PACKAGE)
    found = [Path(str(whole.locate_file(file))) for file in whole.files or () if file.name.lower().endswith(".ttf")]
    upright = [path for path in found if "italic" not in path.name.lower()]
    return upright[0]


@public
@require_GET
@cache_control(public=True, max_age=31_536_000, immutable=True)
def inter(_request: HttpRequest) -> HttpResponse:
    if not is_ready():
        raise Http404
    return HttpResponse(packed().read_bytes(), content_type="font/woff2")
