"""Functions of arrays as machine code: taken from where they were compiled before, or compiled before their first call.

numba compiles them, which takes seconds, once; the code is an object file under the hash of its sources. Whoever finds
that file needs only llvmlite to run it: importing numba would cost more time than converting 100 MB. The file may come
with the package (see `scripts/package.py`) or lie in a folder of this user.
"""

import ctypes
import hashlib
import os
import pkgutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import numpy as np
from llvmlite import binding

_NAME = "ndjson-converter"
_NATIVE = ("operations", "grammar", "nesting", "splitting", "scattering", "spreading")
_SOURCES = ("parsed", "kernel", "machine_code", *(f"native/{module}" for module in _NATIVE))
# What every machine of the last ten years has, and AWS Glue's. One code for all of them is one code to test.
_COMMON_X86_64 = "x86-64-v3"
_COMMON_FEATURES = ("avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt")
_X86_64, _LINUX = "x86_64", "linux-gnu"


class Processor(NamedTuple):
    """What code is compiled for, in LLVM's terms."""

    name: str
    features: str


class Function:
    """A function whose parameters are arrays of one dimension, integers and tuples of them, and whose result is an
    integer or nothing.
    """

    def __init__(self, library: "Library", path: str, parameters: tuple[Any, ...]) -> None:
        self.library = library
        self.module, _, self.name = path.rpartition(".")
        self.parameters = parameters

    def __call__(self, *values: Any) -> int:
        """Raises IndexError when bounds are checked and were not kept."""
        arguments = [argument for value in values for argument in _arguments(value)]
        # By numba's convention: first where the result goes, and where the description of an error does.
        result, error = ctypes.c_int64(), ctypes.c_void_p()
        address = self.library.address(self.name)
        status = _prototype(len(arguments))(address)(ctypes.byref(result), ctypes.byref(error), *arguments)
        if status:
            raise IndexError(f"{self.name} read or wrote outside of an array")
        return result.value


class Library:
    """The functions of one package of Python source."""

    def __init__(self, package: str) -> None:
        self.package = package
        self.functions: list[Function] = []
        self._lock = threading.Lock()
        self._engine: Any = None

    def function(self, path: str, *parameters: Any) -> Function:
        """Declare the function that is `path` below the package."""
        function = Function(self, path, parameters)
        self.functions.append(function)
        return function

    def address(self, name: str) -> int:
        """Where the function is; the first call loads or compiles all of them."""
        if self._engine is None:
            with self._lock:
                if self._engine is None:
                    self._engine = _load(self._object())
        return int(self._engine.get_function_address(name))

    def shipped(self) -> tuple[str, bytes] | None:
        """The name and content of a file that spares most machines the compilation when it lies in the converter's
        package; None on a machine of another kind, which cannot compile it.
        """
        if not _is_common() or not binding.get_process_triple().endswith(_LINUX):
            return None
        return _file_name(_processor()), self._object()

    def _object(self) -> bytes:
        processor = _processor()
        name = _file_name(processor)
        if not _is_checked() and (shipped := _shipped(name)):
            return shipped
        path = _folder() / name
        if not path.exists():
            code = self.compile(processor)
            handle, temporary = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(code)
            Path(temporary).replace(path)
        return path.read_bytes()

    def compile(self, processor: Processor) -> bytes:
        """The functions as an object file."""
        import numba  # noqa: PLC0415  # takes long, and is not needed where the code is there
        from numba import types  # noqa: PLC0415

        numba.config.CPU_NAME, numba.config.CPU_FEATURES = processor  # type: ignore[attr-defined]
        whole = binding.parse_assembly("")
        for function in self.functions:
            compiled = getattr(import_module(f"{self.package}.{function.module}"), function.name)
            signature = tuple(_numba_type(parameter, numba, types) for parameter in function.parameters)
            compiled.compile(signature)
            module = binding.parse_assembly(compiled.inspect_llvm(signature))
            module.get_function(compiled.overloads[signature].fndesc.llvm_func_name).name = function.name
            whole.link_in(module)
        return bytes(_machine(processor).emit_object(whole))


def _arguments(value: Any) -> Iterator[int]:
    """The value as numba's functions take it."""
    if isinstance(value, tuple):
        for member in value:
            yield from _arguments(member)
    elif isinstance(value, np.ndarray):
        address = value.__array_interface__["data"][0]
        # No reference counts, then items, bytes per item, address, shape and strides.
        yield from (0, 0, value.size, value.itemsize, address, value.size, value.itemsize)
    else:
        yield int(value)


@cache
def _prototype(arguments: int) -> Callable[[int], Callable[..., int]]:
    return ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * arguments)


def _numba_type(parameter: Any, numba: Any, types: Any) -> Any:
    if parameter is int:
        return types.int64
    if get_origin(parameter) is np.ndarray:
        dtype = get_args(get_args(parameter)[1])[0]
        return types.Array(numba.from_dtype(np.dtype(dtype)), 1, "C")
    return types.NamedTuple([_numba_type(hint, numba, types) for hint in get_type_hints(parameter).values()], parameter)


@cache
def _processor() -> Processor:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    if _is_common():
        return Processor(_COMMON_X86_64, "")
    return Processor(binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())


def _is_common() -> bool:
    features = binding.get_host_cpu_features()
    return binding.get_process_triple().startswith(_X86_64) and all(features.get(name) for name in _COMMON_FEATURES)


def _machine(processor: Processor) -> Any:
    target = binding.Target.from_triple(binding.get_process_triple())
    return target.create_target_machine(cpu=processor.name, features=processor.features, opt=3, reloc="pic")


def _load(code: bytes) -> Any:
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine(_processor()))
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def _file_name(processor: Processor) -> str:
    features = hashlib.sha256(processor.features.encode()).hexdigest()[:8] if processor.features else ""
    return "-".join(filter(None, [_digest()[:16], processor.name, features])) + ".o"


@cache
def _digest() -> str:
    sources = [pkgutil.get_data(__package__, f"{module}.py") or b"" for module in _SOURCES]
    return hashlib.sha256(b"\0".join([*sources, str(_is_checked()).encode()])).hexdigest()


def _is_checked() -> bool:
    """Whether numba compiles bounds checks."""
    return os.environ.get("NUMBA_BOUNDSCHECK", "0") not in ("", "0")


def _shipped(name: str) -> bytes | None:
    try:
        return pkgutil.get_data(__package__, name)
    except OSError:
        return None


@cache
def _folder() -> Path:
    """NDJSON_CONVERTER_CACHE if it is set, else the user's cache, else a folder in the temporary one, of this user
    alone.
    """
    wanted = os.environ.get("NDJSON_CONVERTER_CACHE")
    temporary = Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid()}"
    for candidate in [Path(wanted)] if wanted else [_user_cache(), temporary]:
        if _is_ours(candidate):
            return candidate
    return Path(tempfile.mkdtemp(prefix=f"{_NAME}-"))


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / _NAME


def _is_ours(folder: Path) -> bool:
    """Whether the folder is there, or can be made, and nobody else may write to it: what lies in it will be run."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return False
    return not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and os.access(folder, os.W_OK)
