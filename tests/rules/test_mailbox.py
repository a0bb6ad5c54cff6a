"""The short way to read a mail address gives what the library gives, or leaves it to the library."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from vendange.sheets.mailbox import NoAddress, address_of, plain_address

LETTERS = "abzABZ019.-_+'\"<>()[]@ ,éßıİK\u0430\u200b\n"
HOSTS = [
    "nova.example", "Nova.Example", "a-b.fr", "a--b.fr", "xn--bcher-kva.de", "bücher.de", "nova", "localhost", "x.test",
    "x.local", "x.invalid", "nova.example.", ".fr", "a..fr", "-a.fr", "a-.fr", "1.2.3.4", "[127.0.0.1]", "a.f1",
    "a_b.fr", "a.fr.local", f"{'a' * 63}.fr", f"{'a' * 64}.fr", f"{'.'.join(['a' * 60] * 4)}.fr",
]  # fmt: skip
written = st.one_of(
    st.text(LETTERS, max_size=30),
    st.builds("{}@{}".format, st.text(LETTERS, max_size=12), st.sampled_from(HOSTS)),
    st.builds("{}@{}".format, st.sampled_from(["a", "info", "A.B", "a" * 64, "a" * 250]), st.sampled_from(HOSTS)),
    st.builds("a@{}.{}".format, st.text("ab-1.", max_size=8), st.text("abtes1-", max_size=5)),
)


def by_the_library(text: str) -> str | None:
    try:
        return str(validate_email(text, check_deliverability=False, test_environment=True).normalized.lower())
    except EmailNotValidError:
        return None


@given(written)
@example("J.O'Brien+salon@achats.Nova.example")
@example("a@b.test")
@example("a@test")
def test_both_ways_agree(text: str) -> None:
    expected = by_the_library(text)
    assert plain_address(text) in ("", expected)
    if expected is None:
        with pytest.raises(NoAddress):
            address_of(text)
    else:
        assert address_of(text) == expected


@pytest.mark.parametrize("host", HOSTS)
def test_every_host_agrees(host: str) -> None:
    assert plain_address(f"jean@{host}") in ("", by_the_library(f"jean@{host}"))


def test_what_is_common_goes_the_short_way() -> None:
    assert plain_address("Camille.Moreau@achats.atelier-nova.example") == "camille.moreau@achats.atelier-nova.example"
