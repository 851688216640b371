"""The functions of an ADK project as tools: their names, descriptions and parameters. Their code is never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from gitagent.config.meaning.values import Tool

if TYPE_CHECKING:
    from gitagent.config.meaning.reading import Reading

_FUNCTIONS = r"functions/[^/]+\.py|flows/[^/]+/functions/[^/]+\.py"
_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object"}
_GIVEN = ("conv", "flow")  # by the platform, not by the model
_LIFE = ("start_function", "end_function")


def functions(reading: Reading) -> tuple[Tool, ...]:
    """The functions that a model can call; those that are not read are left."""
    found = []
    for path in reading.paths(_FUNCTIONS):
        if PurePosixPath(path).stem in _LIFE and not path.startswith("flows/"):
            reading.leave(path, None, "code that the platform runs when a call begins or ends")
        elif (tool := _tool(reading, path)) is not None:
            found.append(tool)
    return tuple(found)


def _tool(reading: Reading, path: str) -> Tool | None:
    code = reading.text(path)
    if code is None:
        return None
    name = PurePosixPath(path).stem
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        reading.leave(path, None, "Python cannot read it", line=line, broken=True)
        return None
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            flow = path.split("/")[1] if path.startswith("flows/") else None
            description, said = _decorated(node)
            description = description or (ast.get_docstring(node) or "").partition("\n")[0]
            reading.leave(path, "code", "named as a tool, and never run", line=node.lineno)
            parameters, operations = _parameters(node, said), tuple(_operations(tree))
            return Tool(name, description, parameters, None, flow, path, node.lineno, operations)
    reading.leave(path, None, f"defines no function '{name}'", broken=True)
    return None


def _operations(tree: ast.Module) -> dict[str, None]:
    """What the code is seen to ask services for: each `conv.api.service.operation()`, once."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(
                    attr=operation,
                    value=ast.Attribute(attr=service, value=ast.Attribute(attr="api")),
                )
            ):
                found[f"{service}.{operation}"] = None
    return found


def _decorated(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, dict[str, str]]:
    """What the decorators say: of the function, and of each parameter."""
    description, parameters = "", {}
    for decorator in node.decorator_list:
        match decorator:
            case ast.Call(func=ast.Name(id="func_description"), args=[ast.Constant(value=str(text)), *_]):
                description = text
            case ast.Call(
                func=ast.Name(id="func_parameter"),
                args=[ast.Constant(value=str(name)), ast.Constant(value=str(text)), *_],
            ):
                parameters[name] = text
    return description, parameters


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, said: dict[str, str]) -> dict[str, object]:
    properties: dict[str, Any] = {}
    required = []
    for argument, optional in _arguments(node.args):
        if argument.arg in _GIVEN:
            continue
        schema = {"type": _TYPES.get(argument.annotation.id)} if isinstance(argument.annotation, ast.Name) else {}
        text = {"description": said[argument.arg]} if argument.arg in said else {}
        properties[argument.arg] = {**{key: value for key, value in schema.items() if value}, **text}
        if not optional:
            required.append(argument.arg)
    return {"type": "object", "properties": properties, "required": required}


def _arguments(arguments: ast.arguments) -> Iterator[tuple[ast.arg, bool]]:
    """Every argument that can be given by its name, and whether it may be left out."""
    ordinary = [*arguments.posonlyargs, *arguments.args]
    first_optional = len(ordinary) - len(arguments.defaults)
    yield from ((argument, number >= first_optional) for number, argument in enumerate(ordinary))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield argument, default is not None
