"""Commands of the laboratory: the actor first, one transaction, one entry in the trail."""

from varde_node.lab.services.analysis import analyse_case, override_quality, start_analysis
from varde_node.lab.services.assessments import assess_variant
from varde_node.lab.services.cases import cancel_case, open_case, store_panel
from varde_node.lab.services.files import upload_file
from varde_node.lab.services.opening import open_all_genes
from varde_node.lab.services.samples import receive_sample, receive_samples
from varde_node.lab.services.signing import approve_interpretation, return_interpretation, sign_interpretation
from varde_node.lab.services.structural import assess_structural
from varde_node.lab.warming import warm_up

__all__ = [
    "analyse_case",
    "approve_interpretation",
    "assess_structural",
    "assess_variant",
    "cancel_case",
    "open_all_genes",
    "open_case",
    "override_quality",
    "receive_sample",
    "receive_samples",
    "return_interpretation",
    "sign_interpretation",
    "start_analysis",
    "store_panel",
    "upload_file",
    "warm_up",
]
