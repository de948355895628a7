"""Every candidate has a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit import test_entries, test_faults
from tests.audit.planting import audit_of, told
from vrefactor import errors
from vrefactor.audit.model import Audit, AuditSubject
from vrefactor.audit.run import audit
from vrefactor.errors import VrefactorError
from vrefactor.index.pool import RunOptions
from vrefactor.rules import ContextRules, MacroRules, RuleSet, Vocabulary
from vrefactor.source.tree import Tree

OPTIONS = RunOptions(jobs=1, cache=False)
ARM = "void arm(void) { callout_reset(&timer, hz, tick, NULL); }\n"
#: The verdicts on all candidates of a kind.
JUDGED: dict[str, tuple[str, AuditSubject, list[str]]] = {
    "a use inside a SET": (
        "void f(void *a) { CURVNET_SET(a); V_count++; CURVNET_RESTORE(); }",
        AuditSubject.USE,
        ["fine V_count inside a SET"],
    ),
    "a use that nothing reaches": (
        "void f(void) { V_count++; }",
        AuditSubject.USE,
        ["fine V_count reached with a stack set only"],
    ),
    "a use that a timer reaches": (
        ARM + "void work(void) { V_count++; }\nvoid tick(void *a) { work(); }",
        AuditSubject.USE,
        ["finding V_count reached without a stack"],
    ),
    "a use behind what no rule names": (
        "struct odd t = { .call = work };\nvoid work(void) { V_count++; }",
        AuditSubject.USE,
        ["unknown V_count reached from callers that are not known"],
    ),
    "a use at file scope": (
        "int x = V_count;",
        AuditSubject.USE,
        ["unknown V_count outside any function"],
    ),
    "one of several commands": (
        "DB_SHOW_COMMAND(a, db_a) { db(V_count); }\nDB_SHOW_COMMAND(b, db_b) { db(0); }",
        AuditSubject.ENTRY,
        ["finding DB_SHOW_COMMAND(a) called without a stack"],
    ),
    "called with a stack": (
        "SYSINIT(x, 1, 2, f, NULL);\nvoid f(void *a) { V_count = 0; }",
        AuditSubject.ENTRY,
        ["fine f called with a stack"],
    ),
    "accepted": (
        "SYSCTL_PROC(_net, 1, n, 3, 0, 0, show, 0, 0);\nint show(void *o) { return (V_count); }\n"
        "int sysctl_root(void *o) { return (o->oid_handler(o)); }\n"
        "int kernel_sysctl(void *o) { return (sysctl_root(o)); }\n"
        "void arm(void) { callout_reset(&c, 1, kernel_sysctl, 0); }\n"
        "void again(void) { callout_reset(&c, 1, sysctl_root, 0); }\n",
        AuditSubject.ENTRY,
        [
            "accepted kernel_sysctl accepted by the rules",
            "finding sysctl_root called without a stack",
            "fine show judged where called",
        ],
    ),
    "called through a variable": (
        "void (*hook)(void);\nvoid work(void) { V_count++; }\n"
        "void load(void) { hook = work; }\nvoid f(void) { hook(); }",
        AuditSubject.ENTRY,
        ["fine work judged where called"],
    ),
    "called through a member that the tree calls": (
        "struct pr_usrreqs u = { .pru_send = put };\nint put(void *so) { return (V_count); }",
        AuditSubject.ENTRY,
        ["fine put judged where called"],
    ),
    "handed over in an odd way": (
        "struct odd t = { .call = work };\nvoid work(void) { V_count++; }",
        AuditSubject.ENTRY,
        ["unknown work handed over in ways that no rule names"],
    ),
    "a pair": (
        "void f(void *a) { CURVNET_SET(a); CURVNET_RESTORE(); }",
        AuditSubject.PAIR,
        ["fine CURVNET_SET paired on every way", "fine CURVNET_RESTORE paired on every way"],
    ),
    "no pair": (
        "void f(void *a) { CURVNET_SET_QUIET(a); }\nvoid g(void *a) { CURVNET_RESTORE(); }",
        AuditSubject.PAIR,
        [
            "finding CURVNET_SET_QUIET not paired on every way",
            "finding CURVNET_RESTORE not paired on every way",
        ],
    ),
    "a pair in what does not parse": (
        "void f(void *a) { ) ( CURVNET_SET(a); CURVNET_RESTORE(); }",
        AuditSubject.PAIR,
        [
            "unknown CURVNET_SET in a function that does not parse",
            "unknown CURVNET_RESTORE in a function that does not parse",
        ],
    ),
    "a pair outside functions": (
        "CURVNET_SET(a);",
        AuditSubject.PAIR,
        ["unknown CURVNET_SET outside any function"],
    ),
    "loops": (
        "void f(void) { VNET_FOREACH(v) { x(v); } }\nvoid g(void) { VNET_FOREACH(v) { f(); } }",
        AuditSubject.LOOP,
        ["fine  in no other", "finding  in another"],
    ),
    "callouts": (
        "void f(void) { callout_reset(&V_timer, 1, g, 0); callout_reset(&V_timer, 1, g, v); }",
        AuditSubject.CALLOUT,
        [
            "finding callout_reset without their stack",
            "fine callout_reset with their stack, or of none",
        ],
    ),
    "links": (
        "LIST_HEAD(, item) items;\nvoid f(void) { LIST_INSERT_HEAD(&items, &V_first, l);\n"
        "LIST_INSERT_HEAD(&V_items, &V_first, l); }",
        AuditSubject.LINK,
        [
            "finding LIST_INSERT_HEAD of a stack, into a list of all",
            "fine LIST_INSERT_HEAD of no stack, or into a list of it",
        ],
    ),
}


def judged(found: Audit, subject: AuditSubject) -> list[str]:
    chosen = [
        candidate
        for candidate in found.candidates
        if candidate.subject is subject and candidate.path == "toy.c"
    ]
    return [f"{candidate.verdict} {candidate.name} {candidate.reason}" for candidate in chosen]


@pytest.mark.parametrize(("text", "subject", "said"), JUDGED.values(), ids=JUDGED)
def test_what_is_said(tmp_path: Path, text: str, subject: AuditSubject, said: list[str]) -> None:
    assert sorted(judged(audit_of(tmp_path, text), subject)) == sorted(said)


def test_how_an_entry_point_is_handed_over(tmp_path: Path) -> None:
    text = ARM + "struct odd t = { .call = tick };\nvoid tick(void *a) { V_count++; }"
    found = audit_of(tmp_path, text)
    (candidate,) = (
        audit_candidate
        for audit_candidate in found.candidates
        if audit_candidate.subject is AuditSubject.ENTRY
    )
    assert (candidate.line, candidate.detail) == (
        4,
        "callout_reset(…), toy.c:2; .call of odd t, toy.c:3",
    )


def test_candidates_of_every_kind_are_in_order(tmp_path: Path) -> None:
    rows = [*test_entries.PLANTED.values(), *test_faults.PLANTED.values()]
    found = audit_of(tmp_path, {f"f{at}.c": f"{text}\n" for at, (text, _, _) in enumerate(rows)})
    assert {candidate.subject for candidate in found.candidates} == set(AuditSubject)
    assert list(found.candidates) == sorted(found.candidates)


def test_rules_without_accessors(tmp_path: Path) -> None:
    (tmp_path / "toy.c").write_text("int x;\n")
    with pytest.raises(VrefactorError) as caught:
        audit(Tree.open(tmp_path), RuleSet(name="toy", origin="toy.toml"), (), OPTIONS)
    assert caught.value.kind is errors.RULES_INCOMPLETE
    assert str(caught.value) == "toy.toml: a key is missing: `accessors` of [context]"


CONTEXT = ContextRules(
    also_set=("PUSH",), also_restore=("POP",), also_foreach=("FOR_ALL",), accessors=("AT",)
)
RENAMED = Vocabulary(set="ENTER", restore="LEAVE", foreach="FOR_EACH")
WORDS = {
    "set and restored": ("ENTER(n); V_x++; LEAVE();", []),
    "by the other macros": ("PUSH(n); V_x++; POP();", []),
    "not restored": ("ENTER(n); V_x++;", ["kept f"]),
    "not restored after another macro": ("PUSH(n); V_x++;", ["kept f"]),
    "a loop in a loop": ("FOR_EACH(a) { FOR_EACH(b) { } }", ["loop f"]),
    "a loop in another loop": ("FOR_ALL(a) { FOR_EACH(b) { } }", ["loop f"]),
    "the words of another vocabulary": ("CURVNET_SET(n); VNET_FORFOR_EACH(a) { }", []),
}


@pytest.mark.parametrize(("body", "findings"), WORDS.values(), ids=WORDS)
def test_words_of_a_vocabulary(tmp_path: Path, body: str, findings: list[str]) -> None:
    macros = MacroRules(iterator=("FOR_EACH", "FOR_ALL", "VNET_FOREACH"))
    rules = RuleSet(name="toy", vocabulary=RENAMED, context=CONTEXT, macros=macros)
    (tmp_path / "toy.c").write_text(f"#define V_x AT(x)\nvoid f(int n)\n{{\n\t{body}\n}}\n")
    assert told(audit(Tree.open(tmp_path), rules, (), OPTIONS)) == findings


def test_a_tree_without_stacks(tmp_path: Path) -> None:
    (note,) = audit_of(tmp_path, "void f(void) { count++; }", "int count;\n").notes
    assert note == "no name of this tree stands for one of VNET, VNET_*, and nothing sets a stack"
