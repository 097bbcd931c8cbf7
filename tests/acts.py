"""What the code may write into the audit trail, read from the code without running it.

An act or a kind of thing is a text, or comes to one: by a constant, a choice of two, a formatted
text, an argument that callers of the function give, or a value of an enumeration, and then each of
its members is meant.
"""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

ROOT = Path(__file__).parents[1]
WRITES = "audit.write"


class Unread(LookupError):
    """What an expression comes to does not stand in the code."""


@dataclass(frozen=True)
class Source:
    """A file of the program."""

    path: Path
    text: str

    @property
    def module(self) -> ModuleType:
        """Give what it is once it runs."""
        return sys.modules[".".join(self.path.relative_to(ROOT).with_suffix("").parts)]

    @cached_property
    def calls(self) -> list[tuple[ast.Call, ast.FunctionDef | None]]:
        """Give every call with the function that it stands in, if it stands in one."""
        found: list[tuple[ast.Call, ast.FunctionDef | None]] = []
        waiting: list[tuple[ast.AST, ast.FunctionDef | None]] = [(ast.parse(self.text), None)]
        while waiting:
            node, function = waiting.pop()
            if isinstance(node, ast.Call):
                found.append((node, function))
            within = node if isinstance(node, ast.FunctionDef) else function
            waiting += [(child, within) for child in ast.iter_child_nodes(node)]
        return found


@dataclass(frozen=True)
class Trail:
    """Reads what sources write."""

    sources: Sequence[Source]

    @classmethod
    def of(cls, *folders: str) -> Trail:
        """Read the files of folders."""
        paths = [path for one in folders for path in sorted((ROOT / one).rglob("*.py"))]
        return cls([Source(path, path.read_text(encoding="utf-8")) for path in paths])

    def rows(self) -> Iterator[tuple[Source, ast.Call, ast.FunctionDef | None]]:
        """Give each place that writes a row."""
        for source in self.sources:
            if f"{WRITES}(" in source.text:
                for call, function in source.calls:
                    if _last(call) == "write" and ast.unparse(call.func) == WRITES:
                        yield source, call, function

    def texts(self, node: ast.expr, source: Source, function: ast.FunctionDef | None) -> set[str]:
        """Give every text that an expression may come to; of a pair, its first. Raises Unread."""
        match node:
            case ast.Constant(value=str(text)):
                return {text}
            case ast.Tuple(elts=[inside, *_]) | ast.FormattedValue(value=inside):
                return self.texts(inside, source, function)
            case ast.IfExp(body=one, orelse=other):
                return self.texts(one, source, function) | self.texts(other, source, function)
            case ast.JoinedStr(values=parts):
                each = [self.texts(part, source, function) for part in parts]
                return {"".join(one) for one in itertools.product(*each)}
            case ast.Name(id=name) if function is not None and _bound(name, function):
                return self._local(name, source, function)
        return _members(_kind_of(node, source, function), node)

    def _local(self, name: str, source: Source, function: ast.FunctionDef) -> set[str]:
        """Give what a name inside a function may stand for: an argument, or what was assigned."""
        annotation = _arguments(function).get(name)
        if annotation is None:
            found = [self.texts(one, source, function) for one in _assigned(name, function)]
        elif ast.unparse(annotation).startswith(("str", "tuple[str,")):
            found = [self.texts(*one) for one in self._given(name, source, function)]
        else:
            return _members(_named(annotation, source.module), annotation)
        if not found:
            raise Unread(f"{source.path}: {name}")
        return set().union(*found)

    def _given(
        self, name: str, source: Source, function: ast.FunctionDef
    ) -> Iterator[tuple[ast.expr, Source, ast.FunctionDef | None]]:
        """Give what callers give for an argument of a function."""
        at = list(_arguments(function)).index(name)
        own = vars(source.module)[function.name]
        for caller in self.sources:
            if f"{function.name}(" not in caller.text:
                continue
            for call, within in caller.calls:
                if _last(call) == function.name and _named(call.func, caller.module) is own:
                    named = [one.value for one in call.keywords if one.arg == name]
                    yield (named or call.args[at : at + 1])[0], caller, within


def _last(call: ast.Call) -> str:
    """Give the last part of the name of what is called."""
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def _arguments(function: ast.FunctionDef) -> dict[str, ast.expr]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return {one.arg: one.annotation for one in every if one.annotation is not None}


def _assigned(name: str, function: ast.FunctionDef) -> list[ast.expr]:
    found = []
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                pairs = zip(names, values, strict=True)
                found += [one for each, one in pairs if ast.unparse(each) == name]
            case ast.Assign(targets=[ast.Name(id=each)], value=one) if each == name:
                found.append(one)
    return found


def _bound(name: str, function: ast.FunctionDef) -> bool:
    return name in _arguments(function) or bool(_assigned(name, function))


def _kind_of(node: ast.expr, source: Source, function: ast.FunctionDef | None) -> Any:
    """Give what a name of the module means, or of which type a part of an argument is."""
    if isinstance(node, ast.Attribute):
        root = _kind_of(node.value, source, function)
        hints = get_type_hints(root) if isinstance(root, type) else {}
        found = hints.get(node.attr, getattr(root, node.attr, None))
        return root if node.attr == "value" else found
    if isinstance(node, ast.Name) and function is not None:
        return _named(_arguments(function).get(node.id, node), source.module)
    return _named(node, source.module)


def _named(node: ast.expr, module: ModuleType) -> Any:
    """Give what a name, with points or without, means in a module; None where it means nothing."""
    if isinstance(node, ast.Attribute):
        return getattr(_named(node.value, module), node.attr, None)
    return vars(module).get(node.id) if isinstance(node, ast.Name) else None


def _members(found: Any, node: ast.expr) -> set[str]:
    if isinstance(found, str):
        return {str(found)}
    if isinstance(found, type) and issubclass(found, StrEnum):
        return {one.value for one in found}
    raise Unread(ast.unparse(node))
