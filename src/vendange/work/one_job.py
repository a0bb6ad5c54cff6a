"""One job, done in this process: `python -m vendange.work.one_job JOB TRY`, begun by `vendange.work.long`."""

import os
import signal
import sys


def main(public_id: str, tries: int) -> None:
    parent = os.getppid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker says when to end
    os.environ["DJANGO_SETTINGS_MODULE"] = "vendange.settings"
    import django

    django.setup()
    from vendange.models.job import keep_what_stands
    from vendange.work.doing import begun  # reads tables, which stand only now

    keep_what_stands()
    begun(public_id, tries, parent)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
