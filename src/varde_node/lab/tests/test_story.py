"""From the order to the interpretation, and to the stop by quality."""

from __future__ import annotations

from varde_node.lab import queries
from varde_node.lab.models import CaseState


def test_a_family_goes_from_order_to_interpretation(analysed_case) -> None:
    case = analysed_case("solberg")
    assert case.row.state == CaseState.INTERPRETATION
    assert queries.progress(case.order_id).state == "interpretation"


def test_swapped_parents_stop_the_case(analysed_case) -> None:
    case = analysed_case("berg")
    assert case.row.state == CaseState.QUALITY_STOP
