"""CloudWatch's metric math: arithmetic, comparisons, AND, OR, and SUM, AVG, MIN, MAX, FILL, IF, METRICS.

The values of a metric are a tuple, one for each period, None where a period has no data. All tuples of one calculation
have the same length. An expression of CloudWatch is one of Python's too, but for a few operators.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Series = tuple[float | None, ...]
Value = float | Series | list[Series]

_SPELT_OTHERWISE = {"&&": " and ", "AND": " and ", "||": " or ", "OR": " or ", "^": "**"}
_OTHERWISE = re.compile(r"&&|\|\||\^|\bAND\b|\bOR\b")


def _both(left: float, right: float) -> float:
    return float(bool(left) and bool(right))


def _either(left: float, right: float) -> float:
    return float(bool(left) or bool(right))


_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Eq: lambda left, right: float(left == right),
    ast.NotEq: lambda left, right: float(left != right),
    ast.Lt: lambda left, right: float(left < right),
    ast.LtE: lambda left, right: float(left <= right),
    ast.Gt: lambda left, right: float(left > right),
    ast.GtE: lambda left, right: float(left >= right),
    ast.And: _both,
    ast.Or: _either,
}
_SUMMARIES: Mapping[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}


class MetricMathError(ValueError):
    """The expression cannot be calculated; the message says which part."""


def names_in(expression: str) -> set[str]:
    """The ids of the queries that an expression uses. METRICS() names none. Raises MetricMathError."""
    tree = _parse(expression)
    functions = {
        node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - functions - {"REPEAT"}


def calculate(expression: str, series: Mapping[str, Series], metrics: list[Series], length: int) -> Series:
    """The expression's values. `series`: those of the ids it uses; `metrics`: what METRICS() is. MetricMathError.

    A period that lacks a value it needs has none; so has one in which a number is divided by zero.
    """
    value = _Calculation(expression, series, metrics).value(_parse(expression))
    if isinstance(value, list):
        raise MetricMathError(f"{expression!r} gives several series: use one, or SUM, AVG, MIN or MAX of them")
    return value if isinstance(value, tuple) else (value,) * length


def _parse(expression: str) -> ast.expr:
    python = _OTHERWISE.sub(lambda found: _SPELT_OTHERWISE[found[0]], expression).strip()
    try:
        return ast.parse(python, mode="eval").body
    except SyntaxError as error:
        raise MetricMathError(f"{expression!r} is no expression of metric math: {error.msg}") from error


class _Calculation:
    def __init__(self, expression: str, series: Mapping[str, Series], metrics: list[Series]) -> None:
        self._expression = expression
        self._series = series
        self._metrics = metrics

    def value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                value: Value = float(number)
            case ast.Name(id=name) if name in self._series:
                value = self._series[name]
            case ast.Name(id=name):
                raise MetricMathError(f"{self._expression!r} uses {name!r}, which is no id of a query")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                value = self._pairwise(operator.sub, 0.0, self.value(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                value = self._pairwise(_OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPERATORS:
                value = self._pairwise(_OPERATORS[type(op)], self.value(left), self.value(right))
            case ast.BoolOp(op=op, values=[first, *rest]):
                value = self.value(first)
                for other in rest:
                    value = self._pairwise(_OPERATORS[type(op)], value, self.value(other))
            case ast.List(elts=elements):
                value = [self._one(self.value(element)) for element in elements]
            case ast.Call(func=ast.Name(id=name), args=arguments):
                value = self._call(name, arguments)
            case _:
                raise self._unknown(ast.unparse(node))
        return value

    def _call(self, name: str, arguments: list[ast.expr]) -> Value:
        match name, arguments:
            case "METRICS", []:
                return self._metrics
            case "FILL", [what, ast.Name(id="REPEAT")]:
                return self._each(self.value(what), _repeated)
            case "FILL", [what, filler]:
                other = self.value(filler)
                return self._each(self.value(what), lambda one: self._filled(one, other))
            case "IF", [condition, then]:
                return self._choose(self.value(condition), self.value(then), None)
            case "IF", [condition, then, otherwise]:
                return self._choose(self.value(condition), self.value(then), self.value(otherwise))
            case summary, [what] if summary in _SUMMARIES:
                return _summary(_SUMMARIES[summary], self.value(what))
        raise self._unknown(f"{name} with {len(arguments)} arguments")

    def _pairwise(self, calculate: Callable[[float, float], float], left: Value, right: Value) -> Value:
        if isinstance(left, list):
            return [self._one(self._pairwise(calculate, one, right)) for one in left]
        if isinstance(right, list):
            return [self._one(self._pairwise(calculate, left, one)) for one in right]
        if isinstance(left, float) and isinstance(right, float):
            result = _safely(calculate, left, right)
            if result is None:
                raise MetricMathError(f"{self._expression!r} divides by zero")
            return result
        pairs = _aligned(left, right)
        return tuple(None if one is None or other is None else _safely(calculate, one, other) for one, other in pairs)

    def _choose(self, condition: Value, then: Value, otherwise: Value | None) -> Value:
        if isinstance(condition, float):
            chosen = then if condition else otherwise
            if chosen is None:
                raise self._unknown("IF with a number and no third argument")
            return chosen
        asked = self._one(condition)
        yes, no = (_repeat(self._number_or_series(value), len(asked)) for value in (then, otherwise))
        return tuple(
            None if state is None else (one if state else other)
            for state, one, other in zip(asked, yes, no, strict=True)
        )

    def _filled(self, one: Series, other: Value) -> Series:
        fillers = _repeat(self._number_or_series(other), len(one))
        return tuple(filler if value is None else value for value, filler in zip(one, fillers, strict=True))

    def _each(self, value: Value, change: Callable[[Series], Series]) -> Value:
        return [change(one) for one in value] if isinstance(value, list) else change(self._one(value))

    def _one(self, value: Value) -> Series:
        if not isinstance(value, tuple):
            raise self._unknown("a number or a list where a metric has to be")
        return value

    def _number_or_series(self, value: Value | None) -> float | Series | None:
        if isinstance(value, list):
            raise self._unknown("a list where a metric or a number has to be")
        return value

    def _unknown(self, part: str) -> MetricMathError:
        return MetricMathError(
            f"the embedded AWS cannot calculate {part} in {self._expression!r}: it knows arithmetic, comparisons, AND, "
            f"OR, SUM, AVG, MIN, MAX, FILL, IF and METRICS (local/emulator/metric_math.py)"
        )


def _summary(summarize: Callable[[list[float]], float], value: Value) -> Value:
    """Of a metric one number, over time; of several a metric, period by period."""
    if isinstance(value, float):
        return value
    if isinstance(value, tuple):
        present = [one for one in value if one is not None]
        return tuple(summarize(present) if present else None for _ in value)
    rows = [[one for one in row if one is not None] for row in zip(*value, strict=True)]
    return tuple(summarize(row) if row else None for row in rows)


def _repeated(one: Series) -> Series:
    filled: list[float | None] = []
    for value in one:
        filled.append(filled[-1] if value is None and filled else value)
    return tuple(filled)


def _aligned(left: float | Series, right: float | Series) -> Any:
    length = len(left) if isinstance(left, tuple) else len(right) if isinstance(right, tuple) else 1
    return zip(_repeat(left, length), _repeat(right, length), strict=True)


def _repeat(value: float | Series | None, length: int) -> Series:
    return value if isinstance(value, tuple) else (value,) * length


def _safely(calculate: Callable[[float, float], float], left: float, right: float) -> float | None:
    try:
        result = calculate(left, right)
    except (ZeroDivisionError, OverflowError):
        return None
    return result if isinstance(result, float) else None
