"""The `zhizhi` command. Pure commands (law, debt, evidence) never load Django: modules are imported when used."""

import importlib

import click

# command -> module:attribute. A module is imported only when its command runs, so that `zhizhi law decide` stays fast
# and works without a database.
COMMANDS = {
    "run": "zhizhi.ops.run:run",
    "web": "zhizhi.ops.web_server:web",
    "leases": "zhizhi.ops.lease_lane:leases",
    "worker": "zhizhi.jobs.worker:worker",
    "voice": "zhizhi.jobs.voice:voice",
    "sink": "zhizhi.ops.sink:sink",
    "pg": "zhizhi.ops.pg:pg",
    "migrate": "zhizhi.ops.migrate:migrate",
    "generate": "zhizhi.ops.generate:generate",
    "import": "zhizhi.ops.import_book:import_book",
    "defaults": "zhizhi.ops.defaults:defaults",
    "day": "zhizhi.jobs.day:day",
    "assign": "zhizhi.ops.assign:assign",
    "campaign": "zhizhi.ops.campaign:campaign",
    "reconcile": "zhizhi.jobs.reconcile:reconcile",
    "clock": "zhizhi.ops.clock:clock",
    "law": "zhizhi.ops.law:law",
    "debt": "zhizhi.ops.debt:debt",
    "evidence": "zhizhi.ops.evidence:evidence",
    "recording": "zhizhi.ops.recording:recording",
    "export": "zhizhi.ops.export:export",
    "token": "zhizhi.ops.token:token",
    "staff": "zhizhi.ops.staff:staff",
    "keys": "zhizhi.ops.keys:keys",
    "backup": "zhizhi.ops.backup:backup",
}

# Commands that need the database: it is found or started, and Django is set up, before their module is imported.
STORE_COMMANDS = frozenset(
    {
        "worker",
        "voice",
        "recording",
        "export",
        "migrate",
        "import",
        "defaults",
        "day",
        "assign",
        "campaign",
        "reconcile",
        "clock",
        "token",
        "staff",
        "keys",
    }
)
OWNER_SUBCOMMANDS = frozenset(
    {("law", "house", "activate"), ("law", "house", "withdraw"), ("backup", "make"), ("backup", "restore")}
)
STORE_SUBCOMMANDS = OWNER_SUBCOMMANDS | {
    ("evidence", "export-log"),
    ("evidence", "fsck"),
    ("law", "replay"),
    ("law", "impact"),
    ("law", "house", "show"),
}
OWNER_COMMANDS = frozenset({"migrate", "keys"})
NOT_READY = "数据库还没有准备好；请先运行 zhizhi migrate · the database is not ready; help: run `zhizhi migrate` first"
HELP_FLAGS = frozenset({"-h", "--help"})


class LazyCommands(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one module that holds the command."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in STORE_COMMANDS:
            set_up_store(cmd_name)
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a database that was never brought to the schema is said plainly, with the remedy."""
        importlib.import_module("zhizhi.ops.plain_faults").tell_faults_plainly()
        try:
            return super().invoke(ctx)
        except Exception as error:
            if type(error).__module__ == "django.db.utils" and not _is_migrated():
                raise click.ClickException(NOT_READY) from error
            raise

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find or start the database for a command that needs it, until the command ends; help needs none."""
        if needs_store(args):
            surroundings = importlib.import_module("zhizhi.ops.environment")
            ctx.with_resource(surroundings.prepared_environment())
            set_up_store(args[0], as_owner=_calls(args, OWNER_SUBCOMMANDS))
        return super().resolve_command(ctx, args)


def needs_store(args: list[str]) -> bool:
    """Whether these words call a command that works on the database."""
    named = bool(args) and (args[0] in STORE_COMMANDS or _calls(args, STORE_SUBCOMMANDS))
    return named and HELP_FLAGS.isdisjoint(args)


def _calls(args: list[str], subcommands: frozenset[tuple[str, ...]]) -> bool:
    return any(tuple(args[: len(words)]) == words for words in subcommands)


def _is_migrated() -> bool:
    """Whether the database has this product's tables, as the login that reads it sees."""
    db = importlib.import_module("django.db")
    try:
        return "django_migrations" in db.connections["default"].introspection.table_names()
    except db.Error:  # a login that does not exist yet: nobody ever migrated
        return False


def set_up_store(command: str, *, as_owner: bool = False) -> None:
    """Set Django up with the surroundings that are in place now."""
    importlib.import_module("zhizhi.config.wiring").start(as_owner=as_owner or command in OWNER_COMMANDS)


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zhizhi")
def main() -> None:
    """Zhizhi 知止: 触达前先问法 · ask the law before every contact."""


if __name__ == "__main__":
    main()
