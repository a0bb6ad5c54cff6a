"""What a form says of its own, whatever it asks: for the page, the script and the collector."""

from collections.abc import Mapping
from typing import Final

from vendange.agreement.sentence import Sentence, sentence

MOST_FIELDS: Final = 200  # of one answer
FORM_WORDS: Final[Mapping[str, Sentence]] = {
    "required": sentence("required"),
    "choose": sentence("Choose…"),
    "yes": sentence("Yes"),
    "no": sentence("No"),
    "send": sentence("Send"),
    "sending": sentence("Sending…"),
    "thanks": sentence("Thank you. We have received your answer."),
    "look": sentence("Please look at the answers that are marked."),
    "not_sent": sentence("This could not be sent. What you typed is still here: check your connection and try again."),
    "busy": sentence("Too many answers come in at once. What you typed is not lost: try again in a moment."),
    "not_here": sentence("This form does not take answers from this page."),
    "closed": sentence("This form is closed: it takes no answers any more."),
    "trap": sentence("Leave this field empty"),
}
NO_FORM: Final = (
    sentence("There is no form here"),
    sentence("Look whether the address is whole, or ask whoever gave it to you."),
)
# What a visitor hears whose answer cannot be read, by its code; "" for every other.
UNREADABLE: Final[Mapping[str, Sentence]] = {
    "too_large": sentence("This is too long to be taken in. Go back, shorten it and send it again."),
    "too_many_fields": sentence("This page sends more fields than a form may have. Please tell whoever keeps it."),
    "files_not_taken": sentence("This form takes no files. Go back and send it without."),
    "too_slow": sentence("Sending took too long. Go back and try again in a moment."),
    "": sentence("What was sent cannot be read. Please tell whoever keeps this page."),
}
