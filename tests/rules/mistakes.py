"""Agreements with one mistake, and whether it is told as it should be."""

from vendange.agreement.language import NotAnAgreement, load

HEAD = "agreement: Short\nacts:\n  - {id: quote, on: quote_requested}\n"  # three lines: the mistake starts in line 4


def fit(rule: str) -> str:
    return f"{HEAD}fit:\n  - {{{rule}}}\n"


def scored(rule: str) -> str:
    return f"{HEAD}engagement:\n  rules:\n    - {{{rule}}}\n"


def told(text: str, line: int, what: str, remedy: str) -> str:
    """Empty when the text is refused with this problem; else all that was told instead."""
    try:
        load(text)
    except NotAnAgreement as refusal:
        problems = refusal.problems
    else:
        return "nothing is refused"
    expected = any(one.line == line and what in one.what and remedy in one.remedy for one in problems)
    return "" if expected else "\n".join(map(str, problems))
