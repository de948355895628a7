"""Initialisers drawn at random: every form of section 6.7.9 of C11, crossed with every type.

    python -m tests.fuzz.initialisers FIRST COUNT

draws COUNT variables, a tree of fifty a seed from FIRST on, puts each tree through step 2.1,
compiles and runs it before and after, and prints what is wrong, what does not compile, and
what is refused, by reason.  A seed gives the same variables for ever.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.source.helpers import lay_out
from tests.steps.initializers.initializing import FUNCTION, HEADER, TYPES, rules
from tests.steps.initializers.running import wrong_variables
from tests.steps.planning import Planned, plan_on
from vrefactor.plan.model import Verdict
from vrefactor.source.tree import Tree
from vrefactor.steps.registry import find

BATCH = 50
"""How many variables one tree has."""

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


@dataclass(frozen=True)
class Kind:
    """A C type: what stands before a declarator, and what goes around the name.

    `sort` is one of int, float, pointer, function, array, struct, union.
    """

    sort: str
    base: str
    around: Callable[[str], str] = staticmethod(lambda name: name)
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
class Writer:
    """Writes the variables of one seed; `lines` are what stands in front of them."""

    random: Random
    lines: list[str] = field(default_factory=list)
    number: int = 0

    def fresh(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def maybe(self, share: float) -> bool:
        return self.random.random() < share

    # Types.

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

    # Values.

    def integer(self) -> str:
        number = self.random.randint(0, 100)
        return self.random.choice(
            (
                str(number), f"0x{number:x}", f"0{number:o}", f"-{number}", f"{number}UL", "E2",
                "THREE", "EIGHT", "PLUS(1, 2)", "1 + 2 * 3", "sizeof(int)", "(int)3", "0", "0",
                "'a'", "','", "'{'", "'\\n'", "'\\''", "'\"'", "'\\0'", "'\\x41'", "1 ? 5 : 6",
            )
        )  # fmt: skip

    def plain(self, kind: Kind) -> str:
        """Return a value for a scalar."""
        match kind.sort:
            case "int":
                return self.integer()
            case "float":
                return self.random.choice(("1.5", "-0.0", "3", "1e10f", "0x1p3", "THREE / 2.0"))
            case "pointer":
                at = self.random.randint(0, 9)
                return self.random.choice(
                    ("0", "NULL", f"&outer[{at}]", f"outer + {at}", "(int *)0", "outer")
                )
            case "string":
                return self.random.choice(("0", '"ab"', '"a" "b"', "ON", '"c,{"'))
        return self.random.choice(("0", "start", "stop", "&start", "NULL"))

    def value(self, kind: Kind) -> str:
        """Return a value for an object: in braces if it is an aggregate."""
        if kind.sort not in ("array", "struct", "union"):
            text = self.plain(kind)
            if self.maybe(0.06):
                text = f"{{ {text} }}"
                text = f"{{{text}}}" if self.maybe(0.2) else text
            return self.through_macro(text)
        if self.takes_string(kind) and self.maybe(0.7):
            return self.string(kind)
        if self.maybe(0.08):
            zeros = ("0", "0, ", "") if kind.count != 0 else ("",)
            return f"{{ {self.random.choice(zeros)} }}" if self.zeroable(kind) else self.braced(kind)
        return self.braced(kind)

    def zeroable(self, kind: Kind) -> bool:
        return kind.sort != "array" or kind.count is not None

    def takes_string(self, kind: Kind) -> bool:
        return kind.sort == "array" and kind.element is not None and (
            kind.element.sort == "int"
            and kind.element.base in (*CHARACTERS, "unsigned char", "wchar_t")
        )

    def string(self, kind: Kind) -> str:
        wide = "L" if kind.element is not None and kind.element.base == "wchar_t" else ""
        room = kind.count if kind.count is not None else 12
        parts = [
            part
            for length, part in (
                (0, ""), (1, "a"), (1, "\\0"), (2, "on"), (2, "\\0b"), (3, "a\\0b"), (3, "\\101\\7c"),
                (2, "\\x41z"), (4, "{,;}"), (3, "\\\\\\\"'"), (5, "abcde"), (8, "abcdefgh"),
            )
            if length <= room
        ]  # fmt: skip
        text = f'{wide}"{self.random.choice(parts)}"'
        if room >= 12 and self.maybe(0.3):
            text += f' {wide}"xy"'
        if not wide and room >= 3 and self.maybe(0.15):
            text = self.random.choice(("ON", "ZEROED" if room > 3 else "ON"))
        if not wide and self.maybe(0.08) and text.startswith('"') and '" "' not in text:
            text = "u8" + text
        if self.maybe(0.1) and not wide:
            name = self.fresh("S")
            self.lines.append(f"#define {name} {text}")
            text = name
        if self.maybe(0.25):
            text = f"{{ {text} }}"
        return text

    def through_macro(self, text: str) -> str:
        """Return a text, or a macro that stands for it."""
        if "\n" in text or not self.maybe(0.06):
            return text
        name = self.fresh("M")
        if self.maybe(0.3) and "{" not in text:
            self.lines.append(f"#define {name}(a) a")
            return f"{name}({text})" if "," not in text or "'" in text else text
        self.lines.append(f"#define {name} {text}")
        return name

    def braced(self, kind: Kind) -> str:
        parts = self.parts(kind)
        parts = self.several_in_macros(parts)
        text = self.joined(parts)
        if self.maybe(0.04) and "\n" not in text:
            name = self.fresh("L")
            self.lines.append(f"#define {name} {text}")
            return name
        return text

    def several_in_macros(self, parts: list[str]) -> list[str]:
        if len(parts) < 2 or not self.maybe(0.08):
            return parts
        at = self.random.randrange(len(parts) - 1)
        pair = f"{parts[at]}, {parts[at + 1]}"
        if "\n" in pair:
            return parts
        name = self.fresh("P")
        self.lines.append(f"#define {name} {pair}")
        return [*parts[:at], name, *parts[at + 2 :]]

    def joined(self, parts: Sequence[str]) -> str:
        if parts and self.maybe(0.05):
            at = self.random.randrange(len(parts))
            rows = [f"\n\t{part}," for part in parts]
            rows[at] = f"\n#ifdef NEVER\n\t1,\n#else{rows[at]}\n#endif"
            return "{" + "".join(rows) + "\n}"
        comma = "," if parts and self.maybe(0.1) else ""
        gap = " /* a, { */ " if self.maybe(0.04) else " "
        body = f",{gap}".join(parts) if not self.maybe(0.05) else ",\n    ".join(parts)
        return f"{{{gap}{body}{comma} }}"

    def parts(self, kind: Kind) -> list[str]:
        """Return what stands between the braces of an aggregate."""
        if kind.sort == "array":
            return self.array_parts(kind)
        if kind.sort == "union":
            return self.union_parts(kind)
        return self.struct_parts(kind)

    def array_parts(self, kind: Kind) -> list[str]:
        assert kind.element is not None
        count = kind.count if kind.count is not None else self.random.randint(1, 6)
        parts: list[str] = []
        at = 0
        while at < count and (not parts or self.maybe(0.85)):
            if self.maybe(0.12):
                at = self.random.randrange(count)
                last = min(at + self.random.randint(0, 2), count - 1)
                if last > at and self.maybe(0.5):
                    parts.append(f"[{at} ... {last}] = {self.value(kind.element)}")
                    at = last + 1
                    continue
                deep = self.designated(kind.element) if self.maybe(0.3) else None
                if deep is not None:
                    parts.append(f"[{self.index(at)}]{deep}")
                    at = count
                    continue
                parts.append(f"[{self.index(at)}] = {self.value(kind.element)}")
            else:
                parts += self.next_value(kind.element)
            at += 1
        return parts

    def index(self, number: int) -> str:
        forms = [str(number), f"0x{number:X}", f"0{number:o}" if number else "0", f"{number}U"]
        forms += {3: ["E1", "THREE"], 4: ["E2", "THREE + 1"], 0: ["E0", "'\\0'"], 8: ["EIGHT"]}.get(
            number, []
        )
        forms.append(f"'\\{number:o}'")
        return self.random.choice(forms)

    def next_value(self, kind: Kind) -> list[str]:
        """Return the value of the next object: an aggregate's may be without braces."""
        if kind.sort in ("array", "struct", "union") and self.maybe(0.25):
            flat = self.flat(kind)
            if flat:
                return flat
        return [self.value(kind)]

    def flat(self, kind: Kind) -> list[str]:
        """Return the values of all that an object holds, without braces.

        The first one must not be in braces of its own: they would be the object's.
        """
        if self.takes_string(kind) and self.maybe(0.3):
            wide = kind.element is not None and kind.element.base == "wchar_t"
            return ['L"a"'] if wide else ['"a"']
        if kind.sort == "array":
            assert kind.element is not None
            parts = [kind.element] * (kind.count or 1)
        elif kind.sort == "struct":
            parts = [part for _, part, _ in kind.named]
        elif kind.sort == "union":
            parts = [part for _, part, _ in kind.named[:1]]
        else:
            return [self.plain(kind)]
        if not parts:
            return []
        first = self.flat(parts[0])
        return [*first, *(text for part in parts[1:] for text in self.next_value(part))]

    def struct_parts(self, kind: Kind) -> list[str]:
        parts: list[str] = []
        members = kind.named
        at = 0
        while at < len(members) and (not parts or self.maybe(0.9)):
            name, part, width = members[at]
            if self.maybe(0.15):
                at = self.random.randrange(len(members))
                name, part, width = members[at]
                deep = self.designated(part) if name and not width and self.maybe(0.3) else None
                if deep is not None:
                    parts.append(f".{name}{deep}")
                    break
                if name:
                    form = "{}: {}" if self.maybe(0.2) else ".{} = {}"
                    parts.append(form.format(name, self.value(part)))
                else:
                    inner = self.designated(part)
                    parts.append(inner if inner is not None else self.value(Kind("int", "int")))
                    if inner is None:
                        parts.pop()
                    break
            elif width:
                parts.append(self.integer())
            else:
                parts += self.next_value(part)
            at += 1
        return parts

    def union_parts(self, kind: Kind) -> list[str]:
        name, part, _ = kind.named[0]
        if self.maybe(0.4):
            name, part, _ = self.random.choice(kind.named)
            if name:
                return [f".{name} = {self.value(part)}"]
            inner = self.designated(part)
            return [inner] if inner is not None else []
        return self.next_value(part)

    def designated(self, kind: Kind) -> str | None:
        """Return a designator inside an aggregate, with its value; None if there is none."""
        if kind.sort == "array" and kind.count:
            assert kind.element is not None
            at = self.random.randrange(kind.count)
            deeper = self.designated(kind.element) if self.maybe(0.4) else None
            return f"[{at}]" + (deeper or f" = {self.value(kind.element)}")
        if kind.sort in ("struct", "union"):
            name, part, _ = self.random.choice(kind.named)
            deeper = self.designated(part) if self.maybe(0.4) or not name else None
            if not name:
                return deeper
            return f".{name}" + (deeper or f" = {self.value(part)}")
        return None

    # Variables.

    def variable(self, name: str) -> str:
        """Write one variable with its initialiser."""
        kind = self.kind(0, bounded=not self.maybe(0.35))
        if kind.sort != "array" and self.maybe(0.1):
            kind = self.named(kind)
        text = self.value(kind)
        storage = self.random.choice(("static ", "static ", "", "", "extern "))
        qualifier = "volatile " if self.maybe(0.1) else "const " if self.maybe(0.02) else ""
        front = " __attribute__((aligned(16)))" if self.maybe(0.03) else ""
        behind = " __attribute__((aligned(32)))" if self.maybe(0.06) else ""
        declarator = kind.around(name)
        remark = " /* why */" if self.maybe(0.05) else ""
        if kind.sort == "struct" and not storage and self.maybe(0.03):
            return self.flexible(name)
        if storage == "static " and self.maybe(0.08):
            text += f", *{name}p"
        return f"{storage}{qualifier}{kind.base}{front} {declarator}{behind} = {text};{remark}"


    def flexible(self, name: str) -> str:
        """Write a structure whose last member has no length, with a value for it or without."""
        tag, bound = self.fresh("r"), self.random.choice(("", "", "0"))
        self.lines.append(f"struct {tag} {{ int count; short last[{bound}]; }};")
        value = self.random.choice(("{ 1 }", "{ 0 }", "{ .count = 2 }"))
        if not bound:
            forms = ("{ 1, { 2, 3 } }", "{ .last = { 4 } }", "{ 0, { 0, 0 } }", "{ 1, 2, 3 }")
            value = self.random.choice((value, *forms))
        return f"struct {tag} {name} = {value};"


@dataclass
class Outcome:
    """What became of the variables of some seeds."""

    drawn: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """What does not compile, with the compiler's words."""

    def add(self, other: Outcome) -> None:
        """Take in what became of others."""
        self.drawn += other.drawn
        self.refused += other.refused
        self.wrong += other.wrong
        self.broken += other.broken


def draw(seed: int, count: int = BATCH) -> tuple[list[list[str]], list[str]]:
    """Return the variables of a seed: the lines in front of each, and each itself."""
    writer = Writer(Random(seed))
    leads: list[list[str]] = []
    definitions: list[str] = []
    for number in range(count):
        definitions.append(writer.variable(f"v{number}"))
        leads.append(writer.lines)
        writer.lines = []
    return leads, definitions


def plan_variables(root: Path, leads: Sequence[Sequence[str]], definitions: Sequence[str]) -> Planned:
    """Put a tree of these variables through step 2.1."""
    lines = [line for lead, text in zip(leads, definitions, strict=True) for line in (*lead, text)]
    source = TYPES + PRELUDE + "\n".join(lines) + "\n" + FUNCTION % ""
    tree = Tree.open(lay_out(root, {"sys/types.h": HEADER, "net/ip.c": source.encode()}))
    names = tuple(f"v{number}" for number in range(BATCH))
    return plan_on(tree, rules(names=names), find("2.1")[0])


def check(root: Path, seed: int, count: int = BATCH) -> Outcome:
    """Draw the variables of a seed and say what becomes of them."""
    leads, definitions = draw(seed, count)
    outcome = Outcome(drawn=count)
    _check(root, seed, leads, definitions, outcome)
    return outcome


def _check(
    root: Path,
    seed: int,
    leads: Sequence[Sequence[str]],
    definitions: Sequence[str],
    outcome: Outcome,
) -> None:
    planned = plan_variables(root / "tree", leads, definitions)
    names = [site.name for site in planned.sites(Verdict.REWRITTEN)]
    texts = {re.search(r"\bv\d+\b", text)[0]: text for text in definitions}  # type: ignore[index]
    try:
        wrong = wrong_variables(planned, names)
    except AssertionError as error:
        _narrow(root, seed, leads, definitions, outcome, str(error))
        return
    outcome.wrong += [f"seed {seed}: {texts[name]}" for name in wrong]
    for site in planned.sites(Verdict.REFUSED):
        detail = re.sub(r"\b[a-zA-Z]+\d+\b", "N", site.detail)
        outcome.refused[f"{site.reason}: {detail}"] += 1
    lost = set(texts) - {site.name for site in planned.plan.sites}
    outcome.wrong += [f"seed {seed}: no verdict: {texts[name]}" for name in sorted(lost)]


def _narrow(
    root: Path,
    seed: int,
    leads: Sequence[Sequence[str]],
    definitions: Sequence[str],
    outcome: Outcome,
    error: str,
) -> None:
    """Find which of the variables do not compile."""
    if len(definitions) == 1:
        lines = "\n".join((*leads[0], definitions[0]))
        outcome.broken.append(f"seed {seed}: {lines}\n{error[:500]}")
        return
    middle = len(definitions) // 2
    for part in (slice(0, middle), slice(middle, None)):
        _check(root, seed, leads[part], definitions[part], outcome)


def main(first: int, count: int) -> Outcome:
    """Draw variables, and print what becomes of them."""
    outcome = Outcome()
    for seed in range(first, first + -(-count // BATCH)):
        with tempfile.TemporaryDirectory() as folder:
            outcome.add(check(Path(folder), seed))
    for text in (*outcome.wrong, *outcome.broken):
        print(text)
    for reason, number in outcome.refused.most_common():
        print(f"{number:6} refused: {reason}")
    print(
        f"{outcome.drawn} drawn: {len(outcome.wrong)} wrong, {len(outcome.broken)} not compiling,"
        f" {outcome.refused.total()} refused"
    )
    return outcome


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2])).wrong))
