"""Commands of the laboratory: the actor first, one transaction, one entry in the trail."""

from varde_node.lab.services.analysis import analyse_case, override_quality, start_analysis
from varde_node.lab.services.assessments import assess_variant
from varde_node.lab.services.cases import cancel_case, open_case
from varde_node.lab.services.chains import choose_chain, choose_default_chain, import_chain, store_chain
from varde_node.lab.services.files import upload_file
from varde_node.lab.services.opening import open_all_genes
from varde_node.lab.services.panels import change_panel, store_panel, store_panel_text
from varde_node.lab.services.phenotype import import_phenopacket, remove_term, set_named_genes, set_term
from varde_node.lab.services.samples import receive_sample, receive_samples
from varde_node.lab.services.signing import approve_interpretation, return_interpretation, sign_interpretation
from varde_node.lab.warming import warm_up

__all__ = [
    "analyse_case",
    "approve_interpretation",
    "assess_variant",
    "cancel_case",
    "change_panel",
    "choose_chain",
    "choose_default_chain",
    "import_chain",
    "import_phenopacket",
    "open_all_genes",
    "open_case",
    "override_quality",
    "receive_sample",
    "receive_samples",
    "remove_term",
    "return_interpretation",
    "set_named_genes",
    "set_term",
    "sign_interpretation",
    "start_analysis",
    "store_chain",
    "store_panel",
    "store_panel_text",
    "upload_file",
    "warm_up",
]
