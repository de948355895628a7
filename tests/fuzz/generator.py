"""Small C files drawn at random: statements, declarations, functions, directives."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from tests.fuzz.writer import CONDITIONS, Means, Writer


@dataclass(slots=True)
class FileWriter(Writer):
    """Writes what a file is made of around the expressions."""

    def statement(self) -> None:
        """Write a statement or a declaration, on lines of its own."""
        self.depth += 1
        choices = [self._assignment, self._local, self._tag, self._label, self._bare]
        if self.depth < 4:
            choices += [self._block, self._if, self._for, self._extern, self._typedef]
            choices += [
                self._group,
                self._split_if,
                self._split_block,
                self._wrapper,
                self._pointers,
                self._enum,
            ]
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

    def _split_block(self) -> None:
        condition = self.draw(st.sampled_from(CONDITIONS))
        self.put(f"#ifdef {condition}\n\tif (a) {{\n#endif\n")
        self.scopes.append({})
        self.many(self.statement, 3)
        inner = self.scopes.pop()
        self.loose.update(name for name, _ in inner)
        at = CONDITIONS.index(condition)
        self.scopes[-1].update({key: means for key, means in inner.items() if not key[1][at]})
        self.put(f"#ifdef {condition}\n\t}}\n#endif\n")

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
            self.pick([self._head, self._old_head, self._split_head, self._returning_head])
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

    def _returning_head(self) -> None:
        name = self.name()
        self.put("int (*f(int a, int ")
        self.declare(name)
        self.other(name)
        self.put("))(int ")
        self.other()
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
def files(draw: st.DrawFn) -> FileWriter:
    """Draw a file, as the writer that wrote it."""
    writer = FileWriter(draw)
    for _ in range(draw(st.integers(1, 4))):
        writer.pick([writer.function, writer.function, writer.outside])
    return writer
