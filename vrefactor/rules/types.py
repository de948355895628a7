"""The frozen types of a rule set: policy as data.

Which globals are virtualised, in which container each lives, which sites are
special: all of that is data.  Mechanism (how a site is found, how an edit is made)
is code and lives elsewhere.  `vrefactor.rules.load` makes these values from TOML;
RULES.md documents every key, and a test holds the two together.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from vrefactor.rules.basics import Columns, Glob, Handed, Ident, Table, Text, TreePath, fill
from vrefactor.rules.context import ContextRules
from vrefactor.rules.framework import FrameworkRules
from vrefactor.rules.initializers import Exported, Init, InitRules
from vrefactor.rules.startup import Early, StartupRules
from vrefactor.rules.virtualize import Attach, AttachRules, StackField
from vrefactor.rules.vocabulary import Vocabulary

#: What the names of containers and of their modules begin with that register a symbol map.
NAME_LEAD = "vnet_"
MODULE_LEAD = "VNET_MOD_"


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
    text: Text


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
    form: Text
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
    text: Text

    def render(self, header: str, defines: str) -> str:
        """The block for a file that uses the names of `defines` (whole lines)."""
        return fill(self.text, header=header, defines=defines)


class Assertion(Table, frozen=True, kw_only=True):
    """Macros that drop their arguments where a condition does not hold.

    `condition` is an expression as it stands behind `#if`.
    """

    macros: tuple[Text, ...]
    condition: Text


class StubRules(Table, frozen=True, kw_only=True):
    """Step 1.5.2: the condition of kernel code, the current stack, the one that a loop is at."""

    condition: Ident = "_KERNEL"
    argument: Text = "curvnet"
    iterator: Ident = "vnet_iter"
    assertions: tuple[Assertion, ...] = ()


class Registration(Table, frozen=True, kw_only=True):
    """A way in which a function is handed over to be called from elsewhere.

    `calls` take it as an argument; `tables` are the tags of structures that hold it;
    `parameter` is the spelling of the parameters of functions that are meant for it.
    """

    name: Text
    calls: tuple[Handed, ...] = ()
    tables: tuple[Ident, ...] = ()
    parameter: Text | None = None


class StubArgument(Table, frozen=True, kw_only=True):
    """Which expression gives the vnet in the functions that fit; all keys must fit.

    `parameter` is the type of the first parameter, with single blanks; `argument` a
    template of `{parameter}`, its name.
    """

    argument: Text
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
    vnet: Text | None = None
    quiet: bool = False
    inside: tuple[Text, ...] = ()


class MacroRules(Table, frozen=True, kw_only=True):
    """Globs over the names of macros that stand where C allows no call.

    Each list is one way in which such a macro fits into the grammar.
    """

    statement: tuple[Text, ...] = ()
    wrapper: tuple[Text, ...] = ()
    iterator: tuple[Text, ...] = ()
    specifier: tuple[Text, ...] = ()
    attribute: tuple[Text, ...] = ()
    prototype: tuple[Text, ...] = ()
    declaration: tuple[Text, ...] = ()
    sysctl: tuple[Text, ...] = ()
    tunable: tuple[Text, ...] = ()


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


class RuleSet(Table, frozen=True, kw_only=True):
    """A whole rule set, checked: every name it mentions is defined, none twice.

    `origin` is where it was read from; `digest` a hash over the bytes of all its files.
    """

    name: Text
    title: str = ""
    origin: str = ""
    subsystems: tuple[Subsystem, ...] = ()
    containers: tuple[Container, ...] = ()
    symbols: tuple[Symbol, ...] = ()
    tree: TreeRules = TreeRules()
    prefix: PrefixRules = PrefixRules()
    vocabulary: Vocabulary = Vocabulary()
    sysctl: SysctlRules = SysctlRules()
    framework: FrameworkRules | None = None
    overrides: tuple[Override, ...] = ()
    portability: tuple[Portability, ...] = ()
    macros: MacroRules = MacroRules()
    stubs: StubRules = StubRules()
    registrations: tuple[Registration, ...] = ()
    arguments: tuple[StubArgument, ...] = ()
    entries: tuple[Entry, ...] = ()
    moves: tuple[Move, ...] = ()
    startup: StartupRules = StartupRules()
    early: tuple[Early, ...] = ()
    initializers: InitRules = InitRules()
    inits: tuple[Init, ...] = ()
    exported: tuple[Exported, ...] = ()
    attaching: AttachRules = AttachRules()
    fields: tuple[StackField, ...] = ()
    attaches: tuple[Attach, ...] = ()
    context: ContextRules = ContextRules()
    style: Style = Style()
    build: BuildRules | None = None
    fingerprint: Fingerprint | None = None
    digest: str = ""
