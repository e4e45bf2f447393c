"""The command line. Every command imports what it needs itself, so that `--help` is quick."""

from __future__ import annotations

import errno
import json
from collections.abc import Coroutine, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from bot.exits import Exit
from bot.lean import lean_imports

if TYPE_CHECKING:
    from bot.settings import BadSettings
    from domain.understanding import Understood

app = typer.Typer(
    name="python -m bot",
    help="Dailies, a Slack bot for AI video.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# What an operator mends: a port that is taken, an address that is not ours, a folder that is not.
_UNUSABLE = frozenset(
    {
        *(errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.ENOTDIR, errno.EEXIST),
    }
)
VIDEO_KINDS = frozenset({"clip", "avatar", "agent", "translation", "template"})
_EXPLAIN_OPTIONS = ("--json", "-h", "--help", "--")


class Transport(StrEnum):
    """How the sandbox's Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


def start(arguments: Sequence[str]) -> NoReturn:
    """Run one command and end the process with its status."""
    app(args=_with_text_apart(list(arguments)), prog_name="python -m bot")
    raise AssertionError("the command line ends the process")


@app.command()
def run() -> None:
    """Run the bot: Socket Mode with SLACK_APP_TOKEN, else HTTP at /slack/events."""
    with lean_imports():
        from bot.settings import BadSettings, load

        try:
            settings = load()
        except BadSettings as error:
            _refuse_settings(error)
        from bot import logs
        from bot.app import run as run_bot

    writer = logs.configure(settings.log_format, secrets=settings.secrets())
    try:
        _end_with(run_bot(settings))
    finally:
        writer.close()


@app.command()
def sandbox(
    *,
    transport: Annotated[Transport, typer.Option(help="How Slack reaches the bot.")] = (
        Transport.SOCKET
    ),
    port: Annotated[int, typer.Option(help="The page's port; 0 takes a free one.")] = 0,
    is_open: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Try it without an account or a key: the real bot in a local Slack with local vendors."""
    from bot import sandboxed

    _end_with(sandboxed.run(transport.value, port=port, is_open=is_open))


@app.command()
def doctor(
    *,
    probe: Annotated[
        bool, typer.Option("--probe/--no-probe", help="Ask the vendors too; it costs nothing.")
    ] = True,
    versions: Annotated[
        bool, typer.Option("--versions", help="Only versions, for `slack doctor`.")
    ] = False,
) -> None:
    """Look at tokens, scopes, database, disk and vendors; one fix a line."""
    from bot import doctor as examination

    if versions:
        typer.echo(json.dumps({"versions": examination.versions()}))
        raise typer.Exit
    _end_with(examination.run(probes_vendors=probe))


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema. `run` does this too."""
    from bot.migrating import run as migrated
    from bot.settings import BadSettings, load_places

    try:
        places = load_places()
    except BadSettings as error:
        _refuse_settings(error)
    _end_with(migrated(places.database_url))


@app.command()
def webhooks(
    *,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Renew the secret of what is registered already.")
    ] = False,
) -> None:
    """Register PUBLIC_URL at HeyGen and print HEYGEN_WEBHOOK_SECRET. The bot has to run there."""
    from bot.settings import BadSettings, load
    from bot.webhooks_cli import register

    try:
        settings = load()
    except BadSettings as error:
        _refuse_settings(error)
    _end_with(register(settings, may_rotate=rotate))


@app.command()
def executions(
    *,
    only_open: Annotated[bool, typer.Option("--open", help="Only what has not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
) -> None:
    """What was asked of which gateway, and where it stands. Works beside a running bot."""
    from bot import listing
    from bot.settings import BadSettings, load_places
    from storage.errors import DatabaseRefused

    try:
        database_url = load_places().database_url
        typer.echo(listing.executions(database_url, limit=limit, only_open=only_open))
    except BadSettings as error:
        _refuse_settings(error)
    except DatabaseRefused as error:
        _refuse(error.sentence, Exit.CONFIG)


@app.command()
def manifest(
    *,
    http: Annotated[
        str | None, typer.Option(metavar="URL", help="Slack calls the bot at this address.")
    ] = None,
) -> None:
    """Print manifest.yml as JSON: for Socket Mode, or for HTTP at a public address."""
    from bot.manifest import over_http, read_manifest

    written = read_manifest()
    try:
        written = written if http is None else over_http(written, http)
    except ValueError as error:
        _refuse(f"{error}.", Exit.REFUSED)
    typer.echo(json.dumps(written, indent=2, ensure_ascii=False))


@app.command()
def explain(
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="What follows /video.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Tell how a line after /video is understood, and what would make it: every offer in order,
    and why the others are out. 0: understood, 2: refused with a sentence."""
    from domain.command import explain as explained

    understood = explained(" ".join(text))
    if as_json:
        typer.echo(json.dumps(understood.model_dump(mode="json"), ensure_ascii=False))
    else:
        typer.echo(_told(understood.model_dump(mode="json")))
        if understood.error is None and understood.kind in VIDEO_KINDS:
            typer.echo(f"\n{_offers(understood)}")
    raise typer.Exit(Exit.REFUSED if understood.error else Exit.OK)


@app.command("env-example")
def env_example() -> None:
    """Print .env.example from the settings."""
    from bot.env_example import env_example as example

    typer.echo(example(), nl=False)


def _end_with(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run `work` and end with its status; what an operator must know is one line on stderr."""
    import asyncio

    from storage.errors import DatabaseHeld, DatabaseRefused

    try:
        status = asyncio.run(work)
    except KeyboardInterrupt:
        status = Exit.INTERRUPTED
    except DatabaseHeld as error:
        _refuse(error.sentence, Exit.HELD)
    except DatabaseRefused as error:
        _refuse(error.sentence, Exit.CONFIG)
    except OSError as error:
        if error.errno not in _UNUSABLE:
            raise
        _refuse(_unusable(error), Exit.CONFIG)
    raise typer.Exit(int(status))


def _unusable(error: OSError) -> str:
    """A port that is taken names itself in asyncio's sentence; a file has its name."""
    what = f"{error.filename} cannot be used" if error.filename else "HOST or PORT cannot be used"
    return f"{what}: {error.strerror}."


def _refuse_settings(error: BadSettings) -> NoReturn:
    from bot.settings import told

    _refuse(told(error.problems), Exit.CONFIG)


def _refuse(sentence: str, status: Exit) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(status)


def _told(understood: dict[str, Any]) -> str:
    lines = [f"kind: {understood['kind']}"]
    if understood["prompt"]:
        lines.append(f"prompt: {understood['prompt']}")
    lines += [f"{name}: {value}" for name, value in understood["options"].items()]
    if understood["error"]:
        lines.append(f"refused: {understood['error']}")
    if understood["suggestion"]:
        lines.append(f"instead: {understood['suggestion']}")
    return "\n".join(lines)


def _offers(understood: Understood) -> str:
    from bot.explaining import explain_offers, written
    from domain.understanding import work_of

    return written(explain_offers(work_of(understood)))


def _with_text_apart(arguments: list[str]) -> list[str]:
    """What follows `explain` may begin with a dash, as `/video --model veo3 a fox` does."""
    if arguments[:1] != ["explain"]:
        return arguments
    for index, argument in enumerate(arguments[1:], start=1):
        if argument not in _EXPLAIN_OPTIONS:
            return [*arguments[:index], "--", *arguments[index:]]
        if argument == "--":
            return arguments
    return arguments
