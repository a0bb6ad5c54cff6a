"""Forms for the pictures of every page: one shown, with a text of consent and an answer, and one in the making."""

import subprocess
import sys

from tests.live import Live

MAKE = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from vendange.ask import actions
from vendange.ask.rules import ConsentAsked, PHONE_PARTS, as_json, read_definition
from vendange.models import Person, Submission, User
from vendange.web.capture.form_starters import starter

now, sophie = timezone.now(), User.objects.get(username="sophie")
text = actions.add_text(
    channel="email", purpose="news", language="en", text="Write to me about new machines.", by=sophie, now=now
)
calls = ("I agree to be called by Rochebrune.", "I am free to refuse.", "Valid for 12 months.",
         "I may withdraw at any time by mail.", "A copy is sent to me on request.")
actions.add_text(channel="phone", purpose="prospecting", language="en", text="\\n".join(calls), by=sophie, now=now)
asked = as_json(starter("quote", "en"))
asked["consents"] = [{"channel": "email", "purpose": "news", "wording": text.code}]
asked["questions"] = [*asked["questions"], {"id": "budget", "label": "What is your budget?"}]
form = actions.add_form(name="Quote request", definition=read_definition(asked), by=sophie, now=now)
actions.publish(form=form, by=sophie, now=now)
Submission.objects.create(
    form=form, version=1, message_id="m1", person=Person.objects.exclude(email="").first(), at=now,
    answers={"email": "camille@nova.example", "need": "Two lathes and the tools that go with them."},
    consents=asked["consents"], page="https://maker.example/quote", campaign={"utm_source": "newsletter"},
    confirm_key="x" * 64, confirm_until=now + timedelta(days=3),
)
actions.add_form(name="White paper", definition=starter("paper", "en"), by=sophie, now=now)
"""


def make_forms(live: Live) -> None:
    environment = {**live.environment, "DJANGO_SETTINGS_MODULE": "vendange.settings"}
    done = subprocess.run([sys.executable, "-c", MAKE], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
