"""A site as browsers name it in the header Origin: scheme, name and a port that is not the usual one."""

import re
from typing import Final

SITE: Final = re.compile(r"(https?)://([a-z0-9.-]+)(?::(\d{1,5}))?")
USUAL: Final = {"http": 80, "https": 443}


def site_of(typed: str) -> str:
    """The site in small letters without what browsers leave out; "" when it is none.

    >>> site_of("HTTPS://WWW.Site.Example:443/"), site_of("http://localhost:8000"), site_of("https://a.example/page")
    ('https://www.site.example', 'http://localhost:8000', '')
    """
    found = SITE.fullmatch(typed.strip().rstrip("/").lower())
    if found is None:
        return ""
    scheme, name, port = found.groups()
    is_usual = port is None or int(port) == USUAL[scheme]
    return f"{scheme}://{name}" if is_usual else f"{scheme}://{name}:{int(port)}"
