"""Step 3, the sysctls: with option VIMAGE each has a handler that finds its variable.

The address of a variable is not known before a stack is selected.  So `SYSCTL_V_x` defines a
function that resolves it there and calls the plain handler with it, and a plain sysctl with that
function.  Without the option they stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from vrefactor.edit.rule_lines import fitted
from vrefactor.errors import RULES_NAME, VrefactorError
from vrefactor.generated.member_access import Header, read_header
from vrefactor.generated.optional import optional, wrapping
from vrefactor.generated.sysctl_forms import FORMS
from vrefactor.index.index import Index
from vrefactor.source.edits import Edit

_FORMS = frozenset(name.encode() for name in FORMS.values())
_OID = b"SYSCTL_OID"
_OID_PARAMETERS = 9
_FIRST = b"SYSCTL_V_OID"
_REASON = "the variable of the stack that is selected"

HANDLERS = b"""\
#ifdef VIMAGE
/*
 * Where a variable is depends on the network stack that is selected: each sysctl
 * has a handler that finds it, and then calls the plain one.
 */
#define	SYSCTL_V_OID(subs, mod, parent, nbr, name, kind, sym, a2, handler, \\
	    fmt, descr)							\\
	static int							\\
	sysctl_vnet_ ## parent ## _ ## name(SYSCTL_HANDLER_ARGS)	\\
	{								\\
		INIT_FROM_VNET(curvnet, V_MOD_ ## mod, struct mod, mod); \\
									\\
		(void)arg1;						\\
		return ((handler)(oidp, &mod->_ ## sym, arg2, req)); \\
	}								\\
	SYSCTL_OID(parent, nbr, name, kind, (void *)0, a2,		\\
	    sysctl_vnet_ ## parent ## _ ## name, fmt, descr)
#define	SYSCTL_V_PROC(subs, mod, parent, nbr, name, access, sym, arg,	\\
	    handler, fmt, descr)					\\
	SYSCTL_V_OID(subs, mod, parent, nbr, name, access, sym, arg,	\\
	    handler, fmt, descr)
#define	SYSCTL_V_INT(subs, mod, parent, nbr, name, access, sym, val, descr) \\
	SYSCTL_V_OID(subs, mod, parent, nbr, name, CTLTYPE_INT | (access), \\
	    sym, val, sysctl_handle_int, "I", descr)
#define	SYSCTL_V_UINT(subs, mod, parent, nbr, name, access, sym, val, descr) \\
	SYSCTL_V_OID(subs, mod, parent, nbr, name, CTLTYPE_UINT | (access), \\
	    sym, val, sysctl_handle_int, "IU", descr)
#define	SYSCTL_V_STRING(subs, mod, parent, nbr, name, access, sym, len, \\
	    descr)							\\
	SYSCTL_V_OID(subs, mod, parent, nbr, name, CTLTYPE_STRING | (access), \\
	    sym, len, sysctl_handle_string, "A", descr)
#define	SYSCTL_V_STRUCT(subs, mod, parent, nbr, name, access, sym, type, \\
	    descr)							\\
	SYSCTL_V_OID(subs, mod, parent, nbr, name, CTLTYPE_OPAQUE | (access), \\
	    sym, sizeof(struct type), sysctl_handle_opaque, "S," #type, descr)
#endif

"""
"""The forms of sysctls with option VIMAGE."""


def sysctl_handlers(index: Index, step: str) -> Iterator[Edit]:
    """Plan the forms of sysctls, in the rules' header of sysctls, if it has such forms.

    Raises RULES_NAME if that header does not define `SYSCTL_OID` with nine parameters.
    """
    path = index.rules.sysctl.header
    if path not in index.tree:
        return
    header = read_header(index, path)
    forms = [macro for macro in header.bodies if macro.name in _FORMS]
    single = [macro for macro in forms if not optional(header, macro.name_at)]
    if not single:
        return
    _check(index, header)
    if len(single) == len(forms):
        at = header.above(single)
        yield Edit(path, at, at, fitted(header.source.data, HANDLERS), step, _REASON)
    yield from wrapping(header, single, step, _REASON)


def _check(index: Index, header: Header) -> None:
    oids = [macro for macro in header.bodies if macro.name == _OID]
    if not any(len(macro.parameters or ()) == _OID_PARAMETERS for macro in oids):
        detail = f"{header.source.path} does not define SYSCTL_OID with nine parameters"
        raise VrefactorError(RULES_NAME, detail, path=index.rules.origin)
