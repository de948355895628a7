"""The entry point: the group of commands, and the one place where errors are printed."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import click

from vrefactor.cli.common import complain, report_error
from vrefactor.errors import ExitCode, VrefactorError
from vrefactor.version import __version__

INTERRUPTED = 130
PIPE_CLOSED = 141
INTERNAL = 70
"""As the shell and sysexits(3) have them: none of the four statuses of the contract."""


COMMANDS = ("scan", "diff", "series", "apply", "verify", "audit")
"""Every command, in the order of the help; each is the function of its name in its module."""


class Commands(click.Group):
    """The commands, each imported when it is called: start-up costs what one command needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"vrefactor.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="vrefactor")
def main() -> None:
    """Make a C network stack that has one copy of its globals into one that can have many."""


def call(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status; never raises."""
    try:
        result = main.main(list(arguments), prog_name="vrefactor", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except VrefactorError as error:
        return report_error(error)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the patch has gone; Python would complain again when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        complain(f"internal error: {error!r}; nothing more was written")
        complain("please report it, with what `VREFACTOR_DEBUG=1` shows")
        if os.environ.get("VREFACTOR_DEBUG"):
            traceback.print_exc()
        return INTERNAL


def run() -> None:
    """Run the command line of this process."""
    # Facts are many small objects without cycles, and the process ends soon: looking for
    # cyclic garbage among them would cost a third of a cached run.
    gc.disable()
    sys.exit(call(sys.argv[1:]))
