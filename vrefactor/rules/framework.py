"""What a tree gets besides the containers: `[framework]`, for steps 2.2 and 3."""

from __future__ import annotations

from typing import Annotated

from vrefactor.rules.basics import Code, Ident, Table, Text, TreePath, template


class FrameworkLine(Table, frozen=True, kw_only=True):
    """Whole lines that an existing file needs, and where: one of three keys says that.

    `after` and `before` are a text of one line, in the body of `function` if that is given;
    `sorted` is what the lines begin with among which these have their place.  `present` is
    a text that only a file has which has the lines; None means their first one.
    """

    path: TreePath
    text: Code
    after: Code | None = None
    before: Code | None = None
    sorted: Code | None = None
    function: Ident | None = None
    present: Code | None = None


class VirtualRules(Table, frozen=True, kw_only=True):
    """What step 3 gives a tree: how many network stacks are held, made and selected.

    `curvnet` is an lvalue, the stack that is selected; None means a variable of the generated
    source, of the storage class `storage` (`__thread`; empty for a program of one thread).
    `thread` is a template of `{td}`: the stack that a thread belongs to.  `headers` is what
    these need.  `malloc` (zeroed memory, or NULL) and `free` are templates of `{size}` and
    `{address}`; `memory` is what must be defined, and `memory_headers` included, for them.
    `panic` is called like `printf` and does not return.  `begin` and `done` are a subsystem
    and an order of SYSINIT: when the first stack is made, and when it is selected no longer;
    `end` of SYSUNINIT: when it is destroyed.
    """

    curvnet: Code | None = None
    storage: str = "__thread"
    thread: Annotated[str, template("td")] = "{current}"
    headers: tuple[Text, ...] = ()
    malloc: Annotated[str, template("size")] = "malloc({size}, M_VNET, M_WAITOK | M_ZERO)"
    free: Annotated[str, template("address")] = "free({address}, M_VNET)"
    memory: str = 'MALLOC_DEFINE(M_VNET, "vnet", "network stacks");'
    memory_headers: tuple[Text, ...] = ("sys/malloc.h",)
    panic: Ident = "panic"
    begin: Text | None = None
    done: Text | None = None
    end: Text | None = None
    line: tuple[FrameworkLine, ...] = ()


class FrameworkRules(Table, frozen=True, kw_only=True):
    """What a tree gets besides the containers: `source` is the file to generate.

    `headers` is what it includes, `declarations` what the header of the prefix includes for
    what registers.  A header between `<` and `>` is none of the tree.  Without `locks` there
    is one thread only; without `lookup` nobody asks for variables by name (`kldsym`).
    """

    source: TreePath
    headers: tuple[Text, ...] = ("sys/param.h", "sys/systm.h", "sys/kernel.h")
    declarations: tuple[Text, ...] = ("sys/types.h", "sys/queue.h")
    locks: bool = True
    lookup: bool = True
    line: tuple[FrameworkLine, ...] = ()
    virtual: VirtualRules = VirtualRules()
