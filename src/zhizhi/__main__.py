"""The `zhizhi` command. Pure commands (law, debt, evidence) never load Django: modules are imported when used."""

import importlib

import click

# command -> module:attribute. A module is imported only when its command runs, so that `zhizhi law decide` stays fast
# and works without a database.
COMMANDS = {
    "run": "zhizhi.ops.run:run",
    "web": "zhizhi.ops.web_server:web",
    "pg": "zhizhi.ops.pg:pg",
    "law": "zhizhi.ops.law:law",
    "debt": "zhizhi.ops.debt:debt",
    "evidence": "zhizhi.ops.evidence:evidence",
}


class LazyCommands(click.Group):
    """A group whose commands are imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table above."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one module that holds the command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="zhizhi")
def main() -> None:
    """Zhizhi 知止: 触达前先问法 · ask the law before every contact."""


if __name__ == "__main__":
    main()
