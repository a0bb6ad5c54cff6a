"""The `vendange` command. Each sub-command is imported only when it is called, so that `--help` answers at once."""

import errno
import importlib
import os
from typing import Any, Final, NamedTuple

import click

from vendange.environment import BadEnvironment


class Entry(NamedTuple):
    """Where a command stands (module:name), its line in --help, and whether it reads the database."""

    place: str
    line: str
    reads: bool = True


# One line adds a command; the order is that of --help.
COMMANDS: Final[dict[str, Entry]] = {
    "up": Entry("vendange.cli.up:up", "Start everything on this machine: pages, collector, worker.", reads=False),
    "web": Entry("vendange.cli.serve:web", "Start the pages and the collector on one port.", reads=False),
    "collect": Entry("vendange.cli.serve:collect", "Start a collector alone.", reads=False),
    "work": Entry("vendange.cli.serve:work", "Start the worker."),
    "migrate": Entry("vendange.cli.prepare:migrate", "Make or change the tables that this version needs."),
    "import": Entry("vendange.cli.import_file.command:import_file", "Take in a CSV file of people, signals or deals."),
    "source": Entry("vendange.cli.sources:source", "Where signals come from, and the write key of each."),
    "companies": Entry("vendange.cli.companies:companies", "Files that say which company a network belongs to."),
    "link": Entry("vendange.cli.links:link", "Tracked links, and addresses for a mailing."),
    "key": Entry("vendange.cli.keys:key", "Keys of programs that use the API."),
    "user": Entry("vendange.cli.users:user", "Colleagues who sign in."),
    "agreement": Entry("vendange.cli.agreements:agreement", "The agreement between marketing and sales."),
    "explain": Entry("vendange.cli.explain:explain", "Why a person or a lead stands where it stands."),
    "metric": Entry("vendange.cli.metric:metric", "How far the leads raised in a period have come."),
    "learn": Entry("vendange.cli.learn:learn", "Points from outcomes: a card learnt from any CSV file.", reads=False),
    "verdicts": Entry("vendange.cli.verdicts:verdicts", "Judge again who did what: a human or a machine."),
    "history": Entry("vendange.cli.history:history", "All signals of the past, in files made for replays."),
    "mail": Entry("vendange.cli.mail:mail", "What comes back to us: failures, automatic replies, complaints."),
    "doctor": Entry("vendange.cli.doctor:doctor", "Is this installation in good health?"),
    "backup": Entry("vendange.cli.backup:backup", "Copy all data into one archive."),
    "restore": Entry("vendange.cli.backup:restore", "Bring back what a backup kept."),
    "demo": Entry("vendange.cli.demo:demo", "A living sample company."),
    "bench": Entry("vendange.cli.bench:bench", "What the engine costs on this machine."),
    "words": Entry("vendange.cli.words:words", "Texts that have no French yet."),
}


FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Lazy(click.Group):
    """A group whose commands are named in a table; faults that people can mend become sentences, exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            ctx.fail(f"There is no command {cmd_name}. `vendange --help` lists them.")
        return _load(entry)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.line) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadEnvironment as error:
            raise click.ClickException(str(error)) from None
        except Exception as error:
            if remedy := _remedy(error):
                raise click.ClickException(remedy) from error
            raise


def _load(entry: Entry) -> click.Command:
    try:
        if entry.reads:
            set_up()
        module, _, name = entry.place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
    except BadEnvironment as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:  # the home cannot be made or read
        raise click.ClickException(_remedy(error) or str(error)) from None
    return command


def set_up() -> None:
    """Make tables readable. Costs half a second, so only commands that need it pay."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vendange.settings")
    import django

    django.setup()


def _remedy(error: Exception) -> str:
    """What to do about a fault of the database or its disk; "" for our own mistakes, which show their traceback."""
    words = str(error).strip().split("\n")[0]
    if type(error).__module__ == "django.db.utils":
        return _database_remedy(words)
    return _disk_remedy(error) if isinstance(error, OSError) else ""


def _disk_remedy(error: OSError) -> str:
    """Arrow names the file inside its words only, so the number of the error decides."""
    if error.errno in FULL:
        return f"There is no room to write ({_first_line(error)}). Make room on the disk, then try again."
    if error.filename:
        return f"{error.filename}: {error.strerror}. Check that the path exists and may be written, then try again."
    if error.errno in FORBIDDEN:
        return f"A file may not be written ({_first_line(error)}). Give this user the right to write in VENDANGE_HOME."
    return ""


def _first_line(error: OSError) -> str:
    return str(error.strerror or error).strip().split("\n")[0].rstrip(".")


def _database_remedy(words: str) -> str:
    if "no such table" in words or "does not exist" in words or "no such column" in words:
        return f"The database is not ready for this version ({words}). Run: vendange migrate"
    if "locked" in words:
        return "The database is busy: another program has been writing for 20 seconds. Nothing was done; try again."
    if any(sign in words for sign in ("full", "No space", "disk I/O error")):
        return f"The disk is full or failing ({words}). What was not said to be done was not; make room and try again."
    if "readonly" in words or "read-only" in words:
        return f"The database may not be written ({words}). Give this user the right to write in VENDANGE_HOME."
    if "connect" in words or "unable to open" in words:
        return f"The database cannot be reached: {words}. Check DATABASE_URL and VENDANGE_HOME."
    return ""


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vendange", prog_name="vendange")
def main() -> None:
    """Vendange: from the first signal to the signature, one truth for marketing and sales."""


if __name__ == "__main__":
    main()
