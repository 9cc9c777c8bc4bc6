"""Entry point of `kc`: names the commands and loads each when it is called."""

import sys
from importlib import import_module

import click

COMMANDS = {
    "add": "kc_pipeline.cli.add",
    "brief": "kc_pipeline.cli.read",
    "company": "kc_pipeline.cli.company",
    "diff": "kc_pipeline.cli.read",
    "explain": "kc_pipeline.cli.read",
    "extract": "kc_pipeline.cli.extract",
    "flags": "kc_pipeline.cli.flags",
    "run": "kc_pipeline.cli.run",
    "sql": "kc_pipeline.cli.sql",
    "status": "kc_pipeline.cli.status",
    "table": "kc_pipeline.cli.read",
    "ui": "kc_pipeline.cli.run",
}

HELP = {
    "add": "Put a document into the inbox, with its manifest.",
    "brief": "The quarterly brief, each number with its source.",
    "company": "Begin a company's pack, or check one.",
    "diff": "What changed between two builds, and why.",
    "explain": "A figure's whole trail, down to the cell or sentence.",
    "extract": "Extraction alone on one HTML document.",
    "flags": "The anomalies, grouped by story.",
    "run": "Materialise everything and publish the warehouse.",
    "sql": "A read-only query on the published warehouse.",
    "status": "The last run, what was skipped, the newest filings.",
    "table": "Quarters across, KPIs down.",
    "ui": "The Dagster UI with this project loaded.",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called; their help lines stand here."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if not ctx.resilient_parsing:
                from kc_pipeline.figures.names import what_there_is

                ctx.fail(f"there is no command {cmd_name!r}; {what_there_is(cmd_name, COMMANDS)}")
            return None
        command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, HELP[name]) for name in self.list_commands(ctx)])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kc-pipeline", prog_name="kc")
def cli() -> None:
    """The earnings warehouse: exact figures out of filings, each with its source."""


def main() -> None:
    """Run the command line; a known error is one line on standard error, never a traceback."""
    from kc_pipeline.cli.errors import BUILD_FAILED, KNOWN_ERRORS, exit_code
    from kc_pipeline.cli.terminal import echo, show_traceback
    from kc_pipeline.config.imports import without_pandas

    without_pandas()
    sys.excepthook = show_traceback

    try:
        cli(prog_name="kc")
    except KNOWN_ERRORS as error:
        echo(f"kc: {error}", err=True)
        sys.exit(exit_code(error))
    except OSError as error:  # a file or folder that cannot be read or written
        echo(f"kc: {error}", err=True)
        sys.exit(BUILD_FAILED)


if __name__ == "__main__":
    main()
