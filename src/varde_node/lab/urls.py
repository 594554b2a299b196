"""Addresses of the laboratory."""

from django.urls import path

from varde_node.lab.pages import intake

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

interpretation_patterns: list = []

urlpatterns = [*intake_patterns, *interpretation_patterns]
