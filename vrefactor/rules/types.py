"""The frozen types of a rule set: policy as data.

Which globals are virtualised, in which container each lives, which sites are
special: all of that is data.  Mechanism (how a site is found, how an edit is made)
is code and lives elsewhere.  `vrefactor.rules.load` makes these values from TOML;
RULES.md documents every key, and a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, field
from msgspec.structs import FieldInfo, fields, force_setattr

from vrefactor.rules.basics import (
    Code,
    Columns,
    FunctionArgument,
    Glob,
    Ident,
    NameGlob,
    Table,
    Text,
    TreePath,
    template,
)
from vrefactor.rules.context import ContextRules
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.initializers import Exported, Init, InitRules, InitTable
from vrefactor.rules.startup import StartupRules, UseBeforeInit
from vrefactor.rules.templates import changed_by_words, fill
from vrefactor.rules.virtualize import Attach, AttachRules, StackField
from vrefactor.rules.vocabulary import Vocabulary


class Subsystem(Table, frozen=True, kw_only=True):
    """A part of the tree: what `--subsystem NAME` selects, and where containers belong."""

    name: Text
    paths: tuple[TreePath, ...]


class Container(Table, frozen=True, kw_only=True):
    """A structure that gathers the virtualised variables of a subsystem.

    `name` is the struct tag (`vnet_inet`), `header` the file that holds the
    container's macros: generated as a whole, or, with `host`, an existing header
    that takes them at its end.  `central` is the header that includes a generated one
    at its end, for all who include it.  `subs` is the first argument of its `SYSCTL_V_` forms:
    which kind of instance (network stack, process group) the variables are per.  `instance`
    is the file that defines the one instance there is in step 2.  `kept` is the reason for
    which its variables stay what they are in step 2, if they do.
    `symmap` names the variables that programs look up by name in the running kernel.
    """

    name: Ident
    subsystem: str
    header: TreePath
    accessor: Ident
    init: Ident
    module: Ident
    init_function: Ident | None = None
    host: bool = False
    central: TreePath | None = None
    subs: Ident = "V_NET"
    instance: TreePath | None = None
    kept: Text | None = None
    symmap: tuple[Ident, ...] = ()


class Symbol(Table, frozen=True, kw_only=True):
    """A virtualised variable; the macro that stands for it is `V_` + `name`.

    `was` is its name in the tree as long as step 1.5.1 has not renamed it.
    `keep_sysctl` is the reason for which its sysctls stay as they are, if they do.
    `origin` says where the rules list it: rule file and 1-based line.
    """

    name: Ident
    file: TreePath
    container: Ident
    was: Ident | None = None
    optional: bool = False
    keep_sysctl: Text | None = None
    origin: tuple[str, int]


class Exclude(Table, frozen=True, kw_only=True):
    """Files that are not part of the program, and why."""

    path: Glob
    reason: Text


class TreeRules(Table, frozen=True, kw_only=True):
    """Which files of the tree count, and where `#include` looks, in order."""

    exclude: tuple[Exclude, ...] = ()
    include_dirs: tuple[str, ...] = (".",)
    suffixes: tuple[str, ...] = (".c", ".h")


class PrefixRules(Table, frozen=True, kw_only=True):
    """The prefix of step 1 and the header that defines the prefixed names."""

    header: TreePath = "sys/vimage.h"
    guard: Ident = "_SYS_VIMAGE_H_"
    prefix: Ident = "V_"


class SysctlRules(Table, frozen=True, kw_only=True):
    """Where the sysctl macros are: the header that takes their `SYSCTL_V_` forms."""

    header: TreePath = "sys/sysctl.h"


class Define(Table, frozen=True, kw_only=True):
    """What must be defined, and in which header, for an override's template to work."""

    header: TreePath
    text: Code


class ModuleName(Table, frozen=True, kw_only=True):
    """What an override's `{module}` stands for when a symbol is of this container."""

    container: Ident
    module: Text


class Override(Table, frozen=True, kw_only=True):
    """Sites that get another form than the prefixed name, and why.

    `form` is `keep` (the site stays as it is) or a template of `{name}`, `{module}`
    and `{container}`.  `modules` says what `{module}` is for a container when it is
    not the container's own module id.
    """

    path: Glob
    function: Ident | None = None
    names: tuple[Ident, ...] = ()
    form: Annotated[str, template("name", "module", "container")]
    modules: tuple[ModuleName, ...] = ()
    reason: Text
    define: Define | None = None

    def render(self, name: str, container: Container) -> str | None:
        """The text that stands at a site of symbol `name`; None for `keep`."""
        if self.form == "keep":
            return None
        modules = {entry.container: entry.module for entry in self.modules}
        module = modules.get(container.name, container.module)
        return fill(self.form, name=name, module=module, container=container.name)


class Move(Table, frozen=True, kw_only=True):
    """Where the types go that a source file defines, and a container needs: to a header."""

    path: TreePath
    header: TreePath


class Portability(Table, frozen=True, kw_only=True):
    """Files shared with other systems: a guarded block instead of the plain `#include`.

    `text` is a template of `{header}` (the header to include) and `{defines}` (one
    `#define V_x x` a line for each name that the file uses).
    """

    path: Glob
    reason: Text
    text: Annotated[str, template("header", "defines")]

    def render(self, header: str, defines: str) -> str:
        """The block for a file that uses the names of `defines` (whole lines)."""
        return fill(self.text, header=header, defines=defines)


class Assertion(Table, frozen=True, kw_only=True):
    """Macros that drop their arguments where a condition does not hold.

    `condition` is an expression as it stands behind `#if`.
    """

    macros: tuple[NameGlob, ...]
    condition: Code


class StubRules(Table, frozen=True, kw_only=True):
    """Step 1.5.2: the condition of kernel code, the current stack, the one that a loop is at."""

    condition: Ident = "_KERNEL"
    argument: Code = "{current}"
    iterator: Ident = "vnet_iter"
    assertions: tuple[Assertion, ...] = ()


class Registration(Table, frozen=True, kw_only=True):
    """A way in which a function is handed over to be called from elsewhere.

    `calls` take it as an argument; `tables` are the tags of structures that hold it;
    `parameter` is the spelling of the parameters of functions that are meant for it.
    """

    name: Text
    calls: tuple[FunctionArgument, ...] = ()
    tables: tuple[Ident, ...] = ()
    parameter: Text | None = None


class StubArgument(Table, frozen=True, kw_only=True):
    """Which expression gives the vnet in the functions that fit; all keys must fit.

    `parameter` is the type of the first parameter, with single blanks; `argument` a
    template of `{parameter}`, its name.
    """

    argument: Annotated[str, template("parameter")]
    path: Glob = "**"
    function: Text = "*"
    containers: tuple[Ident, ...] = ()
    registrations: tuple[Text, ...] = ()
    parameter: Text | None = None


class Entry(Table, frozen=True, kw_only=True):
    """Functions that code outside of any network stack calls.

    With `vnet` they set the current stack to that expression; without, they walk over
    all stacks.  `inside` are globs over names: a statement that mentions one belongs
    into the loop though it uses no virtualised variable itself.
    """

    path: TreePath
    functions: tuple[Ident, ...]
    vnet: Annotated[str, template("parameter")] | None = None
    quiet: bool = False
    inside: tuple[Text, ...] = ()


class MacroRules(Table, frozen=True, kw_only=True):
    """Globs over the names of macros that stand where C allows no call.

    Each list is one way in which such a macro fits into the grammar.
    """

    statement: tuple[NameGlob, ...] = ()
    wrapper: tuple[NameGlob, ...] = ()
    iterator: tuple[NameGlob, ...] = ()
    specifier: tuple[NameGlob, ...] = ()
    attribute: tuple[NameGlob, ...] = ()
    prototype: tuple[NameGlob, ...] = ()
    declaration: tuple[NameGlob, ...] = ()
    sysctl: tuple[NameGlob, ...] = ()
    tunable: tuple[NameGlob, ...] = ()


class Style(Table, frozen=True, kw_only=True):
    """Layout of lines that a step writes or wraps."""

    columns: Columns = 80
    continuation: Columns = 4
    tab: Columns = 8


class OptionSet(Table, frozen=True, kw_only=True):
    """A named configuration of the build: flags added to the common ones."""

    name: Text
    flags: tuple[str, ...] = ()


class BuildRules(Table, frozen=True, kw_only=True):
    """How `verify` compiles the files of a tree; `{tree}` in a flag is the tree's root."""

    cc: Text = "cc"
    flags: tuple[str, ...] = ()
    files: tuple[Glob, ...]
    exclude: tuple[Glob, ...] = ()
    timeout: Annotated[int, Meta(ge=1, description="a count of seconds, 1 or more")] = 60
    options: tuple[OptionSet, ...] = ()


class Contains(Table, frozen=True, kw_only=True):
    """A text that a file of the tree must contain."""

    file: TreePath
    text: Text


class Fingerprint(Table, frozen=True, kw_only=True):
    """How to know a tree that the rule set is meant for: all of it must hold."""

    files: tuple[TreePath, ...] = ()
    contains: tuple[Contains, ...] = ()


ContainerT = TypeVar("ContainerT", bound=Container)
InitT = TypeVar("InitT", bound=InitTable)


class Sections(Table, Generic[ContainerT, InitT], frozen=True, kw_only=True):
    """The sections of a rule set, each declared here and nowhere else.

    A section is a list of tables, which may stand in several files of a set, or a table of
    which a set has but one.  Its name in TOML is that of the field, if `name` gives no other.
    They are written in this order.
    """

    fingerprint: Fingerprint | None = None
    tree: TreeRules = TreeRules()
    prefix: PrefixRules = PrefixRules()
    vocabulary: Vocabulary = Vocabulary()
    sysctl: SysctlRules = SysctlRules()
    framework: FrameworkRules | None = None
    style: Style = Style()
    macros: MacroRules = MacroRules()
    stubs: StubRules = StubRules()
    startup: StartupRules = StartupRules()
    initializers: InitRules = InitRules()
    attaching: AttachRules = AttachRules()
    context: ContextRules = ContextRules()
    build: BuildRules | None = None
    subsystems: tuple[Subsystem, ...] = field(default=(), name="subsystem")
    overrides: tuple[Override, ...] = field(default=(), name="override")
    portability: tuple[Portability, ...] = ()
    registrations: tuple[Registration, ...] = field(default=(), name="registration")
    arguments: tuple[StubArgument, ...] = field(default=(), name="argument")
    entries: tuple[Entry, ...] = field(default=(), name="entry")
    moves: tuple[Move, ...] = field(default=(), name="move")
    uses_before_init: tuple[UseBeforeInit, ...] = field(default=(), name="use_before_init")
    inits: tuple[InitT, ...] = field(default=(), name="init")
    exported: tuple[Exported, ...] = ()
    fields: tuple[StackField, ...] = field(default=(), name="field")
    attaches: tuple[Attach, ...] = field(default=(), name="attach")
    containers: tuple[ContainerT, ...] = field(default=(), name="container")


class RuleSet(Sections[Container, Init], frozen=True, kw_only=True):
    """A whole rule set, checked: every name it mentions is defined, none twice.

    The words that its templates name are filled in, from the vocabulary that it is made with.
    `origin` is where it was read from; `digest` a hash over the bytes of all its files.
    """

    name: Text
    title: str = ""
    origin: str = ""
    symbols: tuple[Symbol, ...] = ()
    digest: str = ""

    def __post_init__(self) -> None:
        for name, value in changed_by_words(self, self.vocabulary.words()).items():
            force_setattr(self, name, value)


def sections() -> tuple[FieldInfo, ...]:
    """Return every section of a rule set."""
    return fields(Sections)


def is_list(section: FieldInfo) -> bool:
    """Say whether a section is a list of tables."""
    return isinstance(section.default, tuple)
