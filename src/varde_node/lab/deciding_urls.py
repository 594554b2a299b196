"""Addresses of deciding: what stands beside the assessments of a case, and the laboratory's rules."""

from django.urls import path

from varde_node.lab.pages import intake, laboratory, notes, signing, variant

CASE = "lab/cases/<uuid:case_id>/"

urlpatterns = [
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
