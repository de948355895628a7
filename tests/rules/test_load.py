"""Loading rule sets that are right."""

from __future__ import annotations

import pickle
from pathlib import Path

from tests.rules.samples import BASE, OVERRIDE, SECOND, WHOLE, write
from vrefactor.rules import ContextRules, MacroRules, Style, Symbol, load


def test_symbols_know_their_place(tmp_path: Path) -> None:
    path = write(tmp_path, BASE)
    assert load(path).symbols == (
        Symbol(name="if_index", file="net/if.c", container="vnet_net", origin=(str(path), 18)),
        Symbol(
            name="net_timeout",
            file="net/if.c",
            container="vnet_net",
            was="timeout",
            origin=(str(path), 19),
        ),
        Symbol(name="ifnet", file="net/if.c", container="vnet_net", origin=(str(path), 20)),
    )


def test_a_folder_is_the_sum_of_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, SECOND, "b.toml")
    write(tmp_path, BASE, "a.toml")
    write(tmp_path, OVERRIDE, "c.toml")
    write(tmp_path, "not rules", "notes.txt")
    ruleset = load(tmp_path)
    assert [c.name for c in ruleset.containers] == ["vnet_net", "vnet_two"]
    assert [o.reason for o in ruleset.overrides] == ["because"]
    assert ruleset.origin == str(tmp_path)


def test_the_set_orders_its_containers(tmp_path: Path) -> None:
    text = WHOLE.replace('name = "toy"', 'name = "toy"\norder = ["vnet_two"]')
    ruleset = load(write(tmp_path, text))
    assert [c.name for c in ruleset.containers] == ["vnet_two", "vnet_net"]


def test_the_digest_follows_the_bytes_and_not_the_place(tmp_path: Path) -> None:
    path, two = tmp_path / "one", tmp_path / "two"
    path.mkdir()
    two.mkdir()
    write(path, BASE)
    write(two, BASE)
    assert load(path).digest == load(two).digest
    write(two, BASE + "\n# a comment\n")
    assert load(path).digest != load(two).digest


def test_a_rule_set_can_go_to_another_process(tmp_path: Path) -> None:
    ruleset = load(write(tmp_path, WHOLE))
    assert pickle.loads(pickle.dumps(ruleset)) == ruleset
    assert hash(ruleset) == hash(load(tmp_path / "rules.toml"))


def macros(folder: Path, extra: str) -> MacroRules:
    return load(write(folder, extra + BASE.removeprefix("[ruleset]\n"))).macros


def test_a_set_without_macros_gets_the_shared_ones(tmp_path: Path) -> None:
    assert "*FOREACH*" in macros(tmp_path, "[ruleset]\n").iterator


def test_a_set_with_macros_gets_its_own(tmp_path: Path) -> None:
    own = '[macros]\niterator = ["EACH"]\n[ruleset]\n'
    assert macros(tmp_path, own) == MacroRules(iterator=("EACH",))


def test_a_set_adds_its_macros_to_included_ones(tmp_path: Path) -> None:
    own = '[macros]\niterator = ["EACH", "*FOREACH*"]\n[ruleset]\ninclude = ["bsd-macros"]\n'
    assert macros(tmp_path, own).iterator == (
        "EACH",
        "*FOREACH*",
        "VNET_FOREACH",
        "for_each_*",
    )


def test_a_set_without_context_gets_the_shared_one(tmp_path: Path) -> None:
    assert "VNET" in load(write(tmp_path, BASE)).context.accessors


def test_a_set_with_context_gets_its_own(tmp_path: Path) -> None:
    ruleset = load(write(tmp_path, BASE + '[context]\nalso_set = ["ENTER"]\n'))
    assert ruleset.context == ContextRules(also_set=("ENTER",))


def test_the_context_of_a_set_goes_before_the_included_one(tmp_path: Path) -> None:
    head = '[ruleset]\nname = "toy"\ninclude = ["bsd-context"]\n'
    own = '[context]\nalso_set = ["ENTER"]\n'
    context = load(write(tmp_path, head + own)).context
    assert context.also_set == ("ENTER", "CURVNET_SET_VERBOSE")
    assert len(context.callbacks) > 5


def test_sections_that_are_missing_have_their_defaults(tmp_path: Path) -> None:
    ruleset = load(write(tmp_path, '[ruleset]\nname = "empty"\n'))
    assert ruleset.style == Style(columns=80, continuation=4, tab=8)
    assert (ruleset.build, ruleset.fingerprint, ruleset.symbols) == (None, None, ())


def test_an_override_renders_its_form(tmp_path: Path) -> None:
    form = 'form = "WRAP({module}, {name}, {container})"'
    own = form + '\nmodules = [{ container = "vnet_two", module = "TWO" }]'
    ruleset = load(write(tmp_path, WHOLE.replace('form = "G_{name}"', own)))
    (override,) = ruleset.overrides
    net, two = ruleset.containers
    assert override.render("x", net) == "WRAP(VNET_MOD_NET, x, vnet_net)"
    assert override.render("x", two) == "WRAP(TWO, x, vnet_two)"


def test_keep_renders_nothing(tmp_path: Path) -> None:
    ruleset = load(write(tmp_path, WHOLE.replace("G_{name}", "keep")))
    assert ruleset.overrides[0].render("x", ruleset.containers[0]) is None


def test_a_block_renders_its_header_and_defines(tmp_path: Path) -> None:
    text = 'text = """\n#if { 1 }\n#include <{header}>\n#else\n{defines}#endif\n"""'
    section = f'[[portability]]\npath = "x"\nreason = "r"\n{text}\n'
    (block,) = load(write(tmp_path, BASE + section)).portability
    assert block.render("sys/v.h", "#define V_x x\n") == (
        "#if { 1 }\n#include <sys/v.h>\n#else\n#define V_x x\n#endif\n"
    )
