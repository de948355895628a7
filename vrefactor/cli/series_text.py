"""What a series says of itself: the descriptions of its patches, and its README."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap as filled

from vrefactor.cli.common import as_text
from vrefactor.cli.options import StepOptions
from vrefactor.cli.summary import describe, found
from vrefactor.plan.model import Plan, Verdict
from vrefactor.rules.vocabulary import Vocabulary
from vrefactor.source.quilt import README_MARK, patch_file
from vrefactor.steps.series import Stage
from vrefactor.version import __version__

_WIDTH = 80
_HEAD = """\
Made by vrefactor %(version)s:

    %(command)s

TREE is the tree that they are for, PATCHES the folder of this file.  Made again from the
same tree by the same version, the patches are the same, byte for byte.  They go in with
any of

    QUILT_PATCHES=PATCHES quilt push -a
    git am PATCHES/*.patch                    (--directory=sys, if TREE is sys/ of a repository;
                                               --keep-cr, if lines end with CR LF)
    for p in PATCHES/*.patch; do patch -p1 -i $p; done

What each of them claims is proved by `vrefactor verify` of the tree before it and the tree
after it, which looks at nothing but these two.  This makes all of them, one on the other:

    before=TREE
    for p in PATCHES/*.patch; do
        after=$(basename $p .patch)
        cp -R $before $after && patch -s -p1 -d $after <$p || break
        before=$after
    done
"""


@dataclass(frozen=True, slots=True)
class PatchMade:
    """The options that a series was made with, as far as the patches depend on them."""

    rules: str | None
    subsystems: tuple[str, ...]
    steps: StepOptions
    context: int

    def scope(self) -> list[str]:
        """Return the options that every command on these trees takes."""
        named = [("--rules", self.rules)] if self.rules else []
        named += [("--subsystem", name) for name in self.subsystems]
        return [word for pair in named for word in pair]

    def command(self) -> list[str]:
        """Return the command that makes the series."""
        named = (("--step", self.steps.step), ("--through", self.steps.through))
        chosen = [word for option, value in named if value for word in (option, value)]
        style = ["--wrap"] * self.steps.wrap
        style += ["--context", str(self.context)] * (self.context != 3)
        return ["vrefactor", "series", "TREE", "-o", "PATCHES", *self.scope(), *chosen, *style]


def description(stage: Stage) -> str:
    """Return the description of the patch of a step: its title, a blank line, the text."""
    lines = [
        f"{stage.plan.title}",
        "",
        f"Step {stage.step.number} ({stage.step.name}): {_counted(stage.plan)}.",
        f"Reproduce it with: vrefactor diff TREE --step {stage.step.number}",
        *_for_a_person(stage.plan),
    ]
    return _text(lines)


def readme(stages: Sequence[Stage], made: PatchMade, words: Vocabulary) -> bytes:
    """Return the README of a series with one patch for each of the stages.

    `words` are those of the rules.
    """
    lines = [README_MARK.decode(), ""]
    lines += (_HEAD % {"version": __version__, "command": shlex.join(made.command())}).splitlines()
    before = "TREE"
    for number, stage in enumerate(stages, 1):
        name = patch_file(number, stage.step.name)
        after = name.removesuffix(".patch")
        lines += ["", f"## {name}: {stage.plan.title}", ""]
        lines.append(f"Step {stage.step.number}: {_counted(stage.plan)}.")
        for claim in (claim.worded(words) for claim in stage.step.claims):
            command = ["vrefactor", "verify", before, after, *made.scope(), *claim.arguments()]
            lines += ["", *filled(claim.text, _WIDTH), "", f"    {shlex.join(command)}"]
        if for_a_person := list(_for_a_person(stage.plan)):
            lines += ["", *for_a_person]
        before = after
    return _text(lines).encode()


def _counted(plan: Plan) -> str:
    files = len({edit.path for edit in plan.edits})
    rewritten, refused = plan.count(Verdict.REWRITTEN), plan.count(Verdict.REFUSED)
    text = f"{rewritten} sites rewritten, {refused} refused; {files} files changed"
    return f"{text}, {len(plan.new_files)} made" if plan.new_files else text


def _for_a_person(plan: Plan) -> Iterator[str]:
    if plan.refused:
        yield f"Refused, for a person to decide ({len(plan.refused)}):"
        yield from (f"  {describe(site)}" for site in plan.refused)
    if plan.findings:
        yield f"Found, for a person to look at ({len(plan.findings)}):"
        yield from (
            f"  {line}" for finding in plan.findings for line in found(finding).splitlines()
        )


def _text(lines: Sequence[str]) -> str:
    return as_text("".join(f"{line}\n" for line in lines))
