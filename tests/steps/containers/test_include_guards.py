"""Step 2.2: headers that would be read twice get an include guard."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.steps.containers.containing import after, stage_of
from tests.steps.support import rules_for

TYPE = "typedef struct { int a; } t;\n"
EXTERN = "extern t ttl;\n"
IN_BLOCK = "#ifdef VIMAGE_GLOBALS\nextern t ttl;\n#endif\n"
SOURCE = '#include "net/t.h"\nt ttl;\nint other;\n'
#: A user of the container that has not got the type: the container's header has to bring it.
USER = "#include <sys/param.h>\nextern int other;\nint f(void) { return other; }\n"


def header_after(root: Path, header: str, *, user: str = USER) -> str:
    """Return `net/t.h` after the step, for a container that needs its type `t`."""
    stage = stage_of(root, SOURCE, "ttl", "other", net__t_dot_h=header, net__b_dot_c=user)
    text = after(stage, "net/t.h")
    made = text.count("#ifndef") > header.count("#ifndef")
    assert any(note.startswith("net/t.h: ") for note in stage.plan.notes) == made
    return text


#: What stands in front of a header's declarations, and behind them.
LEFT = {
    "a guard": ("#ifndef T\n#define T\n", "#endif\n"),
    "a guard that is defined last": ("#ifndef T\n", "#define T\n#endif\n"),
    "#pragma once": ("#pragma once\n", ""),
    "#pragma once behind a comment": ("/* Once. */\n # pragma once\n", ""),
}


@pytest.mark.parametrize(("lead", "tail"), LEFT.values(), ids=LEFT)
def test_a_header_is_left(lead: str, tail: str, tmp_path: Path) -> None:
    text = header_after(tmp_path, lead + TYPE + EXTERN + tail)
    assert text == lead + TYPE + IN_BLOCK + tail


def test_a_header_that_the_container_need_not_include_is_left(tmp_path: Path) -> None:
    user = USER.replace("extern", '#include "net/t.h"\nextern')
    assert header_after(tmp_path, TYPE + EXTERN, user=user) == TYPE + IN_BLOCK


def test_a_header_that_only_a_guarded_one_includes_is_left(tmp_path: Path) -> None:
    outer = '#ifndef _O_H_\n#define _O_H_\n#include "net/t.h"\n#endif\n'
    stage = stage_of(
        tmp_path,
        SOURCE.replace("t.h", "o.h"),
        "ttl",
        "other",
        net__o_dot_h=outer,
        net__t_dot_h=TYPE,
        net__b_dot_c=USER,
        net__c_dot_c=USER.replace("extern", '#include "net/o.h"\nextern'),
    )
    assert after(stage, "net/t.h") == TYPE


def test_a_header_without_types_is_left(tmp_path: Path) -> None:
    """It is brought along for a bound, and to read it twice does no harm."""
    header = "#define N 4\nint g(int);\n"
    source = '#include "net/t.h"\nint ttl[N];\nint other;\n'
    stage = stage_of(tmp_path, source, "ttl", "other", net__t_dot_h=header, net__b_dot_c=USER)
    assert "#include <net/t.h>" in after(stage, "net/vnet.h")
    assert after(stage, "net/t.h") == header


#: A header's lead, and what follows it.
GUARDED = {
    "plain": ("", TYPE),
    "behind a comment": ("/* What t is. */\n\n", TYPE),
    "that begins with a condition": ("", "#ifdef A\nint x;\n#endif\n" + TYPE),
    "with a guard for a part": ("", "#ifndef T\n#define T\n#endif\n" + TYPE),
}


OPENING = "#ifndef _NET_T_H_\n#define\t_NET_T_H_\n\n"
CLOSING = "\n#endif /* !_NET_T_H_ */\n"


@pytest.mark.parametrize(("lead", "body"), GUARDED.values(), ids=GUARDED)
def test_a_header_gets_a_guard(lead: str, body: str, tmp_path: Path) -> None:
    assert header_after(tmp_path, lead + body) == lead + OPENING + body + CLOSING


def test_a_header_without_a_last_newline_has_none_again(tmp_path: Path) -> None:
    text = header_after(tmp_path, TYPE.removesuffix("\n"))
    assert text == OPENING + TYPE + CLOSING.removesuffix("\n")


def test_a_header_that_two_chosen_ones_include_gets_a_guard(tmp_path: Path) -> None:
    """No source reads it but by one of the two."""
    inner = "#ifndef _{0}_H_\n#define _{0}_H_\n#include <net/t.h>\nstruct {0} {{ t t; }};\n#endif\n"
    stage = stage_of(
        tmp_path,
        "#include <net/p.h>\nstruct p ttl;\n",
        rules=rules_for({"ttl": "net/a.c", "own": "net/b.c"}),
        net__p_dot_h=inner.format("p"),
        net__q_dot_h=inner.format("q"),
        net__t_dot_h=TYPE,
        net__b_dot_c="#include <sys/param.h>\n#include <net/q.h>\nstruct q own;\n",
    )
    assert "#ifndef _NET_T_H_\n" in after(stage, "net/t.h")
