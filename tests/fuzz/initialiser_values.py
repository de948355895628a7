"""Initial values drawn at random: section 6.7.9 of C11, and what GNU C adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.fuzz.initialiser_types import CHARACTERS, Kind, TypeWriter


@dataclass
class VariableWriter(TypeWriter):
    """Writes variables with their initialisers."""

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
            zeros = self.random.choice(("0", "0, ", ""))
            if kind.sort != "array" or kind.count is not None:
                return f"{{ {zeros} }}"
        return self.braced(kind)

    def takes_string(self, kind: Kind) -> bool:
        return (
            kind.sort == "array"
            and kind.element is not None
            and (
                kind.element.sort == "int"
                and kind.element.base in (*CHARACTERS, "unsigned char", "wchar_t")
            )
        )

    def string(self, kind: Kind) -> str:
        wide = "L" if kind.element is not None and kind.element.base == "wchar_t" else ""
        room = kind.count if kind.count is not None else 12
        parts = [
            part
            for length, part in (
                (0, ""), (1, "a"), (1, "\\0"), (2, "on"), (2, "\\0b"), (3, "a\\0b"),
                (3, "\\101\\7c"), (2, "\\x41z"), (4, "{,;}"), (3, "\\\\\\\"'"),
                (5, "abcde"), (8, "abcdefgh"),
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
