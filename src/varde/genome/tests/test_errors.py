"""An InputError survives what ordinary code does with exceptions."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Iterator

import pytest

from varde.genome.errors import InputError

PROBLEM = InputError("empty_file", "The file is empty.", "Send it again.", source="a.vcf", line=1, field="POS")


def test_it_passes_through_a_generator_context_manager() -> None:
    @contextlib.contextmanager
    def surrounding() -> Iterator[None]:
        yield

    with pytest.raises(InputError) as caught, surrounding():
        raise PROBLEM
    assert caught.value is PROBLEM


def test_it_crosses_a_process_border_with_all_its_fields() -> None:
    assert pickle.loads(pickle.dumps(PROBLEM)) == PROBLEM  # noqa: S301
    assert str(PROBLEM) == "a.vcf, line 1, POS: The file is empty. Send it again."
