"""Addresses of the laboratory."""

from django.urls import path

from varde_node.lab import api, matchmaker_api
from varde_node.lab.pages import indicators, intake, interpretation, matchmaking, signing, structural, variant

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
    path(f"{CASE}interpretation/", signing.interpretation, name="interpretation"),
    path(f"{CASE}approval/", signing.approval, name="approval"),
]

matchmaking_patterns = [
    path(f"{CASE}matchmaking/", matchmaking.overview, name="matchmaking"),
    path(f"{CASE}matchmaking/share/", matchmaking.share, name="share_profile"),
    path(f"{CASE}matchmaking/ask/", matchmaking.ask, name="ask_services"),
    path("lab/indicators/", indicators.overview, name="indicators"),
    path("mme/match", matchmaker_api.match, name="mme_match"),
    path("mme/metrics", matchmaker_api.metrics, name="mme_metrics"),
    path("mme/heartbeat", matchmaker_api.heartbeat, name="mme_heartbeat"),
]

urlpatterns = [*intake_patterns, *interpretation_patterns, *api_patterns, *matchmaking_patterns]
