"""A parsed translation unit, and what can be asked of it: the typed face of libclang."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Container, Mapping, Sequence
from ctypes import byref, c_char_p, c_uint, c_void_p
from enum import IntEnum
from typing import Any, NamedTuple

from vrefactor.confirm.libclang import (
    CursorVisitor,
    CXCursor,
    CXLocation,
    CXString,
    CXToken,
    CXUnsavedFile,
    InclusionVisitor,
    library,
)

_ERROR = 3
"""CXDiagnostic_Error: this severity and the one above it (fatal) mean that it is not C."""

_RECURSE = 2
_CONTINUE = 1


class Linkage(IntEnum):
    """CXLinkageKind."""

    INVALID = 0
    NONE = 1
    INTERNAL = 2
    UNIQUE_EXTERNAL = 3
    EXTERNAL = 4


class CursorKind(IntEnum):
    """The values of CXCursorKind that matter here."""

    STRUCT = 2
    UNION = 3
    ENUM = 5
    FIELD = 6
    ENUMERATOR = 7
    FUNCTION = 8
    VARIABLE = 9
    PARAMETER = 10
    TYPEDEF = 20
    TYPE_REFERENCE = 43
    MEMBER_REFERENCE = 47
    LABEL_REFERENCE = 48
    EXPRESSION_REFERENCE = 101
    MEMBER_EXPRESSION = 102
    LABEL = 201


NAMING = frozenset(map(int, CursorKind))
"""The kinds of cursor whose location is that of an identifier token."""


class Unparsed(Exception):
    """libclang cannot parse a file; the first thing that it says."""


class UnitPlace(NamedTuple):
    """A byte in a file, named as libclang names it."""

    file: bytes
    offset: int


class TranslationUnit:
    """One translation unit; to be closed."""

    def __init__(
        self, source: bytes, arguments: Sequence[bytes], unsaved: Mapping[bytes, bytes]
    ) -> None:
        """Parse `source`.  Raises `Unparsed` unless it is C without an error."""
        self._lib: Any = library()
        self._names: dict[int, bytes] = {}
        self.source = source
        self._results = c_void_p(), c_uint(), c_uint(), c_uint()
        self._references = [byref(result) for result in self._results]
        self._unit = self._parse(source, arguments, unsaved)
        error = self._first_error()
        if error is not None:
            self.close()
            raise Unparsed(error)
        self.files = self._inclusions()
        """The files of the unit by name: what is passed to `at`."""

    def _parse(
        self, source: bytes, arguments: Sequence[bytes], unsaved: Mapping[bytes, bytes]
    ) -> c_void_p:
        words = (c_char_p * len(arguments))(*arguments)
        files = (CXUnsavedFile * len(unsaved))(
            *(CXUnsavedFile(name, content, len(content)) for name, content in unsaved.items())
        )
        unit = c_void_p()
        index = c_void_p(self._lib.clang_createIndex(0, 0))
        status = self._lib.clang_parseTranslationUnit2(
            index, source, words, len(words), files, len(files), 0, byref(unit)
        )
        self._index = index
        if status or unit.value is None:
            self._lib.clang_disposeIndex(index)
            raise Unparsed("libclang crashed" if status == 2 else "libclang cannot parse it")
        return unit

    def close(self) -> None:
        """Free what libclang keeps."""
        self._lib.clang_disposeTranslationUnit(self._unit)
        self._lib.clang_disposeIndex(self._index)

    def _first_error(self) -> str | None:
        for number in range(int(self._lib.clang_getNumDiagnostics(self._unit))):
            pointer = c_void_p(self._lib.clang_getDiagnostic(self._unit, number))
            try:
                if int(self._lib.clang_getDiagnosticSeverity(pointer)) >= _ERROR:
                    return self._described(pointer)
            finally:
                self._lib.clang_disposeDiagnostic(pointer)
        return None

    def _described(self, diagnostic: c_void_p) -> str:
        text = self._text(self._lib.clang_getDiagnosticSpelling(diagnostic))
        place, line = self._file_location(self._lib.clang_getDiagnosticLocation(diagnostic))
        where = f"{place.file.decode('utf-8', 'backslashreplace')}:{line}: " if place.file else ""
        return where + text.decode("utf-8", "backslashreplace")

    def _inclusions(self) -> dict[bytes, c_void_p]:
        files: dict[bytes, c_void_p] = {}

        def visit(file: int | None, _stack: object, _depth: int, _data: object) -> None:
            files[self._name(file)] = c_void_p(file)

        callback = InclusionVisitor(visit)
        self._lib.clang_getInclusions(self._unit, callback, None)
        return files

    def at(self, file: bytes, offset: int) -> CXCursor | None:
        """Return the cursor of the identifier token that is spelled at this very place.

        None if there is none: the token is not compiled, or is no name that means something.
        """
        location = self._lib.clang_getLocationForOffset(self._unit, self.files[file], offset)
        cursor: CXCursor = self._lib.clang_getCursor(self._unit, location)
        if cursor.kind not in NAMING or self.place(cursor) != UnitPlace(file, offset):
            return None
        return cursor if self.spelled(cursor) == UnitPlace(file, offset) else None

    def declarations(self, files: Container[bytes]) -> list[tuple[CXCursor, UnitPlace, int]]:
        """Return the declarations at file scope in `files`: cursor, start, and end offset."""
        found: list[tuple[CXCursor, UnitPlace, int]] = []

        def visit(cursor: CXCursor) -> int:
            extent = self._lib.clang_getCursorExtent(cursor)
            start = self._file_location(self._lib.clang_getRangeStart(extent))[0]
            if start.file in files:
                end = self._file_location(self._lib.clang_getRangeEnd(extent))[0]
                found.append((cursor, start, end.offset))
            return _CONTINUE

        self._visit(self._lib.clang_getTranslationUnitCursor(self._unit), visit)
        return found

    def within(self, top: CXCursor) -> list[CXCursor]:
        """Return every cursor below `top` that names something."""
        found: list[CXCursor] = []

        def visit(cursor: CXCursor) -> int:
            if cursor.kind in NAMING:
                found.append(cursor)
            return _RECURSE

        self._visit(top, visit)
        return found

    def _visit(self, top: CXCursor, visit: Callable[[CXCursor], int]) -> None:
        # ctypes hands over a copy of the cursor that lives as long as someone holds it.
        callback = CursorVisitor(lambda cursor, _parent, _data: visit(cursor))
        self._lib.clang_visitChildren(top, callback, None)

    def place(self, cursor: CXCursor) -> UnitPlace:
        """Return where the cursor is, a macro's body counting as the macro's use."""
        return self._file_location(self._lib.clang_getCursorLocation(cursor))[0]

    def spelled(self, cursor: CXCursor) -> UnitPlace:
        """Return where the token of the cursor is spelled, be it in the body of a macro."""
        # clang_getSpellingLocation of libclang 18 gives the macro's use; tokens tell better.
        location: CXLocation = self._lib.clang_getCursorLocation(cursor)
        tokens, count = ctypes.POINTER(CXToken)(), c_uint()
        zero_length = self._lib.clang_getRange(location, location)
        self._lib.clang_tokenize(self._unit, zero_length, byref(tokens), byref(count))
        if not count.value:
            return UnitPlace(b"", 0)
        place = self._lib.clang_getTokenLocation(self._unit, tokens[0])
        self._lib.clang_disposeTokens(self._unit, tokens, count)
        return self._file_location(place)[0]

    def name(self, cursor: CXCursor) -> bytes:
        """Return the name of what the cursor declares or refers to."""
        return self._text(self._lib.clang_getCursorSpelling(cursor))

    def referenced(self, cursor: CXCursor) -> CXCursor:
        """Return the declaration that the cursor refers to; a declaration refers to itself."""
        found: CXCursor = self._lib.clang_getCursorReferenced(cursor)
        return found

    def canonical(self, cursor: CXCursor) -> CXCursor:
        """Return the first declaration of the same entity."""
        found: CXCursor = self._lib.clang_getCanonicalCursor(cursor)
        return found

    def linkage(self, cursor: CXCursor) -> Linkage:
        """Return the linkage of what the cursor declares."""
        return Linkage(int(self._lib.clang_getCursorLinkage(cursor)))

    def _file_location(self, location: CXLocation) -> tuple[UnitPlace, int]:
        """Return the place and the line."""
        file, line, _, offset = self._results
        self._lib.clang_getFileLocation(location, *self._references)
        return UnitPlace(self._name(file.value), offset.value), line.value

    def _name(self, file: int | None) -> bytes:
        if file is None:
            return b""
        if file not in self._names:
            self._names[file] = self._text(self._lib.clang_getFileName(c_void_p(file)))
        return self._names[file]

    def _text(self, string: CXString) -> bytes:
        text: bytes | None = self._lib.clang_getCString(string)
        self._lib.clang_disposeString(string)
        return text or b""
