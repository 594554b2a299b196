"""Addresses of the laboratory."""

from django.urls import path

from varde_node.lab import api, deciding_urls, matchmaker_api
from varde_node.lab.pages import (
    chains,
    clinvar,
    criteria,
    indicators,
    intake,
    interpretation,
    knowledge,
    matchmaking,
    panels,
    phenotype,
    pipeline,
    quality,
    signing,
    structural,
    truth,
    variant,
)

app_name = "lab"

CASE = "lab/cases/<uuid:case_id>/"

intake_patterns = [
    path("lab/", intake.work_list, name="work_list"),
    path(CASE, intake.case, name="case"),
    path(f"{CASE}samples/", intake.samples, name="samples"),
    path(f"{CASE}samples/receive/", intake.receive_samples, name="receive_samples"),
    path(f"{CASE}files/", intake.files, name="files"),
    path(f"{CASE}files/analyse/", intake.start_analysis, name="start_analysis"),
    path(f"{CASE}quality/", intake.quality, name="quality"),
    path(f"{CASE}quality/override/", intake.override_quality, name="override_quality"),
    path(f"{CASE}panel/", intake.panel, name="panel"),
]

api_patterns = [
    path(f"api/{CASE}", api.case_status, name="api_case"),
    path(f"api/{CASE}files/", api.upload, name="api_files"),
]

quality_patterns = [
    path(f"{CASE}quality/files/", quality.files, name="quality_files"),
    path(f"{CASE}coverage/", quality.coverage, name="coverage"),
    path(f"{CASE}coverage/<slug:place>.bed", quality.gaps, name="coverage_gaps"),
    path("lab/gates/", quality.gates, name="gates"),
    path("lab/gates/<slug:assay>/<int:version>/", quality.gate_version, name="gate_version"),
    path("lab/charts/", quality.charts, name="charts"),
    path("lab/charts/runs/", quality.record_run, name="record_run"),
    path("lab/charts/changes/", quality.note_change, name="note_change"),
    path("lab/runs/<uuid:run_id>/", quality.run, name="run"),
]

interpretation_patterns = [
    path(f"{CASE}open-all-genes/", interpretation.open_all_genes, name="open_all_genes"),
    path(f"{CASE}candidates/", interpretation.candidates, name="candidates"),
    path(f"{CASE}trace/", interpretation.trace, name="trace"),
    path(f"{CASE}variants/<str:variant>/", variant.variant, name="variant"),
    path(f"{CASE}variants/<str:variant>/points/", variant.points, name="points"),
    path(f"{CASE}structural/", structural.events, name="structural"),
    path(f"{CASE}structural/<str:event>/", structural.event, name="structural_event"),
    path(f"{CASE}structural/<str:event>/points/", structural.points, name="structural_points"),
    path(f"{CASE}repeats/", structural.repeats, name="repeats"),
    path("lab/criteria/", criteria.criteria, name="criteria"),
    path("lab/criteria/<uuid:table_id>/retire/", criteria.retire_table, name="retire_criteria_table"),
    path(f"{CASE}interpretation/", signing.interpretation, name="interpretation"),
    path(f"{CASE}approval/", signing.approval, name="approval"),
]

finding_patterns = [
    path("lab/panels/", panels.panels, name="panels"),
    path("lab/panels/new/", panels.new, name="new_panel"),
    path("lab/panels/compare/", panels.compare, name="compare_panels"),
    path("lab/panels/<uuid:panel_id>/", panels.stored, name="stored_panel"),
    path(f"{CASE}panel/change/", panels.change, name="change_panel"),
    path("lab/filter-chains/", chains.chain_list, name="chains"),
    path("lab/filter-chains/varde/", chains.own_chain, name="own_chain"),
    path("lab/filter-chains/new/", chains.new_chain, name="new_chain"),
    path("lab/filter-chains/<uuid:chain_id>/", chains.one_chain, name="chain"),
    path("lab/filter-chains/<uuid:chain_id>/chain.json", chains.chain_document, name="chain_document"),
    path(f"{CASE}filter-chain/", chains.choose_chain, name="choose_chain"),
    path(f"{CASE}comparison/", chains.compare, name="comparison"),
    path(f"{CASE}phenotype/", phenotype.phenotype, name="phenotype"),
    path(f"{CASE}phenotype/phenopacket.json", phenotype.phenopacket, name="phenopacket"),
    path("lab/phenotype-terms/", phenotype.options, name="phenotype_terms"),
]

matchmaking_patterns = [
    path(f"{CASE}matchmaking/", matchmaking.overview, name="matchmaking"),
    path(f"{CASE}matchmaking/share/", matchmaking.share, name="share_profile"),
    path(f"{CASE}matchmaking/ask/", matchmaking.ask, name="ask_services"),
    path("lab/clinvar/", clinvar.overview, name="clinvar"),
    path("lab/clinvar/<uuid:export_id>.json", clinvar.download, name="clinvar_file"),
    path("lab/indicators/", indicators.overview, name="indicators"),
    path("mme/match", matchmaker_api.match, name="mme_match"),
    path("mme/metrics", matchmaker_api.metrics, name="mme_metrics"),
    path("mme/heartbeat", matchmaker_api.heartbeat, name="mme_heartbeat"),
]


pipeline_patterns = [
    path(f"{CASE}processing/", pipeline.processing, name="processing"),
    path(f"{CASE}processing/start/", pipeline.start, name="start_processing"),
    path(f"{CASE}processing/<uuid:run_id>/log/", pipeline.log, name="processing_log"),
    path("lab/processing/", pipeline.board, name="processing_board"),
    path("lab/truth/", truth.overview, name="truth"),
    path("lab/truth/measure/", truth.measure, name="measure_truth"),
    path("lab/truth/<uuid:truth_run_id>/", truth.run, name="truth_run"),
    path("lab/truth/<uuid:truth_run_id>/sign/", truth.sign, name="sign_version"),
]

knowledge_patterns = [
    path("lab/knowledge/", knowledge.overview, name="knowledge"),
    path("lab/knowledge/bring/", knowledge.bring, name="bring_knowledge"),
    path("lab/knowledge/<uuid:source_id>/", knowledge.source, name="knowledge_source"),
    path("lab/knowledge/<uuid:source_id>/use/", knowledge.use, name="use_knowledge"),
    path("lab/knowledge/<uuid:source_id>/compare/", knowledge.compare, name="compare_knowledge"),
]

urlpatterns = [
    *deciding_urls.urlpatterns,
    *intake_patterns,
    *quality_patterns,
    *pipeline_patterns,
    *knowledge_patterns,
    *interpretation_patterns,
    *finding_patterns,
    *api_patterns,
    *matchmaking_patterns,
]
