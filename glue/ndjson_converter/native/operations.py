"""The few operations that Numba's Python has no words for: bytes looked at 32 or 8 at a time, as LLVM vectors, which
every processor has in some width.

Numba's bounds checking sees array indexes only. So these functions check themselves when it is on; when it is off, the
caller answers for PADDING bytes behind the last byte that it may ask for.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic

from ndjson_converter.kernel import WIDTH, Bytes

F = TypeVar("F", bound=Callable[..., Any])

# Without reference counts, which no function here needs: each allocates nothing and keeps nothing.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
_BARE: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_CHECKED = bool(config.BOUNDSCHECK)  # type: ignore[attr-defined]  # set when it is imported
_BYTE, _INTEGER = ir.IntType(8), ir.IntType(64)
_BLOCK = ir.VectorType(_BYTE, WIDTH)


def native(function: F) -> F:
    """Compile the function into those that call it: to pass an array on costs more than most of the functions."""
    return cast(F, njit(**_OPTIONS, forceinline=True)(function))


def native_rare(function: F) -> F:
    """Compile the function on its own, because it is seldom called."""
    return cast(F, njit(**_OPTIONS)(function))


def native_entry(function: F) -> F:
    """Compile the function to be called through `machine_code`, without what calls from Python would need."""
    return cast(F, njit(**_OPTIONS, **_BARE)(function))


def _emitting(result: Any, emit: Callable[..., Any]) -> Callable[..., Any]:
    """A function of arrays and positions (array, position, array, position, ...) as the LLVM code that `emit` writes;
    `emit` is given the builder and the address of each position.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        addresses = []
        for number in range(0, len(arguments), 2):
            array = context.make_array(signature.args[number])(context, builder, arguments[number])
            addresses.append(builder.gep(array.data, [arguments[number + 1]]))
        value = emit(builder, *addresses)
        return context.get_dummy_value() if value is None else value

    def of_one(_context: Any, array: Any, _position: Any) -> Any:
        return result(array, types.int64), generate

    def of_two(_context: Any, array: Any, _position: Any, other: Any, _other_position: Any) -> Any:
        return result(array, types.int64, other, types.int64), generate

    return cast(Callable[..., Any], intrinsic(of_one if emit.__code__.co_argcount == 2 else of_two))


def _load(builder: Any, address: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(address, kind.as_pointer()), align=1)


def _all(byte: int) -> Any:
    return ir.Constant(_BLOCK, [ir.Constant(_BYTE, byte)] * WIDTH)


def _first(builder: Any, found: Any) -> Any:
    """The index of the first byte for which `found` is true, WIDTH when there is none."""
    bits = builder.bitcast(found, ir.IntType(WIDTH))
    return builder.zext(builder.cttz(bits, ir.Constant(ir.IntType(1), 0)), _INTEGER)


def _emit_text_end(builder: Any, address: Any) -> Any:
    block = _load(builder, address, _BLOCK)
    # Signed: below a space stand the control characters and, as negative numbers, the bytes beyond ASCII.
    odd = builder.icmp_signed("<", block, _all(0x20))
    quote = builder.icmp_unsigned("==", block, _all(0x22))
    backslash = builder.icmp_unsigned("==", block, _all(0x5C))
    return _first(builder, builder.or_(odd, builder.or_(quote, backslash)))


def _emit_digits_end(builder: Any, address: Any) -> Any:
    block = _load(builder, address, _BLOCK)
    return _first(builder, builder.icmp_unsigned(">=", builder.sub(block, _all(0x30)), _all(10)))


def _emit_difference(builder: Any, address: Any, other: Any) -> Any:
    left, right = _load(builder, address, _BLOCK), _load(builder, other, _BLOCK)
    return _first(builder, builder.icmp_unsigned("!=", left, right))


def _emit_word(builder: Any, address: Any) -> Any:
    return _load(builder, address, _INTEGER)


def _emit_copy(builder: Any, address: Any, other: Any) -> None:
    block = _load(builder, other, _BLOCK)
    builder.store(block, builder.bitcast(address, _BLOCK.as_pointer()), align=1)


_text_end: Callable[[Bytes, int], int] = _emitting(types.int64, _emit_text_end)
_digits_end: Callable[[Bytes, int], int] = _emitting(types.int64, _emit_digits_end)
_difference: Callable[[Bytes, int, Bytes, int], int] = _emitting(types.int64, _emit_difference)
_word: Callable[[Bytes, int], np.uint64] = _emitting(types.uint64, _emit_word)
_copy: Callable[[Bytes, int, Bytes, int], None] = _emitting(types.void, _emit_copy)


@native
def _check(array: Bytes, position: int, size: int) -> None:
    if position < 0 or position + size > array.size:
        raise IndexError("read or write outside of the array")


@native
def integer(number: Any) -> int:
    """The number as a signed one of 64 bits: with an unsigned one, sums would become floating."""
    return np.int64(number)  # type: ignore[return-value]


@native
def byte(array: Bytes, position: int) -> int:
    """The byte at a position that is not negative."""
    # Unsigned, because Python's negative indexes would cost a comparison per byte.
    return integer(array[np.uint64(position)])


@native
def text_end(array: Bytes, position: int) -> int:
    """How many of the 32 bytes from `position` come before the first that is a quote, a backslash, a control character
    or not ASCII; 32 when there is none.
    """
    if _CHECKED:
        _check(array, position, WIDTH)
    return _text_end(array, position)


@native
def digits_end(array: Bytes, position: int) -> int:
    """How many of the 32 bytes from `position` come before the first that is not a digit; 32 when there is none."""
    if _CHECKED:
        _check(array, position, WIDTH)
    return _digits_end(array, position)


@native
def difference(array: Bytes, position: int, other: Bytes, other_position: int) -> int:
    """How many of the 32 bytes from the two positions are equal before the first that differ; 32 when all are."""
    if _CHECKED:
        _check(array, position, WIDTH)
        _check(other, other_position, WIDTH)
    return _difference(array, position, other, other_position)


@native
def word(array: Bytes, position: int) -> np.uint64:
    """The 8 bytes from `position`, the first of them lowest."""
    if _CHECKED:
        _check(array, position, 8)
    return _word(array, position)


@native
def copy_block(target: Bytes, target_position: int, source: Bytes, position: int) -> None:
    """Copy 32 bytes."""
    if _CHECKED:
        _check(target, target_position, WIDTH)
        _check(source, position, WIDTH)
    _copy(target, target_position, source, position)
