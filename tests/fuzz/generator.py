"""Small C files drawn at random, by a writer that knows what each candidate denotes.

The writer keeps the scopes of C under every configuration (truth of the conditions `A` and
`B`) at once, so for every candidate token it can say what a compiler would make of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

from hypothesis import strategies as st

NAMES = ("foo", "bar", "tab")
CONDITIONS = ("A", "B")
CONFIGURATIONS = frozenset((a, b) for a in (False, True) for b in (False, True))
HEAD = """\
#include <sys/vimage.h>
#include "var.h"
#define VALUE(x) ((x) + 1)
#define TAGGED(x) (sizeof(struct x))
#define FIELD(p, f) ((p)->f)
#define NAMED(x) check(x, #x)
#define JOINED(x) count_##x
"""

Configuration = tuple[bool, bool]


class Means(Enum):
    """What a token denotes under one configuration."""

    GLOBAL = "the virtualised variable"
    OTHER = "something else"
    STUCK = "the variable, in a place where it can't be prefixed"


@dataclass(slots=True)
class Writer:
    """The file as far as it is written, and what is in scope."""

    draw: st.DrawFn
    text: str = HEAD
    expected: dict[int, frozenset[Means]] = field(default_factory=dict)
    active: frozenset[Configuration] = CONFIGURATIONS
    scopes: list[dict[tuple[str, Configuration], Means]] = field(default_factory=lambda: [{}])
    depth: int = 0

    def put(self, text: str) -> None:
        """Write text that holds no candidate."""
        self.text += text

    def name(self) -> str:
        """Draw one of the candidates' names."""
        return self.draw(st.sampled_from(NAMES))

    def pick(self, choices: list[Callable[[], None]]) -> None:
        """Write one of several things."""
        self.draw(st.sampled_from(choices))()

    def token(self, name: str, means: frozenset[Means]) -> None:
        """Write a candidate and note what it means."""
        self.expected[len(self.text)] = means if self.active else frozenset()
        self.text += name

    def other(self, name: str | None = None) -> None:
        """Write a candidate that is no use of a variable."""
        self.token(name or self.name(), frozenset((Means.OTHER,)))

    def use(self, name: str | None = None, *, stuck: bool = False) -> None:
        """Write a use of whatever the name means here."""
        name = name or self.name()
        means = {self.lookup(name, one) for one in self.active}
        if stuck:
            means = {Means.STUCK if one is Means.GLOBAL else one for one in means}
        self.token(name, frozenset(means))

    def argument(self) -> None:
        """Write an argument that a macro makes a tag or a member of.

        The front end binds names before it asks what macros do, so one that is hidden
        under some configurations only is stuck.
        """
        name = self.name()
        settled = len({self.lookup(name, one) for one in self.active}) < 2
        self.token(name, frozenset((Means.OTHER if settled else Means.STUCK,)))

    def lookup(self, name: str, configuration: Configuration) -> Means:
        """Return what a name means under one configuration."""
        for scope in reversed(self.scopes):
            if (name, configuration) in scope:
                return scope[name, configuration]
        return Means.GLOBAL

    def declare(self, name: str, means: Means = Means.OTHER) -> None:
        """Bring a name into the innermost scope, where this is compiled."""
        for one in self.active:
            self.scopes[-1][name, one] = means

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a scope, and close it again."""
        self.scopes.append({})
        yield
        self.scopes.pop()

    @contextmanager
    def condition(self, condition: str, truth: bool) -> Iterator[None]:
        """Write what is compiled only where a condition has this truth."""
        before = self.active
        at = CONDITIONS.index(condition)
        self.active = frozenset(one for one in before if one[at] is truth)
        yield
        self.active = before

    def many(self, write: Callable[[], None], most: int) -> None:
        """Write something a few times."""
        for _ in range(self.draw(st.integers(0, most))):
            write()

    # expressions

    def expression(self) -> None:
        """Write an expression; a deep one gets simpler."""
        self.depth += 1
        choices = [self.use, lambda: self.put("1")]
        if self.depth < 4:
            choices += [self._binary, self._call, self._member, self._sizeof, self._prefix]
            choices += [self._macro, self._tagged, self._conditional, self._cast, self._braced]
        if self.depth < 3:
            choices += [self._stuck, self._split_expression]
        self.pick(choices)
        self.depth -= 1

    def _wrapped(self, before: str, after: str) -> None:
        self.put(before)
        self.expression()
        self.put(after)

    def _binary(self) -> None:
        self._wrapped("(", "")
        self.put(self.draw(st.sampled_from((" + ", " * ", " & ", " - ", " && ", "\n\t    == "))))
        self._wrapped("", ")")

    def _call(self) -> None:
        self._wrapped("g(", ", ")
        self._wrapped("", ")")

    def _member(self) -> None:
        self._wrapped("(", ")")
        self.put(self.draw(st.sampled_from((".", "->", " . ", "\n\t    ->"))))
        self.other()

    def _sizeof(self) -> None:
        self._wrapped("sizeof(", ")")

    def _prefix(self) -> None:
        self.put(self.draw(st.sampled_from(("&", "*", "-", "!", "~", "++"))))
        self.use()

    def _macro(self) -> None:
        self._wrapped("VALUE(", ")")

    def _tagged(self) -> None:
        self.put("TAGGED(")
        self.argument()
        self.put(") + FIELD(p, ")
        self.argument()
        self.put(")")

    def _stuck(self) -> None:
        self.put(self.draw(st.sampled_from(("NAMED(", "JOINED("))))
        self.use(stuck=True)
        self.put(")")

    def _conditional(self) -> None:
        self._wrapped("(", " ? ")
        self._wrapped("", " : ")
        self._wrapped("", ")")

    def _cast(self) -> None:
        self.put("(struct ")
        self.other()
        self._wrapped(" *)(", ")")

    def _braced(self) -> None:
        with self.scope():
            self.put("({ int ")
            name = self.name()
            self.declare(name)
            self.other(name)
            self._wrapped(" = ", "; ")
            self._wrapped("", "; })")

    def _split_expression(self) -> None:
        condition = self.draw(st.sampled_from(CONDITIONS))
        self._wrapped("(", f"\n#ifdef {condition}\n\t    + ")
        with self.condition(condition, True):
            self.expression()
        self.put("\n#endif\n\t    )")

    # statements

    def statement(self) -> None:
        """Write a statement or a declaration, on lines of its own."""
        self.depth += 1
        choices = [self._assignment, self._local, self._tag, self._label, self._bare]
        if self.depth < 4:
            choices += [self._block, self._if, self._for, self._extern, self._typedef]
            choices += [self._group, self._split_if, self._wrapper, self._pointers, self._enum]
        self.pick(choices)
        self.depth -= 1

    def _assignment(self) -> None:
        self.put("\t")
        self.use()
        self._wrapped(" = ", ";\n")

    def _local(self) -> None:
        name = self.name()
        self.put(self.draw(st.sampled_from(("\tint ", "\tstatic u_int *", "\tu_long "))))
        self.declare(name)
        self.other(name)
        self.pick([lambda: self.put(";\n"), lambda: self._wrapped(" = ", ";\n")])

    def _pointers(self) -> None:
        first, second = self.name(), self.name()
        self.put("\tstruct ")
        self.other()
        self.put(" *")
        self.declare(first)
        self.other(first)
        self.put(", (*")
        self.declare(second)
        self.other(second)
        self.put(")(int ")
        self.other()
        self.put(");\n")

    def _enum(self) -> None:
        name = self.name()
        self.put("\tenum { ")
        self.other(name)
        self.declare(name)
        self._wrapped(", E = ", " };\n")

    def _typedef(self) -> None:
        name = self.name()
        self.put("\ttypedef int ")
        self.declare(name)
        self.other(name)
        self.put(";\n")

    def _extern(self) -> None:
        name = self.name()
        self.put("\textern int ")
        self.declare(name, Means.GLOBAL)
        self.other(name)
        self.put(";\n")

    def _tag(self) -> None:
        self.put("\tstruct ")
        self.other()
        self.put(" *p;\n")

    def _label(self) -> None:
        name = self.name()
        self.other(name)
        self.put(":\n\tgoto ")
        self.other(name)
        self.put(";\n")

    def _bare(self) -> None:
        self._wrapped("\tBARE(", ")\n\t")
        self.use()
        self._wrapped(" = ", ";\n")

    def _wrapper(self) -> None:
        self.put("\tDEB(")
        self.use()
        self._wrapped(" = ", ";)\n")

    def _block(self) -> None:
        with self.scope():
            self.put("\t{\n")
            self.many(self.statement, 3)
            self.put("\t}\n")

    def _if(self) -> None:
        self._wrapped("\tif (", ")\n")
        self._block()
        self.put("\telse\n")
        self._assignment()

    def _for(self) -> None:
        with self.scope():
            name = self.name()
            self.put("\tfor (int ")
            self.declare(name)
            self.other(name)
            self._wrapped(" = ", "; ")
            self._wrapped("", "; ")
            self._wrapped("", ")\n")
            self._assignment()

    def _group(self) -> None:
        condition = self.draw(st.sampled_from(CONDITIONS))
        self.put(f"#ifdef {condition}\n")
        with self.condition(condition, True):
            self.many(self.statement, 2)
        if self.draw(st.booleans()):
            self.put("#else\n")
            with self.condition(condition, False):
                self.many(self.statement, 2)
        self.put("#endif\n")

    def _split_if(self) -> None:
        condition = self.draw(st.sampled_from(CONDITIONS))
        self.put(f"#if defined({condition})\n")
        with self.condition(condition, True):
            self._wrapped("\tif (", ") {\n#else\n")
        with self.condition(condition, False):
            self._wrapped("\tif (", ") {\n#endif\n")
        with self.scope():
            self.many(self.statement, 2)
            self.put("\t}\n")

    # file scope

    def function(self) -> None:
        """Write a function."""
        with self.scope():
            self.pick([self._head, self._old_head, self._split_head])
            self.put("{\n")
            self.many(self.statement, 5)
            self.put("}\n")

    def _head(self) -> None:
        name = self.name()
        self.put(self.draw(st.sampled_from(("int f(", "static struct s *\nf(", "int *f("))))
        self.put("int a, int ")
        self.declare(name)
        self.other(name)
        self.put(")\n")

    def _old_head(self) -> None:
        name = self.name()
        self.put(
            self.draw(st.sampled_from(("int\nf(a, ", "static struct s *\nf(a, ", "char **f(a, ")))
        )
        self.declare(name)
        self.other(name)
        self.put(")\n\tint a;\n\tchar *")
        self.other(name)
        self.put(";\n")

    def _split_head(self) -> None:
        name, condition = self.name(), self.draw(st.sampled_from(CONDITIONS))
        self.put(f"int\n#ifdef {condition}\nf(int a, int ")
        with self.condition(condition, True):
            self.declare(name)
            self.other(name)
        self.put(")\n#else\nf(int a)\n#endif\n")

    def outside(self) -> None:
        """Write something else at file scope."""
        self.pick([self._prototype, self._struct, self._pointer, self._sysctl, self._define])

    def _prototype(self) -> None:
        self.put("int h(struct ")
        self.other()
        self.put(" *, int ")
        self.other()
        self.put(");\n")

    def _struct(self) -> None:
        self.put("struct ")
        self.other()
        self.put(" {\n\tint ")
        self.other()
        self.put(" : 3, (*")
        self.other()
        self.put(")(void);\n};\n")

    def _pointer(self) -> None:
        self.put("static int *p = &")
        self.use()
        self._wrapped(", q = ", ";\n")

    def _sysctl(self) -> None:
        self.put("SYSCTL_INT(_net, OID_AUTO, ")
        self.other()
        self.put(", CTLFLAG_RW, &")
        self.other()
        self.put(', 0, "the foo");\n')

    def _define(self) -> None:
        parameter, local = self.name(), self.name()
        self.put("#define M(")
        self.other(parameter)
        self.put(") do { if (")
        with self.scope():
            self.declare(parameter)
            self.use()
            self.put(") { int ")
            with self.scope():
                if local != parameter:
                    self.declare(local)
                self.other(local)
                self.put(" = 1; ")
                self.use()
                self.put("++; } ")
            self.use()
            self.put("--; } while (0)\n")


@st.composite
def files(draw: st.DrawFn) -> Writer:
    """Draw a file, as the writer that wrote it."""
    writer = Writer(draw)
    for _ in range(draw(st.integers(1, 4))):
        writer.pick([writer.function, writer.function, writer.outside])
    return writer
