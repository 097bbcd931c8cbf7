"""The only module that knows every room."""

from __future__ import annotations

import re
import sys
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click
from flask import Flask
from flask.cli import FlaskGroup
from rich.console import Console

from certification.wiring import CERTIFICATION
from console.wiring import CONSOLE
from demo import identifiers, story
from demo.accounts import FILE as DEMO_ACCOUNTS
from demo.api import Credentials
from demo.stripe_double.house import beside
from demo.summary import Summary, show
from kernel import cli, clock, demo_clock
from kernel.actor import SYSTEM
from kernel.assembly import assemble
from kernel.config import Settings, from_environment
from kernel.errors import Refusal
from kernel.package import Package
from kernel.unit_of_work import run
from marketplace.wiring import MARKETPLACE
from procurement.completion.commands.totals import check_totals, rebuild_totals
from procurement.wiring import PROCUREMENT
from registry.accounts.commands.accounts import NewPlatform, NewUser, create_user, open_platform
from registry.accounts.models import Role
from registry.organisations.models import OrganisationId
from registry.wiring import REGISTRY

PACKAGES: tuple[Package, ...] = (REGISTRY, CERTIFICATION, PROCUREMENT, MARKETPLACE, CONSOLE)
MIGRATIONS = Path(__file__).parent / "migrations"
WIDTH = 150
"""Of the summary where nobody says how wide the paper is."""
DURATION = re.compile(r"(?P<days>\d{1,4})d")
HOME = click.Path(file_okay=False, path_type=Path)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application of this environment, or of the given settings."""
    return assemble(settings or from_environment(), PACKAGES, migrations=MIGRATIONS)


def _create_app_of_home() -> Flask:
    cli.use_home(Path(click.get_current_context().find_root().params.get("home") or "var"))
    return create_app()


@click.group(cls=FlaskGroup, create_app=_create_app_of_home, add_default_commands=False)
@click.option("--home", type=HOME, default="var", help="Folder of a house that `up` started.")
def main(home: Path) -> None:
    """Bangfu 帮扶: run it, look after it, prove it."""
    del home


for _command in cli.COMMANDS:
    main.add_command(_command)


@main.command(with_appcontext=False)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--home", type=HOME, default="var", show_default=True)
@click.option("--demo", "is_demo", is_flag=True, help="Tell the story on a new database.")
@click.option("--once", is_flag=True, help="End after the summary; status 1 if anything is wrong.")
def up(port: int, home: Path, *, is_demo: bool, once: bool) -> None:
    """Start everything below a folder and serve on 127.0.0.1."""
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    admin: list[Credentials] = []

    def prepare() -> None:
        with create_app().app_context():
            cli.migrate_database(is_demo=is_demo)
            if is_demo and not (home / DEMO_ACCOUNTS).exists():
                admin.append(open_first_account())
        console.print("数据库已就绪 / the database is ready")

    with (
        beside(port) if is_demo else nullcontext(enter_result=False) as stripe,
        cli.running(home, port=port, prepare=prepare) as supervisor,
    ):
        base_url = f"http://127.0.0.1:{port}"
        if admin:
            summary = tell_story(
                base_url, admin=admin[0], home=home, console=console, stripe=stripe
            )
            show(summary, console=console)
        elif is_demo:
            console.print(f"演示账号 / demo accounts: {home / DEMO_ACCOUNTS}")
        console.print(f"帮扶运行中 / Bangfu serves on {base_url} · {base_url}/api/docs")
        if once:
            with create_app().app_context():
                sys.exit(0 if cli.all_invariants_hold() else 1)
        supervisor.wait()


def open_first_account() -> Credentials:
    """Open the platform's organisation with its first administrator and a new password."""
    credentials = Credentials("platform-admin", identifiers.password())
    platform = NewPlatform(
        credit_code=identifiers.credit_code(office="91", region_code="110000", serial=1),
        name="帮扶平台（演示）",
        username=credentials.username,
        password=credentials.password,
    )
    run(lambda: open_platform(platform, now=clock.now()))
    return credentials


def tell_story(
    base_url: str, *, admin: Credentials, home: Path, console: Console, stripe: bool
) -> Summary:
    """Replay the story over HTTP; the clock of the demo database is moved in between."""
    app = create_app()

    def travel(by: timedelta) -> None:
        with app.app_context():
            run(lambda: demo_clock.travel(by))

    with story.progress_bar(console) as progress:
        return story.run(
            base_url, admin=admin, home=home, travel=travel, progress=progress, stripe=stripe
        )


@main.group(invoke_without_command=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.pass_context
def demo(context: click.Context, port: int) -> None:
    """Tell the story on a house that was started as a new demo with `up --demo`."""
    if context.invoked_subcommand is None:
        context.invoke(up, port=port, home=Path("var"), is_demo=True, once=False)


@demo.command()
@click.argument("duration")
def travel(duration: str) -> None:
    """Move the clock of a demo database forward, `8d`; refused on any other."""
    found = DURATION.fullmatch(duration)
    if found is None:
        raise click.BadParameter("days, like 8d")
    try:
        run(lambda: demo_clock.travel(timedelta(days=int(found["days"]))))
    except demo_clock.NotADemo as refusal:
        raise click.ClickException(refusal.message("zh") + refusal.message("en")) from refusal
    click.echo(clock.now().isoformat())


@main.group()
def users() -> None:
    """Look after accounts."""


@users.command()
@click.option("--username", required=True)
@click.option("--organisation", type=click.UUID, help="Id of the organisation of the account.")
@click.option("--role", "roles", multiple=True, type=click.Choice([role.value for role in Role]))
@click.option("--platform", help="Name of the platform to register, for the very first account.")
@click.option("--credit-code", help="Credit code of that platform.")
@click.password_option(help="Asked for when not given; never put it on a command line.")
def create(
    *,
    username: str,
    organisation: UUID | None,
    roles: tuple[str, ...],
    platform: str | None,
    credit_code: str | None,
    password: str,
) -> None:
    """Open an account, or the platform with its first administrator."""
    try:
        if platform and credit_code:
            first = NewPlatform(
                credit_code=credit_code, name=platform, username=username, password=password
            )
            user = run(lambda: open_platform(first, now=clock.now()))
        elif organisation and roles:
            new = NewUser(
                username=username,
                password=password,
                organisation_id=OrganisationId(organisation),
                roles=[Role(role) for role in roles],
            )
            user = run(lambda: create_user(new, by=SYSTEM, now=clock.now()))
        else:
            raise click.UsageError("--organisation with --role, or --platform with --credit-code")
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message('zh')} {refusal.message('en')}") from refusal
    click.echo(user.id)


@main.group()
def completion() -> None:
    """Look after the totals that completion is read from."""


@completion.command()
@click.option("--check", is_flag=True, help="Compare only; status 1 where a total is wrong.")
def rebuild(*, check: bool) -> None:
    """Write the totals anew from the entries, or compare them."""
    wrong = run(check_totals) if check else run(lambda: rebuild_totals(now=clock.now()))
    click.echo(f"{wrong} 项与明细不符 / {wrong} totals differed from their entries")
    sys.exit(1 if check and wrong else 0)
