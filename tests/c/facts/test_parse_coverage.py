"""How much of a file parses under some condition."""

from __future__ import annotations

import pytest

from tests.steps.support import MACROS
from vrefactor.c.facts.parse_coverage import parse_coverage
from vrefactor.c.model import ParseCoverage
from vrefactor.c.preprocess.known_macros import MacroMatcher


def coverage(code: str) -> ParseCoverage:
    """Measure a source file."""
    return parse_coverage("a.c", code.encode(), MacroMatcher(MACROS))


CLEAN = {
    "empty": "",
    "blanks": "\n\t\n",
    "plain": "int x;\nint f(void) { return (x); }\n",
    "#if in the middle of a statement": "int f(void) {\n\tif (a\n#ifdef B\n\t    && b\n#endif\n"
    "\t    )\n\t\treturn (1);\n\treturn (0);\n}\n",
    "two heads of one body": "int\n#ifdef A\nf(int a)\n#else\nf(void)\n#endif\n"
    "{\n\treturn (0);\n}\n",
    "one brace in two branches": "int f(void) {\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n"
    "\t}\n}\n",
    "iterator": "int f(void) {\n\tTAILQ_FOREACH(a, &b, c)\n\t\tg(a);\n}\n",
    "type as an argument": "int f(void) {\n\treturn (*mtod(m, struct ip *));\n}\n",
    "old prototype": "int f __P((int, struct s *));\n",
    "statement as an argument": "int f(void) {\n\tDEB(g(1);)\n}\n",
}


@pytest.mark.parametrize("code", CLEAN.values(), ids=CLEAN.keys())
def test_these_parse_under_some_condition(code: str) -> None:
    assert coverage(code) == ParseCoverage(len(code), 0, ())


def test_an_error_at_file_scope_might_hide_a_definition() -> None:
    code = "int a;\nint b) = 1;\nint c;\n"
    found = coverage(code)
    assert found.parsed == len(code)
    assert 0 < found.errors < 12
    assert {(region.line, region.file_scope) for region in found.regions} == {(2, True)}


def test_an_error_in_a_function_hides_none() -> None:
    found = coverage("int f(void)\n{\n\tint a = 1 ?? 2;\n\n\treturn (a);\n}\nint b;\n")
    assert found.regions
    assert {(region.line, region.file_scope) for region in found.regions} == {(3, False)}


def test_what_one_branch_breaks_another_still_shows() -> None:
    code = "#ifdef A\nint f(void) {\n#else\nint f(int a) {\n#endif\n\treturn (0);\n}\n"
    assert coverage(code).errors == 0
    broken = "#ifdef A\nint ) x;\n#else\nint x;\n#endif\nint y;\n"
    assert [region.line for region in coverage(broken).regions] == [2]


def test_the_regions_add_up_to_the_bytes_in_error() -> None:
    code = "int a) = 1;\nint f(void) { g(1 2 3 $); }\nstruct ) b;\n"
    found = coverage(code)
    text = b"".join(code.encode()[region.start : region.end] for region in found.regions)
    assert found.errors == len(b"".join(text.split())) > 0
