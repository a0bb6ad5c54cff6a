"""Makes the collector from the settings. `alone` is served by `vendange collect`, without any page."""

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from vendange.collect.answers import Send
from vendange.collect.app import Collector
from vendange.collect.body import Receive
from vendange.collect.forms import Door, Limits
from vendange.collect.links import Links
from vendange.collect.mail import MailDoor
from vendange.collect.mail_signed import Keys
from vendange.collect.published import Forms
from vendange.collect.sources import Sources
from vendange.collect.store import store_of

App = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]


def collector(*, home: str = "") -> Collector:
    """`home`: the address of our own pages where this process does not serve them itself."""
    # Imported here: models can be read only once Django is set up.
    from vendange.collect.stored_forms import known_of, read_forms
    from vendange.collect.stored_links import read_links
    from vendange.collect.write_keys import read_mail_doors, read_sources

    return Collector(
        store=store_of(settings.DATABASES[settings.INBOX_ALIAS]),
        sources=Sources(read_sources),
        mail=MailDoor(Sources(read_mail_doors), mail_keys()),
        links=Links(read_links, settings.SECRET_KEY),
        forms=Door(Forms(read_forms, known_of), limits=Limits.of_rate(settings.FORMS_PER_SECOND), home=home),
        behind_proxy=bool(getattr(settings, "SECURE_PROXY_SSL_HEADER", None)),
    )


def mail_keys() -> Keys:
    """What the signatures of mail providers are checked with, where the environment gives it."""
    path = settings.SNS_CERTIFICATE
    certificate = Path(path).read_text() if path else ""
    return Keys(mailgun=settings.MAILGUN_KEY, sendgrid=settings.SENDGRID_KEY, sns=certificate)


async def lifespan(receive: Receive, send: Send, one: Collector) -> None:
    """Start the writer with the server, and let it finish with it."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            one.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await one.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def alone() -> App:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendange.settings")
    django.setup()
    one = collector(home=settings.BASE_URL)

    async def app(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send, one)
        elif scope["type"] == "http":
            await one(scope, receive, send)

    return app
