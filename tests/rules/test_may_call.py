"""May I call: what forbids it first, what allows it, and when it is better not now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vendange.qualify.rules import Callee, may_call

NOW = datetime(2026, 11, 19, 13, 9, tzinfo=UTC)  # a Thursday
PROFESSIONAL = Callee(
    regime="professional",
    private_mailbox=False,
    has_number=True,
    set_aside=False,
    objected=False,
    phone_consent_at=None,
    attempts=0,
    there=NOW,
)
AGREED = replace(PROFESSIONAL, regime="consumer", phone_consent_at=NOW - timedelta(days=30))


@pytest.mark.parametrize(
    ("callee", "state", "because"),
    [
        (PROFESSIONAL, "good", "professional"),
        (replace(PROFESSIONAL, regime="unknown"), "bad", "no_consent"),
        (replace(PROFESSIONAL, regime="consumer"), "bad", "no_consent"),
        (replace(PROFESSIONAL, private_mailbox=True), "bad", "no_consent"),
        (AGREED, "good", "consent"),
        (replace(AGREED, phone_consent_at=NOW - timedelta(days=365)), "good", "consent"),
        (replace(AGREED, phone_consent_at=NOW - timedelta(days=366)), "bad", "consent_expired"),
        (replace(AGREED, phone_consent_at=NOW + timedelta(days=1)), "bad", "consent_expired"),
        (replace(AGREED, phone_consent_months=1), "good", "consent"),
        (replace(AGREED, phone_consent_months=25 * 12 / 365), "bad", "consent_expired"),
        (replace(AGREED, phone_consent_at=NOW.replace(month=8), phone_consent_months=3), "good", "consent"),
        (
            replace(AGREED, phone_consent_at=NOW.replace(month=8, day=18), phone_consent_months=3),
            "bad",
            "consent_expired",
        ),
        (
            replace(AGREED, phone_consent_at=NOW - timedelta(days=366), phone_consent_months=24),
            "bad",
            "consent_expired",
        ),
        (replace(PROFESSIONAL, objected=True), "bad", "objected"),
        (replace(PROFESSIONAL, set_aside=True, objected=True), "bad", "set_aside"),
        (replace(PROFESSIONAL, has_number=False), "bad", "no_number"),
        (replace(PROFESSIONAL, attempts=3), "good", "professional"),
        (replace(PROFESSIONAL, attempts=4), "bad", "attempts_used_up"),
        (replace(PROFESSIONAL, there=NOW.replace(hour=20)), "warn", "odd_hour"),
        (replace(PROFESSIONAL, there=NOW + timedelta(days=2)), "warn", "odd_hour"),
    ],
)
def test_what_decides_whether_to_call(callee: Callee, state: str, because: str) -> None:
    found = may_call(callee, NOW)
    assert (found.state, found.because, found.attempts) == (state, because, callee.attempts)
