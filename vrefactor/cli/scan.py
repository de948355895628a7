"""`vrefactor scan`: the networking globals of a tree, classified, each with its reason."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from vrefactor.cli.common import Session, complain, open_session, write_json, write_output
from vrefactor.cli.options import OUTPUT, TREE, CommonOptions, common_options
from vrefactor.cli.proposal import check_folder, write_proposal
from vrefactor.cli.scan_json import as_json
from vrefactor.cli.scan_table import colliding, table, totals
from vrefactor.errors import ExitCode
from vrefactor.scan import run
from vrefactor.scan.emission import proposal
from vrefactor.scan.entry_points import find_entry_points, propose
from vrefactor.scan.model import Scan
from vrefactor.scan.objects import collisions, data_symbols
from vrefactor.scan.scope import excluding, unruled

_SHOWN = 8


@click.command()
@TREE
@click.option(
    "--emit-rules",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the proposal as a rule set into DIR.",
)
@click.option(
    "--objects",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Also list the names that collide, by the source and by the objects below DIR.",
)
@click.option(
    "--entry-points",
    is_flag=True,
    help="Propose entry points of network stacks as rules, instead of variables.",
)
@common_options
@OUTPUT
def scan(
    tree: Path,
    folder: Path | None,
    objects: Path | None,
    entry_points: bool,
    common: CommonOptions,
    output: Path | None,
) -> int:
    """List the file-scope variables of a tree, and what to do with each.

    A subsystem may also be a folder of the tree.  Without --subsystem, all of those that
    the rules name are scanned; a tree without rules is scanned whole, but for files that
    can't be read as C: these are named, and proposed rules exclude them.
    """
    if folder is not None:
        check_folder(folder)
    symbols = None if objects is None else data_symbols(objects)
    session = open_session(tree, common, unruled)
    if entry_points:
        _entry_points(session, common, output)
        return int(ExitCode.OK)
    with session.progress:
        # Of a tree without rules nobody has said which files count.
        free = not session.rules.origin
        found = run.scan(
            session.tree, session.rules, common.subsystems, session.options, leave_out=free
        )
        if folder is not None:
            read = excluding(session.rules, found.unread)
            proposed = proposal(session.tree, read, common.subsystems, found, session.options)
            write_proposal(proposed, folder)
    if common.json_file is not None:
        write_json(as_json(found, session.rules), common.json_file)
    collide = b"" if symbols is None else colliding(collisions(found.rows, symbols))
    write_output(table(found) + collide, output)
    _report(found, quiet=common.quiet)
    return int(ExitCode.FINDINGS if found.hidden or found.unread else ExitCode.OK)


def _entry_points(session: Session, common: CommonOptions, output: Path | None) -> None:
    """Print functions that are handed over to be called from elsewhere, as rules."""
    found = find_entry_points(session.tree, session.rules, common.subsystems)
    if common.json_file is not None:
        entries = [asdict(candidate) for candidate in found]
        write_json({"entry_points": entries}, common.json_file)
    write_output(propose(session.rules, found).encode(), output)
    if not common.quiet:
        known = sum(candidate.known for candidate in found)
        click.echo(
            f"scan: {len(found)} functions are handed over: the rules have {known}", err=True
        )


def _report(found: Scan, *, quiet: bool) -> None:
    """Say on standard error what was found, and where a definition could be hidden."""
    if not quiet:
        click.echo("\n".join(totals(found)), err=True)
    for error in found.unread:
        complain(f"{error}: left out")
    for path, lines in _lines(found).items():
        shown = ", ".join(str(line) for line in lines[:_SHOWN])
        more = f" and {len(lines) - _SHOWN} more (see --json)" if len(lines) > _SHOWN else ""
        complain(f"{path}: does not parse outside of functions, at line {shown}{more}")


def _lines(found: Scan) -> dict[str, list[int]]:
    lines: dict[str, list[int]] = {}
    for region in found.hidden:
        known = lines.setdefault(region.place.path, [])
        if region.place.line not in known:
            known.append(region.place.line)
    return lines
