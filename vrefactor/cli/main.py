"""The entry point: the group of commands, and the one place where errors are printed."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

import click

from vrefactor.cli.common import complain, report_error
from vrefactor.errors import OUTPUT_UNWRITABLE, ExitCode, VrefactorError
from vrefactor.version import __version__

INTERRUPTED = 130
PIPE_CLOSED = 141
INTERNAL = 70
"""As the shell and sysexits(3) have them: none of the four statuses of the contract."""

_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Ended(BaseException):
    """A signal asks this process to end; what it has in TMPDIR is removed on the way."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


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
        return _call(arguments)
    except OSError as error:
        if error.filename is not None:
            return _internal(error)
        # One without a name is of a stream: standard output, or standard error itself.
        _drop_output()
        detail = error.strerror or str(error)
        with suppress(OSError):
            report_error(VrefactorError(OUTPUT_UNWRITABLE, detail, path="standard output"))
        return int(OUTPUT_UNWRITABLE.exit)


def _call(arguments: Sequence[str]) -> int:
    try:
        result = main.main(list(arguments), prog_name="vrefactor", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except VrefactorError as error:
        return report_error(error)
    except SystemExit:
        # So click says that whoever read the output has gone, and with status 1.
        return PIPE_CLOSED
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        complain("interrupted")
        return INTERRUPTED
    except Ended as end:
        complain(f"ended by {signal.Signals(end.number).name}")
        return 128 + end.number
    except OSError:
        raise
    except Exception as error:
        return _internal(error)


def _internal(error: Exception) -> int:
    with suppress(OSError):
        complain(f"internal error: {error!r}; nothing more was written")
        complain("please report it, with what `VREFACTOR_DEBUG=1` shows")
    if os.environ.get("VREFACTOR_DEBUG"):
        traceback.print_exc()
    return INTERNAL


def _drop_output() -> None:
    """Have nothing more written to standard output: Python would complain when it flushes."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _end(number: int, _: object) -> None:
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)  # the way out is not to be interrupted
    raise Ended(number)


def _hold_streams() -> None:
    """Let no file that is opened take the place of a standard stream that is closed."""
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def run() -> None:
    """Run the command line of this process."""
    # Facts are many small objects without cycles, and the process ends soon: looking for
    # cyclic garbage among them would cost a third of a cached run.
    gc.disable()
    _hold_streams()
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup(1)
            signal.signal(number, _end)
    sys.exit(call(sys.argv[1:]))
