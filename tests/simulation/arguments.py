"""What Bolt asks of each listener and matcher when a life begins: the names of its arguments. They
are those of its code, so they are worked out once and not in every life."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from types import FunctionType, SimpleNamespace
from typing import Any
from unittest.mock import patch


def remembered_arguments() -> AbstractContextManager[object]:
    """While it lasts, Bolt's `inspect` remembers."""
    return patch("slack_bolt.util.utils.inspect", _INSPECT)


def _getfullargspec(func: Callable[..., Any]) -> inspect.FullArgSpec:
    key = _key(func)
    if key is None:
        return inspect.getfullargspec(func)
    if key not in _KNOWN:
        _KNOWN[key] = inspect.getfullargspec(func)
    known = _KNOWN[key]
    return known._replace(args=list(known.args))  # Bolt takes `self` out of its list


def _key(func: Callable[..., Any]) -> object:
    """What decides about the names; None where that is not so simple."""
    if isinstance(func, FunctionType) and not hasattr(func, "__signature__"):
        return func.__code__
    if type(func) is partial and isinstance(func.func, FunctionType):
        return func.func.__code__, len(func.args), frozenset(func.keywords)
    return None


_KNOWN: dict[object, inspect.FullArgSpec] = {}
_INSPECT = SimpleNamespace(**{**vars(inspect), "getfullargspec": _getfullargspec})
