"""Bytes read 32 or 8 at a time, for the kernel: LLVM vectors, which every processor has in some width.

Numba checks array indexes only, so each function first looks at the last byte it will read when bounds checking is
on. The caller keeps PADDING bytes behind the last byte it may ask for.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

WIDTH = 32
PADDING = 2 * WIDTH

_CHECKED = bool(config.BOUNDSCHECK)
_VECTOR = ir.VectorType(ir.IntType(8), WIDTH)
_MASK = ir.IntType(WIDTH)

# What LLVM emits at compile time; numba and llvmlite have no types.
_Builder = Any
_Value = Any
_Emit = Callable[[_Builder, list[_Value]], _Value]


def _pointer(context: Any, builder: _Builder, array_type: Any, array: _Value, index: _Value, pointee: Any) -> _Value:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), pointee.as_pointer())


def _load(builder: _Builder, pointer: _Value) -> _Value:
    value = builder.load(pointer)
    value.align = 1
    return value


def _all(byte: int) -> ir.Constant:
    return ir.Constant(_VECTOR, [ir.Constant(ir.IntType(8), byte)] * WIDTH)


def _count(builder: _Builder, bits: _Value) -> _Value:
    """The number of unset bits below the lowest set one, WIDTH when none is set, as int64."""
    lowest = builder.cttz(builder.bitcast(bits, _MASK), ir.Constant(ir.IntType(1), 0))
    return builder.zext(lowest, ir.IntType(64))


@intrinsic  # type: ignore[untyped-decorator]
def _stop_in(typing: Any, data: Any, index: Any) -> Any:
    def emit(context: Any, builder: _Builder, signature: Any, arguments: list[_Value]) -> _Value:
        text = _load(builder, _pointer(context, builder, signature.args[0], *arguments, _VECTOR))
        # Signed: what is below a space is a control character or a byte beyond ASCII.
        odd = builder.icmp_signed("<", text, _all(0x20))
        quote = builder.icmp_unsigned("==", text, _all(ord('"')))
        backslash = builder.icmp_unsigned("==", text, _all(ord("\\")))
        return _count(builder, builder.or_(odd, builder.or_(quote, backslash)))

    return types.int64(data, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def _digits_in(typing: Any, data: Any, index: Any) -> Any:
    def emit(context: Any, builder: _Builder, signature: Any, arguments: list[_Value]) -> _Value:
        text = _load(builder, _pointer(context, builder, signature.args[0], *arguments, _VECTOR))
        return _count(builder, builder.icmp_unsigned(">=", builder.sub(text, _all(ord("0"))), _all(10)))

    return types.int64(data, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def _same_in(typing: Any, data: Any, index: Any, other: Any, other_index: Any) -> Any:
    def emit(context: Any, builder: _Builder, signature: Any, arguments: list[_Value]) -> _Value:
        one, one_index, two, two_index = arguments
        left = _load(builder, _pointer(context, builder, signature.args[0], one, one_index, _VECTOR))
        right = _load(builder, _pointer(context, builder, signature.args[2], two, two_index, _VECTOR))
        return _count(builder, builder.icmp_unsigned("!=", left, right))

    return types.int64(data, types.int64, other, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def _copy_block(typing: Any, data: Any, index: Any, target: Any, target_index: Any) -> Any:
    def emit(context: Any, builder: _Builder, signature: Any, arguments: list[_Value]) -> _Value:
        one, one_index, two, two_index = arguments
        block = _load(builder, _pointer(context, builder, signature.args[0], one, one_index, _VECTOR))
        pointer = _pointer(context, builder, signature.args[2], two, two_index, _VECTOR)
        builder.store(block, pointer).align = 1
        return context.get_dummy_value()

    return types.void(data, types.int64, target, types.int64), emit


@intrinsic  # type: ignore[untyped-decorator]
def _word_in(typing: Any, data: Any, index: Any) -> Any:
    def emit(context: Any, builder: _Builder, signature: Any, arguments: list[_Value]) -> _Value:
        return _load(builder, _pointer(context, builder, signature.args[0], *arguments, ir.IntType(64)))

    return types.uint64(data, types.int64), emit


@njit(nogil=True)
def _check(data, index, size):
    if index < 0 or index + size > data.size:
        raise IndexError("a wide access outside of the array")


@njit(nogil=True)
def stop_at(data, index):
    """How many of the 32 bytes from `index` stand before the first that a string scan must look at (a quote, a
    backslash, a control character, a byte beyond ASCII); 32 when none of them is such a byte.
    """
    if _CHECKED:
        _check(data, index, WIDTH)
    return _stop_in(data, index)
