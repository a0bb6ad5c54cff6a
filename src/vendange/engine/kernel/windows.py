"""The kernel's second part: what happens close together. Patterns of a person or an organisation, bursts in a topic."""

import math
from typing import Any, Final, NamedTuple

from vendange.engine.kernel.jars import NEVER, Flow, Rules, State, answers
from vendange.engine.plan import WORD, Windows

Column = Any


def take_terms(rules: Rules, flow: Flow, state: State, signal: int) -> bool:
    """Count one signal in every pattern of a person; whether a term matched."""
    own, matched = rules.own, False
    for pattern in range(len(own.within)):
        for term in range(own.first[pattern], own.first[pattern + 1]):
            if answers(flow, signal, own.bit[term]):
                state.terms[term] += 1
                state.term_hit[pattern] = 1
                matched = True
    return matched


def pattern_holds(rules: Rules, flow: Flow, state: State, pattern: int, at: int) -> bool:
    """Whether every term has its signals in the window that ends now; lets go of those that have left it."""
    own = rules.own
    head = state.term_head[pattern]
    while flow.at[head] <= at - own.within[pattern]:
        for term in range(own.first[pattern], own.first[pattern + 1]):
            if answers(flow, head, own.bit[term]):
                state.terms[term] -= 1
        head += 1
    state.term_head[pattern] = head
    missing = 0
    for term in range(own.first[pattern], own.first[pattern + 1]):
        missing += state.terms[term] < own.need[term]
    return missing == 0


def take_topics(rules: Rules, flow: Flow, state: State, signal: int) -> None:
    topics, at = rules.topics, flow.at[signal]
    for topic in range(len(topics.bit)):
        if answers(flow, signal, topics.bit[topic]):
            points = state.interest[topic]
            if points > 0.0:
                points *= math.exp(-topics.rate * (at - state.interest_at[topic]))
            state.interest[topic] = points + topics.points[topic]
            state.interest_at[topic] = at
            state.topic_hit[topic] = 1
            state.recent[topic] += 1


def slide_topics(rules: Rules, flow: Flow, state: State, at: int, end: int) -> None:
    """Signals older than `within` are past; those older than `against` before that count no more.

    `end`: the signal after the person's last one that has been taken in.
    """
    topics, head = rules.topics, state.topic_head
    while head[0] < end and flow.at[head[0]] <= at - topics.within:
        for topic in range(len(topics.bit)):
            if answers(flow, head[0], topics.bit[topic]):
                state.recent[topic] -= 1
                state.past[topic] += 1
        head[0] += 1
    while head[1] < head[0] and flow.at[head[1]] <= at - topics.within - topics.against:
        for topic in range(len(topics.bit)):
            if answers(flow, head[1], topics.bit[topic]):
                state.past[topic] -= 1
        head[1] += 1


def changes(rules: Rules, recent: int, past: int, known_for: int) -> bool:
    """Whether so many signals are a burst; `known_for`: microseconds since the person's first signal."""
    topics = rules.topics
    if known_for < topics.within or recent < topics.at_least:
        return False
    return bool(recent * topics.pace[0] >= past * topics.pace[1])


def change_ends(rules: Rules, flow: Flow, topic: int, start: int, end: int, as_of: int) -> int:
    """First microsecond after `as_of` at which a burst that holds then is over if nothing more comes."""
    topics, bit = rules.topics, rules.topics.bit[topic]
    recent = past = 0
    for signal in range(start, end):
        recent += answers(flow, signal, bit)
    oldest = start
    for first in range(start, end):
        at = flow.at[first] + topics.within
        if not answers(flow, first, bit):
            continue
        recent -= 1
        past += 1
        while oldest < end and flow.at[oldest] <= at - topics.within - topics.against:
            past -= answers(flow, oldest, bit)
            oldest += 1
        if at > as_of and not changes(rules, recent, past, at - flow.at[start]):
            return int(at)
    return NEVER


class Company(NamedTuple):
    """Signals of O organisations that may count in their patterns, sorted by organisation, time and id.

    `who`: number of the person, from 0 within the organisation. `called`: per organisation and pattern, the last call.
    """

    starts: Column
    at: Column
    masks: Column
    size: int
    who: Column
    called: Column
    since: Column


class Hits(NamedTuple):
    """Calls of organisations' patterns: the signal that completed it, and the pattern."""

    signal: Column
    pattern: Column
    terms: Column  # scratch: signals in the window, per term
    seen: Column  # scratch: counted signals in the window, per person of the organisation
    made: Column


def company_hits(shared: Windows, company: Company, hits: Hits) -> int:
    """Every call of every organisation's pattern; how many, which may be more than there was room for."""
    hits.made[0] = 0
    for organisation in range(len(company.starts) - 1):
        for pattern in range(len(shared.within)):
            follow_company(shared, company, hits, organisation, pattern)
    return int(hits.made[0])


def follow_company(shared: Windows, company: Company, hits: Hits, organisation: int, pattern: int) -> None:
    for term in range(len(hits.terms)):
        hits.terms[term] = 0
    signal = head = company.starts[organisation]
    end = company.starts[organisation + 1]
    people = 0
    called = company.called[organisation * len(shared.within) + pattern]
    while signal < end:
        at, last = company.at[signal], -1
        while signal < end and company.at[signal] == at:
            if count_in(shared, company, hits, pattern, signal, 1):
                last = signal
                hits.seen[company.who[signal]] += 1
                people += hits.seen[company.who[signal]] == 1
            signal += 1
        while company.at[head] <= at - shared.within[pattern]:
            if count_in(shared, company, hits, pattern, head, -1):
                hits.seen[company.who[head]] -= 1
                people -= hits.seen[company.who[head]] == 0
            head += 1
        if last >= 0 and at >= company.since[organisation] and people >= shared.people[pattern]:
            called = call_company(shared, hits, pattern, last, at, called)
    for signal in range(head, end):
        hits.seen[company.who[signal]] = 0


def call_company(shared: Windows, hits: Hits, pattern: int, signal: int, at: int, called: int) -> int:
    """Note the call unless terms are missing or the pattern still rests; when the pattern last called."""
    for term in range(shared.first[pattern], shared.first[pattern + 1]):
        if hits.terms[term] < shared.need[term]:
            return called
    if at - called < shared.rest:
        return called
    made = hits.made[0]
    if made < len(hits.signal):
        hits.signal[made] = signal
        hits.pattern[made] = pattern
    hits.made[0] = made + 1
    return at


def count_in(shared: Windows, company: Company, hits: Hits, pattern: int, signal: int, step: int) -> bool:
    """Add the signal to the terms of the pattern that it matches, or take it out; whether it matched any."""
    matched = False
    for term in range(shared.first[pattern], shared.first[pattern + 1]):
        bit = shared.bit[term]
        if (company.masks[(bit // WORD) * company.size + signal] >> (bit % WORD)) & 1:
            hits.terms[term] += step
            matched = True
    return matched


STEPS: Final = (
    take_terms,
    pattern_holds,
    take_topics,
    slide_topics,
    changes,
    change_ends,
    company_hits,
    follow_company,
    call_company,
    count_in,
)
