"""Addresses of the clinic."""

from __future__ import annotations

from django.urls import path

from varde_node.clinic import pages

app_name = "clinic"
urlpatterns = [
    path("orders/", pages.orders, name="orders"),
    path("orders/new/", pages.find_patient, name="find_patient"),
    path("orders/new/<uuid:patient_id>/", pages.new_order, name="new_order"),
    path("orders/<uuid:order_id>/", pages.order, name="order"),
    path("orders/<uuid:order_id>/edit/", pages.edit_order, name="edit_order"),
    path("orders/<uuid:order_id>/sign/", pages.sign_order, name="sign_order"),
    path("orders/<uuid:order_id>/discussion/", pages.discussion, name="discussion"),
    path("orders/<uuid:order_id>/cancel/", pages.cancel_order, name="cancel_order"),
    path("answers/<uuid:order_id>/", pages.answer, name="answer"),
    path("answers/<uuid:order_id>/pdf/", pages.answer_pdf, name="answer_pdf"),
    path("answers/<uuid:order_id>/share/", pages.share_answer, name="share_answer"),
    path("answers/<uuid:order_id>/family/", pages.family_answer, name="family_answer"),
    path("answers/<uuid:order_id>/family/pdf/", pages.family_answer_pdf, name="family_answer_pdf"),
    path("my/answers/", pages.my_answers, name="my_answers"),
]
