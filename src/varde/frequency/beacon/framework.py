"""What a Beacon says of itself: info, service-info, configuration, entry types, map and filtering terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from varde.frequency.beacon.query import FREQUENCY, TERMS
from varde.frequency.beacon.request import API_VERSION, Granularity
from varde.frequency.beacon.responses import ENTRY_TYPE, MODEL, SCHEMA

FRAMEWORK = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json"


@dataclass(frozen=True)
class Identity:
    """Who runs a Beacon and where. ``root`` is its address without a slash at the end; ``security`` PUBLIC or
    CONTROLLED; ``production`` DEV, TEST or PROD."""

    identifier: str
    name: str
    description: str
    organisation: str
    root: str
    welcome: str
    version: str
    security: str
    production: str


def info(who: Identity, datasets: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """``/`` and ``/info``."""
    return _informational(
        who,
        {
            "id": who.identifier,
            "name": who.name,
            "apiVersion": API_VERSION,
            "environment": {"PROD": "prod", "TEST": "test"}.get(who.production, "dev"),
            "organization": {"id": who.identifier, "name": who.organisation, "welcomeUrl": who.welcome},
            "description": who.description,
            "version": f"v{who.version}",
            "welcomeUrl": who.welcome,
            "info": {"datasets": list(datasets)},
        },
    )


def service_info(who: Identity) -> dict[str, Any]:
    """``/service-info``, after GA4GH service-info 1.0."""
    return {
        "id": who.identifier,
        "name": who.name,
        "type": {"group": "org.ga4gh", "artifact": "beacon", "version": API_VERSION},
        "description": who.description,
        "organization": {"name": who.organisation, "url": who.welcome},
        "documentationUrl": who.welcome,
        "environment": {"PROD": "prod", "TEST": "test"}.get(who.production, "dev"),
        "version": who.version,
    }


def configuration(who: Identity) -> dict[str, Any]:
    """``/configuration``."""
    return _informational(
        who,
        {
            "$schema": f"{FRAMEWORK}/configuration/beaconConfigurationSchema.json",
            "maturityAttributes": {"productionStatus": who.production},
            "securityAttributes": {
                "defaultGranularity": Granularity.BOOLEAN.value,
                "securityLevels": [who.security],
            },
            "entryTypes": _entry_types(),
        },
    )


def entry_types(who: Identity) -> dict[str, Any]:
    """``/entry_types``."""
    return _informational(who, {"entryTypes": _entry_types()})


def beacon_map(who: Identity) -> dict[str, Any]:
    """``/map``."""
    root = f"{who.root}/g_variants"
    endpoint = {"entryType": ENTRY_TYPE, "rootUrl": root, "singleEntryUrl": f"{root}/{{id}}"}
    endpoint["openAPIEndpointsDefinition"] = f"{MODEL}/genomicVariations/endpoints.json"
    schema = f"{FRAMEWORK}/configuration/beaconMapSchema.json"
    return _informational(who, {"$schema": schema, "endpointSets": {ENTRY_TYPE: {**endpoint, "endpoints": {}}}})


def filtering_terms(who: Identity) -> dict[str, Any]:
    """``/filtering_terms``."""
    terms = [
        {"type": "ontology", "id": term, "label": label, "scopes": [ENTRY_TYPE]} for term, (label, _) in TERMS.items()
    ]
    terms.append({"type": "alphanumeric", "id": FREQUENCY, "label": "allele frequency, 0 to 1", "scopes": [ENTRY_TYPE]})
    sequence_ontology = {
        "id": "so",
        "name": "Sequence Ontology",
        "url": "http://purl.obolibrary.org/obo/so.owl",
        "version": "2021-11-22",
        "nameSpacePrefix": "SO",
        "iriPrefix": "http://purl.obolibrary.org/obo/SO_",
    }
    return _informational(who, {"resources": [sequence_ontology], "filteringTerms": terms})


def _informational(who: Identity, response: dict[str, Any]) -> dict[str, Any]:
    meta = {"beaconId": who.identifier, "apiVersion": API_VERSION, "returnedSchemas": [SCHEMA]}
    return {"meta": meta, "response": response}


def _entry_types() -> dict[str, Any]:
    return {
        ENTRY_TYPE: {
            "id": ENTRY_TYPE,
            "name": "Genomic Variants",
            "ontologyTermForThisType": {"id": "ENSGLOSSARY:0000092", "label": "Variant"},
            "partOfSpecification": f"Beacon {API_VERSION}",
            "description": "Sites of the variant frequency register.",
            "defaultSchema": {
                "id": "ga4gh-beacon-variant-v2.0.0",
                "name": "Default schema for genomic variations",
                "referenceToSchemaDefinition": SCHEMA["schema"],
                "schemaVersion": "v2.0.0",
            },
            "nonFilteredQueriesAllowed": True,
        }
    }
