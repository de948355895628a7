"""The one catalogue of user errors: what went wrong, what to do, which exit status.

Every error that a user can meet is an `ErrorKind` here, so that wording and exit
status are decided once.  Code raises `VrefactorError(KIND, detail, path=..., line=...)`;
only `vrefactor.cli` prints it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """Exit status of the command line: scripts rely on it (EXIT STATUS in `vrefactor(1)`)."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    TREE = 3


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """One kind of user error: a stable code, a title, what to do, the exit status."""

    code: str
    title: str
    help: str
    exit: ExitCode


class VrefactorError(Exception):
    """A user error: its kind, and where (file and 1-based line) as far as known."""

    def __init__(
        self,
        kind: ErrorKind,
        detail: str = "",
        *,
        path: str | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(detail or kind.title)
        self.kind = kind
        self.detail = detail
        self.path = path
        self.line = line

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        where = "" if self.path is None else f"{self.path}{line}: "
        detail = f": {self.detail}" if self.detail else ""
        return f"{where}{self.kind.title}{detail}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (self.kind, self.detail, self.path, self.line)


def _rebuild(kind: ErrorKind, detail: str, path: str | None, line: int | None) -> VrefactorError:
    return VrefactorError(kind, detail, path=path, line=line)


class VrefactorErrors(VrefactorError):
    """Several user errors found in one go; the exit status is that of the worst."""

    def __init__(self, errors: Sequence[VrefactorError]) -> None:
        worst = max(errors, key=lambda error: error.kind.exit)
        super().__init__(worst.kind, worst.detail, path=worst.path, line=worst.line)
        self.errors = tuple(errors)


# --- the call -----------------------------------------------------------------

USAGE = ErrorKind("usage", "wrong call", "see `vrefactor --help`", ExitCode.USAGE)

# --- trees --------------------------------------------------------------------

TREE_MISSING = ErrorKind(
    "tree-missing", "no such tree", "name an existing directory of C sources", ExitCode.TREE
)
TREE_NOT_DIR = ErrorKind(
    "tree-not-dir", "not a directory", "name the directory that holds the sources", ExitCode.TREE
)
TREE_EMPTY = ErrorKind(
    "tree-empty",
    "no C source in the tree",
    "name a directory that holds .c or .h files",
    ExitCode.TREE,
)
TREE_UNREADABLE = ErrorKind(
    "tree-unreadable", "cannot be read", "check the permissions and run again", ExitCode.TREE
)
TREE_CHANGED = ErrorKind(
    "tree-changed",
    "changed while vrefactor was reading it",
    "run again on a quiet tree",
    ExitCode.TREE,
)
TREE_UNWRITABLE = ErrorKind(
    "tree-unwritable",
    "cannot be written",
    "nothing was changed; free some space or fix the permissions and run again",
    ExitCode.TREE,
)
PATH_OUTSIDE = ErrorKind(
    "path-outside",
    "a path that leaves the tree",
    "give a path relative to the root of the tree, without `..`",
    ExitCode.USAGE,
)
NEW_FILE_TAKEN = ErrorKind(
    "new-file-taken",
    "the place of a new file is taken by something else",
    "move that away, or give the new file another path in the rules",
    ExitCode.USAGE,
)
SERIES_TAKEN = ErrorKind(
    "series-taken",
    "the output directory holds something else",
    "name a new or an empty directory, or an earlier series of vrefactor",
    ExitCode.USAGE,
)
OUTPUT_UNWRITABLE = ErrorKind(
    "output-unwritable",
    "the output cannot be written",
    "nothing was written there; name another file with -o, or free some space",
    ExitCode.USAGE,
)
JOURNAL_BROKEN = ErrorKind(
    "journal-broken",
    "the journal of an interrupted `vrefactor apply` is damaged",
    "restore the tree from your version control, and remove the journal folder",
    ExitCode.TREE,
)
JOURNAL_FOREIGN = ErrorKind(
    "journal-foreign",
    "the tree brings a journal of `vrefactor apply` that you did not make here",
    "nothing of it is carried out; look at it, and remove the folder",
    ExitCode.TREE,
)
STATE_UNSAFE = ErrorKind(
    "state-unsafe",
    "the key that tells your own journals can't be trusted",
    "make it yours alone (chmod 600), or remove it: a new one is made",
    ExitCode.TREE,
)
TREE_PROTECTED = ErrorKind(
    "tree-protected",
    "is not to be written",
    "nothing was changed; let its owner write it (chmod u+w), or copy it to a file of its own",
    ExitCode.TREE,
)
APPLY_INTERRUPTED = ErrorKind(
    "apply-interrupted",
    "an earlier `vrefactor apply` was interrupted in this tree",
    "run the same `vrefactor apply` again: it finishes that one first",
    ExitCode.TREE,
)

# --- C source -----------------------------------------------------------------

SOURCE_NAME = ErrorKind(
    "source-name",
    "its name is not UTF-8",
    "rename the file",
    ExitCode.TREE,
)
SOURCE_BINARY = ErrorKind(
    "source-binary",
    "holds a NUL byte, so it is not C source",
    "repair the file, or exclude it in the rules ([[tree.exclude]])",
    ExitCode.TREE,
)
SOURCE_TOO_LARGE = ErrorKind(
    "source-too-large",
    "is too large to be parsed",
    "exclude it in the rules ([[tree.exclude]])",
    ExitCode.TREE,
)
SOURCE_TOO_COMPLEX = ErrorKind(
    "source-too-complex",
    "is too complex to be parsed",
    "split what stands there, or exclude the file in the rules ([[tree.exclude]])",
    ExitCode.TREE,
)
SOURCE_UNTERMINATED = ErrorKind(
    "source-unterminated",
    "unterminated",
    "repair the file, or exclude it in the rules ([[tree.exclude]])",
    ExitCode.TREE,
)

# --- edits (an error here is a bug of a step, but never a silent one) -----------

EDIT_OVERLAP = ErrorKind(
    "edit-overlap", "two edits overlap", "report this as a bug of the step", ExitCode.FINDINGS
)
EDIT_BOUNDS = ErrorKind(
    "edit-bounds",
    "an edit lies outside its file",
    "report this as a bug of the step",
    ExitCode.FINDINGS,
)

# --- rules --------------------------------------------------------------------

RULES_MISSING = ErrorKind(
    "rules-missing", "no such rule set", "name a shipped rule set or a path", ExitCode.USAGE
)
RULES_NO_FIT = ErrorKind(
    "rules-no-fit",
    "no shipped rule set fits this tree",
    "give one with --rules, or make one with `vrefactor scan --emit-rules DIR`",
    ExitCode.USAGE,
)
RULES_SYNTAX = ErrorKind("rules-syntax", "not valid TOML", "correct the file", ExitCode.USAGE)
RULES_KEY = ErrorKind("rules-key", "unknown key", "see RULES.md for the keys", ExitCode.USAGE)
RULES_TYPE = ErrorKind(
    "rules-type", "wrong type or value", "see RULES.md for the keys", ExitCode.USAGE
)
RULES_NAME = ErrorKind(
    "rules-name", "a name that is not defined", "define it, or correct the spelling", ExitCode.USAGE
)
RULES_DUPLICATE = ErrorKind(
    "rules-duplicate", "defined twice", "keep one of the two", ExitCode.USAGE
)
RULES_INCOMPLETE = ErrorKind(
    "rules-incomplete", "a key is missing", "add it; see RULES.md for the keys", ExitCode.USAGE
)
RULES_UNREADABLE = ErrorKind(
    "rules-unreadable",
    "the rules cannot be read",
    "check the path and its permissions",
    ExitCode.USAGE,
)
RULES_AMBIGUOUS = ErrorKind(
    "rules-ambiguous",
    "several shipped rule sets fit this tree",
    "choose one with --rules",
    ExitCode.USAGE,
)
RULES_SYMBOL = ErrorKind(
    "rules-symbol",
    "the tree does not define this symbol",
    "correct the name or its file, or mark it `optional = true`",
    ExitCode.USAGE,
)
RULES_TAKEN = ErrorKind(
    "rules-taken",
    "the directory for the proposed rules holds something else",
    "name a new or an empty directory, or one with nothing but an earlier proposal",
    ExitCode.USAGE,
)
NAME_TAKEN = ErrorKind(
    "name-taken",
    "the V_ name is taken by something else in the tree",
    "rename that, or give the symbol another name in the rules",
    ExitCode.USAGE,
)

# --- how to build (verify) ------------------------------------------------------

BUILD_EMPTY = ErrorKind(
    "build-empty", "nothing to build", "name files that the tree has", ExitCode.USAGE
)
BUILD_UNKNOWN = ErrorKind(
    "build-unknown",
    "it is not known how this tree is built",
    "give --compile-commands FILE, or --kernconf NAME for a FreeBSD kernel, or rules with [build]",
    ExitCode.USAGE,
)
BUILD_UNTRUSTED = ErrorKind(
    "build-untrusted",
    "the tree asks for more than compiling",
    "such words can load code or run programs; if you trust the tree, give --trust-build",
    ExitCode.USAGE,
)
COMPDB_INVALID = ErrorKind(
    "compdb-invalid",
    "not a usable compilation database",
    "make it again with the build (bear, meson, cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)",
    ExitCode.USAGE,
)
KERNCONF_MISSING = ErrorKind(
    "kernconf-missing",
    "no such kernel configuration",
    "name a file of <arch>/conf, or LINT, with --kernconf",
    ExitCode.USAGE,
)
KERNEL_OPTION = ErrorKind(
    "kernel-option",
    "an option that the tree's conf/options does not list",
    "correct it, take it out (CONF~OPTION), or define a plain macro (CONF+-DNAME=VALUE)",
    ExitCode.USAGE,
)
KERNEL_CONF = ErrorKind(
    "kernel-conf",
    "a kernel configuration file cannot be understood",
    "correct the file at that line (see config(8) and config(5))",
    ExitCode.TREE,
)
GENERATOR_FAILED = ErrorKind(
    "generator-failed",
    "the tree's own script could not make a generated file",
    "run it by hand in a copy of the tree to see why",
    ExitCode.TREE,
)
AWK_MISSING = ErrorKind(
    "awk-missing",
    "no awk on this machine",
    "install a POSIX awk (Debian: apt install mawk) to make the kernel's generated headers",
    ExitCode.USAGE,
)
COMPILER_MISSING = ErrorKind(
    "compiler-missing",
    "no such compiler",
    "install it (Debian: apt install clang; FreeBSD has cc), or name another with --cc or CC",
    ExitCode.USAGE,
)
COMPILER_UNFIT = ErrorKind(
    "compiler-unfit",
    "this compiler cannot build for the target",
    "a FreeBSD kernel needs clang, or gcc configured for FreeBSD; name it with --cc or CC",
    ExitCode.USAGE,
)

# --- building and comparing (verify) --------------------------------------------

BUILD_DIR_TAKEN = ErrorKind(
    "build-dir-taken",
    "cannot be the build directory",
    "name a new or empty directory, outside both trees, with --build-dir",
    ExitCode.USAGE,
)
BUILD_DIR_UNWRITABLE = ErrorKind(
    "build-dir-unwritable",
    "the build directory cannot be written",
    "free some space or fix the permissions, or name another place with --build-dir or TMPDIR",
    ExitCode.TREE,
)
SANDBOX_MISSING = ErrorKind(
    "sandbox-missing",
    "no sandbox can be made",
    "install bubblewrap (Debian: apt install bubblewrap), or leave --sandbox out",
    ExitCode.USAGE,
)
LAUNCHER_MISSING = ErrorKind(
    "launcher-missing",
    "no such compiler launcher",
    "install it, or leave --launcher out",
    ExitCode.USAGE,
)
NINJA_FAILED = ErrorKind(
    "ninja-failed",
    "ninja cannot run the builds",
    "remove the build directory and run again; see `ninja -C BUILD_DIR` for more",
    ExitCode.TREE,
)
OBJECTS_MISSING = ErrorKind(
    "objects-missing",
    "holds no object file (*.o)",
    "name the directory in which the kernel was compiled",
    ExitCode.USAGE,
)
OBJECT_NOT_ELF = ErrorKind(
    "object-not-elf",
    "the compiler made something that is not an ELF object",
    "build without -flto, for an ELF target (clang: -target x86_64-unknown-freebsd)",
    ExitCode.USAGE,
)
CODEGEN_MACHINE = ErrorKind(
    "codegen-machine",
    "--codegen does not know the relocations of this machine",
    "build for x86_64 or i386",
    ExitCode.USAGE,
)
CONTAINER_UNKNOWN = ErrorKind(
    "container-unknown",
    "no object defines this container with debug information",
    "include the file that defines it in the build, or correct the rules",
    ExitCode.USAGE,
)

# --- libclang (diff --confirm) ----------------------------------------------------

LIBCLANG_MISSING = ErrorKind(
    "libclang-missing",
    "libclang cannot be loaded",
    "install it (`pip install 'libclang>=18.1,<19'`), or leave --confirm out",
    ExitCode.USAGE,
)
LIBCLANG_CRASHED = ErrorKind(
    "libclang-crashed",
    "libclang crashed",
    "leave that file out of the build ([build] exclude, or another --kernconf)",
    ExitCode.USAGE,
)
