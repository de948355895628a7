"""Reasons that several steps give."""

from __future__ import annotations

from vrefactor.plan.model import Refusal, Skip


class CommonSkip(Skip):
    """Why a candidate is left as it is, in any step."""

    TAG = "tag"
    MEMBER = "member"
    LABEL = "label"
    LOCAL = "local"
    PARAMETER = "parameter"
    DECLARATION = "declaration"
    TYPE = "type"
    MACRO_NAME = "macro name"
    MACRO_PARAMETER = "macro parameter"
    DIRECTIVE = "directive"
    SYSCTL = "sysctl"
    TUNABLE = "tunable"
    ALIAS = "alias"
    FOREIGN = "another entity"
    KEPT = "kept by rule"
    EXCLUDED = "excluded by rule"
    PRESENT = "already there"
    DEAD = "compiled by no build"


class CommonRefusal(Refusal):
    """Why a site can't be decided by machine, in any step."""

    PASTED = "operand of ##"
    STRINGISED = "operand of #"
    AMBIGUOUS = "its readings disagree"
    UNDECLARED = "no declaration in view"
    UNPARSED = "in a region that does not parse"
    UNKNOWN_MACRO = "argument of a macro that is not defined in the tree"
    TYPE = "stands where a type stands"
    ALIAS = "a macro's body that is used as a tag and as an expression"
