"""Types drawn at random, for initialisers: of each sort, spelt in each way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

PRELUDE = """\
extern int outer[64];
int stop(void);
typedef __WCHAR_TYPE__ wchar_t;
typedef unsigned char u_char;
typedef u_char byte_t;
typedef long long_t;
typedef int *intp_t;
typedef int (*fn_t)(void);
#define count_t unsigned short
enum { E0, E1 = 3, E2, E3 = 010 };
enum color { RED = 7, BLUE };
#define THREE 3
#define EIGHT 010
#define PLUS(a, b) ((a) + (b))
#define ON "on"
#define ZEROED "o\\0n"
"""


def _alone(name: str) -> str:
    return name


@dataclass(frozen=True)
class Kind:
    """A C type: what stands before a declarator, and what goes around the name.

    `sort` is one of int, float, pointer, function, array, struct, union.
    """

    sort: str
    base: str
    around: Callable[[str], str] = _alone
    element: Kind | None = None
    count: int | None = None
    members: tuple[tuple[str, Kind, int], ...] = ()
    """The name (empty for an unnamed one), the type, the width of a bit field or 0."""

    @property
    def named(self) -> list[tuple[str, Kind, int]]:
        """The members that can have a value."""
        return [member for member in self.members if member[0] or not member[2]]


INTEGERS = (
    "int", "char", "signed char", "unsigned char", "short", "unsigned", "long", "long long",
    "unsigned long", "_Bool", "u_char", "byte_t", "long_t", "count_t", "enum color", "wchar_t",
)  # fmt: skip
CHARACTERS = ("char", "char", "char", "u_char", "signed char", "byte_t")


@dataclass
class TypeWriter:
    """Writes the types of one seed; `lines` are what stands in front of a variable."""

    random: Random
    lines: list[str] = field(default_factory=list)
    number: int = 0

    def fresh(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    def scalar(self) -> Kind:
        pick = self.random.random()
        if pick < 0.62:
            base = self.random.choice(INTEGERS)
            return Kind("int", base)
        if pick < 0.72:
            return Kind("float", self.random.choice(("float", "double")))
        if pick < 0.82:
            return Kind("pointer", "int", lambda name: f"*{name}")
        if pick < 0.86:
            return Kind("pointer", "intp_t")
        if pick < 0.92:
            return Kind("string", self.random.choice(("char", "const char")), lambda n: f"*{n}")
        if pick < 0.96:
            return Kind("function", "int", lambda name: f"(*{name})(void)")
        return Kind("function", "fn_t")

    def array(self, depth: int, *, bounded: bool) -> Kind:
        if self.maybe(0.3):
            element = Kind("int", self.random.choice(CHARACTERS))
        elif self.maybe(0.06):
            element = Kind("int", "wchar_t")
        else:
            element = self.kind(depth + 1, bounded=True)
        count = self.random.randint(1, 9 if element.sort in ("int", "float") else 4)
        spelt = "" if not bounded else self.bound(count)
        around = element.around
        array = Kind(
            "array", element.base, lambda name: around(f"{name}[{spelt}]"), element,
            count if bounded else None,
        )  # fmt: skip
        if bounded and self.maybe(0.15):
            return self.named(array)
        return array

    def bound(self, count: int) -> str:
        forms = [str(count), str(count), f"0x{count:x}", f"0{count:o}", f"{count}u"]
        forms += {3: ["THREE", "E1"], 8: ["EIGHT", "E3"], 4: ["E2", "THREE + 1"]}.get(count, [])
        return self.random.choice(forms)

    def named(self, kind: Kind) -> Kind:
        """Give a type a name by a typedef."""
        name = self.fresh("t")
        self.lines.append(f"typedef {kind.base} {kind.around(name)};")
        return Kind(kind.sort, name, element=kind.element, count=kind.count, members=kind.members)

    def record(self, depth: int) -> Kind:
        sort = "union" if self.maybe(0.22) else "struct"
        members: list[tuple[str, Kind, int]] = []
        text = ""
        for _ in range(self.random.randint(1, 4)):
            name, kind, width = self.member(depth)
            members.append((name, kind, width))
            text += self.member_text(name, kind, width)
        if not any(name for name, _, _ in members):
            members.append((self.fresh("m"), Kind("int", "int"), 0))
            text += f" int {members[-1][0]};"
        packed = " __attribute__((packed))" if self.maybe(0.05) else ""
        return self.defined(sort, text, packed, tuple(members))

    def member_text(self, name: str, kind: Kind, width: int) -> str:
        const = "const " if name and not width and self.maybe(0.05) else ""
        bits = f" : {width}" if width else ""
        return f" {const}{kind.base} {kind.around(name)}{bits};"

    def member(self, depth: int) -> tuple[str, Kind, int]:
        name = self.fresh("m")
        if self.maybe(0.08):
            return ("" if self.maybe(0.2) else name), Kind("int", "unsigned"), 5
        if depth < 3 and self.maybe(0.1):
            inner = self.record(depth + 2)
            if inner.base.endswith("}"):
                return "", inner, 0
            return name, inner, 0
        return name, self.kind(depth + 1, bounded=True), 0

    def defined(
        self, sort: str, text: str, packed: str, members: tuple[tuple[str, Kind, int], ...]
    ) -> Kind:
        """Define a record with a tag, by a typedef, in place, or twice under an `#if`."""
        pick = self.random.random()
        tag = self.fresh("r")
        if pick < 0.55:
            self.lines.append(f"{sort} {tag} {{{text} }}{packed};")
            return Kind(sort, f"{sort} {tag}", members=members)
        if pick < 0.65 and not packed:
            self.lines.append(f"#ifdef NEVER\n{sort} {tag} {{ int never;{text} }};")
            self.lines.append(f"#else\n{sort} {tag} {{{text} }};\n#endif")
            return Kind(sort, f"{sort} {tag}", members=members)
        if pick < 0.85:
            name = self.fresh("t")
            self.lines.append(f"typedef {sort} {{{text} }}{packed} {name};")
            return Kind(sort, name, members=members)
        return Kind(sort, f"{sort} {{{text} }}", members=members)

    def kind(self, depth: int, *, bounded: bool) -> Kind:
        pick = self.random.random()
        if depth > 3 or pick < 0.35:
            return self.scalar()
        return self.array(depth, bounded=bounded) if pick < 0.65 else self.record(depth)
