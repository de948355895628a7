"""Entry points of network stacks: what is found, and which rules are proposed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.source.helpers import lay_out
from vrefactor.errors import RULES_INCOMPLETE, SOURCE_UNTERMINATED, VrefactorError
from vrefactor.rules import (
    Entry,
    FunctionArgument,
    Registration,
    RuleSet,
    StubArgument,
    Subsystem,
)
from vrefactor.scan.entry_points import EntryCandidate, find_entry_points, propose
from vrefactor.source.tree import Tree

RULES = RuleSet(
    name="toy",
    subsystems=(Subsystem(name="net", paths=("net",)), Subsystem(name="dev", paths=("dev",))),
    registrations=(
        Registration(name="callout", calls=(FunctionArgument(call="callout_reset", argument=2),)),
        Registration(name="protosw", tables=("protosw",)),
    ),
    arguments=(StubArgument(parameter="struct ifnet *", argument="{parameter}->if_vnet"),),
    entries=(Entry(path="net/a.c", functions=("known",)),),
)
A = b"""\
static void tick(void *);
void known(void) { }
static void
tick(void *arg)
{
\tcallout_reset(&ch, hz, tick, arg);
}
void per_if(struct ifnet *ifp) { callout_reset(&ch, hz, (void (*)(void *))per_if, ifp); }
void odd(struct odd *o) { callout_reset(&ch, hz, odd, o); }
void nobody(void) { }
"""
TABLE = b"struct protosw sw[] = { { .pr_drain = drain, .pr_slowtimo = known }, { 0 } };\n"
FILES = {
    "net/a.c": A,
    "net/b.c": b"void drain(void) { }\nstatic void tick(void) { }\n",
    "net/sw.c": TABLE,
    "dev/c.c": b"void drain(void) { }\n",
}


def found(
    root: Path, files: Mapping[str, bytes] = FILES, *names: str
) -> tuple[EntryCandidate, ...]:
    return find_entry_points(Tree.open(lay_out(root, files)), RULES, names)


def test_what_is_handed_over(tmp_path: Path) -> None:
    assert [
        (candidate.path, candidate.line, candidate.name, candidate.known)
        for candidate in found(tmp_path)
    ] == [
        ("dev/c.c", 1, "drain", False),
        ("net/a.c", 2, "known", True),
        ("net/a.c", 4, "tick", False),
        ("net/a.c", 8, "per_if", False),
        ("net/a.c", 9, "odd", False),
        ("net/b.c", 1, "drain", False),
    ]


def test_how_and_where(tmp_path: Path) -> None:
    by_name = {(candidate.path, candidate.name): candidate for candidate in found(tmp_path)}
    (place,) = by_name["net/b.c", "drain"].places
    assert (place.path, place.line, place.registration) == ("net/sw.c", 1, "protosw")
    assert place.through == "pr_drain"
    (own,) = by_name["net/a.c", "tick"].places
    assert (own.path, own.line, own.through) == ("net/a.c", 6, "callout_reset")


def test_only_the_subsystem_is_looked_at(tmp_path: Path) -> None:
    assert found(tmp_path, FILES, "dev") == ()


def test_the_proposal_is_rules(tmp_path: Path) -> None:
    candidates = [candidate for candidate in found(tmp_path) if candidate.path != "net/b.c"]
    text = propose(RULES, candidates)
    assert tomllib.loads(text) == {
        "entry": [
            {"path": "dev/c.c", "functions": ["drain"]},
            {"path": "net/a.c", "functions": ["tick"], "vnet": "(struct vnet *) {parameter}"},
            {"path": "net/a.c", "functions": ["per_if"], "vnet": "{parameter}->if_vnet"},
        ]
    }
    assert "net/a.c:9: odd\n" in text
    assert "no rule for `struct odd *`" in text


def test_without_registrations_the_rules_say_too_little(tmp_path: Path) -> None:
    tree = Tree.open(lay_out(tmp_path, FILES))
    with pytest.raises(VrefactorError) as caught:
        find_entry_points(tree, RuleSet(name="bare"), ())
    assert caught.value.kind is RULES_INCOMPLETE


def test_a_file_that_is_no_c_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(VrefactorError) as caught:
        found(tmp_path, {**FILES, "net/d.c": b"/* no end"})
    assert caught.value.kind is SOURCE_UNTERMINATED
