"""Commands of the laboratory: the actor first, one transaction, one entry in the trail."""

from varde_node.lab.services.analysis import analyse_case, override_quality, start_analysis
from varde_node.lab.services.assessments import TakenOver, assess_variant
from varde_node.lab.services.attachments import attach, attached_file, withdraw_attachment
from varde_node.lab.services.cases import cancel_case, open_case
from varde_node.lab.services.chains import choose_chain, choose_default_chain, import_chain, store_chain
from varde_node.lab.services.confirmations import order_confirmation, record_confirmation, set_rules
from varde_node.lab.services.criteria import choose_ruleset, retire_criteria_table, store_criteria_table
from varde_node.lab.services.dismissals import dismiss_variant, take_up_variant
from varde_node.lab.services.files import upload_file
from varde_node.lab.services.opening import open_all_genes
from varde_node.lab.services.panels import change_panel, store_panel, store_panel_text
from varde_node.lab.services.phenotype import import_phenopacket, remove_term, set_named_genes, set_term
from varde_node.lab.services.pipeline import run_processing, start_processing
from varde_node.lab.services.reopening import reconfirm_class, reopen_case
from varde_node.lab.services.samples import receive_sample, receive_samples
from varde_node.lab.services.signing import approve_interpretation, return_interpretation, sign_interpretation
from varde_node.lab.services.structural import assess_structural
from varde_node.lab.services.truth import measure_truth, measure_version, sign_version
from varde_node.lab.services.work import (
    add_reference,
    answer_in_discussion,
    assign_case,
    comment,
    forget_view,
    mark_read,
    save_view,
)
from varde_node.lab.warming import warm_up

__all__ = [
    "TakenOver",
    "add_reference",
    "analyse_case",
    "answer_in_discussion",
    "approve_interpretation",
    "assess_structural",
    "assess_variant",
    "assign_case",
    "attach",
    "attached_file",
    "cancel_case",
    "change_panel",
    "choose_chain",
    "choose_default_chain",
    "choose_ruleset",
    "comment",
    "dismiss_variant",
    "forget_view",
    "import_chain",
    "import_phenopacket",
    "mark_read",
    "measure_truth",
    "measure_version",
    "open_all_genes",
    "open_case",
    "order_confirmation",
    "override_quality",
    "receive_sample",
    "receive_samples",
    "reconfirm_class",
    "record_confirmation",
    "remove_term",
    "reopen_case",
    "retire_criteria_table",
    "return_interpretation",
    "run_processing",
    "save_view",
    "set_named_genes",
    "set_rules",
    "set_term",
    "sign_interpretation",
    "sign_version",
    "start_analysis",
    "start_processing",
    "store_chain",
    "store_criteria_table",
    "store_panel",
    "store_panel_text",
    "take_up_variant",
    "upload_file",
    "warm_up",
    "withdraw_attachment",
]
