"""The functions that are compiled to machine code. Importing them imports numba: so nothing but the compilation does,
and callers take them from `kernel`.
"""
