from __future__ import annotations

from types import FunctionType

from varde.genome.compiled import compiled


def double(number: int) -> int:
    return 2 * number


def test_a_function_whose_code_cannot_be_kept_is_compiled_all_the_same():
    from_nowhere = FunctionType(double.__code__.replace(co_filename="<nowhere>"), {}, "double")
    assert compiled(from_nowhere)(21) == 42
