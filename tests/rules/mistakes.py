"""A complete agreement, agreements with one mistake, and whether it is told as it should be."""

from vendange.agreement.language import NotAnAgreement, load

HEAD = "agreement: Short\nacts:\n  - {id: quote, on: quote_requested}\n"  # three lines: the mistake starts in line 4


MATURE = """lead_types: [project, quote]
target:
  personas: [{id: buyer, where: {person.role: [pays, decides]}}]
  set_aside: [{id: student, where: {person.level: student}}]
engagement:
  half_life: 21 days
  cap: 90
  per_day: 40
  weights: {declared: 0.5, inferred: 0.25}
  groups: [{id: content, cap: 30, per_day: 10}]
  rules:
    - {id: reads, on: content_read, points: 2, cap: 12, group: content, per_day: 8, per_content: 4}
    - {id: prices, on: page_viewed, where: {path: {starts_with: /tarifs}}, points: 8}
  dimensions:
    - {id: presses, where: {path: {contains: press}}, grades: {1: 50, 2: 30, 3: 10}, alert: [A1, B1], lead_type: quote}
interests:
  half_life: 60 days
  topics: [{id: financing, on: [content_read, page_viewed], where: {topic: financing}, points: 1.5}]
  change: {within: 14 days, against: 180 days, at_least: 4, times: 2.5, lead_type: project}
patterns:
  - id: compares
    of: organisation
    within: 14 days
    people: 3
    lead_type: quote
    all:
      - {on: page_viewed, where: {path: {starts_with: /tarifs}}, at_least: 3}
      - {on: [webinar_attended, event_registered]}
organisation: {engagement: 20, warm: 1, hot: 3, roles: [decides, uses]}
temperature: {hot: 40, warm: 15, margin: 5}
desk: {minutes_per_lead: 12, minutes_per_week: 1200}
pressure: [{id: mail, channels: [phone, email], at_most: 2, within: 7 days}]
prices:
  currency: EUR
  levels:
    - {id: high, lead_types: [quote], grades: [A, B1], amount: 180.00}
    - {id: other, amount: 0.5}
"""
COMPLETE = HEAD + MATURE


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
