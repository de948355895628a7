"""What a rule set must hold beyond the types: every name defined, none twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from msgspec import inspect

from vrefactor.errors import (
    RULES_DUPLICATE,
    RULES_NAME,
    RULES_TYPE,
    ErrorKind,
    VrefactorError,
    VrefactorErrors,
)
from vrefactor.rules.basics import Ident
from vrefactor.rules.document import Document, SymbolEntry
from vrefactor.rules.parse import RuleFile, closest
from vrefactor.rules.templates import KeyPath, placeholders, templates
from vrefactor.rules.types import Container, is_list, sections
from vrefactor.rules.virtualize import UNDO_FIELD
from vrefactor.rules.vocabulary import WORDS, Vocabulary

#: The field of a document that holds a section.
_FIELDS = {section.encode_name: section.name for section in sections()}
_ANCHORS = ("after", "before", "sorted")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class _Place:
    """A key path in one of the files."""

    file: RuleFile
    path: KeyPath

    def __str__(self) -> str:
        return f"{self.file.path}:{self.file.line(*self.path)}"

    def error(self, kind: ErrorKind, detail: str) -> VrefactorError:
        return self.file.error(kind, detail, *self.path)


_Named = tuple[str, _Place]


def check(files: Iterable[RuleFile]) -> None:
    """Check a rule set's files together.

    Raises VrefactorError (RULES_DUPLICATE, RULES_NAME, RULES_TYPE), or
    VrefactorErrors when there are several mistakes.
    """
    errors = [*_check_all(list(files))]
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise VrefactorErrors(errors)


def _check_all(files: list[RuleFile]) -> Iterator[VrefactorError]:
    yield from _twice("section", _sections(files))
    yield from _placeholders(files)
    yield from _twice("subsystem", _keys(files, "subsystem", "name"))
    yield from _containers(files)
    yield from _order(files)
    yield from _symbols(files)
    yield from _overrides(files)
    yield from _blocks(files)
    yield from _twice("registration", _keys(files, "registration", "name"))
    yield from _arguments(files)
    yield from _startup(files)
    yield from _uses_before_init(files)
    yield from _centrals(files)
    yield from _twice("move from", _keys(files, "move", "path"))
    yield from _framework_lines(files)
    yield from _symbol_maps(files)
    yield from _inits(files)
    yield from _virtual(files)
    yield from _options(files)


def _twice(what: str, named: Iterable[_Named]) -> Iterator[VrefactorError]:
    """An error for each name that comes a second time."""
    first: dict[str, _Place] = {}
    for name, place in named:
        if name in first:
            yield place.error(RULES_DUPLICATE, f"{what} `{name}`, first at {first[name]}")
        first.setdefault(name, place)


def _undefined(
    what: str, used: Iterable[_Named], known: Collection[str]
) -> Iterator[VrefactorError]:
    """An error for each name that is not known."""
    for name, place in used:
        if name not in known:
            yield place.error(RULES_NAME, f"{what} `{name}`{closest(name, sorted(known))}")


def _sections(files: list[RuleFile]) -> Iterator[_Named]:
    single = {"ruleset", *(section.encode_name for section in sections() if not is_list(section))}
    for file in files:
        for section in file.sections:
            if section in single:
                yield f"[{section}]", _Place(file, (section,))


def _keys(files: list[RuleFile], section: str, key: str) -> Iterator[_Named]:
    """The value of one key in every table of a list of tables."""
    for file in files:
        for index, table in enumerate(getattr(file.document, _FIELDS[section])):
            yield getattr(table, key), _Place(file, (section, index, key))


def _placeholders(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """Errors of templates with something unknown in braces."""
    declared = inspect.type_info(Document)
    for file in files:
        for path, text, template in templates(file.document, declared):
            place = _Place(file, path)
            named = ((name, place) for name in placeholders(text))
            if template.strict:
                yield from _undefined("placeholder", named, (*template.names, *WORDS))


def _containers(files: list[RuleFile]) -> Iterator[VrefactorError]:
    for key, what in (
        ("name", "container"),
        ("accessor", "accessor"),
        ("init", "init macro"),
        ("module", "module"),
    ):
        yield from _twice(what, _keys(files, "container", key))
    yield from _twice("generated header", _generated(files))
    known = {name for name, _ in _keys(files, "subsystem", "name")}
    yield from _undefined("subsystem", _keys(files, "container", "subsystem"), known)


def _order(files: list[RuleFile]) -> Iterator[VrefactorError]:
    known = {name for name, _ in _keys(files, "container", "name")}
    for file in files:
        head = file.document.ruleset
        names = head.order if head is not None else ()
        named = [(n, _Place(file, ("ruleset", "order", i))) for i, n in enumerate(names)]
        yield from _undefined("container", named, known)
        yield from _twice("container in the order", named)


def _generated(files: list[RuleFile]) -> Iterator[_Named]:
    """The headers that are written as a whole, each for one container."""
    for file in files:
        for index, table in enumerate(file.document.containers):
            if not table.host:
                yield table.header, _Place(file, ("container", index, "header"))


@dataclass(frozen=True)
class _Listed:
    """A symbol where the rules list it."""

    name: str
    tree_name: str
    source: str
    place: _Place


def _listed(files: list[RuleFile]) -> Iterator[_Listed]:
    for file in files:
        for index, table in enumerate(file.document.containers):
            for source, symbols in table.symbols.items():
                for at, symbol in enumerate(symbols):
                    place = _Place(file, ("container", index, "symbols", source, at))
                    yield _Listed(*_names(symbol), source, place)


def _names(symbol: Ident | SymbolEntry) -> tuple[str, str]:
    """The final name of a symbol, and its name in the tree."""
    if isinstance(symbol, SymbolEntry):
        return symbol.name, symbol.was or symbol.name
    return symbol, symbol


def _symbols(files: list[RuleFile]) -> Iterator[VrefactorError]:
    listed = list(_listed(files))
    yield from _twice("symbol", ((s.name, s.place) for s in listed))
    once: dict[str, _Listed] = {}
    for symbol in listed:
        once.setdefault(symbol.name, symbol)
    variables = ((f"{s.tree_name} of {s.source}", s.place) for s in once.values())
    yield from _twice("variable", variables)


def _overrides(files: list[RuleFile]) -> Iterator[VrefactorError]:
    symbols = {s.name for s in _listed(files)}
    containers = {name for name, _ in _keys(files, "container", "name")}
    for file in files:
        for index, table in enumerate(file.document.overrides):
            at: KeyPath = ("override", index)
            names = ((n, _Place(file, (*at, "names", i))) for i, n in enumerate(table.names))
            yield from _undefined("symbol", names, symbols)
            modules = [
                (m.container, _Place(file, (*at, "modules", i, "container")))
                for i, m in enumerate(table.modules)
            ]
            yield from _undefined("container", modules, containers)
            yield from _twice("module of container", modules)
            if table.form != "keep":
                yield from _lacking(table.form, "name", _Place(file, (*at, "form")))


def _blocks(files: list[RuleFile]) -> Iterator[VrefactorError]:
    for file in files:
        for index, table in enumerate(file.document.portability):
            place = _Place(file, ("portability", index, "text"))
            yield from _lacking(table.text, "header", place)


def _arguments(files: list[RuleFile]) -> Iterator[VrefactorError]:
    containers = {name for name, _ in _keys(files, "container", "name")}
    registrations = {name for name, _ in _keys(files, "registration", "name")}
    for file in files:
        for index, table in enumerate(file.document.arguments):
            at: KeyPath = ("argument", index)
            for key, what, known in (
                ("containers", "container", containers),
                ("registrations", "registration", registrations),
            ):
                used = [(n, _Place(file, (*at, key, i))) for i, n in enumerate(getattr(table, key))]
                yield from _undefined(what, used, known)


def _startup(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """A start-up macro says once when it runs, and what."""
    for file in files:
        for index, table in enumerate(file.document.startup.macros):
            place = _Place(file, ("startup", "macros", index, "arguments"))
            for what, given in (("subsystem", table.subsystem), ("order", table.order)):
                if table.arguments.count(what) + (given is not None) != 1:
                    yield place.error(RULES_TYPE, f"`{table.macro}` needs one `{what}`")
            if table.arguments.count("function") + table.arguments.count("variable") != 1:
                yield place.error(RULES_TYPE, f"`{table.macro}` needs a `function` or a `variable`")


def _uses_before_init(files: list[RuleFile]) -> Iterator[VrefactorError]:
    symbols = {s.name for s in _listed(files)}
    for file in files:
        for index, table in enumerate(file.document.uses_before_init):
            at: KeyPath = ("use_before_init", index)
            names = ((n, _Place(file, (*at, "symbols", i))) for i, n in enumerate(table.symbols))
            yield from _undefined("symbol", names, symbols)


def _centrals(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """A container in a header of its own has use for a central one; a hosted one has not."""
    for file in files:
        for index, table in enumerate(file.document.containers):
            if table.host and table.central is not None:
                place = _Place(file, ("container", index, "central"))
                yield place.error(RULES_TYPE, f"`{table.name}` has `host` and `central`")


def _framework_lines(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """Errors of lines that have not exactly one place."""
    for file in files:
        framework = file.document.framework
        for index, line in enumerate(framework.line if framework is not None else ()):
            place = _Place(file, ("framework", "line", index, "path"))
            given = [key for key in _ANCHORS if getattr(line, key) is not None]
            if len(given) != 1:
                has = " and ".join(f"`{key}`" for key in given) or "neither"
                detail = f"one of `after`, `before` and `sorted` says where; there is {has}"
                yield place.error(RULES_TYPE, detail)
            elif line.function is not None and line.sorted is not None:
                yield place.error(RULES_TYPE, "`function` goes with `after` or `before`")


def _symbol_maps(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """Errors of symbol maps: their symbols, and what their registration needs."""
    registers = any(file.document.framework is not None for file in files)
    given = (file.document.vocabulary for file in files if "vocabulary" in file.sections)
    vocabulary = next(given, Vocabulary())
    for file in files:
        for index, table in enumerate(file.document.containers):
            at: KeyPath = ("container", index, "symmap")
            known = {_names(item)[0] for listed in table.symbols.values() for item in listed}
            named = [(name, _Place(file, (*at, i))) for i, name in enumerate(table.symmap)]
            yield from _undefined("symbol of the container", named, known)
            yield from _twice("symbol in the map", named)
            lacking = (
                _unregistrable(table, vocabulary, registers=registers) if table.symmap else None
            )
            if lacking is not None:
                yield _Place(file, at).error(RULES_TYPE, f"a symbol map needs {lacking}")


def _unregistrable(container: Container, vocabulary: Vocabulary, *, registers: bool) -> str | None:
    """Say what a container lacks to register its symbol map, if it does."""
    if not registers:
        return "a section [framework], which makes what it is registered with"
    if container.init_function is None:
        return "an `init_function`, which registers it"
    lead, module = vocabulary.container_lead, vocabulary.module
    if not container.name.startswith(lead) or not container.module.startswith(module):
        return f"names that begin with `{lead}` and, the module's, with `{module}`"
    return None


def _inits(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """What an [[init]] is for, and who calls a function that it makes."""
    symbols = {s.name for s in _listed(files)}
    for file in files:
        for index, table in enumerate(file.document.inits):
            at: KeyPath = ("init", index)
            names = ((n, _Place(file, (*at, "symbols", i))) for i, n in enumerate(table.symbols))
            yield from _undefined("symbol", names, symbols)
            place = _Place(file, at)
            if not table.files and not table.symbols:
                yield place.error(RULES_TYPE, f"`{table.function}` has no `files` and no `symbols`")
            ways = [key for key in ("beside", "called_by", "sysinit") if getattr(table, key)]
            if len(ways) > 1:
                both = " and ".join(f"`{way}`" for way in ways)
                yield place.error(RULES_TYPE, f"`{table.function}` has {both}: one calls it")
        for key in ("copy", "string", "zero"):
            text = getattr(file.document.initializers, key)
            yield from _lacking(text, "target", _Place(file, ("initializers", key)))


def _virtual(files: list[RuleFile]) -> Iterator[VrefactorError]:
    """A field is declared once, a function registered once; containers are there."""
    yield from _twice("field", _keys(files, "field", "name"))
    yield from _twice("attached function", _keys(files, "attach", "function"))
    known = {name for name, _ in _keys(files, "container", "name")}
    named = ((name, place) for name, place in _keys(files, "attach", "depends") if name)
    yield from _undefined("container", named, known)
    for file in files:
        for index, undo in enumerate(file.document.attaching.undo):
            fields = _BRACES.findall(UNDO_FIELD.sub("", undo.undo))
            place = _Place(file, ("attaching", "undo", index, "undo"))
            yield from _undefined("placeholder", ((field, place) for field in fields), set())


def _lacking(text: str, needed: str, place: _Place) -> Iterator[VrefactorError]:
    """An error if a template lacks the placeholder that it must have."""
    if needed not in placeholders(text):
        yield place.error(RULES_TYPE, f"the template {text!r} lacks `{{{needed}}}`")


def _options(files: list[RuleFile]) -> Iterator[VrefactorError]:
    for file in files:
        build = file.document.build
        options = build.options if build is not None else ()
        places = (_Place(file, ("build", "options", i, "name")) for i in range(len(options)))
        yield from _twice("option set", zip((o.name for o in options), places, strict=True))
