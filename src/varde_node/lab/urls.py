"""Addresses of the laboratory."""

from django.urls import path

from varde_node.lab import api
from varde_node.lab.pages import intake, interpretation, laboratory, notes, signing, variant

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
    path(f"{CASE}interpretation/", signing.interpretation, name="interpretation"),
    path(f"{CASE}approval/", signing.approval, name="approval"),
]

deciding_patterns = [
    path(f"{CASE}variants/<str:variant>/dismiss/", variant.dismiss, name="dismiss"),
    path(f"{CASE}notes/", notes.notes, name="notes"),
    path(f"{CASE}attachments/<uuid:attachment_id>/", notes.attachment, name="attachment"),
    path(f"{CASE}assign/", notes.assign, name="assign"),
    path("lab/work-list.xlsx", intake.work_list_table, name="work_list_table"),
    path("lab/views/", intake.views, name="views"),
    path("lab/re-evaluation/", laboratory.re_evaluation, name="re_evaluation"),
    path("lab/rules/", laboratory.rules, name="rules"),
    path(f"{CASE}evaluated.xlsx", laboratory.evaluated_table, name="evaluated_table"),
    path(f"{CASE}reopen/", signing.reopen, name="reopen"),
]

urlpatterns = [*deciding_patterns, *intake_patterns, *interpretation_patterns, *api_patterns]
