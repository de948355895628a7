"""The values of enumerators, read off a header's own `enum`s."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping

from vrefactor.c.preprocess.blanking import without_directives
from vrefactor.c.preprocess.lexer import lex, matching

_ENUM = re.compile(rb"(?<!\w)enum(?:\s+\w+)?\s*\{")
_ENUMERATOR = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:=(.*))?\Z", re.S)
_INTEGER = re.compile(r"\b(0[xX][0-9A-Fa-f]+|\d+)[uUlL]*\b")
_LONGEST = 500
_BINARY: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}


def enumerators(path: str, data: bytes) -> dict[str, int]:
    """Return the enumerators of a file that have a value, under any condition.

    One whose value can't be told (it depends on a macro, say) is left out, and so are those
    that count on from it.  Raises the errors of `lex` and `parse_conditionals`.
    """
    code = without_directives(lex(path, data))
    found: dict[str, int] = {}
    for match in _ENUM.finditer(code):
        closing = matching(code, match.end() - 1)
        if closing >= 0:
            _read(code[match.end() : closing].decode("latin-1"), found)
    return found


def _read(text: str, found: dict[str, int]) -> None:
    following: int | None = 0
    for part in text.split(","):
        match = _ENUMERATOR.match(part)
        if match is None:
            continue
        value = following if match[2] is None else evaluate(match[2], found)
        if value is not None:
            found[match[1]] = value
        following = None if value is None else value + 1


def evaluate(expression: str, names: Mapping[str, int]) -> int | None:
    """Return the value of an integer expression over named constants, or None.

    Takes what an order is made of: integers, names, `+ - * | & ^ ~` and parentheses.
    """
    text = _INTEGER.sub(lambda match: str(_integer(match[1])), expression.strip())
    if len(text) > _LONGEST:
        return None
    try:
        return _value(ast.parse(text, mode="eval").body, names)
    except (SyntaxError, ValueError, KeyError):
        return None


def _integer(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text, 16)
    octal = len(text) > 1 and text.startswith("0") and text.isdigit() and not set(text) & set("89")
    return int(text, 8) if octal else int(text)


def _value(node: ast.expr, names: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, names)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return ~_value(operand, names)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, names), _value(right, names))
    raise ValueError
