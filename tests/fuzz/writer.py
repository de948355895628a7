"""A writer of C at random that knows what each candidate denotes: scopes, expressions.

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
    loose: set[str] = field(default_factory=set)
    """Names that were declared between conditional braces: their uses may be refused."""
    doubtful: set[int] = field(default_factory=set)

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
        if name in self.loose:
            self.doubtful.add(len(self.text))
        self.text += name

    def other(self, name: str | None = None) -> None:
        """Write a candidate that is no use of a variable."""
        self.token(name or self.name(), frozenset((Means.OTHER,)))

    def use(self, name: str | None = None, *, stuck: bool = False) -> None:
        """Write a use of whatever the name means here."""
        name = name or self.name()
        means = {self.lookup(name, item) for item in self.active}
        if stuck:
            means = {Means.STUCK if mean is Means.GLOBAL else mean for mean in means}
        self.token(name, frozenset(means))

    def argument(self) -> None:
        """Write an argument that a macro makes a tag or a member of.

        The front end binds names before it asks what macros do, so one that is hidden
        under some configurations only is stuck.
        """
        name = self.name()
        settled = len({self.lookup(name, item) for item in self.active}) < 2
        self.token(name, frozenset((Means.OTHER if settled else Means.STUCK,)))

    def lookup(self, name: str, configuration: Configuration) -> Means:
        """Return what a name means under one configuration."""
        for scope in reversed(self.scopes):
            if (name, configuration) in scope:
                return scope[name, configuration]
        return Means.GLOBAL

    def declare(self, name: str, means: Means = Means.OTHER) -> None:
        """Bring a name into the innermost scope, where this is compiled."""
        for item in self.active:
            self.scopes[-1][name, item] = means

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
        self.active = frozenset(item for item in before if item[at] is truth)
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
