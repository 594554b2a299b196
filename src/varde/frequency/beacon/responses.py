"""Answers in Beacon's envelopes: meta, summary and result sets, and errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from varde.frequency.beacon.request import API_VERSION, BeaconRequest, Granularity, Include

ENTRY_TYPE = "genomicVariant"
MODEL = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/models/json/beacon-v2-default-model"
SCHEMA = {"entityType": ENTRY_TYPE, "schema": f"{MODEL}/genomicVariations/defaultSchema.json"}


@dataclass(frozen=True)
class Found:
    """What one data set answers: how many, and the records of the page that was asked for."""

    identifier: str
    total: int
    records: Sequence[Mapping[str, Any]]
    info: Mapping[str, Any]


def answer(
    beacon: str, request: BeaconRequest, found: Sequence[Found], info: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The answer in the granularity that was asked for. ``found`` is empty while nothing is held."""
    total = sum(one.total for one in found)
    body: dict[str, Any] = {"meta": meta(beacon, request), "responseSummary": {"exists": total > 0}}
    if request.granularity is not Granularity.BOOLEAN:
        body["responseSummary"]["numTotalResults"] = total
    if request.granularity is Granularity.RECORD:
        shown = [_result_set(one) for one in found if _shown(request.include, one.total)]
        body["response"] = {"resultSets": shown}
    if info:
        body["info"] = dict(info)
    return body


def meta(beacon: str, request: BeaconRequest) -> dict[str, Any]:
    """The answer's meta with the request as it was understood."""
    return {
        "beaconId": beacon,
        "apiVersion": API_VERSION,
        "returnedGranularity": request.granularity.value,
        "returnedSchemas": [SCHEMA],
        "testMode": request.test_mode,
        "receivedRequestSummary": {
            "apiVersion": API_VERSION,
            "requestedSchemas": [{"entityType": ENTRY_TYPE, "schema": one} for one in request.schemas],
            "pagination": {"skip": request.skip, "limit": request.limit},
            "requestedGranularity": request.granularity.value,
            "includeResultsetResponses": request.include.value,
            "requestParameters": {"g_variant": dict(request.parameters)} if request.parameters else {},
            "filters": [str(one) for one in request.filters],
            "testMode": request.test_mode,
        },
    }


def error(beacon: str, status: int, message: str) -> dict[str, Any]:
    """An error; nothing of a request that was not understood is repeated."""
    return {"meta": meta(beacon, BeaconRequest()), "error": {"errorCode": status, "errorMessage": message}}


def _shown(include: Include, total: int) -> bool:
    return {Include.ALL: True, Include.HIT: total > 0, Include.MISS: not total, Include.NONE: False}[include]


def _result_set(found: Found) -> dict[str, Any]:
    return {
        "id": found.identifier,
        "setType": "dataset",
        "exists": found.total > 0,
        "resultsCount": found.total,
        "results": list(found.records),
        "info": dict(found.info),
    }
