"""The part of libclang's C interface that is used here, with types.

`clang.cindex` finds the library.  Its wrappers are not used: they decode names as UTF-8, they
lack `clang_getFileLocation`, and they have no types.  See
https://clang.llvm.org/doxygen/group__CINDEX.html for what each function does.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint, c_ulong, c_void_p
from functools import cache
from typing import TYPE_CHECKING

import clang.cindex

from vrefactor.errors import LIBCLANG_MISSING, VrefactorError


class CXString(Structure):
    """A string of libclang, to be disposed of."""

    _fields_ = (("data", c_void_p), ("flags", c_uint))


class CXUnsavedFile(Structure):
    """A file whose content is given instead of read."""

    _fields_ = (("name", c_char_p), ("content", c_char_p), ("length", c_ulong))


class CXLocation(Structure):
    """A place in the source, before or after macro expansion."""

    _fields_ = (("data", c_void_p * 2), ("number", c_uint))


class CXRange(Structure):
    """Two places."""

    _fields_ = (("data", c_void_p * 2), ("begin", c_uint), ("end", c_uint))


class CXToken(Structure):
    """A token as it is spelled in a file."""

    _fields_ = (("numbers", c_uint * 4), ("data", c_void_p))


class CXCursor(Structure):
    """A node of the syntax tree."""

    _fields_ = (("kind", c_int), ("extra", c_int), ("data", c_void_p * 3))

    if TYPE_CHECKING:
        kind: int


CursorVisitor = ctypes.CFUNCTYPE(c_int, CXCursor, CXCursor, c_void_p)
InclusionVisitor = ctypes.CFUNCTYPE(None, c_void_p, POINTER(CXLocation), c_uint, c_void_p)

_FUNCTIONS: dict[str, tuple[object, tuple[object, ...]]] = {
    "clang_createIndex": (c_void_p, (c_int, c_int)),
    "clang_disposeIndex": (None, (c_void_p,)),
    "clang_parseTranslationUnit2": (
        c_int,
        (
            c_void_p,
            c_char_p,
            POINTER(c_char_p),
            c_int,
            POINTER(CXUnsavedFile),
            c_uint,
            c_uint,
            POINTER(c_void_p),
        ),
    ),
    "clang_disposeTranslationUnit": (None, (c_void_p,)),
    "clang_getNumDiagnostics": (c_uint, (c_void_p,)),
    "clang_getDiagnostic": (c_void_p, (c_void_p, c_uint)),
    "clang_getDiagnosticSeverity": (c_int, (c_void_p,)),
    "clang_getDiagnosticSpelling": (CXString, (c_void_p,)),
    "clang_getDiagnosticLocation": (CXLocation, (c_void_p,)),
    "clang_disposeDiagnostic": (None, (c_void_p,)),
    "clang_getInclusions": (None, (c_void_p, InclusionVisitor, c_void_p)),
    "clang_getFileName": (CXString, (c_void_p,)),
    "clang_getLocationForOffset": (CXLocation, (c_void_p, c_void_p, c_uint)),
    "clang_getFileLocation": (
        None,
        (CXLocation, POINTER(c_void_p), POINTER(c_uint), POINTER(c_uint), POINTER(c_uint)),
    ),
    "clang_getRange": (CXRange, (CXLocation, CXLocation)),
    "clang_getRangeStart": (CXLocation, (CXRange,)),
    "clang_getRangeEnd": (CXLocation, (CXRange,)),
    "clang_tokenize": (None, (c_void_p, CXRange, POINTER(POINTER(CXToken)), POINTER(c_uint))),
    "clang_getTokenLocation": (CXLocation, (c_void_p, CXToken)),
    "clang_disposeTokens": (None, (c_void_p, POINTER(CXToken), c_uint)),
    "clang_getTranslationUnitCursor": (CXCursor, (c_void_p,)),
    "clang_visitChildren": (c_uint, (CXCursor, CursorVisitor, c_void_p)),
    "clang_getCursor": (CXCursor, (c_void_p, CXLocation)),
    "clang_getCursorLocation": (CXLocation, (CXCursor,)),
    "clang_getCursorExtent": (CXRange, (CXCursor,)),
    "clang_getCursorSpelling": (CXString, (CXCursor,)),
    "clang_getCursorReferenced": (CXCursor, (CXCursor,)),
    "clang_getCanonicalCursor": (CXCursor, (CXCursor,)),
    "clang_getCursorLinkage": (c_int, (CXCursor,)),
    "clang_getCString": (c_char_p, (CXString,)),
    "clang_disposeString": (None, (CXString,)),
}


@cache
def library() -> ctypes.CDLL:
    """Load libclang, once, with the prototypes above.

    Raises `VrefactorError` LIBCLANG_MISSING if it is not there or is too old.
    """
    name = str(clang.cindex.Config().get_filename())
    try:
        loaded = ctypes.CDLL(name)
        for function, (result, arguments) in _FUNCTIONS.items():
            prototype = getattr(loaded, function)
            prototype.restype, prototype.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise VrefactorError(LIBCLANG_MISSING, str(error)) from error
    return loaded
