"""What a form says of its own, whatever it asks: for the page, the script and the collector."""

from collections.abc import Mapping
from typing import Final

from vendange.agreement.sentence import Sentence, sentence

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
    "trap": sentence("Leave this field empty"),
}
