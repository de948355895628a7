"""Step 2.2, what can't be a field: by its definition, its type or its attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vrefactor.c.facts.type_names import Space, TypeName
from vrefactor.c.preprocess.lexer import find_names
from vrefactor.c.query.declarations import Declaration, Declarator, declarations_at
from vrefactor.edit.attributes import attributes_behind, attributes_in
from vrefactor.edit.declared import DeclaringFile, VariableDeclaration
from vrefactor.plan.model import Refusal
from vrefactor.plan.reasons import CommonRefusal
from vrefactor.plan.symbols import SymbolTable
from vrefactor.steps.containers.reasons import ContainerRefusal
from vrefactor.steps.containers.type_index import TypeIndex

_UNBOUND = re.compile(rb"\[\s*\]")
_THREAD = re.compile(rb"(?<!\w)(?:__thread|_Thread_local|thread_local)(?!\w)")
_TYPEOF = re.compile(rb"(?<!\w)(?:typeof|__typeof|__typeof__)(?!\w)")
_TAGLESS = re.compile(rb"(?<!\w)(?:struct|union)\s*\{")
_TAGLESS_ENUM = re.compile(rb"(?<!\w)enum\s*\{")
_NAME = re.compile(rb"(?<![\w.])(?<!->)(?<!struct\s)(?<!union\s)(?<!enum\s)[A-Za-z_]\w*")

KEPT = frozenset(
    ("aligned", "packed", "mode", "vector_size", "may_alias", "deprecated", "nonstring")
)
"""Attributes that a field has as well."""
DROPPED = frozenset(("unused", "used", "read_mostly", "maybe_unused", "extension"))
"""Attributes that a field can do without."""

_TYPES = (Space.CONSTANT, Space.TYPEDEF, Space.TAG)

Fault = tuple[Refusal, str]
"""Why there is no field, and what to do or what is in the way."""


@dataclass(frozen=True, slots=True)
class FieldChecks:
    """Answers for the definitions of one tree."""

    types: TypeIndex
    table: SymbolTable

    def fault(self, file: DeclaringFile, declared: VariableDeclaration) -> Fault | None:
        """Return why a definition makes no field, if it makes none.

        Of another declaration only its attributes count.
        """
        whole, part, name = declared.declaration, declared.declarator, declared.known.variable.name
        if not declared.fact.defines:
            fault = self._attribute_fault(file, whole, part) if whole and part else None
            return fault if fault and fault[0] is ContainerRefusal.ATTRIBUTE else None
        if whole is None or part is None:
            return CommonRefusal.UNPARSED, "its definition"
        if file.path.endswith(".h"):
            return ContainerRefusal.HEADER, "each source that includes it may have its own"
        if file.conditionals.cuts(whole.start, whole.end - 1):
            return ContainerRefusal.CUT, "write the definition once for each branch"
        if part.value is not None:
            return ContainerRefusal.INITIALISED, "a field can't have an initial value"
        if self._is_macro(file.path, name):
            detail = f"{declared.known.macro} would paste what {name} means"
            return ContainerRefusal.MACRO, detail
        if self._is_macro(file.path, f"_{name}"):
            return ContainerRefusal.MACRO, f"_{name} could not name a field"
        return (
            self._shape_fault(file, whole, part)
            or self._attribute_fault(file, whole, part)
            or self._type_fault(file, whole, part)
        )

    def _is_macro(self, path: str, name: str) -> bool:
        """Say whether a name is an object-like macro where a file defines a variable."""
        index = self.types.index
        return any(
            macro.name == name and macro.parameters is None
            for text in index.includes.closure(path)
            for macro in (index.facts[text].macros if text in index.facts else ())
        )

    def _shape_fault(
        self, file: DeclaringFile, whole: Declaration, part: Declarator
    ) -> Fault | None:
        code = file.source.code
        if _THREAD.search(code, *whole.specifiers):
            return ContainerRefusal.THREAD, ""
        if _UNBOUND.search(code, part.start, part.end):
            return ContainerRefusal.UNBOUND, "give the array its bound"
        if _TAGLESS_ENUM.search(code, *whole.specifiers):
            return ContainerRefusal.UNNAMED_TYPE, "give the enumeration a tag"
        if len(whole.declarators) > 1 and _TAGLESS.search(code, *whole.specifiers):
            return ContainerRefusal.UNNAMED_TYPE, "give the structure a tag"
        return None

    def _attribute_fault(
        self, file: DeclaringFile, whole: Declaration, part: Declarator
    ) -> Fault | None:
        code, macros = file.source.code, self.types.files.macros
        behind = attributes_behind(file.source, macros, whole, part)
        if behind is None:
            return ContainerRefusal.MIXED, "declare it alone"
        specifying = attributes_in(code, macros, *whole.specifiers)
        for attribute in (*behind, *specifying):
            name, spelling = attribute.name, code[slice(*attribute.range)].partition(b"(")[0]
            own = TypeName(Space.CONSTANT, spelling.strip().decode("latin-1"))
            if not self._is_harmless(file.path, name) or self.types.defines(file.path, own):
                return ContainerRefusal.ATTRIBUTE, name
        return None

    def _is_harmless(self, path: str, name: str, depth: int = 4) -> bool:
        """Say whether a field can have an attribute or a macro that is one, or do without."""
        if name in KEPT | DROPPED:
            return True
        macros, bodies = self.types.files.macros, self._bodies(path, name)
        names = [
            attribute.name
            for body in bodies
            for attribute in attributes_in(body, macros, 0, len(body))
        ]
        return bool(bodies and depth) and all(
            self._is_harmless(path, inner, depth - 1) for inner in names
        )

    def _bodies(self, path: str, name: str) -> list[bytes]:
        """Return the bodies of an attribute's macro, whatever underscores are around its name."""
        spellings = (lead + name + tail for lead in ("", "_", "__") for tail in ("", "_", "__"))
        return [
            macro.body.encode("latin-1")
            for spelling in spellings
            for macro in self.types.index.macros.definitions(spelling, path)
        ]

    def _type_fault(
        self, file: DeclaringFile, whole: Declaration, part: Declarator
    ) -> Fault | None:
        code = file.source.code
        if _TYPEOF.search(code, *whole.specifiers):
            return ContainerRefusal.VARIABLE_TYPE, "write its type out"
        for match in _NAME.finditer(code, part.start, part.end):
            name = match[0].decode("latin-1")
            if match.start() != part.name_at and self._is_variable(file, name, whole.start):
                return ContainerRefusal.VARIABLE_TYPE, name
        return None

    def _is_variable(self, file: DeclaringFile, name: str, before: int) -> bool:
        """Say whether a name is that of a variable in view of an offset of a file."""
        if name in self.table.macros:
            return True
        for path in sorted(self.types.index.includes.closure(file.path)):
            if any(self.types.defines(path, TypeName(space, name)) for space in _TYPES):
                return False
        return any(
            self._declares(path, name, before if path == file.path else None)
            for path in sorted(self.types.index.includes.closure(file.path))
        )

    def _declares(self, path: str, name: str, before: int | None) -> bool:
        """Say whether a file declares a variable of a name, in front of an offset if given."""
        spelling = name.encode("latin-1")
        if spelling not in self.types.text(path):
            return False
        source, conditionals = self.types.files.open(path)
        end = len(source.code) if before is None else before
        places = [at for at, _ in find_names(source.code, [spelling]) if at < end]
        macros = self.types.files.macros
        return bool(declarations_at(source, conditionals, macros, places))
