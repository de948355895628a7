"""What a token is, read off its path in the syntax tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tree_sitter import Node

from vrefactor.c.model import Access, DeclKind, Role, Storage

_DECLARATORS = frozenset(
    (
        "pointer_declarator",
        "array_declarator",
        "function_declarator",
        "parenthesized_declarator",
        "init_declarator",
        "attributed_declarator",
    )
)
_OWNERS = frozenset(
    ("declaration", "parameter_declaration", "function_definition", "type_definition")
)
_SCOPES = frozenset(("compound_statement", "for_statement", "function_definition"))
_RESERVED = frozenset(
    b"break case continue default do else for goto if return sizeof switch while".split()
)
_AFTER_CAST = frozenset((b"(", b"*", b"&", b"+", b"-"))
_TYPEOF = frozenset((b"typeof", b"__typeof", b"__typeof__"))
_MACRO_LIKE = re.compile(rb"\A_*[A-Z][A-Z0-9_]*\Z")
_PERHAPS_LOCAL = "a declaration, or a statement behind a macro"
_PERHAPS_PARAMETER = "a parameter, or an argument of a macro that makes a function's head"
_LVALUES = frozenset(("field_expression", "subscript_expression", "parenthesized_expression"))


@dataclass(frozen=True, slots=True)
class PathStep:
    """One node on the way from the root to a token, and its field in its parent.

    `lost` says that it, or a node around it, is in error or is not what it is read as.
    `function` is the name of the function that it is in, if it is in one that has a name.
    """

    node: Node
    type: str
    field: str | None
    lost: bool
    in_function: bool
    function: str | None

    def holds(self, offset: int) -> bool:
        """Say whether the node holds a byte."""
        return self.node.start_byte <= offset < self.node.end_byte


@dataclass(frozen=True, slots=True)
class Reading:
    """What one parse says of one token.

    For a declaration, `scope` is the byte range in which it is visible (None at file
    scope), and `kind`, `storage`, `has_initializer` describe it; `type_at` is the offset of its
    type if that is one identifier.  `detail` says why a token is ambiguous.
    """

    role: Role
    declares: bool = False
    scope: tuple[int, int] | None = None
    kind: DeclKind = DeclKind.VARIABLE
    storage: Storage = Storage.NONE
    has_initializer: bool = False
    access: Access = Access.READ
    function: str | None = None
    type_at: int | None = None
    detail: str = ""

    def moved(self, by: int) -> Reading:
        """Return the same reading with its offsets moved by `by` bytes."""
        if self.scope is None and self.type_at is None:
            return self
        scope = None if self.scope is None else (self.scope[0] + by, self.scope[1] + by)
        type_at = None if self.type_at is None else self.type_at + by
        return replace(self, scope=scope, type_at=type_at)

    @property
    def declares_variable(self) -> bool:
        """Whether this declares a variable or a parameter."""
        return self.declares and self.kind is DeclKind.VARIABLE

    def is_visible_at(self, offset: int) -> bool:
        """Say whether what this declares, in a block or a head, is in scope at `offset`."""
        return self.scope is not None and self.scope[0] <= offset < self.scope[1]


UNPARSED = Reading(Role.UNPARSED)


def read_token(path: list[PathStep]) -> Reading:
    """Return what the token at the end of a path is; the path starts at the root."""
    leaf = path[-1]
    function = leaf.function
    if leaf.type == "field_identifier":
        return Reading(Role.MEMBER, function=function)
    if leaf.type == "statement_identifier":
        return Reading(Role.LABEL, function=function)
    if leaf.type == "type_identifier":
        return _read_type(path, function)
    if leaf.type == "identifier":
        return _read_identifier(path, function)
    return UNPARSED


def next_step(above: PathStep | None, node: Node, field: str | None) -> PathStep:
    """Return the step from a node to one below it; from nothing to the root."""
    kind = node.type
    lost = node.is_error or _is_lost(node, kind) or (above is not None and above.lost)
    if above is not None and above.in_function:
        return PathStep(node, kind, field, lost, True, above.function)
    if kind == "function_definition":
        return PathStep(node, kind, field, lost, True, _function_name(node))
    return PathStep(node, kind, field, lost, False, None)


def _is_lost(node: Node, kind: str) -> bool:
    """Say whether what is read as a declaration, or as a type, is none."""
    if kind == "function_definition":
        body = node.child_by_field_name("body")
        if any(child.has_error for child in node.children if child != body):
            return True
    made = node.child_by_field_name("type")
    if made is not None and made.type == "type_identifier" and made.text in _RESERVED:
        return True
    return kind in _OWNERS and _declared_name(node) in _RESERVED


def _declared_name(declaration: Node) -> bytes | None:
    """Return the name that the first declarator declares, if it has one."""
    node = declaration.child_by_field_name("declarator")
    while node is not None and node.type != "identifier":
        node = node.child_by_field_name("declarator")
    return None if node is None else node.text


def _function_name(definition: Node) -> str | None:
    node = definition.child_by_field_name("declarator")
    while node is not None and node.type != "identifier":
        inner = node.child_by_field_name("declarator")
        node = inner if inner is not None else _first_named(node)
    return None if node is None or node.text is None else node.text.decode("latin-1")


def _first_named(node: Node) -> Node | None:
    return node.named_children[0] if node.named_children else None


def _read_type(path: list[PathStep], function: str | None) -> Reading:
    parent = path[-2]
    if parent.type in ("struct_specifier", "union_specifier", "enum_specifier"):
        return Reading(Role.TAG, function=function)
    made = next((step.node for step in path[-4:] if step.type == "macro_type_specifier"), None)
    if made is not None:
        # `typeof(x)` is read as a type made by a macro; what any other makes is not known.
        name = made.child_by_field_name("name")
        is_typeof = name is not None and name.text in _TYPEOF
        return Reading(Role.USE if is_typeof else Role.TYPE, function=function)
    if parent.type == "type_descriptor" and _may_be_value(path[-3].node, parent.node):
        return Reading(Role.USE, function=function)
    owner = _owner(path)
    if owner is not None and path[owner].type == "type_definition":
        return _declared(path, owner, function)
    return _implicit_parameter(path, function) or Reading(Role.TYPE, function=function)


def _may_be_value(outer: Node, inner: Node) -> bool:
    """Say whether the name in `(x) - y` or `sizeof (x)[0]` can be a variable as well.

    Both are C; only what the name means tells them apart.
    """
    if inner.child_count != 1:
        return False
    if outer.type != "cast_expression":
        return outer.type in ("sizeof_expression", "alignof_expression")
    value = outer.child_by_field_name("value")
    return value is not None and (value.text or b"")[:1] in _AFTER_CAST


def _implicit_parameter(path: list[PathStep], function: str | None) -> Reading | None:
    """Read `x` in `f(x, y) {`, where the parameters of a K&R head are left to be `int`."""
    if path[-2].type != "parameter_declaration" or path[-2].node.named_child_count != 1:
        return None
    at = _head(path, len(path) - 3)
    if path[at].type != "function_definition":
        return None
    scope = (path[at].node.start_byte, path[at].node.end_byte)
    if function is not None and _MACRO_LIKE.match(function.encode("latin-1")):
        return Reading(Role.AMBIGUOUS, True, scope, function=function, detail=_PERHAPS_PARAMETER)
    return Reading(Role.PARAMETER, True, scope, function=function)


def _read_identifier(path: list[PathStep], function: str | None) -> Reading:
    parent = path[-2]
    if _is_label(path):
        return Reading(Role.LABEL, function=function)
    if parent.type == "enumerator" and path[-1].field == "name":
        scope = _scope(path)
        role = Role.DECLARATION if scope is None else Role.LOCAL
        return Reading(role, True, scope, DeclKind.ENUMERATOR, function=function)
    if parent.type == "parameter_list":
        return Reading(
            Role.PARAMETER, True, _parameter_scope(path, len(path) - 2), function=function
        )
    owner = _owner(path)
    if owner is not None:
        return _declared(path, owner, function)
    return Reading(Role.USE, access=_access(path), function=function)


def _is_label(path: list[PathStep]) -> bool:
    """Say whether this is `&&label`, a label of `asm goto`, or the name of an asm operand."""
    parent = path[-2]
    if parent.type == "gnu_asm_goto_list" or path[-1].field == "symbol":
        return True
    return all(
        step.type == "pointer_expression" and step.node.children[0].type == "&"
        for step in path[-3:-1]
    )


def _owner(path: list[PathStep]) -> int | None:
    """Return the index of the declaration of which the token is the declared name."""
    at = len(path) - 1
    while at > 0:
        step, parent = path[at], path[at - 1]
        if parent.type in _OWNERS and step.field == "declarator":
            return at - 1
        if parent.type not in _DECLARATORS or not _is_inner(path, at):
            return None
        at -= 1
    return None


def _declared(path: list[PathStep], owner: int, function: str | None) -> Reading:
    node = path[owner]
    if node.type == "parameter_declaration":
        visible = _parameter_scope(path, owner - 1)
        return Reading(Role.PARAMETER, True, visible, function=function)
    if node.type == "function_definition" and path[-2].type != "function_declarator":
        whole = (node.node.start_byte, node.node.end_byte)
        return Reading(Role.AMBIGUOUS, True, whole, function=function, detail=_PERHAPS_PARAMETER)
    storage = _storage(node.node)
    kind = _kind(path, owner)
    has_initializer = any(step.type == "init_declarator" for step in path[owner:])
    scope = _scope(path[: owner + 1] if node.type != "function_definition" else path[:owner])
    reading = Reading(
        Role.DECLARATION,
        True,
        scope,
        kind,
        storage,
        has_initializer,
        function=function,
        type_at=_lone_type(node.node),
    )
    if scope is None and node.type == "declaration" and _has_own_error(node.node):
        return UNPARSED  # prose, or the head of something else
    if scope is None or storage is Storage.EXTERN:
        return reading
    if _is_parameter_declaration(path, owner):
        return Reading(Role.PARAMETER, True, scope, function=function)
    if _misread(node.node):
        return Reading(Role.AMBIGUOUS, True, scope, function=function, detail=_PERHAPS_LOCAL)
    return replace(reading, role=Role.LOCAL)


def _misread(declaration: Node) -> bool:
    """Say whether a declaration in a block may be a macro with a statement behind it.

    `M(a) x = 1;` is read as one, because `M(a)` could make a type; so is `M x++;`, with
    the `++` taken for an error.
    """
    made = declaration.child_by_field_name("type")
    if made is not None and made.type == "macro_type_specifier":
        name = made.child_by_field_name("name")
        if name is None or name.text not in _TYPEOF:
            return True
    return _has_own_error(declaration)


def _has_own_error(declaration: Node) -> bool:
    """Say whether an error stands beside what is declared, or the `;` is missing."""
    parts = [declaration, *declaration.children_by_field_name("declarator")]
    return any(child.is_error or child.is_missing for part in parts for child in part.children)


def _lone_type(declaration: Node) -> int | None:
    """Return the offset of the one identifier that is the whole type, if so."""
    made = declaration.child_by_field_name("type")
    if made is None or made.type != "type_identifier" or declaration.children[0] != made:
        return None
    return made.start_byte


def _is_parameter_declaration(path: list[PathStep], owner: int) -> bool:
    """Say whether this is a declaration between a K&R head and its body."""
    return path[owner - 1].type == "function_definition" and path[owner].type == "declaration"


def _kind(path: list[PathStep], owner: int) -> DeclKind:
    if path[owner].type == "type_definition":
        return DeclKind.TYPEDEF
    if path[-2].type == "function_declarator" or path[owner].type == "function_definition":
        return DeclKind.FUNCTION
    return DeclKind.VARIABLE


def _storage(declaration: Node) -> Storage:
    for child in declaration.children:
        if child.type == "storage_class_specifier":
            if child.text == b"static":
                return Storage.STATIC
            if child.text == b"extern":
                return Storage.EXTERN
    return Storage.NONE


def _scope(path: list[PathStep]) -> tuple[int, int] | None:
    for step in reversed(path[:-1]):
        if step.type in _SCOPES:
            return step.node.start_byte, step.node.end_byte
    return None


def _parameter_scope(path: list[PathStep], parameters: int) -> tuple[int, int]:
    """Return where a parameter is visible: its function if it is that of a definition."""
    at = _head(path, parameters)
    if path[at].type == "function_definition":
        return path[at].node.start_byte, path[at].node.end_byte
    return path[parameters].node.start_byte, path[parameters].node.end_byte


def _head(path: list[PathStep], parameters: int) -> int:
    """Return the index of what the declarator with these parameters belongs to.

    In `int (*f(int a))(int b) {` the parameters of `f` are `a` alone: `b` is one of what it
    returns, and belongs to its own list.
    """
    declared = path[parameters - 1].node.child_by_field_name("declarator")
    if declared is not None and _declares_function(declared):
        return parameters
    at = parameters - 1
    while at > 0 and path[at].type in _DECLARATORS and _is_inner(path, at):
        at -= 1
    return at


def _declares_function(declarator: Node) -> bool:
    """Say whether a function's declarator is somewhere inside of another declarator."""
    node: Node | None = declarator
    while node is not None and node.type != "identifier":
        if node.type == "function_declarator":
            return True
        node = node.child_by_field_name("declarator") or _first_named(node)
    return False


def _is_inner(path: list[PathStep], at: int) -> bool:
    """Say whether a node is what the declarator around it is made of."""
    bare = ("parenthesized_declarator", "attributed_declarator")
    return path[at].field == "declarator" or path[at - 1].type in bare


def _access(path: list[PathStep]) -> Access:
    at = len(path) - 1
    while at > 0 and path[at - 1].type in _LVALUES and path[at].field in ("argument", None):
        at -= 1
    parent, field = path[at - 1], path[at].field
    if parent.type == "update_expression":
        return Access.WRITE
    if parent.type == "assignment_expression" and field == "left":
        return Access.WRITE
    if parent.type == "pointer_expression" and parent.node.children[0].type == "&":
        return Access.ADDRESS
    return Access.READ
