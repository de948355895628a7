"""A rule set written is a rule set read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from vrefactor import errors
from vrefactor.errors import VrefactorError
from vrefactor.rules import (
    Accepted,
    Assertion,
    BuildRules,
    CallbackCall,
    CallbackClass,
    CallbackTable,
    CalloutCall,
    Container,
    Contains,
    ContextRules,
    Define,
    Entry,
    Exclude,
    Exported,
    Fingerprint,
    FrameworkLine,
    FrameworkRules,
    FunctionArgument,
    HookTable,
    Init,
    InitRules,
    LinkCall,
    MacroRules,
    ModuleName,
    Move,
    OptionSet,
    Override,
    Portability,
    PrefixRules,
    Registration,
    RuleSet,
    StartupMacro,
    StartupRules,
    StartupRun,
    StartupTable,
    StubArgument,
    StubRules,
    Style,
    Subsystem,
    Symbol,
    SysctlRules,
    TreeRules,
    UseBeforeInit,
    Vocabulary,
    emit,
    load,
    shipped,
)
from vrefactor.rules.virtualize import Attach, AttachRules, FieldSet, StackField, Undo


def container(name: str, *, host: bool = False) -> Container:
    return Container(
        name=f"X_stack_{name}",
        subsystem="net",
        header=f"net/{name}.h",
        accessor=f"VNET_{name.upper()}",
        init=f"INIT_VNET_{name.upper()}",
        module=f"X_module{name.upper()}",
        init_function=f"{name}_init",
        symmap=("z", "y") if name == "b" else (),
        host=host,
        central=None if host else "net/all.h",
        subs="V_HOST" if host else "V_NET",
        instance="net/x.c" if host else None,
        kept="it is the machine's" if host else None,
    )


def symbol(
    name: str,
    file: str,
    *,
    was: str | None = None,
    optional: bool = False,
    keep_sysctl: str | None = None,
) -> Symbol:
    return Symbol(
        name=name,
        file=file,
        container="X_stack_b",
        was=was,
        optional=optional,
        keep_sysctl=keep_sysctl,
        origin=("x", 9),
    )


FULL = RuleSet(
    name="full",
    title='with "everything"',
    subsystems=(Subsystem(name="net", paths=("net", "netinet/x.c")),),
    containers=(container("b"), container("a", host=True)),
    symbols=(
        symbol("z", "net/b.c"),
        symbol("y", "net/b.c", was="x"),
        symbol("x2", "net/b.c", was="x2x", optional=True),
        symbol("kept", "net/b.c", keep_sysctl="its handler is written by hand"),
        symbol("only", "net/a b.c", optional=True),
    ),
    tree=TreeRules(
        exclude=(Exclude(path="boot", reason="not it"),),
        include_dirs=(".", "contrib"),
        suffixes=(".c",),
    ),
    prefix=PrefixRules(header="sys/p.h", guard="P_H", prefix="P_"),
    vocabulary=Vocabulary(**{name: f"X_{name}" for name in Vocabulary.__struct_fields__}),
    sysctl=SysctlRules(header="sys/knobs.h"),
    framework=FrameworkRules(
        source="kern/p.c",
        line=(
            FrameworkLine(path="a.mk", text="b.o\n", sorted="a", present="b"),
            FrameworkLine(path="a.c", text="\n\tf();", function="g", before="h();"),
            FrameworkLine(path="a.c", text="#include <f.h>", after="#include <e.h>"),
        ),
    ),
    overrides=(
        Override(
            path="net/**",
            function="f",
            names=("z",),
            form="W({name})",
            modules=(ModuleName(container="X_stack_b", module="B"),),
            reason="so",
            define=Define(header="net/w.h", text="#define\tW(x)\t\\\n\t(x)\n"),
        ),
        Override(path="net/*.c", form="keep", reason="it's 'so'"),
    ),
    portability=(Portability(path="x", reason="r", text="#if 1\n<{header}>\n{defines}#endif\n"),),
    macros=MacroRules(iterator=("EACH",), sysctl=("SYSCTL_*",)),
    stubs=StubRules(
        condition="KERN",
        argument="current",
        iterator="each",
        assertions=(Assertion(macros=("*_ASSERT",), condition="defined(A) || B"),),
    ),
    registrations=(
        Registration(name="timer", calls=(FunctionArgument(call="callout_*", argument=2),)),
        Registration(name="method", tables=("protosw",), parameter="HANDLER_ARGS"),
    ),
    arguments=(
        StubArgument(argument="it"),
        StubArgument(
            argument="{parameter}->vnet",
            path="net/*.c",
            function="f*",
            containers=("X_stack_b",),
            registrations=("timer",),
            parameter="struct ifnet *",
        ),
    ),
    entries=(
        Entry(path="net/b.c", functions=("f", "g"), inside=("h*",)),
        Entry(path="net/b.c", functions=("k",), vnet="{parameter}->vnet", quiet=True),
    ),
    moves=(Move(path="net/b.c", header="net/b_types.h"),),
    startup=StartupRules(
        header="sys/boot.h",
        macros=(
            StartupMacro(macro="BOOT", arguments=("subsystem", "order", "function", "data")),
            StartupMacro(macro="KNOB", arguments=("-", "variable"), subsystem="ONE", order="TWO"),
        ),
        tables=(
            StartupTable(
                function="run_all",
                every=True,
                runs=(
                    StartupRun(
                        tables=("family",), member="start", position=2, through="rows", case="UP"
                    ),
                ),
            ),
        ),
    ),
    context=ContextRules(
        also_set=("ENTER",),
        also_restore=("LEAVE",),
        also_foreach=("EACH",),
        also_is_default=("IS_FIRST",),
        accessors=("AT", "AT_*"),
        direct=("AT",),
        defined=("MANY",),
        callouts=(CalloutCall(call="arm", object=0, function=1, data=2),),
        links=(LinkCall(call="*_PUT", head=0, element=1),),
        allocators=("get*",),
        callbacks=(
            CallbackClass(
                name="timer",
                stack=False,
                calls=(CallbackCall(call="arm", argument=1, first=("t*",)),),
                tables=(CallbackTable(tables=("sw",), members=("tick",), positions=(1, 2)),),
                assigned=("fn",),
                heads=("DO",),
                through=("go",),
            ),
        ),
        accepted=(Accepted(functions=("f",), calls=("g",), path="net/*.c", reason="so"),),
    ),
    uses_before_init=(
        UseBeforeInit(symbols=("z",), functions=("f*",), path="net/*.c", reason="so"),
        UseBeforeInit(calls=("g",), reason="it is not called yet"),
    ),
    initializers=InitRules(
        copy="copy({source}, {target}, {size})",
        string="set({target}, {source})",
        zero="clear({target})",
        tables=(HookTable(table="proto", member="p_start"),),
        calls=(FunctionArgument(call="START", argument=1),),
        load="M_START",
    ),
    inits=(
        Init(
            function="b_init",
            path="net/b.c",
            files=("net/b*.c",),
            reason="its own",
            origin=("x", 9),
        ),
        Init(
            function="a_init",
            path="net/a b.c",
            symbols=("only",),
            condition="defined(A)",
            beside="a_input",
            header="net/a.h",
            reason="made",
            origin=("x", 9),
        ),
    ),
    exported=(Exported(files=("net/b.c",), header="net/b.h"),),
    fields=(
        StackField(
            struct="b",
            name="b_vnet",
            path="net/b.h",
            set=(FieldSet(path="net/b.c", function="b_make", object="b", after="b->n = 0;"),),
        ),
        StackField(struct="c", name="c_vnet", path="net/b.h", via="c_b->b_vnet"),
    ),
    attaches=(Attach(path="net/b.c", function="b_up", detach="b_down", depends="X_stack_b"),),
    attaching=AttachRules(
        functions=("*_up",),
        once=("b_check",),
        undo=(Undo(call="b_new", undo="b_free({result})"), Undo(call="log")),
        sysinit="SI_SUB_B, SI_ORDER_ANY",
        sysuninit=True,
    ),
    style=Style(columns=100, continuation=8, tab=4),
    build=BuildRules(
        cc="gcc",
        flags=("-I{tree}", "-O2"),
        files=("**/*.c",),
        exclude=("x/*.c",),
        timeout=5,
        options=(OptionSet(name="A", flags=("-DA",)), OptionSet(name="B")),
    ),
    fingerprint=Fingerprint(files=("a.c",), contains=(Contains(file="b.h", text='"8"'),)),
)


def plain(ruleset: RuleSet) -> RuleSet:
    """Without where it came from."""
    symbols = (msgspec.structs.replace(s, origin=("", 0)) for s in ruleset.symbols)
    inits = (msgspec.structs.replace(init, origin=("", 0)) for init in ruleset.inits)
    return msgspec.structs.replace(
        ruleset, origin="", digest="", symbols=tuple(symbols), inits=tuple(inits)
    )


def reread(ruleset: RuleSet, folder: Path) -> RuleSet:
    (folder / "emitted.toml").write_bytes(emit(ruleset))
    return load(folder / "emitted.toml")


def test_the_full_set_has_no_field_left_at_its_default() -> None:
    defaults = RuleSet(name="x")
    same = {
        field
        for field in RuleSet.__struct_fields__
        if getattr(FULL, field) == getattr(defaults, field)
    }
    assert same == {"origin", "digest"}


def test_everything_survives(tmp_path: Path) -> None:
    assert plain(reread(FULL, tmp_path)) == plain(FULL)


def test_what_is_emitted_again_is_the_same(tmp_path: Path) -> None:
    assert emit(reread(FULL, tmp_path)) == emit(FULL)


def test_a_set_without_macros_stays_without(tmp_path: Path) -> None:
    bare = RuleSet(name="bare")
    assert plain(reread(bare, tmp_path)) == bare


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_set_survives(name: str, tmp_path: Path) -> None:
    ruleset = load(shipped()[name])
    again = reread(ruleset, tmp_path)
    by_container = sorted(
        plain(ruleset).symbols,
        key=lambda s: [c.name for c in ruleset.containers].index(s.container),
    )
    assert plain(again) == msgspec.structs.replace(plain(ruleset), symbols=tuple(by_container))


def test_symbols_are_one_list_a_file() -> None:
    text = emit(FULL).decode()
    assert text.count('"net/b.c" = [') == 1
    assert '    "z",\n    { name = "y", was = "x" },\n' in text


def test_a_path_that_toml_cannot_hold() -> None:
    broken = msgspec.structs.replace(FULL, symbols=(symbol("z", "net/caf\udce9.c"),))
    with pytest.raises(VrefactorError) as caught:
        emit(broken)
    assert caught.value.kind is errors.RULES_TYPE
    assert "caf" in caught.value.detail
